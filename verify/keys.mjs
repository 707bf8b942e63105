// The public keys that the user holds, and what is checked with them: signed notes and signed objects.
import {
  Failed, HJ, Unchecked, b64u, base64, isCount, isDigest, isList, isName, isRow, joined, labelled, jcs, orNull, parse, same, sha256, shaped,
  textOf, unb64u, unbase64, utf8,
} from "./forms.mjs";

const [ED25519, COSIGNATURE] = [1, 4];
const ROW = { public_key: isDigest };

/** The keys of a keys.json: {origin, name, ledger, receipt, witnesses}; Unchecked if it is none, as nothing can be trusted then. */
export function parseKeys(bytes) {
  if (!bytes) throw new Unchecked("没有公钥：请先提供平台的公钥文件 keys.json");
  try {
    const keys = parse(bytes, "公钥文件");
    shaped(keys, {
      v: (v) => v === 1,
      origin: isName,
      ledger: isList(isRow({ ...ROW, name: isName, from_size: isCount, to_size: orNull(isCount) })),
      receipt: isList(isRow(ROW)),
      witnesses: isList(isRow({ ...ROW, name: isName })),
    }, "公钥文件");
    const name = `${keys.origin}/ledger`;
    if (!keys.ledger.length || keys.ledger.some((row) => row.name !== name)) throw new Failed("公钥文件里没有这个账本的公钥");
    return { ...keys, name };
  } catch (problem) {
    throw problem instanceof Failed ? new Unchecked(problem.message) : problem;
  }
}

/** What people compare: a digest over all that the keys say, in groups of four. */
export async function fingerprint(keys) {
  const { v, origin, ledger, receipt } = keys;
  const digest = await HJ("keys", { v, origin, ledger, receipt });
  return [...digest.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase().match(/.{4}/g).join(" ");
}

const imported = new Map();

async function ed25519(key, signature, data) {
  if (!imported.has(key)) {
    try {
      imported.set(key, await crypto.subtle.importKey("raw", unb64u(key), "Ed25519", false, ["verify"]));
    } catch (problem) {
      if (problem.name === "DataError") throw new Unchecked("公钥文件里的公钥不能使用");
      throw new Unchecked("这个浏览器不支持 Ed25519 签名，不能核验。请换用新版 Chrome、Edge、Firefox 或 Safari。");
    }
  }
  return signature.length === 64 && crypto.subtle.verify("Ed25519", imported.get(key), signature, data);
}

/** Whether `signature` (base64url) is one of the platform's receipt keys' under this label. */
export async function signedByPlatform(keys, label, object, signature) {
  const bytes = unb64u(signature);
  for (const row of keys.receipt) {
    if (bytes && (await ed25519(row.public_key, bytes, labelled(label, jcs(object))))) return true;
  }
  return false;
}

/** Whether `signature` (base64url, r and s) is that of a person's P-256 key (SPKI, base64url) under this label. */
export async function signedByPerson(spki, label, object, signature) {
  const [bytes, data] = [unb64u(signature), labelled(label, jcs(object))];
  try {
    const key = await crypto.subtle.importKey("spki", unb64u(spki), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    return bytes?.length === 64 && (await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes, data));
  } catch {
    return false;
  }
}

// Signed notes ------------------------------------------------------------------------------------------------

const CHECKPOINT = /^([^\n]+)\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)\n$/;
const SIGNATURE = /^— ([^ +]+) ([A-Za-z0-9+/]+={0,2})$/;

async function keyId(name, kind, key) {
  return (await sha256(joined(utf8(`${name}\n`), Uint8Array.of(kind), unb64u(key)))).slice(0, 4);
}

/** The checkpoint {size, root, note, cosigned} of a note that the log's key of that size has signed; Failed otherwise. */
export async function verifyNote(bytes, keys, what = "检查点") {
  const note = typeof bytes === "string" ? bytes : textOf(bytes, what);
  const cut = note.lastIndexOf("\n\n");
  const text = note.slice(0, cut + 1);
  const found = CHECKPOINT.exec(text);
  const lines = note.slice(cut + 2).split("\n");
  const signatures = lines.slice(0, -1).map((line) => SIGNATURE.exec(line));
  if (cut < 0 || !found || lines.at(-1) !== "" || !signatures.length || signatures.includes(null)) throw new Failed(`${what}的格式不对`);
  const [, name, digits, root] = found;
  const size = Number(digits);
  if (name !== keys.name) throw new Failed(`${what}属于另一个账本（${name}）`);
  if (!unbase64(root)) throw new Failed(`${what}的根摘要不是规范写法`);
  const inForce = keys.ledger.filter((row) => row.from_size <= size && (row.to_size === null || size <= row.to_size));
  if (!inForce.length) throw new Failed(`${what}（第 ${size} 条）不在任何公钥的有效范围内`);
  for (const row of inForce) await requireSignature(row, signatures, text, what);
  let cosigned = 0;
  for (const witness of keys.witnesses) cosigned += await witnessed(witness, signatures, text, what);
  return { size, root: b64u(unbase64(root)), note, cosigned };
}

async function linesOf(name, kind, key, signatures) {
  const id = await keyId(name, kind, key);
  const blobs = signatures.filter((line) => line[1] === name).map((line) => unbase64(line[2]));
  return blobs.filter((blob) => blob && same(blob.slice(0, 4), id)).map((blob) => blob.slice(4));
}

async function requireSignature(row, signatures, text, what) {
  const lines = await linesOf(row.name, ED25519, row.public_key, signatures);
  if (!lines.length) throw new Failed(`${what}没有用你信任的公钥签名`);
  for (const line of lines) {
    if (!(await ed25519(row.public_key, line, utf8(text)))) throw new Failed(`${what}的签名是错的`);
  }
}

async function witnessed(witness, signatures, text, what) {
  const lines = await linesOf(witness.name, COSIGNATURE, witness.public_key, signatures);
  for (const line of lines) {
    if (line.length !== 72) throw new Failed(`${what}的见证签名（${witness.name}）格式不对`);
    const at = new DataView(line.buffer, line.byteOffset).getBigUint64(0);
    if (!(await ed25519(witness.public_key, line.slice(8), utf8(`cosignature/v1\ntime ${at}\n${text}`)))) {
      throw new Failed(`${what}的见证签名（${witness.name}）是错的`);
    }
  }
  return lines.length ? 1 : 0;
}
