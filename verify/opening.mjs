// An opening of bids, from the log alone: was everything done, in the right order, at the right time.
import {
  Failed, HJ, Unchecked, b64u, having, isCount, isDigest, isList, isName, isObject, isOne, isRow, isText, isTime, jcs, shaped,
} from "./forms.mjs";
import { checkHolders } from "./holders.mjs";
import { signedByPerson } from "./keys.mjs";
import { checkLog } from "./log.mjs";
import { leafHash, rootOf } from "./tree.mjs";

const ABOUT = { tender: isName, lot: isName };
const SECRET = { ...ABOUT, bidder: isName, manifest: isDigest };
const BID = { ...SECRET, rev: isCount, received_at: isTime };
const SHARE = { ...SECRET, holder: isName, org: isName };
const BIDS = { "bid.submitted": BID, "bid.replaced": BID, "bid.withdrawn": BID };
const SECRETS = {
  ...BIDS,
  "opening.key_released": { ...SECRET, digest: isDigest },
  "opening.key_failed": { ...SECRET, attempts: isCount },
  "fallback.requested": { ...SECRET, by: isText, reason: isText },
  "fallback.approved": { ...SECRET, reason: isText },
  "fallback.refused": { ...SECRET, reason: isText },
  "fallback.share": { ...SHARE, commit: isText },
  "fallback.bad_share": { ...SHARE, digest: isText, signature: isText },
  "fallback.opened": { ...SECRET, digest: isText },
  "fallback.failed": { ...SECRET, reason: isText },
};
const LOT = { lot: isName, code: isText, deadline: isTime, policy: isObject, policy_hash: isDigest };
const ENVELOPES = { bid: "", technical: "第一信封", commercial: "第二信封" };
const PUBLISHED = { lots: isList(isRow(LOT)) };
const LOT_KINDS = {
  "lot.policy_signed": { ...ABOUT, policy: isObject, policy_hash: isDigest, signature: isText, spki: isText },
  "lot.deadline_changed": { ...ABOUT, old: isTime, new: isTime },
  "lot.deadline_restored": { ...ABOUT, old: isTime, new: isTime, outage: isText },
  "lot.locked": { ...ABOUT, n: isCount, bids_root: isDigest },
  "envelope.returned": SECRET,
  "envelope.admitted": { ...ABOUT, n: isCount, bids_root: isDigest },
  "opening.started": { ...ABOUT, keys_until: isTime },
  "opening.extended": { ...ABOUT, keys_until: isTime, reason: isText },
  "opening.revealed": { ...ABOUT, n: isCount, opened: isCount, table: isText },
  "opening.closed": { ...ABOUT, opened: isCount, record: isText, discarded: isCount },
};
const POLICY = { v: isOne(1), tender: isName, lot: isName, k: isCount, holders: isList(isObject), fallback: isOne("none", "required"), window_min: isCount };
const EXTENSIONS = 2;
// Wrong shares in the hands of so many organisations show that the bidder sealed something else.

/** Steps of an opening name their envelope; those entered before there were two do not, and mean the whole bid. */
const fieldsOf = (kinds, { k, d }) => {
  const optional = (k.startsWith("opening.") || k.startsWith("fallback.")) && isObject(d) && Object.hasOwn(d, "envelope");
  return optional || k.startsWith("envelope.") ? { ...kinds[k], envelope: isName } : kinds[k];
};
const envelopeOf = ({ d }) => d.envelope ?? "bid";

const name = (row) => `第 ${row.index} 条记录`;

/** The bids that count: each bidder's newest, unless it was withdrawn. Failed where revisions do not follow each other. */
function headsOf(rows) {
  const bidders = new Map();
  for (const row of rows.filter(({ body }) => BIDS[body.k])) {
    const { k, d } = row.body;
    const last = bidders.get(d.bidder) ?? { rev: 0, live: false };
    const right = d.rev === last.rev + 1 && (k === "bid.submitted" ? !last.live : last.live);
    if (!right) throw new Failed(`${name(row)}：${d.bidder} 的投标版次不连贯`, row.index);
    bidders.set(d.bidder, { ...d, live: k !== "bid.withdrawn", index: row.index });
  }
  return [...bidders.values()].filter((head) => head.live);
}

async function bidsRoot(heads) {
  const sorted = [...heads].sort((one, other) => (one.manifest < other.manifest ? -1 : 1));
  return rootOf(await Promise.all(sorted.map(({ manifest, received_at }) => leafHash(jcs({ manifest, received_at })))));
}

