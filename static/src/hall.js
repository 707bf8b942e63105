// The opening hall: the page follows the server's version; a bidder releases the key of its own bid here.
import { H, b64u, given, joined, post, sign, told } from "./lib/base.js";
import { loadKeys } from "./lib/keys.js";
import { openRecoveryStanza } from "./lib/recovery.js";
import { contextHash, openOwnStanza } from "./lib/stanza.js";

const terms = given("hall");
let version = `"${terms.version}"`;

async function follow() {
  try {
    const response = await fetch(terms.live_url, { headers: { "If-None-Match": version }, cache: "no-store" });
    if (response.status === 200) {
      version = response.headers.get("ETag");
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const part of fresh.querySelectorAll("[data-live]")) {
        document.getElementById(part.id)?.replaceChildren(...part.childNodes);
      }
      const stage = fresh.querySelector("[data-stage]")?.dataset.stage;
      if (stage && stage !== terms.stage && !document.querySelector("#key-form[data-busy]")) location.reload();
    }
  } catch {
    // the next round tries again
  }
  setTimeout(follow, 2000);
}
setTimeout(follow, 2000);

const form = document.getElementById("key-form");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = document.getElementById("key-said");
  const say = (text, kind) => {
    said.hidden = false;
    said.className = `note note-${kind}`;
    said.textContent = text;
  };
  form.dataset.busy = "1";
  try {
    const file = form.elements.key.files[0];
    if (!file) throw new Error("请选择密钥文件。");
    say("正在核对密钥……", "info");
    const keys = await loadKeys(file, form.elements.password.value);
    const answer = await fetch(terms.header_url);
    if (!answer.ok) throw new Error("暂时不能取得投标文件，请稍后重试。");
    const header = new Uint8Array(await answer.arrayBuffer());
    const code = form.elements.recovery.value.trim();
    const fileKey = code ? await openRecoveryStanza(header, code) : await openOwnStanza(header, terms.context, keys);
    const digest = b64u(await H("file-key", joined(await contextHash(terms.context), fileKey)));
    const release = { v: 1, tender: terms.tender, lot: terms.lot, bidder: terms.bidder, manifest: terms.manifest, digest };
    await post(terms.key_url, { file_key: b64u(fileKey), signature: await sign(keys.signing, "key-release", release) });
    say("密钥已核对，解密成功。全部投标人解密结束后统一唱标。", "ok");
    form.elements.recovery.value = "";
    form.dataset.done = "1";
  } catch (problem) {
    say(told(problem), "bad");
  }
  delete form.dataset.busy;
});
