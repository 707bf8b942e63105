// The public page of a draw: everything computed again in the reader's browser, step by step.
import { b64u, told, unb64u } from "./lib/base.js";
import { candidateHash, commitmentOf, orderOf, rootOf, seedOf } from "./lib/draw.js";

const button = document.getElementById("again");
const said = document.getElementById("again-said");

/** One step of the computation, and whether it came out as published. */
function say(text, right) {
  const line = document.createElement("li");
  line.className = right ? "t-ok" : "t-bad";
  line.textContent = `${text}：${right ? "一致" : "不一致！"}`;
  said.append(line);
}

const of = (file, kind) => file.entries.map((row) => row.entry).find((entry) => entry.k === kind)?.d;

async function again(file) {
  const [listed, committed, seeded, result] = ["draw.listed", "draw.committed", "draw.seeded", "draw.result"].map((kind) => of(file, kind));
  const hashes = file.lists.flatMap((list) => list.items.map((item) => unb64u(item.c)));
  say(`名单 ${hashes.length} 个摘要合成的名单摘要`, b64u(await rootOf(hashes)) === listed.list_root);
  const known = file.lists.flatMap((list) => list.items).filter((item) => item.salt);
  const fits = await Promise.all(known.map(async (item) => b64u(await candidateHash(item.salt, item.candidate)) === item.c));
  if (known.length) say(`已公布的 ${known.length} 个名称与名单上的摘要`, fits.every(Boolean));
  for (const { party, commit, r } of seeded.transcript.contrib) {
    const promised = committed.commits.find((row) => row.party === party)?.commit;
    say(`${{ centre: "交易中心", supervisor: "监督部门", tenderee: "招标人" }[party] ?? party}的随机数与事先的承诺`, (await commitmentOf(file.draw, party, r)) === commit && commit === promised);
  }
  const seed = await seedOf(seeded.transcript);
  say("由名单摘要、随机数和账本摘要算出的种子", b64u(seed) === seeded.seed && seeded.transcript.list_root === listed.list_root);
  for (const stratum of result.strata) {
    const items = file.lists.find((list) => list.id === stratum.id).items;
    const order = await orderOf(seed, stratum.id, items.length);
    const walked = [...stratum.chosen, ...stratum.skipped];
    say(`由种子排出的次序（共 ${items.length} 个）与公布的结果`, walked.every(({ place, c }) => items[order[place]].c === c));
  }
}

button?.addEventListener("click", async () => {
  button.disabled = true;
  said.hidden = false;
  said.replaceChildren();
  try {
    const answer = await fetch(button.dataset.url);
    await again(await answer.json());
  } catch (problem) {
    const line = document.createElement("li");
    line.textContent = told(problem);
    said.append(line);
  }
  said.dataset.done = "1";
  button.disabled = false;
});
