// A draw: from the parties' numbers to the chosen, computed again.
import {
  Failed, H, HJ, Unchecked, b64u, canonical, isBool, isBytes, isCount, isDigest, isList, isName, isObject, isOne, isRow, isText, isTime,
  jcs, order, orNull, parse, shaped, unb64u,
} from "./forms.mjs";
import { checkHolders } from "./holders.mjs";
import { signedByPerson, verifyNote } from "./keys.mjs";
import { checkEntry, checkLog } from "./log.mjs";
import { permutation, stratumSeed } from "./order.mjs";
import { included, leafHash, rootOf } from "./tree.mjs";

const FEWEST_PARTIES = 3;
const FILE = {
  v: isOne(1), type: isOne("etp-draw"), draw: isName, checkpoint: isText,
  entries: isList(isRow({ index: isCount, entry: isObject, proof: isList(isDigest) })),
  lists: isList(isRow({ id: isName, items: isList(isRow({ c: isDigest, salt: orNull(isBytes(32)), candidate: orNull(isObject) })) })),
};
const PLACED = { place: isCount, c: isDigest };
const SKIPPED = isList(isRow({ ...PLACED, code: isName }));
const FIELDS = {
  "draw.defined": {
    draw: isName, purpose: isName, rule: isText, strata: isList(isRow({ id: isName, name: isText, take: (take) => isCount(take) && take > 0 })),
    parties: isList(isRow({ id: isName, org: isName, role: isText, kid: isText, spki: isName })), k: isCount, holders: isList(isObject),
    commit_until: isTime, beacon: orNull(isRow({ chain: isName, round: isCount })), repeats: orNull(isName),
  },
  "draw.listed": { draw: isName, confidential: isBool, n: isCount, strata: isList(isRow({ id: isName, n: isCount })), list_root: isDigest },
  "draw.committed": { draw: isName, commits: isList(isRow({ party: isName, commit: isDigest, signature: isText })) },
  "draw.revealed": { draw: isName, party: isName, r: isDigest, recovered: isBool },
  "draw.seeded": { draw: isName, transcript: isObject, seed: isDigest },
  "draw.result": { draw: isName, strata: isList(isRow({ id: isName, chosen: isList(isRow(PLACED)), skipped: SKIPPED })) },
  "draw.replaced": { draw: isName, stratum: isName, out: isDigest, in: isDigest, place: isCount, skipped: SKIPPED, reason: isName },
  "draw.names": { draw: isName, names: isList(isRow({ c: isDigest, salt: isBytes(32), candidate: isObject })) },
  "draw.void": { draw: isName, reason: isText, party: orNull(isName) },
};
const SHARE = { draw: isName, party: isName, holder: isName, org: isName, digest: isText };
const BAD_SHARE = { ...SHARE, signature: isText };
Object.assign(FIELDS, {
  "fallback.requested": { draw: isName, party: isName, reason: isText }, "draw.recovery_requested": { draw: isName, party: isName },
  "fallback.share": SHARE, "draw.share": SHARE, "fallback.bad_share": BAD_SHARE, "draw.bad_share": BAD_SHARE,
});
// A missing number is recovered under the emergency kinds, or under the draws' own names for them.
const PLAIN_KIND = { "fallback.requested": "asked", "draw.recovery_requested": "asked", "fallback.share": "share", "draw.share": "share" };
const BAD_SHARES = new Set(["fallback.bad_share", "draw.bad_share"]);
const distinct = (values) => new Set(values).size === values.length;
const equal = (one, other) => canonical(one) === canonical(other);

const candidateHash = async ({ salt, candidate }) => b64u(await H("draw-cand", unb64u(salt), jcs(candidate)));

/** The draw's history, in which each act finds what must have come before it. */
class Draw {
  constructor(id, lists) {
    Object.assign(this, { id, lists, revealed: new Map(), asked: new Set(), shares: new Map(), chosen: new Map(), ever: new Set(), walked: new Map() });
    Object.assign(this, { defined: null, listed: null, committed: null, seeded: null, result: null, named: null, ended: null, orders: new Map(), replaced: [] });
  }

