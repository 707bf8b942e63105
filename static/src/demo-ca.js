// The simulated authority: a key is made here, a request is signed with it, and the certificate goes into a file with the key.
import { Utf8String } from "asn1js";
import { AttributeTypeAndValue, CertificationRequest } from "pkijs";

import { b64u, post, told, unb64u } from "./lib/base.js";
import { writeP12 } from "./lib/p12.js";

const COMMON_NAME = "2.5.4.3";
const form = document.getElementById("demo-ca");
const said = document.getElementById("demo-ca-said");

async function request(pair, name) {
  const made = new CertificationRequest();
  made.subject.typesAndValues.push(new AttributeTypeAndValue({ type: COMMON_NAME, value: new Utf8String({ value: name }) }));
  // The field is mandatory, though there is nothing to say in it.
  made.attributes = [];
  await made.subjectPublicKeyInfo.importKey(pair.publicKey);
  await made.sign(pair.privateKey, "SHA-256");
  return new Uint8Array(made.toSchema().toBER(false));
}

function save(name, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/x-pkcs12" }));
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
  said.textContent = "正在生成密钥并申请证书……";
  try {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const { name, chain } = await post(form.action, { request: b64u(await request(pair, form.dataset.name)) });
    const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
    const certificates = chain.map((der, place) => ({ der: unb64u(der), id: place === 0 ? 1 : undefined }));
    save(`${name}.p12`, await writeP12([{ pkcs8, id: 1, name }], certificates, password));
    said.textContent = "演示证书文件已下载，现在可以登记并用于登录。";
    form.dataset.done = name;
    form.reset();
  } catch (problem) {
    said.textContent = told(problem);
  }
  button.disabled = false;
});
