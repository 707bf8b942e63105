// The opening hall: the page follows the server's version; a bidder releases the key of its own bid here.
import { H, b64u, given, joined, post, sign, told } from "./lib/base.js";
import { loadKeys } from "./lib/keys.js";
import { pageAt } from "./lib/page.js";
import { openRecoveryStanza } from "./lib/recovery.js";
import { commitment, openShare } from "./lib/shares.js";
import { contextHash, openOwnStanza } from "./lib/stanza.js";

const terms = given("hall");
let version = `"${terms.version}"`;
// What one's own envelope is called in everything that is signed here.
const about = terms.about;

/** Whether a form is being filled in or sent: then the page is not loaded anew under the user's hands. */
function busy() {
  const filled = [...document.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  return filled || document.querySelector("form[data-busy]") !== null;
}

async function follow() {
  try {
    const { status, tag, page: fresh } = await pageAt(terms.live_url, version);
    if (status === 200) {
      version = tag;
      for (const part of fresh.querySelectorAll("[data-live]")) {
        document.getElementById(part.id)?.replaceChildren(...part.childNodes);
      }
      const stage = fresh.querySelector("[data-stage]")?.dataset.stage;
      if (stage && stage !== terms.stage && !busy()) location.reload();
    }
  } catch {
    // the next round tries again
  }
  setTimeout(follow, 2000);
}
setTimeout(follow, 2000);

async function headerAt(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error("暂时不能取得投标文件，请稍后重试。");
  return new Uint8Array(await answer.arrayBuffer());
}

/** Let `work(keys, say)` run when the form is sent, with the keys of its file; says how it went. */
function withKeys(form, work) {
  const said = form.querySelector("[role=status]");
  const say = (text, kind) => {
    said.hidden = false;
    said.className = `note note-${kind} mt-2`;
    said.textContent = text;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.dataset.busy = "1";
    try {
      const file = form.elements.key.files[0];
      if (!file) throw new Error("请选择密钥文件。");
      say("正在核对密钥……", "info");
      const keys = await loadKeys(file, form.elements.password.value);
      await work(keys, say);
    } catch (problem) {
      say(told(problem), "bad");
    }
    delete form.dataset.busy;
  });
}

const form = document.getElementById("key-form");
if (form) {
  withKeys(form, async (keys, say) => {
    const header = await headerAt(terms.header_url);
    const code = form.elements.recovery.value.trim();
    const fileKey = code ? await openRecoveryStanza(header, code) : await openOwnStanza(header, terms.context, keys);
    const digest = b64u(await H("file-key", joined(await contextHash(terms.context), fileKey)));
    const release = { v: 1, ...about, digest };
    await post(terms.key_url, { file_key: b64u(fileKey), signature: await sign(keys.signing, "key-release", release) });
    say("密钥已核对，解密成功。全部投标人解密结束后统一唱标。", "ok");
    form.elements.recovery.value = "";
    form.dataset.done = "1";
  });
}

const asking = document.getElementById("fallback-form");
if (asking) {
  withKeys(asking, async (keys, say) => {
    const reason = asking.elements.reason.value.trim().normalize("NFC");
    if (!reason) throw new Error("请写明申请应急解密的理由。");
    const request = { v: 1, ...about, reason };
    await post(terms.fallback_url, { reason, signature: await sign(keys.signing, "fallback-request", request) });
    say("已申请应急解密，等待监督人员批准。", "ok");
  });
}

// Each holder opens its own share here; where it cannot be opened the holder says so, under its signature.
function watchShares() {
  for (const holding of document.querySelectorAll("form[data-share]:not([data-watched])")) {
    holding.dataset.watched = "1";
    withKeys(holding, async (keys, say) => {
      const { about, context, header_url, share_url } = terms.shares[holding.dataset.share];
      const hash = await contextHash(context);
      const share = await openShare(await headerAt(header_url), hash, keys);
      const digest = share ? b64u(await commitment(hash, share)) : "";
      const signature = await sign(keys.signing, "fallback-share", { v: 1, ...about, holder: keys.kid, digest });
      await post(share_url, { share: share ? b64u(share) : "", signature });
      say("份额已核对。", "ok");
    });
  }
}
watchShares();
