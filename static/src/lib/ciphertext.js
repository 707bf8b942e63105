// A bid's ciphertext as a stream: the container under age, with the stanzas its policy asks for (docs/sealing.md).
import { Encrypter } from "age-encryption";

import { H, b64u } from "./base.js";
import { container, described } from "./container.js";
import { HolderRecipients } from "./shares.js";
import { OwnerRecipient, contextHash } from "./stanza.js";

function streamOf(generator) {
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { done, value } = await generator.next();
        if (done) return controller.close();
        if (value.length) return controller.enqueue(value);
      }
    },
  });
}

/** The bytes of a sealed bid, as they come; `policy` was checked before, context and form are canonical. */
export async function ciphertextOf({ context, form, files, publicKey, kid, recovery, policy }) {
  const listed = [];
  for (const [index, file] of files.entries()) listed.push(await described(file, index + 1));
  const encrypter = new Encrypter();
  const hash = await contextHash(context);
  encrypter.addRecipient(new OwnerRecipient(publicKey, kid, hash));
  if (policy.fallback === "required") encrypter.addRecipient(new HolderRecipients(policy, hash));
  if (recovery) encrypter.addRecipient(recovery);
  return encrypter.encrypt(streamOf(container({ v: 1, context, form, files: listed }, files)));
}

/** What the bid manifest says of a sealed file; `sha256` is of all its bytes, `header` are its first lines. */
export async function envelopeOf(context, { size, sha256, header }) {
  return { name: context.envelope, seal: context.seal, size, sha256, header: b64u(await H("age-header", header)) };
}
