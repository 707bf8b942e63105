// An opening of bids, from the log alone: was everything done, in the right order, at the right time.
import {
  Failed, HJ, Unchecked, b64u, having, isCount, isDigest, isList, isName, isObject, isRow, isText, isTime, jcs,
} from "./forms.mjs";
import { signedByPerson } from "./keys.mjs";
import { checkLog } from "./log.mjs";
import { leafHash, rootOf } from "./tree.mjs";

const BIDS = new Set(["bid.submitted", "bid.replaced", "bid.withdrawn"]);
const BID = { tender: isName, lot: isName, bidder: isName, rev: isCount, manifest: isDigest, received_at: isTime };
const SECRET = { tender: isName, lot: isName, bidder: isName, manifest: isDigest };
const SHARE = { holder: isName, org: isName };
const LOTS = isList((row) => isObject(row) && isName(row.lot) && isTime(row.deadline));
const HOLDER = isRow({ id: isName, org: isName, role: isText, spki: isText, kid: isName });
const [FEWEST, MOST] = [2, 7];

const name = (row) => `第 ${row.index} 条记录`;

/**
 * The bids that count, from the opened entries of a lot ({index, body}): each bidder's newest, unless it was withdrawn.
 * Failed where a bidder's revisions do not follow each other.
 */
export function headsOf(rows) {
  const bidders = new Map();
  for (const row of rows.filter(({ body }) => BIDS.has(body.k)).sort((one, other) => one.body.n - other.body.n)) {
    const { k, d } = row.body;
    having(d, BID, name(row), row.index);
    const last = bidders.get(d.bidder) ?? { rev: 0, live: false };
    const right = d.rev === last.rev + 1 && (k === "bid.submitted" ? !last.live : last.live);
    if (!right) throw new Failed(`${name(row)}：${d.bidder} 的投标版次不连贯`, row.index);
    bidders.set(d.bidder, { ...d, live: k !== "bid.withdrawn", index: row.index });
  }
  return [...bidders.values()].filter((head) => head.live);
}

export async function bidsRoot(heads) {
  const sorted = [...heads].sort((one, other) => (one.manifest < other.manifest ? -1 : 1));
  return rootOf(await Promise.all(sorted.map(({ manifest, received_at }) => leafHash(jcs({ manifest, received_at })))));
}

async function checkPolicy(policy, digest, row) {
  if (b64u(await HJ("opening-policy", policy)) !== digest) throw new Failed(`${name(row)}：开标授权的摘要不符`, row.index);
  if (policy.fallback === "none") return;
  having(policy, { k: isCount, holders: isList(HOLDER) }, `${name(row)}的开标授权`, row.index);
  const { k, holders } = policy;
  const places = Map.groupBy(holders, (holder) => holder.org);
  const alone = [...places.values()].some((each) => each.length >= k);
  if (k < FEWEST || k > holders.length || holders.length > MOST || alone) {
    throw new Failed(`${name(row)}：开标授权不合规定，可能由一个单位单独开启投标文件`, row.index);
  }
}

/** One lot's part of the tender's stream, told in its order. */
class Lot {
  constructor(key) {
    Object.assign(this, { key, deadline: null, policies: [], locked: null, started: null, until: null, revealed: null, closed: null, failed: null });
  }

  wrong(row, why) {
    return new Failed(`${name(row)}（标段 ${this.key}）：${why}`, row.index);
  }

  async take(row) {
    const { k, d, at } = row;
    if (k === "lot.policy_signed") await this.signPolicy(row);
    else if (k === "lot.deadline_changed") {
      having(d, { old: isTime, new: isTime }, name(row), row.index);
      if (this.locked || d.old !== this.deadline || at >= d.old) throw this.wrong(row, "截止时间只能在截止之前更改");
      this.deadline = d.new;
    } else if (k === "lot.locked") {
      having(d, { n: isCount, bids_root: isDigest }, name(row), row.index);
      if (this.locked) throw this.wrong(row, "锁定了两次");
      if (this.deadline === null || at < this.deadline) throw this.wrong(row, "在投标截止时间之前锁定");
      this.locked = row;
    } else if (k === "opening.started") {
      having(d, { keys_until: isTime }, name(row), row.index);
      if (!this.locked || this.started) throw this.wrong(row, "开标不在锁定之后，或重复开始");
      [this.started, this.until] = [row, d.keys_until];
    } else if (k === "opening.extended") {
      having(d, { keys_until: isTime }, name(row), row.index);
      if (!this.started || this.revealed || d.keys_until < this.until) throw this.wrong(row, "不在解密阶段却更改解密时限");
      this.until = d.keys_until;
    } else if (k === "opening.revealed") {
      having(d, { n: isCount, opened: isCount }, name(row), row.index);
      if (!this.started || this.revealed) throw this.wrong(row, "唱标不在开标之后，或重复唱标");
      this.revealed = row;
    } else if (k === "opening.closed") {
      if (!this.revealed || this.closed) throw this.wrong(row, "结束开标不在唱标之后，或重复结束");
      this.closed = row;
    } else if (k === "lot.failed") this.failed = row;
  }

