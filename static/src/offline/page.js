// The offline sealing page: one file, no network. From a policy file, a key file and the bid it makes the sealed file and a signed note.
import { sha256 } from "@noble/hashes/sha2.js";

import { HJ, b64u, checked, normalised, sign, told } from "../lib/base.js";
import { ciphertextOf, envelopeOf } from "../lib/ciphertext.js";
import { priceTable } from "../lib/bidparts.js";
import { drafted, newContext } from "../lib/draft.js";
import { loadKeys } from "../lib/keys.js";
import { checkedPolicy } from "../lib/policy.js";
import { headerOf, openOwnStanza } from "../lib/stanza.js";

const form = document.getElementById("seal");
const facts = document.getElementById("facts");
const said = document.getElementById("said");
const bar = document.getElementById("bar");
const done = document.getElementById("done");
// So many bytes go to the browser's own store at a time.
const STEP = 8 * 1024 * 1024;
let terms = null;
let table = null;

function tell(text, kind = "") {
  said.hidden = !text;
  said.className = `note ${kind}`;
  said.textContent = text;
}

async function jsonOf(file, what) {
  try {
    return JSON.parse(await file.text());
  } catch {
    throw new Error(`这不是${what}，或文件已损坏。`);
  }
}

/** The policy file, checked as the bid page checks it; without holders nothing is signed and nothing can be shared. */
async function termsOf(file) {
  const found = await jsonOf(file, "封存规则文件");
  const right = found?.v === 1 && found.type === "etp-policy" && found.policy && found.context && found.form && found.ledger;
  if (!right) throw new Error("这不是封存规则文件，或文件已损坏。");
  const place = { tender: found.tender, lot: found.lot, policy: found.policy_hash };
  if (found.signature) await checkedPolicy(found, { ...place, ledger: found.ledger });
  else {
    const { tender, lot, fallback } = found.policy;
    const plain = fallback === "none" && tender === found.tender && lot === found.lot;
    if (!plain || b64u(await HJ("opening-policy", found.policy)) !== found.policy_hash) throw new Error("封存规则文件的核对没有通过，请重新下载。");
  }
  return { ...place, origin: found.context.origin, title: found.title, limit: found.form.limit, quality: found.form.quality, bill: found.form.bill ?? [], rules: found.policy, ledger: found.ledger };
}

function fact(name, value, kind) {
  const [label, text] = [document.createElement("dt"), document.createElement("dd")];
  label.textContent = name;
  text.textContent = value;
  if (kind) text.className = kind;
  facts.append(label, text);
}

const grouped = (text) => text.match(/.{1,8}/g).join(" ");

function show({ title, tender, lot, rules, limit, ledger }) {
  facts.replaceChildren();
  fact("项目", title);
  fact("编号与标段", `${tender} · ${lot}`);
  if (limit) fact("最高投标限价", `${limit} 元`);
  const roles = { opener: "开标人", supervisor: "监督人", tenderee: "招标人" };
  const holders = rules.holders.map(({ role, org }) => `${roles[role] ?? role}（${org}）`).join("、");
  fact("应急持钥人", rules.fallback === "required" ? `${holders}，须 ${rules.k} 名同意` : "未设置，只有你的密钥能解密");
  fact("账本公钥", grouped(ledger.key), "mono");
  facts.hidden = false;
}

form.elements.policy.addEventListener("change", async () => {
  terms = null;
  facts.hidden = true;
  tell("");
  try {
    terms = await termsOf(form.elements.policy.files[0]);
    show(terms);
    document.getElementById("prices").hidden = !terms.bill.length;
    if (!form.elements.quality.value) form.elements.quality.value = terms.quality;
  } catch (problem) {
    tell(told(problem), "bad");
  }
});

priceTable(() => terms?.bill ?? [], form.elements.price_table, document.getElementById("prices-said"), (found) => {
  table = found;
  if (found) form.elements.price.value = found.total;
});

