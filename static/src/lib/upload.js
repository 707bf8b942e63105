// A tus 1.0.0 client: 8 MiB chunks with SHA-256, resumed from where the server stands.
import { csrf, sha256, utf8 } from "./base.js";

const CHUNK = 8 * 1024 * 1024;
const TRIES = 8;
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function asked(url, options) {
  const response = await fetch(url, {
    ...options, headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf(), ...options.headers },
  });
  if (response.ok) return response;
  const text = await response.text();
  const kind = response.headers.get("Content-Type") ?? "";
  const message = kind.includes("json") ? JSON.parse(text).message : kind.startsWith("text/plain") ? text : "";
  throw Object.assign(new Error(message || "上传没有成功，请稍后重试。"), { status: response.status });
}

const passing = (problem) => problem.status === undefined || problem.status >= 500 || [409, 423, 460].includes(problem.status);

/** Try again what may pass, after longer and longer pauses; `before` runs ahead of each new try. */
async function patiently(attempt, before) {
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (problem) {
      if (!passing(problem) || ++failures > TRIES) throw problem;
      await pause(Math.min(500 * 2 ** failures, 15000));
      await before?.().catch(() => {});
    }
  }
}

/**
 * Upload a sealed file; `about` is tender, lot, envelope, seal. Network failures are retried, refusals are thrown.
 * The same seal goes on where the server stands, also from another page or after a restart. Answers the upload's address.
 */
export async function upload(file, about, progress) {
  const metadata = Object.entries(about).map(([name, value]) => `${name} ${base64(utf8(value))}`).join(",");
  const headers = { "Upload-Length": String(file.size), "Upload-Metadata": metadata };
  const created = await patiently(() => asked("/uploads/", { method: "POST", headers }));
  const url = created.headers.get("Location");
  let offset = Number(created.headers.get("Upload-Offset"));
  progress?.(offset);
  const standing = async () => {
    offset = Number((await asked(url, { method: "HEAD" })).headers.get("Upload-Offset"));
  };
  const send = async () => {
    const chunk = new Uint8Array(await file.slice(offset, offset + CHUNK).arrayBuffer());
    const headers = {
      "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset),
      "Upload-Checksum": `sha256 ${base64(await sha256(chunk))}`,
    };
    return Number((await asked(url, { method: "PATCH", headers, body: chunk })).headers.get("Upload-Offset"));
  };
  while (offset < file.size) {
    offset = await patiently(send, standing);
    progress?.(offset);
  }
  return url;
}

/** Give an upload up: its bytes are deleted at once. */
export const discard = (url) => asked(url, { method: "DELETE" });
