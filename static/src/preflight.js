// The trial before a bid: key, browser, disk and line, tried with a dummy sealed under a context that serves nothing else.
import { given, post, told } from "./lib/base.js";
import { newContext } from "./lib/draft.js";
import { loadKeys } from "./lib/keys.js";
import { checkedPolicy } from "./lib/policy.js";
import { sealBid } from "./lib/seal.js";
import { forget } from "./lib/shelf.js";
import { discard, upload } from "./lib/upload.js";

const terms = given("terms");
const form = document.getElementById("preflight-form");
const said = document.getElementById("preflight-said");
const MB = 1024 * 1024;

function tell(text, kind = "info") {
  said.hidden = !text;
  said.className = `note note-${kind}`;
  said.textContent = text;
}

/** A file of random bytes: it neither compresses nor means anything. */
function dummy(megabytes) {
  const block = new Uint8Array(MB);
  for (let at = 0; at < MB; at += 65536) crypto.getRandomValues(block.subarray(at, at + 65536));
  return new File(Array(megabytes).fill(block), "模拟投标文件.bin", { type: "application/octet-stream" });
}

function browser() {
  const missing = !isSecureContext || !crypto.subtle || !navigator.storage?.getDirectory || !window.Worker || !Array.fromAsync;
  if (missing) throw new Error("这个浏览器缺少封存所需的功能，请换用新版 Chrome、Edge 或 Firefox。");
}

/** Twice the size: the sealed file stands beside what the browser keeps of older ones. */
async function storage(bytes) {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  if (quota - usage < 2 * bytes) throw new Error(`浏览器可用的磁盘空间不足：还剩约 ${Math.floor((quota - usage) / MB)} MB。`);
}

async function key() {
  const file = form.elements.key.files[0];
  if (!file) throw new Error("请选择密钥文件。");
  const keys = await loadKeys(file, form.elements.password.value);
  if (!keys.encryption) throw new Error("这个文件里只有签名密钥，请选择在本平台生成的密钥文件。");
  if (keys.owner !== terms.bidder) throw new Error("这是其他单位的密钥文件。");
  if (keys.kid !== terms.kid) throw new Error("这不是当前登记的密钥，请使用最新登记的密钥文件。");
  return keys;
}

function mark(name, good, words) {
  const row = form.querySelector(`[data-check=${name}]`);
  row.dataset.good = String(good);
  row.querySelector("[data-state]").textContent = words;
}

/** Run the steps in order; what fails is said, and what hangs on it is not tried. */
async function run() {
  const found = { passed: [], size: 0, seal_ms: 0, upload_ms: 0 };
  const megabytes = Number(form.elements.size.value);
  const context = newContext(terms, terms.bidder, "test");
  let keys, sealed;
  const steps = {
    browser,
    storage: () => storage(megabytes * MB),
    key: async () => (keys = await key()),
    seal: async () => {
      const policy = terms.policy_file ? await checkedPolicy(terms.policy_file, terms) : { fallback: "none" };
      const began = performance.now();
      sealed = await sealBid({ worker: form.dataset.worker, context, form: { test: true }, files: [dummy(megabytes)], keys, policy });
      found.seal_ms = Math.round(performance.now() - began);
      found.size = sealed.file.size;
    },
    upload: async () => {
      const began = performance.now();
      const about = { tender: terms.tender, lot: terms.lot, envelope: "test", seal: context.seal };
      const url = await upload(sealed.file, about);
      found.upload_ms = Math.round(performance.now() - began);
      await discard(url);
    },
  };
  try {
    for (const [name, step] of Object.entries(steps)) {
      mark(name, false, "正在检查……");
      try {
        await step();
      } catch (problem) {
        mark(name, false, told(problem));
        tell("有一项没有通过，请按提示处理后再试。", "bad");
        return found;
      }
      mark(name, true, "通过");
      found.passed.push(name);
    }
    tell("全部通过。", "ok");
  } finally {
    await forget(context.seal).catch(() => {});
  }
  return found;
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const found = await run();
    const { page_url } = await post(location.pathname, found);
    if (found.passed.length === 5) {
      form.dataset.done = "1";
      location.href = page_url;
    }
  } catch (problem) {
    tell(told(problem), "bad");
  }
  button.disabled = false;
});

// How long the real files would take, at the measured speeds.
const real = document.getElementById("real-size");
const answer = document.getElementById("real-answer");
function estimate() {
  const { size, sealMs, uploadMs } = answer.dataset;
  const share = (Number(real.value) * MB) / Number(size);
  if (!(share > 0)) return (answer.textContent = "");
  const seconds = Math.ceil((share * (Number(sealMs) + Number(uploadMs))) / 1000);
  const words = seconds < 60 ? `${seconds} 秒` : `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒`;
  answer.textContent = `按这次的速度，封存并上传 ${real.value} MB 约需 ${words}，建议至少提前三倍时间开始。`;
}
if (real) {
  real.addEventListener("input", estimate);
  estimate();
}
