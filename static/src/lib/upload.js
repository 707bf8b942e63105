// A tus 1.0.0 client: 8 MiB chunks with SHA-256, resumed from where the server stands.
import { csrf, sha256, utf8 } from "./base.js";

const CHUNK = 8 * 1024 * 1024;
const TRIES = 8;
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function asked(url, options, fine) {
  const response = await fetch(url, {
    ...options, headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf(), ...options.headers },
  });
  if (response.ok || fine?.includes(response.status)) return response;
  const text = await response.text();
  let message = text;
  try {
    message = JSON.parse(text).message;
  } catch {
    // plain text already
  }
  const problem = new Error(message || "上传没有成功。");
  problem.status = response.status;
  throw problem;
}

/** Upload a sealed file; `about` is tender, lot, envelope, seal. Network failures are retried, refusals are thrown. */
export async function upload(file, about, progress) {
  const metadata = Object.entries(about).map(([name, value]) => `${name} ${base64(utf8(value))}`).join(",");
  const created = await asked("/uploads/", { method: "POST", headers: { "Upload-Length": String(file.size), "Upload-Metadata": metadata } });
  const url = created.headers.get("Location");
  let offset = Number(created.headers.get("Upload-Offset")), failures = 0;
  progress?.(offset);
  while (offset < file.size) {
    try {
      const chunk = new Uint8Array(await file.slice(offset, offset + CHUNK).arrayBuffer());
      const answer = await asked(url, {
        method: "PATCH",
        headers: {
          "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset),
          "Upload-Checksum": `sha256 ${base64(await sha256(chunk))}`,
        },
        body: chunk,
      });
      offset = Number(answer.headers.get("Upload-Offset"));
      failures = 0;
      progress?.(offset);
    } catch (problem) {
      const passing = problem.status === undefined || [409, 423, 460, 502, 503].includes(problem.status);
      if (!passing || ++failures > TRIES) throw problem;
      await pause(Math.min(500 * 2 ** failures, 15000));
      const stand = await asked(url, { method: "HEAD" }).catch(() => null);
      if (stand) offset = Number(stand.headers.get("Upload-Offset"));
    }
  }
}