async function checkPolicy(tender, lot, { policy, policy_hash: digest }, row) {
  const what = `${name(row)}的开标授权`;
  shaped(policy, POLICY, what, row.index);
  if (policy.tender !== tender || policy.lot !== lot) throw new Failed(`${what}属于另一个标段`, row.index);
  if (b64u(await HJ("opening-policy", policy)) !== digest) throw new Failed(`${what}：摘要不符`, row.index);
  if (policy.fallback === "required") await checkHolders(policy, what, row.index);
  else if (policy.k || policy.holders.length) throw new Failed(`${what}：没有应急解密，却有持钥人`, row.index);
}

/** One lot's part of the tender's stream, told in its order. */
class Lot {
  constructor(tender, key) {
    Object.assign(this, { tender, key, deadline: null, deadlines: [], policies: [], openings: [], returned: new Map(), locked: null, admitted: null, failed: null });
  }

  get first() {
    return this.openings[0];
  }

  /** Where the lot's bids became public: at the first reveal. */
  get revealed() {
    return this.first?.revealed ?? null;
  }

  wrong(row, why) {
    return new Failed(`${name(row)}（标段 ${this.key}）：${why}`, row.index);
  }

  async publish(row, d, envelopes) {
    if (this.deadline !== null) throw this.wrong(row, "公布了两次");
    this.openings = envelopes.map((envelope) => ({ envelope, what: ENVELOPES[envelope], extensions: 0, started: null, until: null, revealed: null, closed: null }));
    await checkPolicy(this.tender, this.key, d, row);
    this.move(row, d.deadline);
    this.policies.push({ index: row.index, ...d.policy });
  }

  move(row, deadline) {
    this.deadline = deadline;
    this.deadlines.push({ index: row.index, deadline });
  }

  deadlineAt(index) {
    return this.deadlines.filter((each) => each.index < index).at(-1)?.deadline ?? "";
  }

  async take(row) {
    const { k, d, at } = row;
    if (k === "lot.failed") this.failed = row;
    if (!LOT_KINDS[k]) return;
    shaped(d, fieldsOf(LOT_KINDS, row), name(row), row.index);
    if (d.tender !== this.tender) throw this.wrong(row, "属于另一个项目");
    if (k === "lot.policy_signed") await this.signPolicy(row);
    else if (this.deadline === null) throw this.wrong(row, "早于招标公告");
    else if (k === "lot.deadline_changed") {
      if (this.locked || d.old !== this.deadline || at >= d.old) throw this.wrong(row, "截止时间只能在截止之前更改");
      this.move(row, d.new);
    } else if (k === "lot.deadline_restored") {
      if (this.locked || d.old !== this.deadline || at < d.old || at >= d.new) throw this.wrong(row, "因故障重新确定的截止时间不对");
      this.move(row, d.new);
    } else if (k === "lot.locked") {
      if (this.locked) throw this.wrong(row, "锁定了两次");
      if (at < this.deadline) throw this.wrong(row, "在投标截止时间之前锁定");
      this.locked = row;
    } else {
      const opening = this.openings.find(({ envelope }) => envelope === envelopeOf(row));
      if (!opening) throw this.wrong(row, "所指的信封不是招标文件所要求的");
      if (k.startsWith("envelope.")) this.admit(row, opening);
      else this.step(row, opening);
    }
  }

  /** Which second envelopes go back, and then how many are opened: after the end of the first opening. */
  admit(row, opening) {
    const { k, d } = row;
    if (opening === this.first || !this.first.closed || this.admitted) throw this.wrong(row, "确定开启第二信封的次序不对");
    if (k === "envelope.admitted") this.admitted = row;
    else if (this.returned.has(d.manifest)) throw this.wrong(row, "同一信封退回了两次");
    else this.returned.set(d.manifest, row);
  }

  /** A step of an opening; `fixed` is the entry that says what it opens. */
  step(row, opening) {
    const { k, d } = row;
    const fixed = opening === this.first ? this.locked : this.admitted;
    if (k === "opening.started") {
      if (!fixed || opening.started) throw this.wrong(row, "开标不在锁定之后，或重复开始");
      [opening.started, opening.until] = [row, d.keys_until];
    } else if (k === "opening.extended") {
      if (!opening.started || opening.revealed) throw this.wrong(row, "不在解密阶段却延长解密时限");
      opening.extensions += 1;
      if (opening.extensions > EXTENSIONS || d.keys_until <= opening.until) throw this.wrong(row, "解密时限延长了两次以上，或没有延长");
      opening.until = d.keys_until;
    } else if (k === "opening.revealed") {
      if (!opening.started || opening.revealed) throw this.wrong(row, "唱标不在开标之后，或重复唱标");
      if (d.n !== fixed.d.n) throw this.wrong(row, "唱标的份数与锁定时不同");
      opening.revealed = row;
    } else {
      if (!opening.revealed || opening.closed) throw this.wrong(row, "结束开标不在唱标之后，或重复结束");
      opening.closed = row;
    }
  }

