// What a bid form holds beyond price and term: the price table, and what was chosen from the bidder's register.
// Nothing of it leaves the browser unsealed.
import { told } from "./base.js";
import { checked } from "./pricetable.js";
import { cellsOf } from "./spreadsheet.js";

const LISTS = ["team", "qualifications", "records"];
const part = (name) => document.querySelector(`[data-bid-part=${name}]`);

/** Show what a filled spreadsheet says, or every cell that does not fit; `bill()` is the lot's, `taken` gets the table, or null. */
export function priceTable(bill, input, shown, taken) {
  input.addEventListener("change", async () => {
    taken(null);
    shown.replaceChildren();
    if (!input.files[0]) return;
    try {
      const { problems, table } = checked(bill(), cellsOf(new Uint8Array(await input.files[0].arrayBuffer())));
      shown.append(problems.length ? problemList(problems) : note("ok", `共 ${table.items.length} 项，合计 ${table.total} 元，与清单核对无误。`));
      taken(table);
    } catch (problem) {
      shown.append(note("bad", told(problem)));
    }
  });
}

function note(kind, words) {
  const made = document.createElement("div");
  made.className = `note note-${kind}`;
  made.textContent = words;
  return made;
}

function problemList(problems) {
  const made = document.createElement("div");
  const table = document.createElement("table");
  table.className = "table stack";
  const head = table.createTHead().insertRow();
  for (const word of ["单元格", "表中内容", "应为"]) {
    const cell = document.createElement("th");
    cell.textContent = word;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { cell, found, expected } of problems) {
    const row = body.insertRow();
    [cell || "—", found, expected].forEach((words, place) => {
      const made = row.insertCell();
      made.textContent = words;
      if (place) made.dataset.l = place === 1 ? "表中内容" : "应为";
    });
  }
  made.append(note("bad", `第一张工作表有 ${problems.length} 处不符，请改好后重新选择文件。`), table);
  return made;
}

/** The parts of the bid page: `parts()` answers what joins the form, {} where neither bill nor register is in play. */
export function bidParts({ bill, register }, price) {
  let table = null;
  const box = part("prices");
  if (box) {
    priceTable(() => bill, box.querySelector("input"), box.querySelector("[role=status]"), (found) => {
      table = found;
      if (found) price.value = found.total;
    });
  }
  const chosen = (name) => [...document.querySelectorAll(`[data-register=${name}]:checked`)].map((each) => register[name][Number(each.value)]);
  return () => {
    const lists = Object.fromEntries(LISTS.map((name) => [name, chosen(name)]));
    if (!bill.length && LISTS.every((name) => !lists[name].length)) return {};
    return { v: 2, price_table: table, ...lists };
  };
}

const kept = (bidder) => `last-bid:${bidder}`;

/** Keep on this computer what the next bid begins with; never the price. */
export function keepLast(bidder, { quality, manager, team = [], qualifications = [], records = [] }) {
  const numbers = [...team, ...qualifications, ...records].map((row) => `${row.name}/${row.number}`);
  localStorage.setItem(kept(bidder), JSON.stringify({ quality, manager, chosen: numbers }));
}

/** Begin a bid with the last one: what this computer kept, or else what the platform read at an opening. Only empty fields are filled. */
export function beginWithLast(bidder, register, opened, fields) {
  let last = null;
  try {
    last = JSON.parse(localStorage.getItem(kept(bidder)));
  } catch {
    last = null;
  }
  if (!last && opened) {
    const lists = LISTS.flatMap((name) => opened[name] ?? []);
    last = { quality: opened.quality, manager: opened.manager, chosen: lists.map((row) => `${row.name}/${row.number}`) };
  }
  if (!last) return false;
  if (!fields.manager.value) fields.manager.value = last.manager ?? "";
  if (!fields.quality.value) fields.quality.value = last.quality ?? "";
  for (const name of LISTS) {
    for (const box of document.querySelectorAll(`[data-register=${name}]`)) {
      const row = register[name][Number(box.value)];
      box.checked = (last.chosen ?? []).includes(`${row.name}/${row.number}`);
    }
  }
  return true;
}
