// The room of a draw: a party commits to a random number made here, and reveals it once all have committed.
import { b64u, given, post, sign, told, unb64u } from "./lib/base.js";
import { boundTo, commitmentOf } from "./lib/draw.js";
import { infoOf, openSealed, publicKeyOf, sealTo } from "./lib/hpke.js";
import { loadKeys } from "./lib/keys.js";
import { pageAt } from "./lib/page.js";
import { commitment } from "./lib/shares.js";
import { split } from "shamir-secret-sharing";

const terms = given("draw");
const [SHARE, COPY] = ["etp/draw/v1/share", "etp/draw/v1/copy"];
let version = `"${terms.version}"`;
// The number of this page's own commitment: with it the page reveals by itself as soon as it may.
let mine = sessionStorage.getItem(`draw ${terms.draw}`);

function filling() {
  const filled = [...document.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  return filled || document.querySelector("form[data-busy]") !== null;
}

async function follow() {
  try {
    const { status, tag, page: fresh } = await pageAt(terms.live_url, version);
    if (status === 200) {
      version = tag;
      for (const part of fresh.querySelectorAll("[data-live]")) document.getElementById(part.id)?.replaceChildren(...part.childNodes);
      const stage = fresh.querySelector("[data-stage]")?.dataset.stage;
      if (stage && stage !== terms.stage && !filling()) return location.reload();
    }
  } catch {
    // the next round tries again
  }
  setTimeout(follow, 2000);
}
setTimeout(follow, 2000);

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
      const keys = await loadKeys(file, form.elements.password.value);
      if (keys.kid !== terms.kid) throw new Error("载入的密钥不是登记在这次抽取中的密钥。");
      await work(keys, say);
      location.reload();
    } catch (problem) {
      say(told(problem), "bad");
    }
    delete form.dataset.busy;
  });
}

const sealed = async (spki, label, bound, bytes) => {
  const { enc, body } = await sealTo(await publicKeyOf(spki), infoOf(label, bound), bytes);
  return { enc: b64u(enc), body: b64u(body) };
};

const committing = document.getElementById("commit-form");
if (committing) {
  withKeys(committing, async (keys) => {
    const number = crypto.getRandomValues(new Uint8Array(32));
    const commit = await commitmentOf(terms.draw, terms.party, b64u(number));
    const bound = await boundTo(terms.draw, terms.party, commit);
    const parts = await split(number, terms.parties.length, terms.k);
    const shares = await Promise.all(
      terms.parties.map(async ({ kid, spki }, at) => ({
        kid, commit: b64u(await commitment(bound, parts[at])), ...(await sealed(spki, SHARE, bound, parts[at])),
      })),
    );
    const own = terms.parties.find((row) => row.kid === keys.kid);
    const own_copy = await sealed(own.spki, COPY, bound, number);
    const signature = await sign(keys.signing, "draw-commit", { v: 1, draw: terms.draw, party: terms.party, commit });
    await post(terms.commit_url, { commit, shares, own_copy, signature });
    sessionStorage.setItem(`draw ${terms.draw}`, b64u(number));
  });
}

const reveal = async (r) => {
  await post(terms.reveal_url, { r });
  sessionStorage.removeItem(`draw ${terms.draw}`);
};

const revealing = document.getElementById("reveal-form");
if (revealing) {
  withKeys(revealing, async (keys) => {
    const bound = await boundTo(terms.draw, terms.party, terms.commit);
    const { enc, body } = terms.own_copy;
    const number = await openSealed(keys.encryption, infoOf(COPY, bound), unb64u(enc), unb64u(body));
    await reveal(b64u(number));
  });
  if (mine) {
    document.getElementById("reveal-hint").textContent = "三方承诺已经到齐，正在公开你的随机数……";
    reveal(mine).then(() => location.reload()).catch(() => {
      mine = null;
      document.getElementById("reveal-hint").textContent = "载入密钥文件，公开你的随机数。";
    });
  }
}

for (const form of document.querySelectorAll("form[data-share]")) {
  const missing = terms.shares[form.dataset.share];
  withKeys(form, async (keys) => {
    const bound = await boundTo(terms.draw, missing.party, missing.commit);
    const { enc, body } = missing.share;
    const share = await openSealed(keys.encryption, infoOf(SHARE, bound), unb64u(enc), unb64u(body)).catch(() => null);
    const digest = share ? b64u(await commitment(bound, share)) : "";
    const signed = { v: 1, draw: terms.draw, party: missing.party, holder: keys.kid, digest };
    await post(missing.url, { share: share ? b64u(share) : "", signature: await sign(keys.signing, "draw-share", signed) });
  });
}
