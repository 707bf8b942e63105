// A sheet that is kept on the server while it is filled in, and says so; what could not be kept is tried again until it is.
import { csrf, post, told } from "./base.js";

const PAUSE = 800;
const AGAIN = 5000;
const KEPT = /^(check|reason|points|remark)-/;

/** Keep this form's sheet at the address in `data-keeps`; `said` is where the page says how that went. */
export function keep(form, said) {
  const url = form.dataset.keeps;
  let waiting = 0, running = false, changed = false, over = false;

  const fields = () => Object.fromEntries([...new FormData(form)].filter(([name, value]) => KEPT.test(name) && value !== ""));

  function later(ms) {
    clearTimeout(waiting);
    waiting = setTimeout(save, ms);
  }

  function tell(words, state) {
    said.textContent = words;
    said.dataset.state = state;
  }

  async function save() {
    if (over || running || !changed) return;
    running = true;
    changed = false;
    try {
      const { saved_at } = await post(url, { fields: fields() });
      if (!changed) tell(`${saved_at} 已自动保存`, "ok");
    } catch (problem) {
      // What the platform refuses stays refused; what did not arrive is sent again.
      over = Boolean(problem.code) && problem.code !== "signed_out";
      changed = true;
      tell(over ? told(problem) : problem.code ? "登录已结束，填写的内容没有保存。请在另一个窗口登录，本页会接着保存。" : "连不上平台，填写的内容还没有保存，正在重试。请不要关闭本页。", "bad");
    }
    running = false;
    if (changed && !over) later(said.dataset.state === "bad" ? AGAIN : PAUSE);
  }

  function typed(event) {
    if (!KEPT.test(event.target.name)) return;
    changed = true;
    tell("正在填写……", "typing");
    later(PAUSE);
  }

  form.addEventListener("input", typed);
  form.addEventListener("submit", () => {
    over = true;
    clearTimeout(waiting);
  });
  addEventListener("online", () => later(0));
  // Whoever leaves within the pause loses nothing.
  addEventListener("pagehide", () => {
    if (!changed || over) return;
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() };
    fetch(url, { method: "POST", keepalive: true, headers, body: JSON.stringify({ fields: fields() }) }).catch(() => {});
  });
}