  async signPolicy(row) {
    const { d } = row;
    having(d, { policy: isObject, policy_hash: isDigest, signature: isText, spki: isText }, name(row), row.index);
    await checkPolicy(d.policy, d.policy_hash, row);
    if (this.locked) throw this.wrong(row, "锁定之后又更改开标授权");
    if (!(await signedByPerson(d.spki, "opening-policy", d.policy, d.signature))) throw this.wrong(row, "开标授权的签名是错的");
    this.policies.push({ index: row.index, ...d.policy });
  }

  /** The policy that a bid of this place in the log was sealed under: the newest before it. */
  policyAt(index) {
    return this.policies.filter((policy) => policy.index < index).at(-1) ?? { k: 0, holders: [], fallback: "none" };
  }
}

async function lotsOf(rows) {
  const lots = new Map();
  const lotOf = (key) => {
    if (!lots.has(key)) lots.set(key, new Lot(key));
    return lots.get(key);
  };
  for (const row of rows) {
    if (row.k === "tender.published") {
      having(row.d, { lots: LOTS }, name(row), row.index);
      for (const each of row.d.lots) {
        const lot = lotOf(each.lot);
        lot.deadline = each.deadline;
        if (each.policy === undefined) continue;
        await checkPolicy(each.policy, each.policy_hash, row);
        lot.policies.push({ index: row.index, ...each.policy });
      }
    } else if (isName(row.d.lot)) await lotOf(row.d.lot).take(row);
  }
  return [...lots.values()];
}

const requests = (rows) => Map.groupBy(rows.filter(({ body }) => !BIDS.has(body.k)), ({ body }) => body.d.manifest);

/** What happened to one bid's key, from its secret entries in order: how it was settled. */
function settled(head, rows, lot) {
  const policy = lot.policyAt(head.index);
  const state = { key: false, opened: false, requested: null, approved: null, refused: null, right: new Map(), bad: new Set() };
  for (const row of rows) {
    const { k, d } = row.body;
    const wrong = (why) => new Failed(`${name(row)}（${head.bidder}）：${why}`, row.index);
    if (k === "opening.key_released") state.key = true;
    else if (k === "fallback.requested") state.requested = row;
    else if (k === "fallback.approved" || k === "fallback.refused") {
      if (!state.requested) throw wrong("应急解密没有申请就作了决定");
      state[k === "fallback.approved" ? "approved" : "refused"] = row;
    } else if (k === "fallback.share" || k === "fallback.bad_share") {
      having(d, SHARE, name(row), row.index);
      if (!state.approved) throw wrong("应急解密未经批准，持钥人就提交了份额");
      const holder = policy.holders.find((each) => each.kid === d.holder);
      if (!holder || holder.org !== d.org) throw wrong("提交份额的不是开标授权里的持钥人");
      if (k === "fallback.share") state.right.set(d.holder, d.org);
      else state.bad.add(d.org);
    } else if (k === "fallback.opened") {
      if (!state.requested || !state.approved) throw wrong("应急解密没有申请或没有批准");
      if (policy.fallback === "none" || new Set(state.right.values()).size < policy.k) {
        throw wrong(`应急解密的份额不足：需要 ${policy.k} 个不同单位的持钥人`);
      }
      state.opened = true;
    }
  }
  const proved = state.bad.size >= FEWEST || (policy.k > 0 && state.right.size >= policy.k);
  return { keyed: state.key || state.opened, early: state.key || state.opened || proved, ...state };
}

