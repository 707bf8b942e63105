// What a bidder fills in, and what a bid is bound to: the same on the bid page and on the offline page.
import { b64u } from "./base.js";

function money(text) {
  const match = text.replace(/[,，\s]/g, "").match(/^(\d+)(?:\.(\d{1,2}))?$/);
  if (!match) throw new Error("投标报价请填写数字，最多两位小数，单位为元。");
  return `${BigInt(match[1])}.${(match[2] ?? "").padEnd(2, "0")}`;
}

/** What people call the envelopes; the technical one is opened and judged while the commercial one stays sealed. */
export const NAMES = { bid: "投标文件", technical: "第一信封", commercial: "第二信封" };

/**
 * What an HTML form says, envelope by envelope: [{envelope, form, files}]; errors say in Chinese what is missing.
 * `limit` is the highest price or "", `bill` the lot's items, `envelopes` names the envelopes that the tender document asks for, in order.
 * `further` is {} or what later versions of the form add: the price table goes where the price is, the lists where the team is.
 */
export function drafted({ price, term_days, quality, manager, technical, commercial }, { limit, bill, envelopes }, further = {}) {
  const { price_table = null, ...lists } = further;
  if (bill.length && !price_table) throw new Error("请选择填写好的分项报价表。");
  const sum = money(price.value);
  if (price_table && Number(sum) !== Number(price_table.total)) {
    throw new Error(`投标报价与分项报价表合计 ${price_table.total} 元不一致，请核对。`);
  }
  if (Number(sum) <= 0) throw new Error("投标报价应大于零。");
  if (limit && BigInt(sum.replace(".", "")) > BigInt(limit.replace(".", ""))) {
    throw new Error(`投标报价高于最高投标限价 ${limit} 元，评标时将被否决，请核对。`);
  }
  const days = Number(term_days.value);
  if (!Number.isInteger(days) || days <= 0) throw new Error("请填写工期（日历天）。");
  if (!manager.value.trim()) throw new Error("请填写项目经理。");
  if (!technical.files.length) throw new Error("请选择技术文件。");
  if (!commercial.files.length) throw new Error("请选择商务文件。");
  const offer = { term_days: days, quality: quality.value.trim(), manager: manager.value.trim() };
  const [first, second] = [[...technical.files], [...commercial.files]];
  const misplaced = envelopes.includes("technical") && first.find((file) => file.name.includes("报价"));
  if (misplaced) throw new Error(`“${misplaced.name}”像是报价文件：第一信封先开启，报价须放入第二信封。确实不含报价的，请改文件名后再选。`);
  const team = { ...offer, ...lists };
  const priced = { price: sum, ...("v" in further ? { v: further.v, price_table } : {}) };
  const parts = {
    bid: { form: { ...team, ...priced }, files: [...first, ...second] },
    technical: { form: team, files: first },
    commercial: { form: priced, files: second },
  };
  return envelopes.map((envelope) => ({ envelope, ...parts[envelope] }));
}

/** A new seal context for an envelope of a bidder; its seal never serves twice. */
export function newContext({ origin, tender, lot, policy }, bidder, envelope) {
  const seal = b64u(crypto.getRandomValues(new Uint8Array(16)));
  return { v: 1, suite: "p256", origin, tender, lot, envelope, bidder, seal, policy };
}
