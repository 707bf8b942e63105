// The page around the verifier: takes in files, asks for the verdict, shows it to people.
import { parse } from "./forms.mjs";
import { fingerprint, parseKeys } from "./keys.mjs";
import { drawSteps } from "./steps.mjs";
import { at, el, put } from "./show.mjs";
import { etpVerify } from "./verify.mjs";

window.etpVerify = etpVerify;

const LOG = "/ledger/";
const SERVED = location.protocol.startsWith("http");
const [KEPT_KEYS, KEPT_NOTE] = ["etp-verify/keys", "etp-verify/checkpoint/"];

// What the page knows ---------------------------------------------------------------------------------------------

const state = { keys: null, files: {}, folder: null, taking: Promise.resolve(), turn: Promise.resolve() };

// A browser may refuse to keep anything: then every visit is the first.
const memory = {
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify(value));
    } catch {
      // not kept
    }
  },
};

// Keys ------------------------------------------------------------------------------------------------------------

/** Take these keys.json bytes into use; `origin` is where they come from: kept, given or site. */
async function useKeys(bytes, origin) {
  const keys = parseKeys(bytes);
  state.keys = { bytes, name: keys.name, finger: await fingerprint(keys), origin, confirmed: origin === "kept", other: null };
  const kept = memory.get(KEPT_KEYS);
  if (kept?.finger === state.keys.finger) state.keys.confirmed = true;
  showKeys();
}

async function findKeys() {
  const kept = memory.get(KEPT_KEYS);
  if (kept) await useKeys(new TextEncoder().encode(kept.text), "kept");
  if (!SERVED) return;
  const response = await fetch(`${LOG}keys.json`, { cache: "no-cache" });
  if (!response.ok) return;
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!kept) await useKeys(bytes, "site");
  else {
    const finger = await fingerprint(parseKeys(bytes));
    if (finger !== state.keys.finger) state.keys.other = finger;
    showKeys();
  }
}

function remember() {
  memory.set(KEPT_KEYS, { text: new TextDecoder().decode(state.keys.bytes), finger: state.keys.finger });
  state.keys.confirmed = true;
  showKeys();
}

function forget() {
  for (const name of Object.keys(localStorage)) if (name.startsWith("etp-verify/")) memory.set(name, null);
  [state.keys, at("pasted").value] = [null, ""];
  findKeys().catch(() => {}).finally(showKeys);
}

const FROM = { site: "取自本网站", given: "由你提供", folder: "取自账本文件夹", kept: "上次记住的" };

function showKeys() {
  const { keys } = state;
  if (!keys) {
    put(at("key"), el("p", { class: "note warn" }, "还没有公钥。请把公钥文件 keys.json 拖进来，或粘贴它的内容。"));
    return;
  }
  const status = keys.confirmed ? el("span", { class: "st ok" }, "✓ 已与印刷的指纹核对") : el("span", { class: "st warn" }, `${FROM[keys.origin]}，尚未核对`);
  const button = keys.confirmed ? null : el("button", { type: "button", class: "btn", onclick: remember }, "我已比对，与印刷的指纹一致，请记住");
  const changed = keys.other && el("p", { class: "note bad" }, `本网站现在提供的公钥与你记住的不同（指纹 ${keys.other}）。平台更换公钥会公告并印发新指纹；没有公告的，请不要改用。核验仍用你记住的公钥。`);
  put(at("key"), el("p", {}, `${keys.name} `, status), el("p", { class: "finger", "data-finger": "" }, keys.finger), changed, button);
}

// Files -----------------------------------------------------------------------------------------------------------

const KINDS = { keys: "公钥", receipt: "回执", draw: "抽取文件", manifest: "递交清单", sealed: "封存的投标文件", since: "保存的检查点", folder: "账本文件夹" };
const AGE = "age-encryption.org/v1";

