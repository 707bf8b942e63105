// The bid page: seal, upload, sign, submit, and the receipt.
import { answerIndex, answering, indexed } from "./lib/answers.js";
import { H, b64u, given, post, sign, told } from "./lib/base.js";
import { beginWithLast, bidParts, keepLast } from "./lib/bidparts.js";
import { declared, declaring, keptFor } from "./lib/declaring.js";
import { NAMES, drafted, newContext } from "./lib/draft.js";
import { loadKeys } from "./lib/keys.js";
import { checkedPolicy } from "./lib/policy.js";
import { sealBid } from "./lib/seal.js";
import { forget, keptBids, sealedFile } from "./lib/shelf.js";
import { headerOf } from "./lib/stanza.js";
import { upload } from "./lib/upload.js";

const terms = given("terms");
const form = document.getElementById("bid-form");
const said = document.getElementById("bid-said");
const bar = document.getElementById("bid-progress");
// A bid in one envelope needs no name for it.
const named = (envelope) => (envelope === "bid" ? "" : NAMES[envelope]);
const further = form && bidParts(terms, form.elements.price);
const box = document.querySelector("[data-bid-part=index]");
const answers = box && answerIndex(box, () => terms.asked, () => answering(form.elements, terms));
const declares = document.querySelector("[data-bid-part=declares]");
const declarations = declares && declaring(declares, () => terms.declares, keptFor(terms));
if (form && beginWithLast(terms.bidder, terms.register, terms.opened, form.elements)) {
  document.getElementById("begun")?.removeAttribute("hidden");
}
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function tell(text, kind = "info") {
  said.className = `note note-${kind}`;
  said.hidden = false;
  said.textContent = text;
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

/** Sign a manifest and hand it in. */
async function handIn(action, envelopes, keys, accepted) {
  const body = await manifest(action, envelopes);
  await submit({ manifest: body, signature: await sign(keys.signing, "bid-manifest", body) }, accepted);
}

async function submit(signed, accepted) {
  const answer = await post(terms.submit_url, signed);
  await accepted?.();
  tell(`已收到（${answer.received_at}），回执正在登记入账。`, "ok");
  for (let tries = 0; tries < 60; tries++) {
    const response = await fetch(answer.receipt_url, { headers: { Accept: "application/json" } });
    if (response.status === 200) {
      tell("回执已登记入账。", "ok");
      form.dataset.done = String(signed.manifest.rev);
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
    const technical = [...form.elements.technical.files];
    const listed = indexed(further(), answers?.index() ?? [], technical, terms.blind);
    const parts = drafted(form.elements, terms, declared(listed, declarations?.declarations(), technical));
    const keys = await keysOf();
    const policy = terms.policy_file ? await checkedPolicy(terms.policy_file, terms) : { fallback: "none" };
    const contexts = parts.map(({ envelope }) => newContext(terms, terms.bidder, envelope));
    const set = contexts.map(({ seal }) => seal);
    const sealed = [];
    for (const [place, { envelope, form: offer, files }] of parts.entries()) {
      const total = files.reduce((sum, file) => sum + file.size, 0) + 2048;
      const job = { worker: form.dataset.worker, context: contexts[place], set, form: offer, files, keys, policy };
      sealed.push(await sealBid({ ...job, progress: progress(`正在封存${named(envelope)}`, total) }));
    }
    keepLast(terms.bidder, Object.assign({}, ...parts.map((part) => part.form)));
    await send(sealed, keys);
  });
});

/** Upload the sealed files of a bid, [{file, envelope}], each from wherever the server stands. */
async function uploadAll(sealed) {
  for (const { file, envelope } of sealed) {
    const about = { tender: terms.tender, lot: terms.lot, envelope: envelope.name, seal: envelope.seal };
    await upload(file, about, progress(`正在上传${named(envelope.name)}`, file.size));
  }
}

