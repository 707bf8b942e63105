// A holder's drill: open what only this key opens, and sign that it was opened.
import { H, b64u, given, post, sign, told, unb64u } from "./lib/base.js";
import { infoOf, openSealed } from "./lib/hpke.js";
import { loadKeys } from "./lib/keys.js";

const rows = given("holdings");

for (const form of document.querySelectorAll("[data-drill]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = form.querySelector("[role=status]");
    const row = rows[form.dataset.drill];
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const file = form.elements.key.files[0];
      if (!file) throw new Error("请选择持钥人密钥文件。");
      const keys = await loadKeys(file, form.elements.password.value);
      if (keys.kid !== row.holder) throw new Error("载入的密钥不是登记在这份开标授权中的密钥。");
      const { enc, body, bound_to } = await post(row.begin_url, {});
      const secret = await openSealed(keys.encryption, infoOf("etp/drill/v1", unb64u(bound_to)), unb64u(enc), unb64u(body)).catch(() => {
        throw new Error("该密钥不能打开演练内容。");
      });
      const digest = b64u(await H("drill", secret));
      const ready = { v: 1, tender: row.tender, lot: row.lot, policy: row.policy, holder: row.holder, digest };
      await post(row.end_url, { digest, signature: await sign(keys.signing, "holder-ready", ready) });
      location.reload();
    } catch (problem) {
      said.hidden = false;
      said.className = "note note-bad mt-2";
      said.textContent = told(problem);
    }
    button.disabled = false;
  });
}
