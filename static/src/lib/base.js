// Canonical JSON, base64url, labelled hashes: the browser's half of docs/trust.md §0.
import canonicalize from "canonicalize";

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);
export const jcs = (object) => utf8(canonicalize(checked(object)));

/** The object itself, if the platform will read its canonical form as we do: no fractions, no odd text. */
export function checked(object) {
  if (typeof object === "string") {
    if (!object.isWellFormed() || object !== object.normalize("NFC")) throw new TypeError("text must be well-formed NFC");
  } else if (typeof object === "number") {
    if (!Number.isSafeInteger(object)) throw new TypeError("numbers must be safe integers");
  } else if (object !== null && typeof object === "object") {
    for (const [key, value] of Object.entries(object)) {
      checked(key);
      checked(value);
    }
  } else if (object !== null && typeof object !== "boolean") throw new TypeError(`${typeof object} has no canonical form`);
  return object;
}

/** The object with all its text in the one spelling that canonical JSON takes. */
export function normalised(object) {
  if (typeof object === "string") return object.toWellFormed().normalize("NFC");
  if (Array.isArray(object)) return object.map(normalised);
  if (object === null || typeof object !== "object") return object;
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, normalised(value)]));
}

/** What to tell people of an error: our own words if they are ours, never the browser's English. */
export function told(problem) {
  if (/[\u4e00-\u9fff]/.test(problem.message)) return problem.message;
  console.error(problem);
  return "操作没有成功，请检查网络后重试。";
}

export function b64u(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function unb64u(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (char) => char.charCodeAt(0));
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

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export const H = (label, bytes) => sha256(joined(utf8(`etp/${label}/v1\n`), bytes));
export const HJ = (label, object) => H(label, jcs(object));

/** Sign(key, label, object) with a private key, ECDSA P-256 or RSA-PSS, or what has a `sign` of its own; as base64url. */
export async function sign(key, label, object) {
  const data = joined(utf8(`etp/${label}/v1\n`), jcs(object));
  const made = key.sign ? key.sign(data) : await crypto.subtle.sign({ name: key.algorithm.name, hash: "SHA-256", saltLength: 32 }, key, data);
  return b64u(new Uint8Array(made));
}

export function csrf() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";
}

/** POST JSON to our server; what it refuses becomes an Error with the server's Chinese message. */
export async function post(url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
    body: JSON.stringify(body),
  });
  const said = await response.json().catch(() => ({}));
  if (!response.ok) {
    const problem = new Error([said.message, said.next_step].filter(Boolean).join("") || "平台没有回应，请稍后重试。");
    problem.code = said.code;
    throw problem;
  }
  return said;
}

/** The JSON that the server put into the page under this id. */
export const given = (id) => JSON.parse(document.getElementById(id).textContent);
