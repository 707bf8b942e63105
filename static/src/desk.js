// The evaluation desk: files beside the criteria, two bids side by side, and a sheet that is kept while it is filled in.
import { given } from "./lib/base.js";
import { keep } from "./lib/keeping.js";
import { Pane } from "./lib/pane.js";
import { pdfReader } from "./lib/pdf.js";

const library = given("library");
const desk = document.getElementById("desk");
const panes = document.getElementById("panes");
const sheet = document.getElementById("sheet");
const template = document.getElementById("pane");

const bidOf = (element) => element.closest("[data-bid]")?.dataset.bid;
const lineOf = (element) => element.closest("[data-criterion]");
const criteria = [...new Map([...sheet.querySelectorAll("[data-criterion]")].map((line) => [line.dataset.criterion, line.querySelector(".b").textContent]))];
const titles = criteria.map(([key, title]) => ({ key, title }));

// The page's clock runs on the moment the server rendered it.
const offset = Date.parse(document.documentElement.dataset.now) - Date.now();
const mark = () => `${panes.dataset.mark}　${new Date(Date.now() + offset + 8 * 3600_000).toISOString().slice(11, 16)}　仅供评标`;

panes.hidden = false;
const { worker, data } = panes.dataset;
const read = pdfReader({ worker, data });
const shown = [];

function pane() {
  const made = new Pane(template, { library, criteria: titles, read, mark, told: hear });
  panes.append(made.root);
  made.start();
  shown.push(made);
  return made;
}

const first = pane();

function hear(from, what) {
  if (what === "answer") {
    select(from.bid, from.criterion);
    follow(from);
  } else if (shown.length > 1) {
    const second = shown.pop();
    second.set(null);
    second.root.remove();
    compared(false);
  } else {
    compared(true);
    const second = pane();
    second.root.querySelector("[data-do=compare]").hidden = true;
    second.root.querySelector("[data-do=close]").hidden = false;
    second.root.setAttribute("aria-label", "并排比较的投标文件");
    const other = library.bids.find(({ key, answers }) => key !== first.bid && answers[first.criterion]) ?? library.bids.find(({ key }) => key !== first.bid);
    if (other) second.answerOf(other.key, first.criterion);
    second.part("file").focus();
  }
}

function compared(yes) {
  desk.classList.toggle("comparing", yes);
  first.root.querySelector("[data-do=compare]").setAttribute("aria-pressed", String(yes));
}

/** The other reader goes where its own bid answers the same criterion. */
function follow(from) {
  for (const other of shown) if (other !== from && other.bid) other.answerOf(other.bid, from.criterion);
}

/** Mark the line that is being judged, and its bid among the chips. */
function select(bid, criterion) {
  for (const line of sheet.querySelectorAll(".crit")) line.classList.toggle("sel", bidOf(line) === bid && line.dataset.criterion === criterion);
  for (const chip of document.querySelectorAll("[data-chip]")) {
    if (chip.dataset.chip === bid) chip.setAttribute("aria-current", "true");
    else chip.removeAttribute("aria-current");
  }
}

sheet.addEventListener("focusin", ({ target }) => {
  const line = lineOf(target);
  if (line) select(bidOf(line), line.dataset.criterion);
});

sheet.addEventListener("click", (event) => {
  const link = event.target.closest("[data-file]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const line = lineOf(link);
  first.criterion = line?.dataset.criterion ?? first.criterion;
  first.open(link.dataset.file, Number(link.dataset.page) || 1);
  if (line) {
    select(bidOf(line), first.criterion);
    follow(first);
  } else select(bidOf(link), null);
  // On a narrow page the reader stands above the criteria.
  const { top, bottom } = first.root.getBoundingClientRect();
  if (bottom < 80 || top > innerHeight) first.root.scrollIntoView({ block: "start" });
});

for (const chip of document.querySelectorAll("[data-chip]")) {
  chip.addEventListener("click", () => {
    select(chip.dataset.chip, null);
    first.answerOf(chip.dataset.chip, first.criterion);
  });
}

/** How far each bid's sheet is, on its chip: judged of all, or the points so far. */
function count() {
  for (const chip of document.querySelectorAll("[data-chip]")) {
    const lines = [...sheet.querySelectorAll(`[data-bid="${chip.dataset.chip}"] .crit`)];
    const done = lines.filter((line) => line.querySelector("input[type=radio]:checked") || line.querySelector("[name^=points-]")?.value.trim());
    chip.querySelector("[data-count]").textContent = lines.length ? `${done.length}/${lines.length}` : "";
    chip.classList.toggle("done", lines.length > 0 && done.length === lines.length);
  }
}
sheet.addEventListener("input", count);
count();
keep(sheet, document.getElementById("kept"));

const begin = library.bids.find(({ files }) => files.some(({ pdf }) => pdf));
if (begin) {
  first.answerOf(begin.key, titles[0]?.key);
  select(begin.key, null);
} else if (library.papers.length) first.open(library.papers[0].key);
else first.say("没有可以在页面上阅读的文件。");
