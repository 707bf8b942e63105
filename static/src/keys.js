// The page where a person's keys are made: the file is saved and loaded again, the code written down, then all is enrolled.
import { given, post, told } from "./lib/base.js";
import { loadKeys, makeKeys } from "./lib/keys.js";
import { groupsOf, typed } from "./lib/recovery.js";
import { strengthOf } from "./lib/strength.js";

const terms = given("terms");
const form = document.getElementById("make-keys");
const said = document.getElementById("keys-said");
const steps = Object.fromEntries([...document.querySelectorAll("[data-step]")].map((step) => [step.dataset.step, step]));
let made = null;

function say(text, kind = "info") {
  said.hidden = false;
  said.className = `note note-${kind} mt-3`;
  said.textContent = text;
}

function show(step) {
  for (const [name, part] of Object.entries(steps)) part.hidden = name !== step;
  steps[step].querySelector("h3")?.focus();
}

/** Run a step; what goes wrong is said and can be tried again. */
async function guarded(work) {
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => (button.disabled = true));
  try {
    await work();
  } catch (problem) {
    say(told(problem), "bad");
  }
  buttons.forEach((button) => (button.disabled = false));
}

const on = (id, work) => document.getElementById(id)?.addEventListener("click", () => guarded(work));

// 1. The password

function strength() {
  const { score, hint } = strengthOf(form.elements.password.value, [terms.organisation, terms.mobile]);
  document.getElementById("strength").value = score;
  document.getElementById("strength-said").textContent = `强度：${["—", "弱", "中", "强"][score]}。${hint}`;
}
form.elements.password.addEventListener("input", strength);

const role = () => form.elements.role.value;
const recovers = () => role() === "bidder" && form.elements.recovery.checked;
form.addEventListener("change", () => (document.getElementById("wants-recovery").hidden = role() !== "bidder"));

async function make() {
  const [password, again] = [form.elements.password.value, form.elements.again.value];
  const { weak, hint } = strengthOf(password, [terms.organisation, terms.mobile]);
  if (weak) throw new Error(`口令强度不够：${hint}。`);
  if (password !== again) throw new Error("两次输入的口令不一致。");
  const file = form.elements.ca.files[0];
  const ca = file ? { file, password: form.elements.ca_password.value } : null;
  say("正在生成密钥，约需几秒……");
  const { not_after, owners } = terms;
  made = await makeKeys(password, { owner: owners[role()], role: role(), not_after, recovery: recovers(), ca });
  const link = document.getElementById("download");
  link.href = URL.createObjectURL(made.file);
  link.download = `密钥-${terms.organisation}-${made.kid}.p12`;
  link.click();
  show("saved");
  say("密钥文件已下载，尚未登记。请从保存的位置再次载入它。");
}

// 2. The file is there and the password is known

async function prove() {
  const file = form.elements.saved.files[0];
  if (!file) throw new Error("请选择刚刚保存的密钥文件。");
  say("正在核对密钥文件……");
  const keys = await loadKeys(file, form.elements.password.value);
  if (keys.kid !== made.kid) throw new Error("这不是刚刚生成的密钥文件，请选择刚下载的文件。");
  if (!made.recovery) return enrol();
  showCode();
  said.hidden = true;
  return show("code");
}

// 3. The recovery code is on paper

let asked = [];
function showCode() {
  document.getElementById("code-kid").textContent = made.kid;
  const items = groupsOf(made.recovery.code).map((group) => Object.assign(document.createElement("li"), { textContent: group }));
  document.getElementById("code").replaceChildren(...items);
}

function askBack() {
  const groups = groupsOf(made.recovery.code);
  const places = groups.map((_, place) => place);
  asked = [0, 0].map(() => places.splice(crypto.getRandomValues(new Uint32Array(1))[0] % places.length, 1)[0]).sort((one, other) => one - other);
  for (const [at, place] of asked.entries()) {
    document.querySelector(`label[for=group${at}]`).textContent = `第 ${place + 1} 组`;
    form.elements[`group${at}`].value = "";
  }
  document.getElementById("code").replaceChildren();
  show("typed");
}

async function checkBack() {
  const groups = groupsOf(made.recovery.code);
  const right = asked.every((place, at) => typed(form.elements[`group${at}`].value) === typed(groups[place]));
  if (!right) throw new Error("与恢复码不符，请对照纸上的内容重新填写，或返回再看一次。");
  return enrol();
}

// 4. Now the platform may know of it

async function enrol() {
  say("正在登记……");
  await post(form.action, made.enrolment);
  const { kid } = made;
  made = null;
  URL.revokeObjectURL(document.getElementById("download").href);
  form.reset();
  show("done");
  say("密钥已登记。请妥善保管密钥文件、口令和恢复码，平台无法找回。", "ok");
  form.dataset.done = kid;
}

form.addEventListener("submit", (event) => event.preventDefault());
on("make", make);
on("prove", prove);
on("print", () => window.print());
on("written", askBack);
on("look-again", () => {
  showCode();
  show("code");
});
on("enrol", checkBack);
on("start-again", () => location.reload());
