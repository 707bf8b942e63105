// A bidder's deposit: the account number can be copied, and what the bank reports appears by itself.
import { given } from "./lib/base.js";
import { pageAt } from "./lib/page.js";

const terms = given("deposit");
let version = `"${terms.version}"`;

async function follow() {
  try {
    const { status, tag, page: fresh } = await pageAt(terms.live_url, version);
    if (status === 200) {
      version = tag;
      for (const part of fresh.querySelectorAll("[data-live]")) document.getElementById(part.id)?.replaceChildren(...part.childNodes);
    }
  } catch {
    // the next round tries again
  }
  setTimeout(follow, 3000);
}
setTimeout(follow, 3000);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const said = button.querySelector("[role=status]");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    said.textContent = "已复制";
  } catch {
    said.textContent = "请手工抄录";
  }
});
