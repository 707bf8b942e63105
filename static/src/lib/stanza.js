// The owner's way to a bid's file key: HPKE to the bidder's own key, bound to the seal context (docs/trust.md §3.4).
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { Stanza } from "age-encryption";

import { HJ, joined, utf8 } from "./base.js";

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("=", "");
const bytesOf = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

export const contextHash = (context) => HJ("seal-context", context);
const ownerInfo = (hash) => joined(utf8("etp/seal/v1/owner"), new Uint8Array(1), hash);

/** Writes the owner's stanza; age calls it with the file key. */
export class OwnerRecipient {
  constructor(publicKey, kid, hash) {
    Object.assign(this, { publicKey, kid, hash });
  }

  async wrapFileKey(fileKey) {
    const sender = await suite.createSenderContext({ recipientPublicKey: this.publicKey, info: ownerInfo(this.hash) });
    const body = new Uint8Array(await sender.seal(fileKey));
    return [new Stanza(["etp/owner", this.kid, base64(new Uint8Array(sender.enc))], body)];
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
    const recipient = await suite.createRecipientContext({
      recipientKey: keys.encryption, enc: bytesOf(enc), info: ownerInfo(await contextHash(context)),
    });
    return new Uint8Array(await recipient.open(bytesOf(lines[at + 1])));
  } catch {
    throw new Error("该密钥不能解密此投标文件。");
  }
}