/** Upload the envelopes of a bid and hand them in together; then they need not stay on this disk. */
async function send(sealed, keys) {
  await uploadAll(sealed);
  const envelopes = sealed.map(({ envelope }) => envelope);
  await handIn("submit", envelopes, keys, () => Promise.all(envelopes.map(({ seal }) => forget(seal))));
}

const kept = document.getElementById("bid-kept");
async function offerKept() {
  // A trial of the line that was interrupted leaves a seal as well; it is no bid.
  const whole = (set) => set.map(({ envelope }) => envelope.name).join() === terms.envelopes.join();
  const newest = (await keptBids(terms)).find(whole);
  if (!newest) return;
  const sealed = await Promise.all(newest.map(async ({ envelope }) => ({ envelope, file: await sealedFile(envelope.seal) })));
  // The Swedish way to write a moment is the platform's: 2026-11-24 09:30.
  const at = new Date(newest[0].sealed_at).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" });
  kept.querySelector("span").textContent = `本浏览器中有一份已封存、尚未递交的投标文件（封存于 ${at}）。选择密钥文件并输入口令后可继续上传。`;
  kept.hidden = false;
  kept.querySelector("button").addEventListener("click", () =>
    guarded(async () => send(sealed, await keysOf())),
  );
  const links = sealed.map(({ envelope, file }) => {
    const link = kept.querySelector("a").cloneNode();
    link.href = URL.createObjectURL(file);
    link.download = `${NAMES[envelope.name]}-${terms.tender}-${terms.lot}.etp`;
    link.textContent = `下载封存的${NAMES[envelope.name]}`;
    return link;
  });
  kept.querySelector("a").replaceWith(...links.flatMap((link) => [link, " "]));
}
if (kept) offerKept();

document.getElementById("withdraw")?.addEventListener("click", () => guarded(async () => handIn("withdraw", [], await keysOf())));

/** The note that the offline page wrote beside its sealed files, and these in its order, if all belong together and to this page. */
async function offlineBid(files, text) {
  const strange = new Error("封存文件与封存说明不是本标段、本单位的同一份，请重新选择。");
  let note;
  try {
    note = JSON.parse(await text.text());
  } catch {
    throw strange;
  }
  const { type, contexts, manifest, signature } = note ?? {};
  const envelopes = manifest?.envelopes ?? [];
  if (type !== "etp-sealed" || contexts?.length !== envelopes.length || files.length !== envelopes.length || !signature) throw strange;
  const here = (context) => ["origin", "tender", "lot", "bidder"].every((name) => context?.[name] === terms[name]);
  if (!contexts.every(here) || envelopes.map(({ name }) => name).join() !== terms.envelopes.join()) throw strange;
  if (manifest.policy !== terms.policy) throw new Error("本标段的开启规则已更新，请下载新的封存规则文件后重新封存。");
  const headers = new Map();
  for (const file of files) {
    headers.set(b64u(await H("age-header", headerOf(new Uint8Array(await file.slice(0, 16384).arrayBuffer())))), file);
  }
  const sealed = envelopes.map((envelope) => ({ envelope, file: headers.get(envelope.header) }));
  if (sealed.some(({ envelope, file }) => file?.size !== envelope.size)) throw strange;
  return { manifest, signature, sealed };
}

const offline = document.getElementById("offline-form");
offline?.addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(async () => {
    const [files, text] = [[...offline.elements.sealed.files], offline.elements.note.files[0]];
    if (!files.length || !text) throw new Error("请选择离线封存得到的全部文件。");
    const note = await offlineBid(files, text);
    const last = await head();
    const fits = note.manifest.rev === last.rev + 1 && note.manifest.prev === last.manifest;
    // A revision came in between: what was signed offline no longer counts, so it is signed anew before bytes are sent.
    if (!fits && !form.elements.key.files[0]) throw new Error("平台已有更新的版本，请先在上方选择密钥文件并输入口令，再递交。");
    const keys = fits ? null : await keysOf();
    await uploadAll(note.sealed);
    if (fits) await submit({ manifest: note.manifest, signature: note.signature });
    else await handIn("submit", note.manifest.envelopes, keys);
  });
});
