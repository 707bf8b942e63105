// The verifier without its page: `etpVerify(command, inputs)` gives the verdict.
import { checkBid } from "./bid.mjs";
import { checkClient } from "./client.mjs";
import { checkDraw } from "./draw.mjs";
import { Failed, Unchecked } from "./forms.mjs";
import { parseKeys } from "./keys.mjs";
import { checkLog } from "./log.mjs";
import { checkOpening } from "./opening.mjs";
import { checkReceiptFile } from "./receipt.mjs";

const COMMANDS = {
  log: ({ log, keys, since, progress }) => checkLog(log, keys, { since, progress }),
  receipt: checkReceiptFile,
  opening: checkOpening,
  draw: checkDraw,
  bid: checkBid,
  client: checkClient,
};
// Read piece by piece, or file by file.
const KEPT_AS_FILES = new Set(["log", "site", "sealed"]);

async function loaded(inputs) {
  const found = {};
  for (const [name, value] of Object.entries(inputs)) {
    found[name] = value instanceof Blob && !KEPT_AS_FILES.has(name) ? new Uint8Array(await value.arrayBuffer()) : value;
  }
  return found;
}

/**
 * Check what `command` names. Inputs are bytes or Blobs by name: `keys` (keys.json) always; `log` ({path: file} or an
 * address); `since` (a kept checkpoint); `file` (receipt, draw); `sealed`, `receipt`, `manifest` (bid); `tender`, a text;
 * `site` ({path: file} or an address); `progress(done, all)`.
 * Answers {code, reasons, warnings, index, draw, log}: code 0 verified, 1 failed, 2 could not be checked.
 */
export async function etpVerify(command, inputs) {
  const verdict = { code: 2, reasons: [], warnings: [], index: null, draw: null, log: null };
  try {
    if (!COMMANDS[command]) throw new Unchecked(`没有“${command}”这种核验`);
    if (!globalThis.crypto?.subtle) throw new Unchecked("浏览器在不安全的连接上不提供密码学运算：请用 https 打开，或把本页存到电脑上再打开");
    const given = await loaded(inputs);
    const found = await COMMANDS[command]({ ...given, keys: parseKeys(given.keys) });
    const log = command === "log" ? { size: found.size, note: found.note } : null;
    return { ...verdict, code: 0, reasons: found.said, warnings: found.warnings ?? [], draw: found.draw ?? null, log };
  } catch (problem) {
    if (problem instanceof Failed) return { ...verdict, code: 1, reasons: [problem.message], index: problem.index };
    if (problem instanceof Unchecked) return { ...verdict, reasons: [problem.message] };
    console.error(problem);
    return { ...verdict, reasons: [`核验程序出错，不能得出结论（${problem.message}）`] };
  }
}
