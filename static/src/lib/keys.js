// A person's keys: made here, kept in a PKCS#12 file under a password, never sent anywhere.
import { H, b64u, sign } from "./base.js";
import { problem, readP12, writeP12 } from "./p12.js";
import { makeRecovery } from "./recovery.js";

const ENCRYPTION = { name: "ECDH", namedCurve: "P-256" };
const SIGNING = {
  "1.2.840.10045.2.1": { name: "ECDSA", namedCurve: "P-256" },
  "1.2.840.113549.1.1.1": { name: "RSA-PSS", hash: "SHA-256" },
};
const SHORTEST_RSA = 2048;
// Which of a file's keys is which; certificates bear the id of the key they belong to.
const [SIGNING_ID, ENCRYPTION_ID] = [1, 2];
const nameOf = (purpose, ...rest) => [`etp/${purpose}/v1`, ...rest].join(" ");

const spkiOf = async (key) => new Uint8Array(await crypto.subtle.exportKey("spki", key));
const pkcs8Of = async (key) => new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
export const kidOf = async (spki) => b64u((await H("kid", spki)).slice(0, 8));
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** A key pair whose private half no script can read; the public half is worked out from it. */
async function pairOf(pkcs8, algorithm, usage) {
  const readable = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, [usage]);
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", readable);
  const publicKey = await crypto.subtle.importKey("jwk", { kty, crv, x, y, n, e }, algorithm, true, usage === "sign" ? ["verify"] : []);
  return { privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, [usage]), publicKey, spki: await spkiOf(publicKey) };
}

async function signingPair({ algorithm, pkcs8 }) {
  try {
    const pair = await pairOf(pkcs8, SIGNING[algorithm], "sign");
    if ((pair.publicKey.algorithm.modulusLength ?? SHORTEST_RSA) < SHORTEST_RSA) throw new Error("a short RSA key");
    return pair;
  } catch (cause) {
    throw problem("p12_unsupported", cause);
  }
}

/** The file's signing key: ours bears its name, others' is the first that a certificate belongs to. */
async function signingOf(keys, certificates, own) {
  const failures = [];
  for (const key of own ? [own] : keys) {
    const pair = await signingPair(key).catch((failure) => void failures.push(failure));
    const leaf = pair && certificates.find(({ spki }) => same(spki, pair.spki));
    if (pair && (own || leaf)) return { key, pair, chain: leaf ? [leaf, ...certificates.filter((each) => each !== leaf)] : [] };
  }
  throw failures[0] ?? problem(keys.length ? "p12_unsupported" : "p12_damaged");
}

async function fileOf(file, password) {
  const { keys, certificates } = await readP12(new Uint8Array(await file.arrayBuffer()), password);
  const named = (purpose) => keys.find(({ name }) => name.startsWith(`${nameOf(purpose)} `));
  const [signing, encryption] = [named("signing"), named("encryption")];
  return { encryption: signing && encryption, ...(await signingOf(keys, certificates, signing)) };
}

/**
 * New keys for an owner: the file to keep, and what the platform enrols.
 *
 * `terms`: owner, role ("bidder" or "holder"), not_after; with `recovery`, a recovery code is made too, and answered as
 * `recovery` {code, recipient}; with `ca` {file, password}, the signing key and certificates of that file are taken over.
 */
export async function makeKeys(password, { owner, role, not_after, recovery: wanted = false, ca = null }) {
  const encryption = await crypto.subtle.generateKey(ENCRYPTION, true, ["deriveBits"]);
  const given = ca ? await fileOf(ca.file, ca.password) : null;
  const made = given ? null : await crypto.subtle.generateKey(SIGNING["1.2.840.10045.2.1"], true, ["sign", "verify"]);
  const signing = given?.pair ?? { ...made, spki: await spkiOf(made.publicKey), privateKey: made.privateKey };
  const spki = await spkiOf(encryption.publicKey);
  const kid = await kidOf(spki);
  const recovery = wanted ? await makeRecovery() : null;
  const bags = [
    { pkcs8: given?.key.pkcs8 ?? (await pkcs8Of(made.privateKey)), id: SIGNING_ID, name: nameOf("signing", owner) },
    {
      pkcs8: await pkcs8Of(encryption.privateKey), id: ENCRYPTION_ID,
      name: nameOf("encryption", owner, ...(recovery ? [recovery.recipient] : [])),
    },
  ];
  const chain = (given?.chain ?? []).map(({ der }, place) => ({ der, id: place === 0 ? SIGNING_ID : undefined }));
  const binding = { v: 1, owner, spki: b64u(spki), kid, role, not_after };
  return {
    kid, recovery, file: new Blob([await writeP12(bags, chain, password)], { type: "application/x-pkcs12" }),
    enrolment: {
      encryption_spki: b64u(spki), signing_spki: b64u(signing.spki), not_after, role, recovery: recovery?.recipient ?? "",
      signature: await sign(signing.privateKey, "key-binding", binding),
    },
  };
}

/**
 * The keys of a file, usable but not readable by any script: {owner, kid, encryption: {privateKey, publicKey}, recovery,
 * signing, signingSpki, certificate, chain}. What others made holds a signing key alone: owner, kid and encryption are null.
 * Errors bear a code (`p12_password`, `p12_legacy`, …) and say in Chinese what is wrong.
 */
export async function loadKeys(file, password) {
  const { encryption, pair, chain } = await fileOf(file, password);
  const certificates = chain.map(({ der }) => der);
  const signing = { signing: pair.privateKey, signingSpki: pair.spki, certificate: certificates[0] ?? null, chain: certificates };
  if (!encryption) return { owner: null, kid: null, encryption: null, recovery: null, ...signing };
  const [, owner, recovery = null] = encryption.name.split(" ");
  const { privateKey, publicKey, spki } = await pairOf(encryption.pkcs8, ENCRYPTION, "deriveBits");
  return { owner, kid: await kidOf(spki), encryption: { privateKey, publicKey }, recovery, ...signing };
}