  wrong(row, why) {
    return new Failed(`第 ${row.index} 条记录：${why}`, row.index);
  }

  async take(row) {
    const { k, d } = row.entry;
    if (!FIELDS[k]) throw this.wrong(row, `抽取中不应有“${k}”`);
    // How long the stages last stands in minutes, or as the end of the second one.
    const lasts = k === "draw.defined" ? (Object.hasOwn(d, "minutes") ? { minutes: isCount } : { reveal_until: isTime }) : {};
    shaped(d, { ...FIELDS[k], ...lasts }, `第 ${row.index} 条记录`, row.index);
    if (d.draw !== this.id) throw this.wrong(row, "属于另一次抽取");
    if (this.ended) throw this.wrong(row, "抽取作废之后又有记录");
    if (k === "draw.defined") await this.define(row, d);
    else if (!this.defined) throw this.wrong(row, "抽取还没有定义");
    else if (k === "draw.listed") await this.list(row, d);
    else if (k === "draw.void") this.end(row, d);
    else if (!this.listed) throw this.wrong(row, "名单还没有固定");
    else if (k === "draw.committed") await this.commit(row, d);
    else if (!this.committed) throw this.wrong(row, "各方承诺还没有全部提交");
    else if (k === "draw.revealed") await this.reveal(row, d);
    else if (k === "draw.seeded") await this.sow(row, d);
    else if (k === "draw.result") this.conclude(row, d);
    else if (k === "draw.replaced") this.replace(row, d);
    else if (k === "draw.names") await this.name(row, d);
    else this.recover(row, d);
  }

  async define(row, d) {
    if (this.defined) throw this.wrong(row, "抽取定义了两次");
    const { parties, holders, k, strata } = d;
    if (parties.length < FEWEST_PARTIES || !distinct(parties.map((each) => each.id)) || !distinct(parties.map((each) => each.org))) {
      throw this.wrong(row, "参加方不足三个，或有两方属于同一单位");
    }
    if (!strata.length || !distinct(strata.map((each) => each.id))) throw this.wrong(row, "分组重复或没有分组");
    if (holders.length || !d.beacon) await checkHolders({ k, holders }, `第 ${row.index} 条记录`, row.index);
    this.defined = { ...d, index: row.index };
  }

  async list(row, d) {
    if (this.listed) throw this.wrong(row, "名单固定了两次");
    const ids = this.defined.strata.map((each) => each.id);
    if (!equal(d.strata.map((each) => each.id), ids) || !equal(this.lists.map((each) => each.id), ids)) throw this.wrong(row, "名单的分组与定义不同");
    if (!equal(this.lists.map((each) => each.items.length), d.strata.map((each) => each.n)) || d.n !== d.strata.reduce((sum, each) => sum + each.n, 0)) {
      throw this.wrong(row, "名单的人数与登记的不同");
    }
    const leaves = [];
    for (const { id, items } of this.lists) {
      for (const [place, item] of items.entries()) {
        const c = unb64u(item.c);
        if (place && order(unb64u(items[place - 1].c), c) >= 0) throw this.wrong(row, `“${id}”的名单没有按摘要排序，或有重复`);
        if ((item.salt === null) !== (item.candidate === null)) throw this.wrong(row, `“${id}”第 ${place} 号只给出一半内容`);
        if (item.salt === null && !d.confidential) throw this.wrong(row, "公开的名单没有给出内容");
        if (item.salt !== null && (await candidateHash(item)) !== item.c) throw this.wrong(row, `“${id}”第 ${place} 号的内容与摘要不符`);
        leaves.push(await leafHash(c));
      }
    }
    if (b64u(await rootOf(leaves)) !== d.list_root) throw this.wrong(row, "名单的总摘要与登记的不符：名单被改动");
    this.listed = { ...d, index: row.index };
  }

