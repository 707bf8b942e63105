// A bidder's keys: made here, kept in a file under a password, never sent anywhere.
import { H, b64u, sign, unb64u, utf8 } from "./base.js";

const ROUNDS = 600000;
const ENCRYPTION = { name: "ECDH", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", namedCurve: "P-256" };

async function passwordKey(password, salt) {
  const base = await crypto.subtle.importKey("raw", utf8(password.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"],
  );
}

const spkiOf = async (key) => new Uint8Array(await crypto.subtle.exportKey("spki", key));
export const kidOf = async (spki) => b64u((await H("kid", spki)).slice(0, 8));

async function locked(secret, key) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", secret);
  return { iv: b64u(iv), data: b64u(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, pkcs8))) };
}

/** New keys for an owner: the file to keep, and what the platform enrols. */
export async function makeKeys(password, terms) {
  const encryption = await crypto.subtle.generateKey(ENCRYPTION, true, ["deriveBits"]);
  const signing = await crypto.subtle.generateKey(SIGNING, true, ["sign", "verify"]);
  const spki = await spkiOf(encryption.publicKey);
  const signingSpki = await spkiOf(signing.publicKey);
  const binding = { v: 1, owner: terms.owner, spki: b64u(spki), kid: await kidOf(spki), role: terms.role, not_after: terms.not_after };
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await passwordKey(password, salt);
  return {
    file: {
      v: 1, type: "etp-keys", owner: terms.owner, kid: binding.kid, kdf: { name: "PBKDF2-SHA256", rounds: ROUNDS, salt: b64u(salt) },
      encryption: { spki: b64u(spki), ...(await locked(encryption.privateKey, key)) },
      signing: { spki: b64u(signingSpki), ...(await locked(signing.privateKey, key)) },
    },
    enrolment: {
      encryption_spki: b64u(spki), signing_spki: b64u(signingSpki), not_after: terms.not_after, role: terms.role,
      signature: await sign(signing.privateKey, "key-binding", binding),
    },
  };
}

async function keyFile(file) {
  try {
    const kept = JSON.parse(await file.text());
    const texts = [kept.owner, kept.kid, kept.kdf.salt, ...[kept.encryption, kept.signing].flatMap((key) => [key.spki, key.iv, key.data])];
    const known = kept.type === "etp-keys" && kept.v === 1 && kept.kdf.name === "PBKDF2-SHA256" && kept.kdf.rounds === ROUNDS;
    if (known && texts.every((text) => typeof text === "string") && kept.kid === (await kidOf(unb64u(kept.encryption.spki)))) return kept;
  } catch {
    // not even the form of one
  }
  throw new Error("这不是平台的密钥文件，或文件已损坏。");
}

/** The keys of a file, usable but not readable by any script. Errors say in Chinese what is wrong. */
export async function loadKeys(file, password) {
  const kept = await keyFile(file);
  const key = await passwordKey(password, unb64u(kept.kdf.salt));
  const opened = async (part) => {
    try {
      return await crypto.subtle.decrypt({ name: "AES-GCM", iv: unb64u(part.iv) }, key, unb64u(part.data));
    } catch {
      throw new Error("口令错误，请重新输入。");
    }
  };
  const privateKey = await crypto.subtle.importKey("pkcs8", await opened(kept.encryption), ENCRYPTION, false, ["deriveBits"]);
  const publicKey = await crypto.subtle.importKey("spki", unb64u(kept.encryption.spki), ENCRYPTION, true, []);
  const signing = await crypto.subtle.importKey("pkcs8", await opened(kept.signing), SIGNING, false, ["sign"]);
  return { owner: kept.owner, kid: kept.kid, encryption: { privateKey, publicKey }, signing };
}
