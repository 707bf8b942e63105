// The check page: a PDF may be dropped on it, and is hashed here before anything is sent.
import { sha256 } from "@noble/hashes/sha2.js";

const form = document.getElementById("check-file");
const drop = form.querySelector("[data-drop]");
const input = form.elements.file;
const said = document.getElementById("own-digest");
const button = form.querySelector("button");
const most = Number(drop.dataset.most);

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function taken() {
  const [file] = input.files;
  form.elements.digest.value = "";
  said.textContent = "";
  if (!file) return;
  if (file.size > most) {
    said.textContent = `“${file.name}”超过 ${most / 1024 / 1024} MB，平台的文书不会这么大。`;
    input.value = "";
    return;
  }
  said.textContent = "正在计算摘要……";
  const digest = hex(sha256(new Uint8Array(await file.arrayBuffer())));
  if (input.files[0] !== file) return;
  form.elements.digest.value = digest;
  said.textContent = `本机计算的 SHA-256：${digest.match(/.{8}/g).join(" ")}`;
}

input.addEventListener("change", taken);
drop.classList.add("ready");
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.dataTransfer.files.length) return;
  const one = new DataTransfer();
  one.items.add(event.dataTransfer.files[0]);
  input.files = one.files;
  taken();
});
form.addEventListener("submit", () => {
  button.textContent = "正在核验……";
});