/** Where the document asks for it, the form with the price table: version 2, with nothing from a register. */
function withTable(offered) {
  if (!terms.bill.length) return offered;
  if (!table) throw new Error("请选择填写好的分项报价表。");
  if (Number(offered.price) !== Number(table.total)) throw new Error(`投标报价与分项报价表合计 ${table.total} 元不一致，请核对。`);
  return { ...offered, v: 2, price_table: table, team: [], qualifications: [], records: [] };
}

/** Rev and digest of the revision that the new one follows: none, or what the last receipt says. */
async function previous(file, bidder) {
  if (!file) return { rev: 0, manifest: null };
  const { receipt } = await jsonOf(file, "回执");
  const ours = receipt?.tender === terms.tender && receipt.lot === terms.lot && receipt.bidder === bidder;
  if (!ours) throw new Error("这不是本标段、本单位的回执。");
  return { rev: receipt.rev, manifest: receipt.manifest };
}

/** All bytes of a stream as a Blob, with their digest; the browser moves the parts of a large one to its disk. */
async function collected(stream, progress) {
  const hash = sha256.create();
  const parts = [];
  let waiting = [], held = 0, size = 0;
  const store = () => {
    parts.push(new Blob(waiting));
    [waiting, held] = [[], 0];
  };
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    hash.update(value);
    waiting.push(value);
    held += value.length;
    size += value.length;
    if (held < STEP) continue;
    store();
    progress(size);
    // The page must stay alive.
    await new Promise((resolve) => setTimeout(resolve));
  }
  store();
  return { file: new Blob(parts, { type: "application/octet-stream" }), size, sha256: b64u(hash.digest()) };
}

function offer(id, blob, name) {
  const link = document.getElementById(id);
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.textContent = `保存 ${name}`;
}

async function seal() {
  if (!terms) throw new Error("请先选择封存规则文件。");
  const { form: drawn, files } = drafted(form.elements, terms.limit);
  const offered = withTable(drawn);
  if (!form.elements.key.files[0]) throw new Error("请选择密钥文件。");
  tell("正在打开密钥文件……");
  const keys = await loadKeys(form.elements.key.files[0], form.elements.password.value);
  if (!keys.encryption) throw new Error("这个文件里只有签名密钥，请选择在本平台生成的密钥文件。");
  const last = await previous(form.elements.receipt.files[0], keys.owner);
  const context = checked(newContext(terms, keys.owner));
  const total = files.reduce((sum, file) => sum + file.size, 0) + 1;
  tell("正在封存……");
  bar.hidden = false;
  const stream = await ciphertextOf({
    context, form: checked(normalised(offered)), files, policy: terms.rules,
    publicKey: keys.encryption.publicKey, kid: keys.kid, recovery: keys.recovery,
  });
  const { file, size, sha256 } = await collected(stream, (count) => (bar.value = Math.min(1, count / total)));
  const header = headerOf(new Uint8Array(await file.slice(0, 16384).arrayBuffer()));
  await openOwnStanza(header, context, keys);
  const envelope = await envelopeOf(context, { size, sha256, header });
  const manifest = {
    v: 1, action: "submit", tender: terms.tender, lot: terms.lot, bidder: keys.owner, rev: last.rev + 1, prev: last.manifest,
    policy: terms.policy, envelopes: [envelope],
  };
  const note = { v: 1, type: "etp-sealed", context, envelope, manifest, signature: await sign(keys.signing, "bid-manifest", manifest) };
  const name = `投标文件-${terms.tender}-${terms.lot}`;
  offer("sealed", file, `${name}.etp`);
  offer("note", new Blob([JSON.stringify(note, null, 1)], { type: "application/json" }), `${name}.etp.json`);
  bar.hidden = true;
  tell("");
  done.hidden = false;
  done.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  done.hidden = true;
  try {
    await seal();
  } catch (problem) {
    bar.hidden = true;
    const gone = ["NotReadableError", "NotFoundError"].includes(problem.name);
    tell(gone ? "所选文件已被移动或修改，请重新选择文件。" : told(problem), "bad");
  }
  button.disabled = false;
});