  async signPolicy(row) {
    const { d, at } = row;
    await checkPolicy(this.tender, this.key, d, row);
    if (this.locked || (this.deadline !== null && at >= this.deadline)) throw this.wrong(row, "截止之后又更改开标授权");
    if (!(await signedByPerson(d.spki, "opening-policy", d.policy, d.signature))) throw this.wrong(row, "开标授权的签名是错的");
    this.policies.push({ index: row.index, ...d.policy });
  }

  /** The policy with holders that a bid of this place in the log was sealed under: the newest before it. */
  policyAt(index) {
    return this.policies.filter((policy) => policy.index < index && policy.fallback === "required").at(-1) ?? { k: 0, holders: [], fallback: "none" };
  }
}

/** The lots of a tender, by key, from the entries ({index, …}) of its stream. */
export async function lotsOf(tender, rows) {
  const lots = new Map();
  const lotOf = (key) => {
    if (!lots.has(key)) lots.set(key, new Lot(tender, key));
    return lots.get(key);
  };
  for (const row of rows) {
    if (row.k === "tender.published") {
      having(row.d, PUBLISHED, name(row), row.index);
      const { envelopes = ["bid"] } = row.d;
      if (!["bid", "technical,commercial"].includes(String(envelopes)) || !Array.isArray(envelopes)) {
        throw new Failed(`${name(row)}：招标文件要求的信封不对`, row.index);
      }
      for (const each of row.d.lots) await lotOf(each.lot).publish(row, each, envelopes);
    } else if (isName(row.d.lot)) await lotOf(row.d.lot).take(row);
  }
  return lots;
}

/** The opened entries of a lot's secret stream, in its order; second envelopes have a stream of their own. */
export const secretsOf = (opened, tender, key, envelope = "") =>
  [...opened.values()].filter((row) => row.body.s === `bids/${tender}/${key}${envelope && `/${envelope}`}`);

const handled = (rows) => Map.groupBy(rows.filter(({ body }) => !BIDS[body.k]), ({ body }) => `${body.d.bidder} ${body.d.manifest}`);

/** What happened to one bid's key, from its secret entries in order: how it was settled. */
function settled(head, rows, lot) {
  const policy = lot.policyAt(head.index);
  const state = { key: false, opened: false, failed: false, requested: null, approved: null, right: new Map(), bad: new Set() };
  for (const row of rows) {
    const { k, d } = row.body;
    const wrong = (why) => new Failed(`${name(row)}（${head.bidder}）：${why}`, row.index);
    if (k === "opening.key_released") state.key = true;
    else if (k === "fallback.requested") state.requested = row;
    else if (k === "fallback.approved" || k === "fallback.refused") {
      if (!state.requested) throw wrong("应急解密没有申请就作了决定");
      [state.requested, state.approved] = k === "fallback.approved" ? [row, row] : [null, null];
    } else if (k === "fallback.share" || k === "fallback.bad_share") {
      if (!state.approved) throw wrong("应急解密未经批准，持钥人就提交了份额");
      const holder = policy.holders.find((each) => each.kid === d.holder);
      if (!holder || holder.org !== d.org) throw wrong("提交份额的不是开标授权里的持钥人");
      if (k === "fallback.share") state.right.set(d.holder, d.org);
      else state.bad.add(d.org);
    } else if (k === "fallback.failed") {
      if (!state.approved) throw wrong("应急解密没有申请或没有批准");
      state.failed = true;
    } else if (k === "fallback.opened") {
      if (!state.approved) throw wrong("应急解密没有申请或没有批准");
      if (policy.fallback === "none" || new Set(state.right.values()).size < policy.k) {
        throw wrong(`应急解密的份额不足：需要 ${policy.k} 个不同单位的持钥人`);
      }
      state.opened = true;
    }
  }
  return { keyed: state.key || state.opened, early: state.key || state.opened || state.failed, ...state };
}

/** What was blinded while an opening lasted is of its lot and envelope, and was made public after its reveal. */
function checkSecrets(lot, { envelope, started, revealed }, rows) {
  const { locked } = lot;
  for (const row of rows) {
    const { k, d, at } = row.body;
    const wrong = (why) => new Failed(`${name(row)}（标段 ${lot.key}）：${why}`, row.index);
    if (!SECRETS[k]) throw wrong("不是投标或开标的记录");
    shaped(d, fieldsOf(SECRETS, row.body), name(row), row.index);
    if (d.tender !== lot.tender || d.lot !== lot.key) throw wrong("属于另一个标段");
    if (row.at < revealed.index) throw wrong("在唱标之前就被公开");
    if (row.index > revealed.index) throw wrong("登记在唱标之后");
    if (BIDS[k]) {
      if (envelope !== lot.first.envelope) throw wrong("投标不属于第二信封");
      if (row.index > locked.index) throw wrong("投标在锁定之后才登记");
      if (d.received_at > at || d.received_at >= lot.deadlineAt(row.index)) throw wrong("投标在截止时间之后收到");
    } else {
      if (envelopeOf(row.body) !== envelope) throw wrong("属于另一个信封");
      if (row.index < locked.index) throw wrong("在锁定之前就释放或使用密钥");
      if (row.index < started.index) throw wrong("在宣布开标之前就释放或使用密钥");
    }
  }
}