async function checkLot(lot, rows) {
  const before = (row, limit, why) => {
    if (!(row.index < limit.index)) throw new Failed(`${name(row)}：${why}`, row.index);
  };
  const { locked, started, revealed } = lot;
  const heads = headsOf(rows);
  for (const row of rows) {
    const { k, d, s } = row.body;
    having(d, SECRET, name(row), row.index);
    if (s !== `bids/${d.tender}/${d.lot}`) throw new Failed(`${name(row)}：记录与所属标段不符`, row.index);
    if (row.at < revealed.index) throw new Failed(`${name(row)}在唱标之前就被公开`, row.index);
    if (BIDS.has(k)) {
      before(row, locked, "投标在锁定之后才登记");
      if (d.received_at >= lot.deadline) throw new Failed(`${name(row)}：投标在截止时间之后收到`, row.index);
    } else {
      if (row.index < locked.index || row.body.at < locked.at) throw new Failed(`${name(row)}：在锁定之前就释放或使用密钥`, row.index);
      before(started, row, "开标登记在密钥释放之后");
      before(row, revealed, "唱标之后才释放或使用密钥");
      if (!heads.some((head) => head.manifest === d.manifest)) throw new Failed(`${name(row)}：所涉投标文件不在锁定的清单里`, row.index);
    }
  }
  if (locked.d.n !== heads.length) throw new Failed(`锁定时登记 ${locked.d.n} 份投标，公开的记录里有 ${heads.length} 份`, locked.index);
  if (locked.d.bids_root !== b64u(await bidsRoot(heads))) throw new Failed("锁定时登记的投标清单与公开的投标记录不一致", locked.index);
  const acts = requests(rows);
  const states = heads.map((head) => ({ head, ...settled(head, acts.get(head.manifest) ?? [], lot) }));
  const open = states.find((state) => !state.early && revealed.at < lot.until);
  if (open) throw new Failed(`${open.head.bidder} 的投标文件尚未解密，解密时限也没有到，就已唱标`, revealed.index);
  const keyed = states.filter((state) => state.keyed).length;
  if (revealed.d.n !== heads.length || revealed.d.opened > keyed) throw new Failed("唱标登记的份数与投标、解密的份数不符", revealed.index);
  const fallbacks = states.filter((state) => state.opened).length;
  return [
    `标段 ${lot.key}：截止 ${lot.deadline} 之后才锁定，锁定 ${heads.length} 份投标，与公开的投标记录一致`,
    `标段 ${lot.key}：密钥都在锁定和宣布开标之后释放，每份投标都有着落之后才唱标（读出 ${revealed.d.opened} 份）`,
    ...(fallbacks ? [`标段 ${lot.key}：${fallbacks} 份经申请、批准和足够的持钥人应急解密`] : []),
  ];
}

/** Command `opening`: every lot of a tender whose bids were opened. */
export async function checkOpening({ tender, log, keys, progress }) {
  if (!tender) throw new Unchecked("没有项目编号");
  if (!log) throw new Unchecked("没有账本");
  const rows = [];
  const { opened, size } = await checkLog(log, keys, {
    progress,
    visit(entry, index) {
      if (entry.s === `tender/${tender}`) rows.push({ ...entry, index });
    },
  });
  if (!rows.length) throw new Unchecked(`账本里没有项目 ${tender}`);
  const lots = await lotsOf(rows);
  const said = [`账本 ${size} 条记录全部核对无误`];
  const waiting = [];
  for (const lot of lots) {
    const secret = [...opened.values()].filter((row) => row.body.s === `bids/${tender}/${lot.key}`).sort((one, other) => one.body.n - other.body.n);
    if (lot.revealed) said.push(...(await checkLot(lot, secret)));
    else if (secret.length) throw new Failed(`标段 ${lot.key}：尚未唱标，投标记录已被公开`, secret[0].index);
    else if (lot.locked && lot.failed) said.push(`标段 ${lot.key}：截止后锁定，因投标不足未开启任何投标文件`);
    else waiting.push(lot.key);
  }
  if (waiting.length) throw new Unchecked(`标段 ${waiting.join("、")} 还没有唱标，暂不能核验；其余：${said.slice(1).join("；") || "无"}`);
  return { said };
}
