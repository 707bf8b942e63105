// What a bidder's browser checks of an opening policy before it seals under it (docs/trust.md §3.1).
import { ed25519 } from "@noble/curves/ed25519.js";

import { HJ, b64u, jcs, joined, sha256, unb64u, utf8 } from "./base.js";

const CHANGED = "开标授权的核对没有通过，请不要封存，并联系交易中心。";
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

const EC = { key: { name: "ECDSA", namedCurve: "P-256" }, how: { name: "ECDSA", hash: "SHA-256" } };
const RSA = { key: { name: "RSA-PSS", hash: "SHA-256" }, how: { name: "RSA-PSS", saltLength: 32 } };

/** Whether this is Sign(key, label, object) by the public key, P-256 or RSA. */
async function signed(spki, label, object, signature) {
  const data = joined(utf8(`etp/${label}/v1\n`), jcs(object));
  for (const { key, how } of [EC, RSA]) {
    const known = await crypto.subtle.importKey("spki", unb64u(spki), key, false, ["verify"]).catch(() => null);
    if (known) return crypto.subtle.verify(how, known, unb64u(signature), data);
  }
  return false;
}

/** The root that an inclusion proof (lowest first) leads to, as RFC 6962 has it. */
async function rootOf(leaf, index, size, proof) {
  let [at, last, root] = [index, size - 1, leaf];
  const up = () => ([at, last] = [Math.floor(at / 2), Math.floor(last / 2)]);
  for (const step of proof) {
    if (last === 0) throw new Error(CHANGED);
    const left = at % 2 === 1 || at === last;
    root = await sha256(joined(new Uint8Array([1]), ...(left ? [step, root] : [root, step])));
    if (left) while (at % 2 === 0 && at !== 0) up();
    up();
  }
  if (last !== 0) throw new Error(CHANGED);
  return root;
}

/** Whether a checkpoint note is signed by the ledger's key and says this size and root. */
async function checkpointSays(note, name, key, size, root) {
  const [text, lines] = note.split("\n\n");
  const line = lines.split("\n").find((each) => each.startsWith(`— ${name} `));
  const raw = line && Uint8Array.from(atob(line.split(" ")[2]), (char) => char.charCodeAt(0));
  const id = (await sha256(joined(utf8(`${name}\n`), new Uint8Array([1]), key))).slice(0, 4);
  const said = `${name}\n${size}\n${btoa(String.fromCharCode(...root))}`;
  return Boolean(raw) && same(raw.slice(0, 4), id) && text === said && ed25519.verify(raw.slice(4), utf8(`${text}\n`), key);
}

/** The ledger's public key as this browser first saw it: a platform that shows another one is not believed. */
function pinned(name, key) {
  const seen = localStorage.getItem(`etp-ledger ${name}`);
  if (seen && seen !== key) throw new Error("账本公钥与本浏览器先前记录的不一致，请不要封存，并联系交易中心核实。");
  localStorage.setItem(`etp-ledger ${name}`, key);
  return unb64u(key);
}

/**
 * The policy of a policy file, once everything about it was checked: the tenderee's signature, each holder's key binding,
 * and that it stands in the signed ledger. Errors say in Chinese what to do.
 */
export async function checkedPolicy(file, { tender, lot, policy: hash, ledger }) {
  const { policy } = file;
  if (!file.proof) throw new Error("开标授权正在登记入账，请稍候几秒再试。");
  const fits = policy.tender === tender && policy.lot === lot && b64u(await HJ("opening-policy", policy)) === hash;
  if (!fits || !(await signed(file.spki, "opening-policy", policy, file.signature))) throw new Error(CHANGED);
  for (const [at, holder] of policy.holders.entries()) {
    const { binding, signature, spki } = file.bindings[at] ?? {};
    const bound = binding && binding.role === "holder" && binding.kid === holder.kid && binding.spki === holder.spki && binding.owner === holder.id;
    if (!bound || !(await signed(spki, "key-binding", binding, signature))) throw new Error(CHANGED);
  }
  const entry = JSON.parse(file.entry);
  if (entry.k !== "lot.policy_signed" || entry.d.policy_hash !== hash || entry.d.lot !== lot || entry.d.tender !== tender) throw new Error(CHANGED);
  const leaf = await sha256(joined(new Uint8Array(1), utf8(file.entry)));
  const { index, size, proof, checkpoint } = file.proof;
  const root = await rootOf(leaf, index, size, proof.map(unb64u));
  if (!(await checkpointSays(checkpoint, ledger.name, pinned(ledger.name, ledger.key), size, root))) throw new Error(CHANGED);
  return policy;
}