/** What a dropped file is, by its content; null for something unknown. */
async function kindOf(file) {
  const start = textOfStart(new Uint8Array(await file.slice(0, 4096).arrayBuffer()));
  if (start.startsWith(AGE)) return "sealed";
  if (/^[^\n{]+\n\d+\n[A-Za-z0-9+/]{43}=\n/.test(start)) return "since";
  if (!/^\s*\{/.test(start)) return null;
  let object;
  try {
    object = parse(new Uint8Array(await file.arrayBuffer()), file.name);
  } catch {
    // Not well formed, but perhaps meant to be a receipt or a draw: the verdict will say why it is none.
    return /"etp-draw"/.test(start) ? "draw" : /"(receipt|ack)"/.test(start) ? "receipt" : null;
  }
  if (Array.isArray(object.ledger)) return "keys";
  if (object.type === "etp-draw") return "draw";
  if (object.receipt || object.ack) return "receipt";
  return object.envelopes ? "manifest" : null;
}

const textOfStart = (bytes) => new TextDecoder("utf-8").decode(bytes);

/** Take in dropped or chosen files: [path, File], in the order in which they came; then check what can be checked now. */
async function take(rows) {
  state.taking = state.taking.then(() => taken(rows));
  const command = await state.taking;
  if (command) await check(command);
}

/** Keep the files; the check that they now allow, or null. */
async function taken(rows) {
  const problems = [];
  // A log is many files under one folder; a single checkpoint is one that somebody kept.
  const logs = rows.some(([path]) => /(^|\/)tile\//.test(path));
  if (logs) {
    state.folder = new Map(rows);
    const own = rows.find(([path]) => /(^|\/)keys\.json$/.test(path));
    if (own && !state.keys) await useKeys(new Uint8Array(await own[1].arrayBuffer()), "folder").catch((problem) => problems.push(problem.message));
  }
  let newest = logs ? "folder" : null;
  for (const [path, file] of logs ? [] : rows) {
    const kind = await kindOf(file);
    if (kind === null) problems.push(`不认识“${path}”，没有使用`);
    else if (kind === "keys") await useKeys(new Uint8Array(await file.arrayBuffer()), "given").catch((problem) => problems.push(problem.message));
    else {
      state.files[kind] = file;
      newest = kind;
    }
  }
  showFiles(problems);
  const { sealed, receipt } = state.files;
  if (newest === "folder") return "log";
  if (newest === "draw") return "draw";
  if (["sealed", "receipt", "manifest"].includes(newest) && sealed && receipt) return "bid";
  if (newest === "receipt") return "receipt";
  if (newest === "sealed") showFiles([...problems, "请再放入这份投标文件的回执，才能核对"]);
  return null;
}

function showFiles(problems = []) {
  const { files, folder } = state;
  const rows = Object.entries(files).map(([kind, file]) => el("li", {}, `${KINDS[kind]}：${file.name}`));
  if (folder) rows.push(el("li", {}, `${KINDS.folder}：${folder.size} 个文件`));
  put(at("found"), ...rows, ...problems.map((text) => el("li", { class: "t-bad" }, text)));
  const source = folder ? "账本：你放入的文件夹" : SERVED ? `账本：本网站 ${location.origin}${LOG}` : "账本：还没有，请放入账本文件夹（可从平台或镜像下载）";
  put(at("source"), source);
  at("clear").hidden = !rows.length;
}

function clear() {
  [state.files, state.folder, at("result").hidden] = [{}, null, true];
  showFiles();
}

async function* walked(entry, prefix = "") {
  if (entry.isFile) yield [prefix + entry.name, await new Promise((resolve, reject) => entry.file(resolve, reject))];
  if (!entry.isDirectory) return;
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) yield* walked(each, `${prefix}${entry.name}/`);
  }
}

async function dropped(event) {
  event.preventDefault();
  at("drop").classList.remove("over");
  const { items, files } = event.dataTransfer;
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  // Without entries there are no folders, only files.
  const rows = entries.length ? [] : [...files].map((file) => [file.name, file]);
  for (const entry of entries) for await (const row of walked(entry)) rows.push(row);
  await take(rows);
}

// Checking --------------------------------------------------------------------------------------------------------

const NAMES = { log: "账本", receipt: "回执", opening: "开标", draw: "抽取", bid: "投标文件", client: "网页程序" };
const SAYS = ["核验通过", "核验不通过", "无法核验"];
const MARKS = ["M20 6 9 17l-5-5", "M18 6 6 18M6 6l12 12", "M9 9a3 3 0 1 1 4 2.8c-.7.3-1 .9-1 1.7v.5M12 18h.01"];

function inputsFor(command) {
  const { keys, files, folder } = state;
  const inputs = { keys: keys?.bytes, progress: showProgress };
  const log = folder ?? (SERVED ? LOG : null);
  if (log && command !== "bid") inputs.log = log;
  if (command === "log") {
    const kept = memory.get(KEPT_NOTE + keys?.name);
    if (files.since) inputs.since = files.since;
    else if (kept) inputs.since = new TextEncoder().encode(kept.note);
  }
  if (command === "receipt") inputs.file = files.receipt;
  if (command === "draw") inputs.file = files.draw;
  if (command === "opening") inputs.tender = at("tender").value.trim();
  if (command === "bid") Object.assign(inputs, { sealed: files.sealed, receipt: files.receipt, manifest: files.manifest });
  if (command === "client" && SERVED) inputs.site = location.origin;
  return inputs;
}

/** One check after the other, however fast files come in. */
function check(command) {
  state.turn = state.turn.then(() => run(command));
  return state.turn;
}

async function run(command) {
  at("result").hidden = at("busy").hidden = false;
  put(at("outcome"));
  showProgress(0, 1);
  const inputs = inputsFor(command);
  for (const name of Object.keys(inputs)) if (inputs[name] === undefined) delete inputs[name];
  const verdict = await etpVerify(command, inputs);
  at("busy").hidden = true;
  keepNote(verdict);
  show(command, verdict);
}

function showProgress(done, all) {
  const share = all ? done / all : 1;
  at("bar").value = share;
  put(at("share"), `${Math.floor(share * 100)}%`);
}

/** After a log was found good, the next visit compares with what it is today. */
function keepNote({ code, log }) {
  if (code !== 0 || !log) return;
  memory.set(KEPT_NOTE + state.keys.name, { note: log.note, size: log.size, at: new Date().toISOString() });
}

function warningsFor(verdict) {
  const rows = [...verdict.warnings];
  if (verdict.code === 0 && !state.keys.confirmed) {
    rows.unshift(`公钥${FROM[state.keys.origin]}，还没有与印刷的指纹核对：在你核对之前，这个结论只说明数据自身前后一致。请比对下方的指纹。`);
  }
  return rows;
}

function show(command, verdict) {
  const { code, reasons, index } = verdict;
  const mark = ["yes", "no", "open"][code];
  const icon = el("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, el("circle", { cx: 12, cy: 12, r: 10 }), el("path", { d: MARKS[code], transform: "translate(3.6 3.6) scale(.7)" }));
  const head = el("div", { class: `verdict c${code}` }, icon, el("div", {}, el("h2", { id: "verdict" }, SAYS[code]), el("p", {}, `${NAMES[command]}${index === null ? "" : `　·　第一处问题在账本第 ${index} 条`}`)));
  const body = el("div", { class: "body" },
    el("ul", { class: "reasons" }, ...reasons.map((text) => el("li", { class: mark }, text))),
    ...warningsFor(verdict).map((text) => el("p", { class: "note warn" }, text)),
    verdict.draw ? drawSteps(verdict.draw) : null,
    howComputed(command, verdict),
  );
  put(at("outcome"), head, body);
  at("result").focus({ preventScroll: true });
  at("result").scrollIntoView({ block: "start" });
}

const HOW = {
  log: [
    "每条记录的摘要：SHA-256(0x00 ‖ 记录的字节)，与公布的摘要逐个比较。",
    "相邻两个摘要合成上一层：SHA-256(0x01 ‖ 左 ‖ 右)，一直合成到根摘要（RFC 6962）。",
    "根摘要与检查点比较；检查点用你信任的公钥核对 Ed25519 签名。历次检查点和你保存的检查点都必须是今天账本的前段。",
    "同一事务的记录按 1、2、3 编号，每条写着前一条的摘要；保密记录公开后，重算 H(\"blind\", 盐 ‖ 内容)，与当时登记的比较。",
  ],
  receipt: [
    "用你信任的回执公钥核对回执的 Ed25519 签名。",
    "由回执里的盐和记录重算保密记录，沿回执里的证明合成到根摘要，与签名的检查点比较。",
    "有账本时，再核对回执的检查点是今天账本的前段；开标后，核对你的记录已公开并在锁定的清单里。",
  ],
  opening: [
    "先逐条核对整本账本，再取出这个项目的公开记录和唱标后公开的保密记录。",
    "按先后核对：截止时间、锁定、宣布开标、释放密钥或应急解密、唱标、公开、结束。",
    "由公开的投标记录重算锁定时登记的清单摘要（每家最新一版，按摘要排序，合成根摘要）。",
  ],
  draw: [
    "名单的摘要 cᵢ = H(\"draw-cand\", 盐 ‖ 候选对象)，全部 cᵢ 合成 list_root。",
    "各方承诺 = HJ(\"draw-commit\", {抽取, 参加方, 随机数})，公开随机数后重算比较，并核对承诺的 P-256 签名。",
    "种子 = HJ(\"draw-seed\", 底稿)；每组的种子 = H(\"draw-stratum\", 种子 ‖ 组名)；用 HMAC-SHA256 逐块产生随机数，按 Fisher–Yates 法重排。",
  ],
  bid: [
    "核对回执的签名和包含证明；由递交清单重算 HJ(\"bid-manifest\")，与回执登记的比较。",
    "把封存文件从头读到尾，计算 SHA-256，与递交清单比较；文件开头的加密头另算摘要比较。文件没有解密，也没有上传。",
  ],
  client: [
    "核对账本，取出最近一次“client.released”（网页程序发布）。",
    "重新取得发布清单上的每个程序文件，计算 SHA-256，与账本登记的逐个比较。",
  ],
};

function howComputed(command, verdict) {
  const rows = HOW[command].map((text) => el("li", {}, text));
  const figures = verdict.log && el("p", { class: "mono" }, verdict.log.note);
  return el("details", {}, el("summary", {}, "怎样算出来的"), el("ol", {}, ...rows), figures && el("p", { class: "small" }, "今天的检查点："), figures);
}

// Doors -----------------------------------------------------------------------------------------------------------

const chosen = (input) => {
  const rows = [...input.files].map((file) => [file.webkitRelativePath || file.name, file]);
  input.value = "";
  return take(rows);
};

at("files").addEventListener("change", ({ target }) => chosen(target));
at("folder").addEventListener("change", ({ target }) => chosen(target));
at("drop").addEventListener("drop", dropped);
for (const name of ["dragenter", "dragover"]) {
  window.addEventListener(name, (event) => {
    event.preventDefault();
    at("drop").classList.add("over");
  });
}
// What is dropped beside the zone must not replace the page.
window.addEventListener("drop", (event) => {
  event.preventDefault();
  at("drop").classList.remove("over");
});
at("run-log").addEventListener("click", () => check("log"));
at("run-client").addEventListener("click", () => check("client"));
at("run-client").disabled = !SERVED;
at("opening").addEventListener("submit", (event) => {
  event.preventDefault();
  check("opening");
});
at("take").addEventListener("click", () => {
  useKeys(new TextEncoder().encode(at("pasted").value), "given").catch((problem) => put(at("key"), el("p", { class: "note bad" }, problem.message)));
});
at("clear").addEventListener("click", clear);
at("forget").addEventListener("click", forget);

showKeys();
showFiles();
findKeys().catch(() => showKeys());