  async commit(row, d) {
    if (this.committed) throw this.wrong(row, "承诺登记了两次");
    const parties = this.defined.parties.map((each) => each.id).sort();
    if (!equal(d.commits.map((each) => each.party), parties)) throw this.wrong(row, "承诺不是每个参加方各一个");
    for (const { party, commit, signature } of d.commits) {
      const { spki } = this.defined.parties.find((each) => each.id === party);
      if (!(await signedByPerson(spki, "draw-commit", { v: 1, draw: this.id, party, commit }, signature))) throw this.wrong(row, `“${party}”的承诺签名是错的`);
    }
    this.committed = { ...d, index: row.index };
  }

  recover(row, d) {
    if (this.seeded) throw this.wrong(row, "种子已经算出，又补齐随机数");
    if (PLAIN_KIND[row.entry.k] === "asked") {
      if (this.revealed.has(d.party) || !this.defined.parties.some((each) => each.id === d.party)) throw this.wrong(row, "要求补齐的参加方不对");
      this.asked.add(d.party);
    } else {
      if (!this.asked.has(d.party)) throw this.wrong(row, "没有申请就提交了补齐份额");
      if (BAD_SHARES.has(row.entry.k)) return;
      const holder = this.defined.holders.find((each) => each.kid === d.holder);
      if (!holder || holder.org !== d.org) throw this.wrong(row, "提交份额的不是持钥人");
      if (!this.shares.has(d.party)) this.shares.set(d.party, new Map());
      this.shares.get(d.party).set(d.holder, d.org);
    }
  }

  async reveal(row, d) {
    const { draw, party, r } = d;
    const commitment = this.committed.commits.find((each) => each.party === party);
    if (!commitment || this.revealed.has(party) || this.seeded) throw this.wrong(row, `“${party}”没有承诺、重复公开或公开得太晚`);
    if (b64u(await HJ("draw-commit", { draw, party, r })) !== commitment.commit) throw this.wrong(row, `“${party}”公开的随机数与承诺不符`);
    const shares = this.shares.get(party) ?? new Map();
    if (d.recovered && (!this.asked.has(party) || new Set(shares.values()).size < this.defined.k)) {
      throw this.wrong(row, `“${party}”的随机数补齐时份额不足`);
    }
    this.revealed.set(party, { r, recovered: d.recovered, index: row.index });
  }

  async sow(row, d) {
    if (this.seeded) throw this.wrong(row, "种子算了两次");
    const { defined, listed } = this;
    const { transcript } = d;
    const beacon = defined.beacon;
    const isBeacon = beacon ? isRow({ chain: isOne(beacon.chain), round: isOne(beacon.round), signature: isName }) : isOne(null);
    shaped(transcript, {
      v: isOne(1), draw: isOne(this.id), kind: isOne(defined.purpose), n: isOne(listed.n), list_root: isOne(listed.list_root), strata: Array.isArray,
      checkpoint: isRow({ size: isCount, root: isDigest }), contrib: Array.isArray, beacon: isBeacon,
    }, `第 ${row.index} 条记录的抽取底稿`, row.index);
    if (!equal(transcript.strata, defined.strata.map(({ id, take }) => ({ id, take })))) throw this.wrong(row, "底稿的分组与定义不同");
    const contrib = this.committed.commits.map(({ party, commit }) => ({ party, commit, r: this.revealed.get(party)?.r ?? null }));
    if (!beacon && contrib.some((each) => each.r === null)) throw this.wrong(row, "有参加方没有公开随机数");
    if (!equal(transcript.contrib, contrib)) throw this.wrong(row, "底稿的随机数与各方公开的不同");
    const { size } = transcript.checkpoint;
    if (!(size > this.committed.index && size <= row.index)) throw this.wrong(row, "底稿的检查点没有包含名单和全部承诺");
    if (b64u(await HJ("draw-seed", transcript)) !== d.seed) throw this.wrong(row, "种子不是由底稿算出的");
    this.seeded = { ...d, index: row.index };
    for (const { id, items } of this.lists) {
      const seed = await stratumSeed(unb64u(d.seed), id);
      const steps = [];
      const found = await permutation(seed, items.length, (place, other) => steps.push([place, other]));
      this.orders.set(id, { seed: b64u(seed), steps, order: found, c: found.map((place) => items[place].c) });
    }
  }

