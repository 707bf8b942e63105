// The whole log: every file, every entry, every checkpoint, from first to last.
import {
  Failed, H, Unchecked, b64u, having, isBytes, isCount, isDigest, isList, isName, isObject, isOne, isRow, isTime, jcs, orNull,
  parseCanonical, same, shaped, textOf, unb64u,
} from "./forms.mjs";
import { verifyNote } from "./keys.mjs";
import { KINDS } from "./kinds.mjs";
import { Tree, leafHash } from "./tree.mjs";

const WIDTH = 256;
const LARGEST = 16384;
// So many bundles are asked for at once.
const AHEAD = 8;
const PATIENCE = 10;

// Where the files come from -------------------------------------------------------------------------------------

async function bytesOf(file) {
  return file instanceof Blob ? new Uint8Array(await file.arrayBuffer()) : new Uint8Array(file);
}

/** A reader `path -> bytes or null` of the log in a folder ({path: Blob or bytes}, at whatever depth) or at an address. */
export function openLog(place) {
  if (!place) throw new Unchecked("没有账本：请拖入账本文件夹，或在平台网站上打开本页");
  if (typeof place !== "string") {
    const files = place instanceof Map ? place : new Map(Object.entries(place));
    const top = [...files.keys()].filter((path) => /(^|\/)checkpoint$/.test(path)).sort((one, other) => one.length - other.length)[0];
    if (top === undefined) throw new Unchecked("文件夹里没有 checkpoint，不是账本");
    const root = top.slice(0, -"checkpoint".length);
    return { live: false, read: async (path) => (files.has(root + path) ? bytesOf(files.get(root + path)) : null) };
  }
  const base = place.replace(/\/?$/, "/");
  return {
    live: true,
    async read(path) {
      let response;
      try {
        response = await fetch(base + path, { cache: "no-cache" });
      } catch {
        throw new Unchecked(`取不到账本文件 ${path}：网络不通`);
      }
      if (response.status === 404) return null;
      if (!response.ok) throw new Unchecked(`取不到账本文件 ${path}：网站回应 ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

function tilePath(level, index) {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  return `tile/${level}/${path}`;
}

/** A tile or bundle of which `width` rows are needed: the partial file, or a full one that has taken its place since. */
async function readTile(log, level, index, width) {
  const path = tilePath(level, index);
  const found = (width < WIDTH ? await log.read(`${path}.p/${width}`) : null) ?? (await log.read(path));
  if (!found) throw new Failed(`账本缺少文件 ${path}`, index * WIDTH ** (level === "entries" ? 1 : level + 1));
  return found;
}

async function readHashes(log, level, index, width) {
  const bytes = await readTile(log, level, index, width);
  const first = index * WIDTH ** (level + 1);
  if (bytes.length % 32 || (bytes.length !== width * 32 && bytes.length !== WIDTH * 32)) {
    throw new Failed(`第 ${level} 层摘要文件 ${index} 的长度不对`, first);
  }
  return Array.from({ length: width }, (_, place) => bytes.subarray(place * 32, place * 32 + 32));
}

async function readBundle(log, index, width) {
  const bytes = await readTile(log, "entries", index, width);
  const rows = [];
  let at = 0;
  while (at < bytes.length) {
    const length = bytes[at] * 256 + bytes[at + 1];
    if (!(at + 2 + length <= bytes.length)) throw new Failed("记录文件在中间断开", index * WIDTH + rows.length);
    rows.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  if (rows.length !== width && rows.length !== WIDTH) throw new Failed(`记录文件应有 ${width} 条，实有 ${rows.length} 条`, index * WIDTH);
  return rows.slice(0, width);
}

// Checkpoints -----------------------------------------------------------------------------------------------

/** The signed notes of checkpoints.txt, oldest first. */
export function splitNotes(bytes) {
  const lines = textOf(bytes, "历次检查点").split("\n");
  if (lines.pop() !== "") throw new Failed("历次检查点的结尾不完整");
  const notes = [];
  for (let at = 0; at < lines.length;) {
    let end = lines.indexOf("", at);
    end = end < 0 ? -1 : lines.indexOf("", end + 1);
    if (end < 0) throw new Failed("历次检查点的格式不对");
    notes.push(lines.slice(at, end).join("\n") + "\n");
    at = end + 1;
  }
  return notes;
}

async function readNotes(log) {
  const newest = await log.read("checkpoint");
  if (!newest) throw new Unchecked("这里没有账本：缺少 checkpoint");
  const list = await log.read("checkpoints.txt");
  if (!list) throw new Failed("账本缺少历次检查点 checkpoints.txt");
  return { newest: textOf(newest, "最新检查点"), notes: splitNotes(list) };
}

async function readCheckpoints(log, keys) {
  let { newest, notes } = await readNotes(log);
  // A log that grows at this moment may have been caught between its two files.
  for (let again = 0; log.live && notes.at(-1) !== newest && again < PATIENCE; again += 1) ({ newest, notes } = await readNotes(log));
  const last = await verifyNote(newest, keys, "最新检查点");
  const past = [];
  for (const note of notes) {
    const found = await verifyNote(note, keys, `第 ${past.length + 1} 个检查点`);
    if (past.length && found.size <= past.at(-1).size) throw new Failed("历次检查点没有按先后排列", found.size);
    past.push(found);
  }
  if (notes.at(-1) !== newest) throw new Failed("最新检查点不是历次检查点的最后一个", last.size);
  return { last, past };
}

// Entries ---------------------------------------------------------------------------------------------------

const BY = isRow({ id: isName, role: isName, cert: orNull(isBytes()) });
const ENTRY = {
  v: isOne(1), t: isOne("open"), k: isName, s: isName, n: (n) => isCount(n) && n > 0, p: orNull(isDigest), at: isTime, by: BY, d: isObject,
  h: orNull(isDigest),
};
const BLIND = { v: isOne(1), t: isOne("blind"), c: isDigest };
const OPENED = { index: isCount, salt: isBytes(32), body: isObject };

/** Refuse what is not an entry of the ledger. */
export function checkEntry(entry, what, index = null) {
  shaped(entry, ENTRY, what, index);
  if (!KINDS.has(entry.k)) throw new Failed(`${what}：没有“${entry.k}”这种行为`, index);
  if ((entry.n === 1) !== (entry.p === null)) throw new Failed(`${what}：序号与前一条的摘要不相称`, index);
}

/** The bytes of the blinded leaf that hides an entry. */
export const blinded = async (salt, body) => jcs({ v: 1, t: "blind", c: b64u(await H("blind", unb64u(salt), jcs(body))) });

class Reading {
  constructor() {
    this.streams = new Map();
    this.blind = new Map();
    this.opened = new Map();
    this.secret = new Map();
    this.draws = new Set();
  }

  /** Take in the entry at `index`; the entry. */
  async take(bytes, leaf, index) {
    const what = `第 ${index} 条记录`;
    if (bytes.length > LARGEST) throw new Failed(`${what}超过 16 KiB`, index);
    const entry = parseCanonical(bytes, what, index);
    if (isObject(entry) && entry.t === "blind") {
      shaped(entry, BLIND, what, index);
      this.blind.set(index, { c: entry.c, leaf: b64u(leaf) });
      return entry;
    }
    checkEntry(entry, what, index);
    const last = this.streams.get(entry.s) ?? { n: 0, leaf: null };
    if (entry.n !== last.n + 1) throw new Failed(`${what}：“${entry.s}”里应是第 ${last.n + 1} 项，实为第 ${entry.n} 项`, index);
    if (entry.p !== last.leaf) throw new Failed(`${what}：前一项的摘要与实际不符`, index);
    this.streams.set(entry.s, { n: entry.n, leaf: b64u(leaf) });
    if (entry.k === "blind.opened") await this.open(entry, what, index);
    if (entry.k === "draw.result") this.oneResult(entry, what, index);
    return entry;
  }

  async open(entry, what, index) {
    having(entry.d, { entries: isList(isRow(OPENED)) }, what, index);
    for (const row of entry.d.entries) {
      const hidden = row.index < index ? this.blind.get(row.index) : undefined;
      if (!hidden) throw new Failed(`${what}公开的第 ${row.index} 条不是在它之前的保密记录`, index);
      const body = row.body;
      checkEntry(body, `第 ${row.index} 条记录公开后的内容`, row.index);
      if (hidden.c !== b64u(await H("blind", unb64u(row.salt), jcs(body)))) {
        throw new Failed(`${what}公开的内容与第 ${row.index} 条当时登记的不符`, row.index);
      }
      if (!this.opened.has(row.index)) this.follow({ ...row, leaf: hidden.leaf, at: index });
    }
  }

  /** What is opened of a secret history must be a history too: numbered without gaps, each naming the one before. */
  follow(row) {
    const { k, s, n, p } = row.body;
    const last = this.secret.get(s) ?? { n: 0, leaf: null };
    if (n !== last.n + 1 || p !== last.leaf) throw new Failed(`“${s}”公开的记录不连贯：缺第 ${last.n + 1} 项或次序不对`, row.index);
    if (k === "draw.result") this.oneResult(row.body, `第 ${row.index} 条记录`, row.index);
    this.secret.set(s, { n, leaf: row.leaf });
    this.opened.set(row.index, row);
  }

  oneResult(entry, what, index) {
    const { draw } = having(entry.d, { draw: isName }, what, index);
    if (this.draws.has(draw)) throw new Failed(`${what}：抽取 ${draw} 出现了第二个结果`, index);
    this.draws.add(draw);
  }

  checkSecretStreams() {
    for (const row of this.opened.values()) {
      if (this.streams.has(row.body.s)) throw new Failed(`第 ${row.index} 条保密记录自称属于公开的“${row.body.s}”`, row.index);
    }
  }
}

/** A checkpoint that the user kept. One that is not the log's own says nothing about the log. */
async function keptNote(since, keys) {
  try {
    return await verifyNote(since, keys, "你保存的检查点");
  } catch (problem) {
    throw problem instanceof Failed ? new Unchecked(problem.message) : problem;
  }
}

// The walk --------------------------------------------------------------------------------------------------

function expectations(rows) {
  const wanted = new Map();
  for (const { size, root, what } of rows) wanted.set(size, [...(wanted.get(size) ?? []), { root, what }]);
  return wanted;
}

/**
 * Check the whole log. `since` is a note that the user kept, `expect` further {size, root, what} that must be beginnings
 * of this log, `visit(entry, index, leaf)` sees each entry, `progress(done, size)` how far it is.
 * Answers {size, root, cosigned, past, opened: index -> {body, leaf, at}, said}.
 */
export async function checkLog(place, keys, { since = null, expect = [], visit = () => {}, progress = () => {} } = {}) {
  const log = openLog(place);
  const { last, past } = await readCheckpoints(log, keys);
  const kept = since ? await keptNote(since, keys) : null;
  const rows = [
    ...past.map((each, at) => ({ ...each, what: `第 ${at + 1} 个检查点` })),
    ...(kept ? [{ ...kept, what: "你保存的检查点" }] : []),
    ...expect,
    { ...last, what: "最新检查点" },
  ];
  const over = rows.find((each) => each.size > last.size);
  if (over) throw new Failed(`${over.what}有 ${over.size} 条，账本现在只有 ${last.size} 条：有记录被删去`, last.size);
  const wanted = expectations(rows);
  const reading = new Reading();
  const upper = [];
  const tree = new Tree((level, hash) => {
    if (level % 8 === 0) (upper[level / 8] ??= []).push(hash);
  });
  let agreed = 0;
  const compare = async () => {
    for (const { root, what } of wanted.get(tree.size) ?? []) {
      if (b64u(await tree.root()) !== root) {
        throw new Failed(`${what}（${tree.size} 条）的根摘要与记录算出的不符，问题在第 ${agreed} 条至第 ${Math.max(tree.size - 1, 0)} 条之间`, agreed);
      }
      agreed = tree.size;
    }
  };
  await compare();
  const tiles = Math.ceil(last.size / WIDTH);
  const widthOf = (index) => Math.min(WIDTH, last.size - index * WIDTH);
  const fetched = (index) => Promise.all([readBundle(log, index, widthOf(index)), readHashes(log, 0, index, widthOf(index))]);
  for (let block = 0; block < tiles; block += AHEAD) {
    const indexes = Array.from({ length: Math.min(AHEAD, tiles - block) }, (_, at) => block + at);
    const found = await Promise.all(indexes.map(fetched));
    for (const [at, [entries, hashes]] of found.entries()) {
      const leaves = await Promise.all(entries.map(leafHash));
      const first = indexes[at] * WIDTH;
      const together = leaves.length === WIDTH && !leaves.some((_, place) => place && wanted.has(first + place));
      for (const [place, leaf] of leaves.entries()) {
        const index = first + place;
        if (!same(leaf, hashes[place])) throw new Failed(`第 ${index} 条记录的摘要与账本公布的不符：内容被改动`, index);
        visit(await reading.take(entries[place], leaf, index), index, leaf);
        if (together) continue;
        await tree.append(leaf);
        await compare();
      }
      if (!together) continue;
      await tree.appendMany(leaves);
      await compare();
    }
    progress(tree.size, last.size);
  }
  await checkUpper(log, upper, last.size);
  reading.checkSecretStreams();
  const said = [
    `账本共 ${last.size} 条记录，逐条重算，根摘要与平台签名的检查点一致`,
    `历次 ${past.length} 个检查点都是这本账的前段，没有改写过`,
    `${reading.streams.size} 项公开事务的记录首尾相接，没有缺号`,
    `已公开的 ${reading.opened.size} 条保密记录与当时登记的一致，另有 ${reading.blind.size - reading.opened.size} 条尚未公开`,
  ];
  if (kept) said.push(`与你保存的检查点（${kept.size} 条）一致`);
  if (last.cosigned) said.push(`最新检查点另有 ${last.cosigned} 个外部见证人签名`);
  return { ...last, past, opened: reading.opened, said };
}

async function checkUpper(log, upper, size) {
  for (let level = 1; WIDTH ** level <= size; level += 1) {
    const count = Math.floor(size / WIDTH ** level);
    for (let index = 0; index * WIDTH < count; index += 1) {
      const hashes = await readHashes(log, level, index, Math.min(WIDTH, count - index * WIDTH));
      for (const [place, hash] of hashes.entries()) {
        const node = index * WIDTH + place;
        if (!same(hash, upper[level][node])) throw new Failed(`第 ${level} 层摘要文件与记录算出的不符`, node * WIDTH ** level);
      }
    }
  }
}