async function checkSet(heads, { d, index }) {
  if (d.n !== heads.length) throw new Failed(`锁定时登记 ${d.n} 份投标，公开的记录里有 ${heads.length} 份`, index);
  if (d.bids_root !== b64u(await bidsRoot(heads))) throw new Failed("锁定时登记的投标清单与公开的投标记录不一致", index);
}

/** The set that was locked is the set of bids that was opened, all in time; the heads. */
export async function checkBids(lot, rows) {
  checkSecrets(lot, lot.first, rows);
  const heads = headsOf(rows);
  await checkSet(heads, lot.locked);
  return heads;
}

/** The heads whose second envelopes were to be opened: those locked, without the ones that went back. */
async function admittedOf(lot, heads) {
  for (const [manifest, row] of lot.returned) {
    const known = heads.some((head) => head.manifest === manifest && head.bidder === row.d.bidder);
    if (!known) throw new Failed(`${name(row)}：退回的信封不在锁定的清单里`, row.index);
  }
  const left = heads.filter(({ manifest }) => !lot.returned.has(manifest));
  await checkSet(left, lot.admitted);
  return left;
}

/** Everything that was revealed of a lot; the second opening is held against the same lock. */
async function checkLot(lot, opened) {
  const rows = secretsOf(opened, lot.tender, lot.key);
  const heads = await checkBids(lot, rows);
  const said = checkEnvelope(lot, lot.first, heads, rows);
  for (const second of lot.openings.slice(1)) {
    const left = lot.admitted ? await admittedOf(lot, heads) : [];
    const later = secretsOf(opened, lot.tender, lot.key, second.envelope);
    if (second.revealed) {
      checkSecrets(lot, second, later);
      said.push(...checkEnvelope(lot, second, left, later));
    } else if (later.length) throw new Failed(`标段 ${lot.key}：第二信封尚未唱标，其记录已被公开`, later[0].index);
    else said.push(`标段 ${lot.key}：第二信封尚未唱标`);
  }
  return said;
}

function checkEnvelope(lot, { what, revealed, until }, heads, rows) {
  const acts = handled(rows);
  const states = heads.map((head) => ({ head, ...settled(head, acts.get(`${head.bidder} ${head.manifest}`) ?? [], lot) }));
  const known = new Set(heads.map((head) => `${head.bidder} ${head.manifest}`));
  for (const [key, [row]] of acts) if (!known.has(key)) throw new Failed(`${name(row)}：所涉投标文件不在锁定的清单里`, row.index);
  const open = states.find((state) => !state.early && revealed.at < until);
  if (open) throw new Failed(`${open.head.bidder} 的投标文件尚未解密，解密时限也没有到，就已唱标`, revealed.index);
  const keyed = states.filter((state) => state.keyed).length;
  if (revealed.d.opened > keyed) throw new Failed("唱标登记的份数比解密的份数多", revealed.index);
  const fallbacks = states.filter((state) => state.opened).length;
  return [
    `标段 ${lot.key}${what}：截止 ${lot.deadline} 之后才锁定，${heads.length} 份投标，与公开的投标记录一致`,
    `标段 ${lot.key}${what}：密钥都在锁定和宣布开标之后释放，每份投标都有着落之后才唱标（读出 ${revealed.d.opened} 份）`,
    ...(fallbacks ? [`标段 ${lot.key}${what}：${fallbacks} 份经申请、批准和足够的持钥人应急解密`] : []),
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
  if (!rows.some((row) => row.k === "tender.published")) throw new Unchecked(`账本里没有项目 ${tender} 的招标公告`);
  const lots = await lotsOf(tender, rows);
  const said = [`账本 ${size} 条记录全部核对无误`];
  const waiting = [];
  for (const lot of lots.values()) {
    const secret = secretsOf(opened, tender, lot.key);
    if (lot.revealed) said.push(...(await checkLot(lot, opened)));
    else if (secret.length) throw new Failed(`标段 ${lot.key}：尚未唱标，投标记录已被公开`, secret[0].index);
    else if (lot.failed) said.push(`标段 ${lot.key}：按规定终止，没有开启任何投标文件`);
    else waiting.push(lot.key);
  }
  if (waiting.length) throw new Unchecked(`标段 ${waiting.join("、")} 还没有唱标，暂不能核验；其余：${said.slice(1).join("；") || "无"}`);
  return { said };
}