  /** Walk on along a stratum's order: every place from where the walk stood to the last must be taken or passed over. */
  walk(row, id, chosen, skipped) {
    const { c } = this.orders.get(id);
    if (chosen.some((each, place) => place && each.place <= chosen[place - 1].place)) throw this.wrong(row, `“${id}”选中的没有按次序列出`);
    let at = this.walked.get(id) ?? 0;
    for (const each of [...chosen, ...skipped].sort((one, other) => one.place - other.place)) {
      if (each.place !== at || c[at] !== each.c) throw this.wrong(row, `“${id}”第 ${at} 位应是 ${c[at] ?? "（名单已用完）"}，结果却不同`);
      at += 1;
    }
    this.walked.set(id, at);
    for (const each of chosen) {
      this.chosen.get(id).add(each.c);
      this.ever.add(each.c);
    }
    return at;
  }

  conclude(row, d) {
    if (!this.seeded) throw this.wrong(row, "种子还没有算出就有了结果");
    if (this.result) throw this.wrong(row, "出现了第二个结果");
    if (!equal(d.strata.map((each) => each.id), this.defined.strata.map((each) => each.id))) throw this.wrong(row, "结果的分组与定义不同");
    for (const [place, { id, chosen, skipped }] of d.strata.entries()) {
      this.chosen.set(id, new Set());
      const { take } = this.defined.strata[place];
      const at = this.walk(row, id, chosen, skipped);
      const last = Math.max(-1, ...chosen.map((each) => each.place));
      const full = chosen.length === take && last === at - 1;
      const usedUp = chosen.length < take && at === this.orders.get(id).c.length;
      if (!full && !usedUp) throw this.wrong(row, `“${id}”应抽 ${take} 个，结果却不是`);
    }
    this.result = { ...d, index: row.index };
  }

  replace(row, d) {
    const chosen = this.chosen.get(d.stratum);
    if (!this.result || !chosen) throw this.wrong(row, "没有结果就有替换");
    if (!chosen.has(d.out)) throw this.wrong(row, "被替换的不在已选中的里面");
    if (d.skipped.some((each) => each.place > d.place)) throw this.wrong(row, "替换没有按候补次序");
    this.walk(row, d.stratum, [{ place: d.place, c: d.in }], d.skipped);
    chosen.delete(d.out);
    this.replaced.push({ stratum: d.stratum, out: d.out, in: d.in, place: d.place, reason: d.reason });
  }

  async name(row, d) {
    if (!this.result) throw this.wrong(row, "没有结果就公布姓名");
    this.named ??= new Map();
    for (const each of d.names) {
      if (!this.ever.has(each.c) || this.named.has(each.c)) throw this.wrong(row, "公布了没有被选中的对象，或公布了两次");
      if ((await candidateHash(each)) !== each.c) throw this.wrong(row, "公布的对象与抽取时的摘要不符");
      this.named.set(each.c, each.candidate);
    }
  }

  end(row, d) {
    if (this.seeded) throw this.wrong(row, "种子已经算出的抽取不能作废");
    this.ended = d;
  }

  /** All that a page needs to show the draw step by step. */
  shown() {
    const { id, defined, listed, committed, seeded, result, replaced, named } = this;
    return {
      id, purpose: defined.purpose, rule: defined.rule, confidential: listed.confidential, listRoot: listed.list_root,
      contrib: committed.commits.map(({ party, commit }) => ({ party, commit, ...this.revealed.get(party) })),
      transcript: canonical(seeded.transcript), seed: seeded.seed, replaced,
      strata: this.lists.map(({ id: stratum, items }, at) => ({
        id: stratum, name: defined.strata[at].name ?? stratum, take: defined.strata[at].take, ...this.orders.get(stratum), ...result.strata[at],
        items: items.map((item) => ({ ...item, candidate: item.candidate ?? named?.get(item.c) ?? null })), final: [...this.chosen.get(stratum)],
      })),
    };
  }
}

