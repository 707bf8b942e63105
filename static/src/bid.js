// The bid page: seal, upload, sign, submit, and the receipt.
import { b64u, given, post, sign, told } from "./lib/base.js";
import { loadKeys } from "./lib/keys.js";
import { checkedPolicy } from "./lib/policy.js";
import { sealBid } from "./lib/seal.js";
import { forget, keptSeals, sealedFile } from "./lib/shelf.js";
import { upload } from "./lib/upload.js";

const terms = given("terms");
const form = document.getElementById("bid-form");
const said = document.getElementById("bid-said");
const bar = document.getElementById("bid-progress");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function tell(text, kind = "info") {
  said.className = `note note-${kind}`;
  said.hidden = false;
  said.textContent = text;
}

function money(text) {
  let value = text.replace(/[,，\s]/g, "");
  const match = value.match(/^(\d+)(?:\.(\d{1,2}))?$/);
  if (!match) throw new Error("投标报价请填写数字，最多两位小数，单位为元。");
  return `${BigInt(match[1])}.${(match[2] ?? "").padEnd(2, "0")}`;
}

async function head() {
  const response = await fetch(terms.head_url, { headers: { Accept: "application/json" } });
  return response.json();
}

async function manifest(action, envelopes) {
  const last = await head();
  return {
    v: 1, action, tender: terms.tender, lot: terms.lot, bidder: terms.bidder, rev: last.rev + 1, prev: last.manifest,
    policy: terms.policy, envelopes,
  };
}

async function handIn(action, envelopes, keys, accepted) {
  const body = await manifest(action, envelopes);
  const answer = await post(terms.submit_url, { manifest: body, signature: await sign(keys.signing, "bid-manifest", body) });
  await accepted?.();
  tell(`已收到（${answer.received_at}），回执正在登记入账。`, "ok");
  for (let tries = 0; tries < 60; tries++) {
    const response = await fetch(answer.receipt_url, { headers: { Accept: "application/json" } });
    if (response.status === 200) {
      tell("回执已登记入账。", "ok");
      form.dataset.done = String(body.rev);
      location.href = answer.page_url;
      return;
    }
    await pause(500);
  }
  tell("已收到，回执仍在登记，请稍后在本页查看。", "warn");
}

function progress(label, total) {
  bar.hidden = false;
  return (count) => {
    bar.querySelector("progress").value = Math.min(100, Math.round((count / total) * 100));
    bar.querySelector("label").textContent = `${label} ${Math.min(100, Math.round((count / total) * 100))}%`;
  };
}

async function keysOf() {
  const file = form.elements.key.files[0];
  if (!file) throw new Error("请选择密钥文件。");
  tell("正在打开密钥文件……");
  const keys = await loadKeys(file, form.elements.password.value);
  if (!keys.encryption) throw new Error("这个文件里只有签名密钥，请选择在本平台生成的密钥文件。");
  if (keys.owner !== terms.bidder) throw new Error("这是其他单位的密钥文件。");
  if (keys.kid !== terms.kid) throw new Error("这不是当前登记的密钥，请使用最新登记的密钥文件。");
  return keys;
}

async function guarded(work) {
  const buttons = document.querySelectorAll("[data-bid]");
  buttons.forEach((button) => (button.disabled = true));
  try {
    await work();
  } catch (problem) {
    tell(told(problem), "bad");
  }
  buttons.forEach((button) => (button.disabled = false));
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(async () => {
    const price = money(form.elements.price.value);
    if (Number(price) <= 0) throw new Error("投标报价应大于零。");
    if (terms.limit && BigInt(price.replace(".", "")) > BigInt(terms.limit.replace(".", ""))) {
      throw new Error(`投标报价高于最高投标限价 ${terms.limit} 元，评标时将被否决，请核对。`);
    }
    const days = Number(form.elements.term_days.value);
    if (!Number.isInteger(days) || days <= 0) throw new Error("请填写工期（日历天）。");
    if (!form.elements.manager.value.trim()) throw new Error("请填写项目经理。");
    const files = [...form.elements.technical.files, ...form.elements.commercial.files];
    if (!form.elements.technical.files.length) throw new Error("请选择技术文件。");
    if (!form.elements.commercial.files.length) throw new Error("请选择商务文件。");
    const keys = await keysOf();
    const policy = terms.policy_file ? await checkedPolicy(terms.policy_file, terms) : { fallback: "none" };
    const seal = b64u(crypto.getRandomValues(new Uint8Array(16)));
    const context = {
      v: 1, suite: "p256", origin: terms.origin, tender: terms.tender, lot: terms.lot, envelope: "bid", bidder: terms.bidder, seal, policy: terms.policy,
    };
    const total = files.reduce((sum, file) => sum + file.size, 0) + 2048;
    const sealed = await sealBid({
      worker: form.dataset.worker, context, keys, files, policy, progress: progress("正在封存", total),
      form: { price, term_days: days, quality: form.elements.quality.value.trim(), manager: form.elements.manager.value.trim() },
    });
    await send(sealed.file, sealed.envelope, keys);
  });
});

/** Upload a sealed file, from wherever the server stands, and hand it in; then it need not stay on this disk. */
async function send(file, envelope, keys) {
  const about = { tender: terms.tender, lot: terms.lot, envelope: envelope.name, seal: envelope.seal };
  await upload(file, about, progress("正在上传", file.size));
  await handIn("submit", [envelope], keys, () => forget(envelope.seal));
}

const kept = document.getElementById("bid-kept");
async function offerKept() {
  const [newest] = await keptSeals(terms);
  if (!newest) return;
  // The Swedish way to write a moment is the platform's: 2026-11-24 09:30.
  const at = new Date(newest.sealed_at).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" });
  kept.querySelector("span").textContent = `本浏览器中有一份已封存、尚未递交的投标文件（封存于 ${at}）。选择密钥文件并输入口令后可继续上传。`;
  kept.hidden = false;
  kept.querySelector("button").addEventListener("click", () =>
    guarded(async () => send(await sealedFile(newest.envelope.seal), newest.envelope, await keysOf())),
  );
  const link = kept.querySelector("a");
  link.href = URL.createObjectURL(await sealedFile(newest.envelope.seal));
  link.download = `${terms.tender}-${terms.lot}.etp`;
}
if (kept) offerKept();

document.getElementById("withdraw")?.addEventListener("click", () => guarded(async () => handIn("withdraw", [], await keysOf())));

