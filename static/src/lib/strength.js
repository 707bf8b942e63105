// How hard a password is to guess: what is long and varied counts, what everybody tries first does not.

const SHORTEST = 10;
const WEAK = 45;
const STRONG = 65;
const ROWS = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"];
const COMMON = [
  "password", "passw0rd", "admin", "welcome", "letmein", "iloveyou", "dragon", "monkey", "abc123", "a123456", "woaini", "5201314", "1314520", "888888",
  "666666", "toubiao", "zhaobiao", "kouling", "mima", "test", "密码", "口令", "投标", "招标", "密钥", "公司",
];
const CLASSES = [[/[a-z]/, 26], [/[A-Z]/, 26], [/[0-9]/, 10], [/[!-/:-@[-`{-~ ]/, 33]];
// A Chinese character is one of some two thousand common ones.
const CHARACTER = 11;

const reversed = (text) => [...text].reverse().join("");

/** The text with runs that are easy to guess drawn together into one character each. */
function drawnTogether(text, known) {
  let left = text.toLowerCase();
  for (const word of [...known.map((each) => each.toLowerCase()), ...COMMON].filter((each) => each.length > 1)) left = left.replaceAll(word, "\u0001");
  left = left.replace(/(19|20)\d\d([01]?\d[0-3]?\d)?/g, "\u0002").replace(/(.{1,4}?)\1{2,}/g, "$1");
  for (let at = 0; at < left.length; at++) {
    for (const row of ROWS.flatMap((each) => [each, reversed(each)])) {
      let length = 1;
      while (at + length < left.length && row.includes(left.slice(at, at + length + 1))) length++;
      if (length >= 4) left = left.slice(0, at + 1) + left.slice(at + length);
    }
  }
  return left;
}

/**
 * {score 0–3, bits, hint, weak} of a password; `known` are words that guessers know (the organisation's name, the mobile number).
 * A weak one (score 0 or 1) must not be taken; the hint says in Chinese what would make it better.
 */
export function strengthOf(password, known = []) {
  const characters = [...password];
  const pool = CLASSES.reduce((sum, [pattern, size]) => sum + (pattern.test(password) ? size : 0), 0);
  const left = [...drawnTogether(password, known)];
  const sum = left.reduce((bits, char) => bits + (char > "~" ? CHARACTER : Math.log2(pool || 1)), 0);
  // A few characters over and over are worth no more than twice what they are worth once.
  const bits = left.length ? (sum * Math.min(left.length, 2 * new Set(left).size)) / left.length : 0;
  const weak = characters.length < SHORTEST || bits < WEAK;
  const score = !characters.length ? 0 : weak ? 1 : bits < STRONG ? 2 : 3;
  return { score, bits, weak, hint: hintFor(characters, left, score) };
}

function hintFor(characters, left, score) {
  if (!characters.length) return `至少 ${SHORTEST} 位，建议用几个不相关的词组成`;
  if (characters.length < SHORTEST) return `太短：还差 ${SHORTEST - characters.length} 位`;
  if (score > 1) return score === 2 ? "可用，再加长几位更稳妥" : "强度足够";
  if (left.length < characters.length - 2) return "太容易猜到：避免连续或重复的字符、年份、常用词和单位名称";
  if (new Set(characters).size < characters.length / 2) return "太容易猜到：不同的字符太少";
  return "太容易猜到：加长，或混用字母、数字和符号";
}
