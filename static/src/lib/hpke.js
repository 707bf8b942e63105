// HPKE (RFC 9180) in the one suite we use: P-256, HKDF-SHA256, ChaCha20-Poly1305, base mode.
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";

import { joined, unb64u, utf8 } from "./base.js";

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });

/** Base64 without padding, as stanzas are written. */
export const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("=", "");
export const bytesOf = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** What binds a sealed text to its purpose: a label, a zero byte, and the hash of what it belongs to. */
export const infoOf = (label, boundTo) => joined(utf8(label), new Uint8Array(1), boundTo);

/** A P-256 public key from its SPKI (base64url). */
export const publicKeyOf = (spki) => crypto.subtle.importKey("spki", unb64u(spki), { name: "ECDH", namedCurve: "P-256" }, true, []);

export async function sealTo(publicKey, info, bytes) {
  const sender = await suite.createSenderContext({ recipientPublicKey: publicKey, info });
  const body = new Uint8Array(await sender.seal(bytes));
  return { enc: new Uint8Array(sender.enc), body };
}

/** Throws when key, info or bytes are others than those that sealed. */
export async function openSealed(keyPair, info, enc, body) {
  const recipient = await suite.createRecipientContext({ recipientKey: keyPair, enc, info });
  return new Uint8Array(await recipient.open(body));
}
