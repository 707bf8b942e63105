// A bidder's price table, checked in the browser: prices never leave it unsealed. The rules are those of trading/tenders/arithmetic.py.
const HEADS = { A: "编码", F: "综合单价（元）", G: "合价（元）" };

/** A non-negative number with at most `places` decimals, as a BigInt of its last place; null if it is none. */
export function decimal(text, places) {
  const match = text.replace(/[,，\s]/g, "").match(/^(\d{1,12})(?:\.(\d+))?$/);
  if (!match) return null;
  const rest = (match[2] ?? "").replace(/0+$/, "");
  return rest.length > places ? null : BigInt(match[1] + rest.padEnd(places, "0"));
}

/** Fen as canonical JSON carries a sum: "12.30". */
export function yuan(fen) {
  const text = String(fen).padStart(3, "0");
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

/** Quantity (in ten-thousandths) × unit price (in fen), rounded half up to the fen. */
export const lineSum = (quantity, price) => (quantity * price + 5000n) / 10000n;

/**
 * Check a filled table against the bill: rows [code, name, unit, quantity, ceiling] of text; `cells` is {cell: text}.
 * Answers {problems: [{cell, found, expected}], table}; the table is {items: [[code, price, sum]], total}, null while anything is wrong.
 */
export function checked(bill, cells) {
  const problems = [];
  const said = (cell) => cells[cell] ?? "";
  const wrong = (cell, expected) => problems.push({ cell, found: said(cell) || "空", expected });
  for (const [column, head] of Object.entries(HEADS)) if (said(`${column}1`) !== head) wrong(`${column}1`, `表头“${head}”`);
  if (problems.length) return { problems, table: null };
  const known = new Map(bill.map((row) => [row[0], row]));
  const priced = new Map();
  const last = Math.max(1, ...Object.keys(cells).map((cell) => Number(cell.replace(/^[A-Z]+/, ""))));
  let total = 0n, totalCell = null;
  for (let row = 2; row <= last; row++) {
    const code = said(`A${row}`);
    if (code === "合计") {
      totalCell = `G${row}`;
      continue;
    }
    if (!code) {
      if (said(`F${row}`) || said(`G${row}`)) wrong(`A${row}`, "清单项的编码");
      continue;
    }
    const item = known.get(code);
    if (!item) wrong(`A${row}`, "清单中的编码；不能增加清单以外的项目");
    else if (priced.has(code)) wrong(`A${row}`, "每项只报一次价");
    else {
      const line = checkedLine(item, row, said, wrong);
      priced.set(code, line);
      total += line?.sum ?? 0n;
    }
  }
  for (const [code, item] of known) if (!priced.has(code)) problems.push({ cell: "", found: `缺 ${code} ${item[1]}`, expected: "清单中的每一项都要报价" });
  // The sheet's own rounding may be a fen off for each line.
  if (totalCell && said(totalCell) && !problems.length && !near(decimal(said(totalCell), 2), total, BigInt(bill.length))) {
    wrong(totalCell, `各项合价之和 ${yuan(total)}`);
  }
  if (problems.length) return { problems, table: null };
  const items = bill.map(([code]) => [code, yuan(priced.get(code).price), yuan(priced.get(code).sum)]);
  return { problems, table: { items, total: yuan(total) } };
}

const near = (written, right, most) => written !== null && written - right <= most && right - written <= most;

function checkedLine([, , , quantity, ceiling], row, said, wrong) {
  const price = decimal(said(`F${row}`), 2);
  if (price === null) return wrong(`F${row}`, "综合单价，不小于零、最多两位小数的数");
  if (ceiling && price > decimal(ceiling, 2)) wrong(`F${row}`, `不高于最高综合单价 ${ceiling}`);
  const sum = lineSum(decimal(quantity, 4), price);
  const written = said(`G${row}`);
  if (written && !near(decimal(written, 2), sum, 1n)) wrong(`G${row}`, `工程量 × 综合单价 = ${yuan(sum)}`);
  return { price, sum };
}
