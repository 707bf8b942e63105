// The offline sealing page: one file, no network. From a policy file, a key file and the bid it makes the sealed file and a signed note.
import { sha256 } from "@noble/hashes/sha2.js";

import { answerIndex, answering, indexed } from "../lib/answers.js";
import { HJ, b64u, checked, normalised, sign, told } from "../lib/base.js";
import { ciphertextOf, envelopeOf } from "../lib/ciphertext.js";
import { priceTable } from "../lib/bidparts.js";
import { declared, declaring } from "../lib/declaring.js";
import { NAMES, drafted, newContext } from "../lib/draft.js";
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
  const right = found?.v === 1 && found.type === "etp-policy" && found.policy && found.context?.envelopes && found.form && found.ledger;
  if (!right) throw new Error("这不是封存规则文件，或文件已损坏。");
  const place = { tender: found.tender, lot: found.lot, policy: found.policy_hash };
  if (found.signature) await checkedPolicy(found, { ...place, ledger: found.ledger });
  else {
    const { tender, lot, fallback } = found.policy;
    const plain = fallback === "none" && tender === found.tender && lot === found.lot;
    if (!plain || b64u(await HJ("opening-policy", found.policy)) !== found.policy_hash) throw new Error("封存规则文件的核对没有通过，请重新下载。");
  }
  const { limit, quality, bill = [], asked = [], blind = false, declares = null } = found.form;
  return { ...place, origin: found.context.origin, envelopes: found.context.envelopes, title: found.title, limit, quality, bill, asked, blind, declares, rules: found.policy, ledger: found.ledger };
}

function fact(name, value, kind) {
  const [label, text] = [document.createElement("dt"), document.createElement("dd")];
  label.textContent = name;
  text.textContent = value;
  if (kind) text.className = kind;
  facts.append(label, text);
}

const grouped = (text) => text.match(/.{1,8}/g).join(" ");

function show({ title, tender, lot, rules, limit, ledger, envelopes, blind }) {
  facts.replaceChildren();
  fact("项目", title);
  fact("编号与标段", `${tender} · ${lot}`);
  if (limit) fact("最高投标限价", `${limit} 元`);
  const roles = { opener: "开标人", supervisor: "监督人", tenderee: "招标人" };
  const holders = rules.holders.map(({ role, org }) => `${roles[role] ?? role}（${org}）`).join("、");
  fact("应急持钥人", rules.fallback === "required" ? `${holders}，须 ${rules.k} 名同意` : "未设置，只有你的密钥能解密");
  const two = envelopes.length > 1;
  if (blind) fact("技术文件", "暗标：须为 PDF，不得出现单位名称、人员姓名等身份信息");
  if (two) fact("信封", "双信封：第一信封先开启评审，第二信封（报价）在评审之后开启");
  document.querySelector("label[for=technical]").textContent = two ? "第一信封文件（技术、资格，不得出现报价）" : "技术文件";
  document.querySelector("label[for=commercial]").textContent = two ? "第二信封文件（报价）" : "商务文件（含保证金凭证）";
  fact("账本公钥", grouped(ledger.key), "mono");
  facts.hidden = false;
}

form.elements.policy.addEventListener("change", async () => {
  [terms, table] = [null, null];
  form.elements.price_table.value = "";
  document.getElementById("prices-said").replaceChildren();
  facts.hidden = true;
  tell("");
  try {
    terms = await termsOf(form.elements.policy.files[0]);
    show(terms);
    document.getElementById("prices").hidden = !terms.bill.length;
    answers.layOut();
    declares.layOut();
    if (!form.elements.quality.value) form.elements.quality.value = terms.quality;
  } catch (problem) {
    tell(told(problem), "bad");
  }
});

priceTable(() => terms?.bill ?? [], form.elements.price_table, document.getElementById("prices-said"), (found) => {
  table = found;
  if (found) form.elements.price.value = found.total;
});

const answers = answerIndex(document.getElementById("answers"), () => terms?.asked ?? [], () => answering(form.elements, terms));

const declares = declaring(document.getElementById("declares"), () => terms?.declares ?? null);

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

/** One envelope of the bid, sealed: {file, context, envelope}. */
async function sealedPart({ envelope: name, form: offered, files }, keys) {
  const context = checked(newContext(terms, keys.owner, name));
  const total = files.reduce((sum, file) => sum + file.size, 0) + 1;
  const stream = await ciphertextOf({
    context, form: checked(normalised(offered)), files, policy: terms.rules,
    publicKey: keys.encryption.publicKey, kid: keys.kid, recovery: keys.recovery,
  });
  const { file, size, sha256 } = await collected(stream, (count) => (bar.value = Math.min(1, count / total)));
  const header = headerOf(new Uint8Array(await file.slice(0, 16384).arrayBuffer()));
  await openOwnStanza(header, context, keys);
  return { file, context, envelope: await envelopeOf(context, { size, sha256, header }) };
}

async function seal() {
  if (!terms) throw new Error("请先选择封存规则文件。");
  // Where the document asks for it, the form with the price table: version 2, with nothing from a register.
  const further = table ? { v: 2, price_table: table, team: [], qualifications: [], records: [] } : {};
  const technical = [...form.elements.technical.files];
  const listed = indexed(further, answers.index(), technical, terms.blind);
  const parts = drafted(form.elements, terms, declared(listed, declares.declarations(), technical));
  if (!form.elements.key.files[0]) throw new Error("请选择密钥文件。");
  tell("正在打开密钥文件……");
  const keys = await loadKeys(form.elements.key.files[0], form.elements.password.value);
  if (!keys.encryption) throw new Error("这个文件里只有签名密钥，请选择在本平台生成的密钥文件。");
  const last = await previous(form.elements.receipt.files[0], keys.owner);
  tell("正在封存……");
  bar.hidden = false;
  const sealed = [];
  for (const part of parts) sealed.push(await sealedPart(part, keys));
  const envelopes = sealed.map(({ envelope }) => envelope);
  const manifest = {
    v: 1, action: "submit", tender: terms.tender, lot: terms.lot, bidder: keys.owner, rev: last.rev + 1, prev: last.manifest,
    policy: terms.policy, envelopes,
  };
  const contexts = sealed.map(({ context }) => context);
  const note = { v: 1, type: "etp-sealed", contexts, manifest, signature: await sign(keys.signing, "bid-manifest", manifest) };
  const place = `${terms.tender}-${terms.lot}`;
  document.getElementById("sealed-second").hidden = sealed.length < 2;
  for (const [at, { file, envelope }] of sealed.entries()) offer(["sealed", "sealed-second"][at], file, `${NAMES[envelope.name]}-${place}.etp`);
  offer("note", new Blob([JSON.stringify(note, null, 1)], { type: "application/json" }), `投标文件-${place}.etp.json`);
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
