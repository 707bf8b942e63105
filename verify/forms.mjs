// Canonical JSON, base64url, labelled hashes and the shapes of objects: trust.md §0, written from the text alone.

/** What was to be checked is wrong; `index` is the first bad place in the log, where there is one. */
export class Failed extends Error {
  constructor(reason, index = null) {
    super(reason);
    this.index = index;
  }
}

/** It could not be found out whether it is right. */
export class Unchecked extends Error {}

const encoder = new TextEncoder();
export const utf8 = (text) => encoder.encode(text);

export function textOf(bytes, what, index = null) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Failed(`${what}不是 UTF-8 文本`, index);
  }
}

export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export function order(one, other) {
  const at = one.findIndex((byte, place) => byte !== other[place]);
  return at < 0 ? one.length - other.length : one[at] - (other[at] ?? -1);
}

// base64 ------------------------------------------------------------------------------------------------------

export function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export const b64u = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function decoded(text, spelled) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    // Several spellings give the same bytes: only ours is taken.
    return spelled(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** The bytes of base64url without padding, or null if it is not the one spelling of them. */
export const unb64u = (text) => decoded(text, b64u);
export const unbase64 = (text) => decoded(text, base64);

// Canonical JSON ----------------------------------------------------------------------------------------------

const DEEPEST = 64;
const PLAIN = /^[\x20-\x7e]*$/;

function quoted(text) {
  if (!PLAIN.test(text) && (!text.isWellFormed() || text !== text.normalize("NFC"))) throw new TypeError("文本不是 NFC 形式");
  return JSON.stringify(text);
}

/** The canonical text of a value; TypeError for what has none. */
export function canonical(value, depth = 0) {
  if (depth > DEEPEST) throw new TypeError("嵌套太深");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new TypeError("有小数或过大的数");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, depth + 1)).join(",")}]`;
  const members = Object.keys(value).sort().map((key) => `${quoted(key)}:${canonical(value[key], depth + 1)}`);
  return `{${members.join(",")}}`;
}

export const jcs = (value) => utf8(canonical(value));

/** The value of bytes that are exactly its canonical form. */
export function parseCanonical(bytes, what, index = null) {
  const text = textOf(bytes, what, index);
  let value, again;
  try {
    value = JSON.parse(text);
    again = canonical(value);
  } catch (problem) {
    throw new Failed(`${what}不是规范的 JSON（${problem instanceof TypeError ? problem.message : "语法错误"}）`, index);
  }
  if (again !== text) throw new Failed(`${what}不是规范的 JSON`, index);
  return value;
}

const SPACE = /[ \t\n\r]*/y;
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WHOLE = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const WORDS = [["true", true], ["false", false], ["null", null]];

/** The value of a JSON file, in whatever layout; names that stand twice, fractions and odd text are refused. */
export function parse(bytes, what) {
  const text = textOf(bytes, what);
  let at = 0;
  const wrong = (why) => new Failed(`${what}不是合格的 JSON（${why}）`);
  const taken = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found?.[0];
  };
  const sign = (char) => {
    taken(SPACE);
    if (text[at] !== char) return false;
    at += 1;
    return true;
  };
  const string = () => {
    taken(SPACE);
    const found = taken(TEXT);
    if (found === undefined) throw wrong("语法错误");
    return JSON.parse(found);
  };
  const listed = (end, member) => {
    if (sign(end)) return;
    do member(); while (sign(","));
    if (!sign(end)) throw wrong("语法错误");
  };
  const value = (depth) => {
    if (depth > DEEPEST) throw wrong("嵌套太深");
    taken(SPACE);
    if (text[at] === '"') return string();
    if (sign("[")) {
      const list = [];
      listed("]", () => list.push(value(depth + 1)));
      return list;
    }
    if (sign("{")) {
      const object = Object.create(null);
      listed("}", () => {
        const key = string();
        if (key in object) throw wrong(`“${key}”重复出现`);
        if (!sign(":")) throw wrong("语法错误");
        object[key] = value(depth + 1);
      });
      return object;
    }
    for (const [word, meaning] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    const number = taken(WHOLE);
    if (number === undefined) throw wrong("有小数或语法错误");
    return Number(number);
  };
  const found = value(0);
  taken(SPACE);
  if (at !== text.length) throw wrong("结尾有多余内容");
  try {
    canonical(found);
  } catch (problem) {
    throw wrong(problem.message);
  }
  return found;
}

// Shapes ------------------------------------------------------------------------------------------------------

export const isText = (value) => typeof value === "string";
export const isName = (value) => typeof value === "string" && value !== "";
export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
export const isBool = (value) => typeof value === "boolean";
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const isBytes = (length) => (value) => {
  const bytes = typeof value === "string" ? unb64u(value) : null;
  return bytes !== null && (length === undefined || bytes.length === length);
};
// 32 bytes in base64url are 43 characters, the last of which holds two bits of nothing.
const DIGEST = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
export const isDigest = (value) => typeof value === "string" && DIGEST.test(value);
export const isOne = (...values) => (value) => values.includes(value);
export const orNull = (test) => (value) => value === null || test(value);
export const isList = (test) => (value) => Array.isArray(value) && value.every((each) => test(each));
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const isTime = (value) => {
  if (typeof value !== "string" || !TIME.test(value)) return false;
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value;
};
export const isRow = (fields) => (value) => misfit(value, fields, true) === null;

function misfit(value, fields, exact) {
  if (!isObject(value)) return "不是对象";
  for (const [name, test] of Object.entries(fields)) {
    if (!Object.hasOwn(value, name)) return `缺少 ${name}`;
    if (!test(value[name])) return `${name} 不合规定`;
  }
  const more = exact && Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  return more ? `有多余的 ${more}` : null;
}

/** Refuse an object that has not exactly these fields, each passing its test. */
export function shaped(value, fields, what, index = null) {
  const problem = misfit(value, fields, true);
  if (problem) throw new Failed(`${what}：${problem}`, index);
  return value;
}

/** Refuse an object that lacks one of these fields; it may have more. */
export function having(value, fields, what, index = null) {
  const problem = misfit(value, fields, false);
  if (problem) throw new Failed(`${what}：${problem}`, index);
  return value;
}

// Hashes ------------------------------------------------------------------------------------------------------

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
export const labelled = (label, bytes) => joined(utf8(`etp/${label}/v1\n`), bytes);
export const H = (label, ...parts) => sha256(labelled(label, joined(...parts)));
export const HJ = (label, object) => H(label, jcs(object));