async function checkPlaces(file, note) {
  let last = { n: 0, leaf: null, index: -1 };
  for (const { index, entry, proof } of file.entries) {
    const what = `第 ${index} 条记录`;
    checkEntry(entry, what, index);
    const leaf = await leafHash(jcs(entry));
    if (!(await included(leaf, index, note.size, proof.map(unb64u), unb64u(note.root)))) throw new Failed(`${what}不在账本里：证明不成立`, index);
    if (entry.s !== `draw/${file.draw}` || entry.n !== last.n + 1 || entry.p !== last.leaf || index <= last.index) {
      throw new Failed(`${what}与前一项不连贯：有记录缺失或次序不对`, index);
    }
    last = { n: entry.n, leaf: b64u(leaf), index };
  }
  return last;
}

/** With the log: the file has all of the draw's entries, and the transcript's checkpoint is the first with all commitments. */
async function compareWithLog(file, draw, note, { log, keys, progress }) {
  const count = { here: 0, later: 0 };
  const expect = [{ ...note, what: "抽取文件的检查点" }];
  if (draw.seeded) expect.push({ ...draw.seeded.transcript.checkpoint, what: "抽取底稿的检查点" });
  const { past } = await checkLog(log, keys, {
    progress, expect,
    visit(entry, index) {
      if (entry.s === `draw/${file.draw}`) count[index < note.size ? "here" : "later"] += 1;
    },
  });
  if (count.here !== file.entries.length) throw new Failed(`账本里有这次抽取的 ${count.here} 条记录，抽取文件只有 ${file.entries.length} 条`);
  if (draw.seeded) {
    const first = past.find((each) => each.size > draw.committed.index);
    if (first.size !== draw.seeded.transcript.checkpoint.size) throw new Failed("底稿的检查点不是最先包含全部承诺的那一个", draw.seeded.index);
  }
  return count.later;
}

/** Command `draw`: a draw file, and the log if there is one. */
export async function checkDraw({ file, log, keys, progress }) {
  if (!file) throw new Unchecked("没有抽取文件");
  const draft = shaped(parse(file, "抽取文件"), FILE, "抽取文件");
  const note = await verifyNote(draft.checkpoint, keys, "抽取文件的检查点");
  await checkPlaces(draft, note);
  const draw = new Draw(draft.draw, draft.lists);
  for (const row of draft.entries) await draw.take(row);
  const warnings = [];
  const later = log ? await compareWithLog(draft, draw, note, { log, keys, progress }) : 0;
  if (!log) warnings.push("没有提供账本，未核对抽取文件之后有无新的记录");
  if (later) warnings.push(`账本里后来又有 ${later} 条这次抽取的记录，请下载新的抽取文件`);
  if (draw.ended) return { said: [`这次抽取已作废，没有产生结果：${draw.ended.reason}`, "作废前的每一步都登记在账本里，次序正确"], warnings };
  if (!draw.result) throw new Unchecked("这次抽取还没有结果");
  if (draw.defined.beacon) warnings.push("这次抽取还用了外部信标：本页核对信标事先指定、没有更换，不核对信标机构的签名");
  return {
    warnings, draw: draw.shown(),
    said: [
      `名单（${draw.listed.n} 个）在各方出数之前固定，之后没有改动`,
      `${draw.defined.parties.length} 个单位先各自封存随机数，全部封存后才公开，公开的与封存的一致`,
      "种子由名单和各方随机数共同算出，任何一方都不能左右",
      "按种子重排名单，依次取用，结果与公布的一致；跳过的都登记了理由代码",
      ...(draw.replaced.length ? [`${draw.replaced.length} 次替换都按候补次序进行`] : []),
      ...(draw.named ? [`公布的 ${draw.named.size} 个对象与抽取时的摘要一致`] : []),
    ],
  };
}
