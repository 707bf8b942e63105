// Works beside the page: reads the bid's files, seals them, and writes the ciphertext to the browser's own disk.
import { ciphertextOf, envelopeOf } from "./lib/ciphertext.js";
import { Digester, digestMessages } from "./lib/digester.js";
import { forget, note, opened } from "./lib/shelf.js";
import { headerOf } from "./lib/stanza.js";

const HEADER = 16384;
const STEP = 1024 * 1024;

/** Writes to a file in large steps, each digested beside, and counts what is written. */
class Target {
  constructor(disk, digester) {
    Object.assign(this, { disk, digester, size: 0, buffer: new Uint8Array(STEP), used: 0 });
    disk.truncate(0);
  }

  async add(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + STEP - this.used);
      this.buffer.set(part, this.used);
      this.used += part.length;
      at += part.length;
      if (this.used === STEP) await this.flush();
    }
  }

  async flush() {
    const full = this.buffer.subarray(0, this.used);
    await this.digester.add(full);
    for (let at = 0; at < full.length; ) at += this.disk.write(full.subarray(at), { at: this.size + at });
    this.size += full.length;
    this.used = 0;
    postMessage({ sealed: this.size });
  }
}

async function write(stream, seal) {
  const disk = await opened(seal);
  const digester = new Digester(self.location.href);
  const target = new Target(disk, digester);
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await target.add(value);
    }
    await target.flush();
    disk.flush();
    const start = new Uint8Array(Math.min(target.size, HEADER));
    disk.read(start, { at: 0 });
    return { size: target.size, sha256: await digester.end(), header: headerOf(start) };
  } finally {
    digester.stop();
    disk.close();
  }
}

async function seal(job) {
  const { context, set } = job;
  const written = await write(await ciphertextOf(job), context.seal);
  const envelope = await envelopeOf(context, written);
  await note({ context, envelope, set, sealed_at: Date.now() });
  return { envelope, header: written.header };
}

function reason(problem) {
  if (problem.name === "QuotaExceededError") return "浏览器可用的磁盘空间不足，请清理后重试。";
  if (problem.name === "NotReadableError" || problem.name === "NotFoundError") return "所选文件已被移动或修改，请重新选择文件。";
  return "封存没有成功，请刷新页面后重试。";
}

async function sealMessages({ data }) {
  try {
    postMessage({ done: await seal(data) });
  } catch (problem) {
    console.error(problem);
    await forget(data.context.seal);
    postMessage({ problem: reason(problem) });
  }
}

if (self.name === "digest") digestMessages();
else self.onmessage = sealMessages;
