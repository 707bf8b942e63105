// Appointing emergency holders: the handler signs, lot by lot, the policy that the page shows.
import { given, post, sign, told } from "./lib/base.js";
import { loadKeys } from "./lib/keys.js";

const terms = given("holders");

for (const form of document.querySelectorAll("[data-policy]")) {
  const said = form.querySelector("[role=status]");
  const say = (text, kind) => {
    said.hidden = false;
    said.className = `note note-${kind} mt-2`;
    said.textContent = text;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const kids = [...form.querySelectorAll("input[name=holders]:checked")].map((box) => box.value);
      const holders = terms.holders.filter((row) => kids.includes(row.kid));
      const k = Number(form.elements.k.value);
      const { lot, window_min } = terms.lots[form.dataset.policy];
      const policy = { v: 1, tender: terms.tender, lot, k, holders, fallback: "required", window_min };
      const file = form.elements.key.files[0];
      if (!file) throw new Error("请选择你的密钥文件。");
      const keys = await loadKeys(file, form.elements.password.value);
      say("正在签署……", "info");
      await post(form.action, { holders: kids, k, signature: await sign(keys.signing, "opening-policy", policy) });
      location.reload();
    } catch (problem) {
      say(told(problem), "bad");
    }
    button.disabled = false;
  });
}
