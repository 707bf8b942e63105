// Who can open something together in an emergency, and nobody alone: trust.md §3.1.
import { Failed, H, b64u, isName, isRow, unb64u } from "./forms.mjs";

const isHolder = isRow({ id: isName, org: isName, role: isName, spki: isName, kid: isName });
const [FEWEST, MOST] = [2, 7];

/** Refuse holders and a threshold that do not keep the rules, or a key whose name is not its own. */
export async function checkHolders({ k, holders }, what, index) {
  const wrong = (why) => new Failed(`${what}：${why}`, index);
  if (!holders.every(isHolder)) throw wrong("持钥人的内容不对");
  for (const { spki, kid } of holders) {
    const bytes = unb64u(spki);
    if (!bytes || b64u((await H("kid", bytes)).slice(0, 8)) !== kid) throw wrong("持钥人的公钥与编号不符");
  }
  const most = Math.max(0, ...[...Map.groupBy(holders, (each) => each.org).values()].map((each) => each.length));
  const repeated = new Set(holders.map((each) => each.kid)).size < holders.length;
  if (k < FEWEST || k > holders.length || holders.length > MOST || most >= k || repeated) {
    throw wrong("持钥人的设置不合规定，可能由一个单位单独开启");
  }
}
