// Answering the platform's question with a certificate's key: it is signed only if it is this site's, and was asked just now.
import { b64u, post, sign, told } from "./base.js";
import { openCertified } from "./certified.js";

const FIELDS = ["exp", "nonce", "origin", "purpose", "session", "v"];

/** Ask for a question of this purpose, and answer {challenge, certificate, signature} by `opened` under the purpose's label. */
async function answered(url, purpose, { key, certificate }) {
  const challenge = await post(url, { purpose });
  const ours = Object.keys(challenge).sort().join() === FIELDS.join() && challenge.v === 1 && challenge.purpose === purpose;
  if (!ours) throw new Error("平台的回应不完整，请刷新页面后重试。");
  if (challenge.origin !== location.origin) throw new Error(`请从 ${challenge.origin} 访问本平台；当前网址不符，未做签名。`);
  return { challenge, certificate: b64u(certificate), signature: await sign(key, purpose, challenge) };
}

/**
 * A form with a certificate's file and password: `act` gets the answer {challenge, certificate, signature} to a question of
 * this purpose, and what goes wrong is said.
 */
export function answering(form, said, purpose, act) {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { file, password } = form.elements;
    if (!file.files[0]) return (said.textContent = "请选择证书文件。");
    const button = form.querySelector("button");
    button.disabled = true;
    said.textContent = "正在读取证书并签名……";
    try {
      await act(await answered(form.dataset.challenge, purpose, await openCertified(file.files[0], password.value)));
    } catch (problem) {
      said.textContent = told(problem);
    }
    password.value = "";
    button.disabled = false;
  });
}
