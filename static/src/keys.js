// The page where an organisation's keys are made.
import { given, post, told } from "./lib/base.js";
import { makeKeys } from "./lib/keys.js";

const form = document.getElementById("make-keys");
const said = document.getElementById("keys-said");

function save(name, object) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(object, null, 2)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [password, again] = [form.elements.password.value, form.elements.again.value];
  if (password.length < 10) return (said.textContent = "口令至少 10 位。");
  if (password !== again) return (said.textContent = "两次输入的口令不一致。");
  const button = form.querySelector("button");
  button.disabled = true;
  said.textContent = "正在生成密钥……";
  try {
    const { owners, ...rest } = given("terms");
    const [role, owner] = Object.entries(owners)[0];
    const terms = { ...rest, role, owner };
    const made = await makeKeys(password, terms);
    save(`投标密钥-${terms.organisation}-${made.file.kid}.etpkey`, made.file);
    await post(form.action, made.enrolment);
    said.textContent = "密钥已登记，密钥文件已下载。请妥善保管密钥文件和口令，平台无法找回。";
    form.dataset.done = made.file.kid;
    form.reset();
  } catch (problem) {
    said.textContent = told(problem);
  }
  button.disabled = false;
});
