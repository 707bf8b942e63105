// The owner's way to a bid's file key: HPKE to the bidder's own key, bound to the seal context (docs/trust.md §3.4).
import { Stanza } from "age-encryption";

import { HJ } from "./base.js";
import { base64, bytesOf, infoOf, openSealed, sealTo } from "./hpke.js";

const LABEL = "etp/seal/v1/owner";

export const contextHash = (context) => HJ("seal-context", context);

/** Writes the owner's stanza; age calls it with the file key. */
export class OwnerRecipient {
  constructor(publicKey, kid, hash) {
    Object.assign(this, { publicKey, kid, hash });
  }

  async wrapFileKey(fileKey) {
    const { enc, body } = await sealTo(this.publicKey, infoOf(LABEL, this.hash), fileKey);
    return [new Stanza(["etp/owner", this.kid, base64(enc)], body)];
  }
}

/** The bytes of an age header at the beginning of a sealed file. */
export function headerOf(bytes) {
  const text = new TextDecoder("latin1").decode(bytes.slice(0, 16384));
  const mac = text.indexOf("\n--- ");
  return bytes.slice(0, text.indexOf("\n", mac + 1) + 1);
}

/** The file key of one's own bid, from its header (bytes) and context, with the keys that sealed it. */
export async function openOwnStanza(header, context, keys) {
  const lines = new TextDecoder("latin1").decode(header).split("\n");
  const at = lines.findIndex((line) => line.startsWith("-> etp/owner "));
  if (at < 0) throw new Error("文件未按要求加密。");
  const [, , kid, enc] = lines[at].split(" ");
  if (kid !== keys.kid) throw new Error("载入的密钥不是封存这份投标文件的密钥。");
  try {
    return await openSealed(keys.encryption, infoOf(LABEL, await contextHash(context)), bytesOf(enc), bytesOf(lines[at + 1]));
  } catch {
    throw new Error("该密钥不能解密此投标文件。");
  }
}
