// Official acts: a form marked data-act goes out only with its sender's signature over exactly what it carries.
import { HJ, b64u, normalised, post, sha256, sign, told } from "./lib/base.js";
import { loadKeys } from "./lib/keys.js";
import { usePasskey } from "./lib/webauthn.js";

const OUTSIDE = ["csrfmiddlewaretoken", "act_proof"];
const dialog = document.getElementById("act-dialog");
const slot = (name) => dialog.querySelector(`[data-act-${name}]`);
let going = null;

// Forms are sent with CRLF at line ends; both sides sign LF.
const text = (value) => normalised(value.replace(/\r\n?/g, "\n"));

/** The fields and files that would be posted, as the server will see them. */
async function contents(form, submitter) {
  const fields = {};
  const files = {};
  for (const [name, value] of new FormData(form, submitter)) {
    if (OUTSIDE.includes(name)) continue;
    const key = text(name);
    if (typeof value === "string") (fields[key] ??= []).push(text(value));
    else if (form.enctype !== "multipart/form-data") (fields[key] ??= []).push(text(value.name));
    else if (value.name) (files[key] ??= []).push(b64u(await sha256(await value.arrayBuffer())));
  }
  return { v: 1, fields, files };
}

function say(words) {
  slot("said").textContent = words;
  slot("said").hidden = !words;
}

/** A moment in the city's time, as the rest of the page writes it. */
const shown = (exp) => new Date(Date.parse(exp) + 8 * 3600_000).toISOString().slice(0, 19).replace("T", " ");

/** Show what is to be signed. */
function open(asked) {
  const { act, who, methods } = asked;
  say("");
  dialog.querySelector("dl").hidden = false;
  slot("kind").textContent = act.kind;
  slot("target").textContent = act.target;
  slot("who").textContent = who;
  slot("digest").textContent = act.digest.slice(0, 16).replace(/(.{8})(?=.)/g, "$1 ") + " …";
  slot("exp").textContent = shown(act.exp);
  slot("passkey").hidden = !methods.includes("passkey");
  slot("key").hidden = slot("sign").hidden = !methods.includes("key");
  slot("enrol").hidden = true;
  dialog.showModal();
}

/** Tell why it cannot be signed. */
function refuse(problem) {
  dialog.querySelector("dl").hidden = true;
  slot("passkey").hidden = slot("key").hidden = slot("sign").hidden = true;
  slot("enrol").hidden = problem.code !== "no_method";
  say(told(problem));
  dialog.showModal();
}

async function begin(form, submitter) {
  const given = await contents(form, submitter);
  const digest = b64u(await HJ("act-fields", given));
  const fields = Object.fromEntries(Object.entries(given.fields).map(([name, values]) => [name, values.at(-1)]));
  const path = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href, location.href).pathname;
  const asked = await post(dialog.dataset.url, { path, digest, fields });
  going = { form, submitter, asked };
  if (!asked.act) return send(null);
  if (asked.act.digest !== digest || asked.act.v !== 1) throw new Error("平台返回的内容与提交的不一致，请刷新页面后重试。");
  open(asked);
}

/** Let the form go, with the proof. */
function send(proof) {
  const { form, submitter } = going;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "act_proof";
  field.value = JSON.stringify(proof);
  form.append(field);
  dialog.close();
  form.dataset.actSigned = "1";
  form.requestSubmit(submitter);
}

async function signed(button, make) {
  button.disabled = true;
  say("");
  try {
    send({ nonce: going.asked.act.nonce, ...(await make(going.asked)) });
  } catch (problem) {
    say(told(problem));
  }
  button.disabled = false;
}

slot("passkey").addEventListener("click", (event) =>
  signed(event.currentTarget, async ({ act, rp_id, credentials }) => ({
    method: "passkey",
    credential: await usePasskey({
      challenge: b64u(await HJ("act", act)), rpId: rp_id, userVerification: "required", timeout: 120000,
      allowCredentials: credentials.map((id) => ({ id, type: "public-key" })),
    }),
  })),
);

slot("sign").addEventListener("click", (event) =>
  signed(event.currentTarget, async ({ act }) => {
    const file = dialog.querySelector("#act-file").files[0];
    if (!file) throw new Error("请选择签名密钥文件。");
    const keys = await loadKeys(file, dialog.querySelector("#act-password").value);
    dialog.querySelector("#act-password").value = "";
    return { method: "key", signature: await sign(keys.signing, "act", act) };
  }),
);

// Enter in the password's field means the button beside it.
dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  slot("sign").click();
});

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-act")) return;
    if (form.dataset.actSigned) {
      delete form.dataset.actSigned;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    for (const old of form.querySelectorAll("input[name=act_proof]")) old.remove();
    begin(form, event.submitter).catch(refuse);
  },
  true,
);
