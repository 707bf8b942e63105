// SHA-256 of a stream in a worker of its own: hashing is the slowest part of sealing, and there is a second core.
import { sha256 } from "@noble/hashes/sha2.js";

import { b64u } from "./base.js";
import { startWorker } from "./trusted.js";

const AHEAD = 8;

/** Digests what it is given, at most a few pieces behind; runs this very script once more as its worker. */
export class Digester {
  constructor(url) {
    this.behind = 0;
    this.worker = startWorker(url, { type: "module", name: "digest" });
    this.result = new Promise((resolve, reject) => {
      this.worker.onerror = () => reject(new Error("the digest worker failed"));
      this.worker.onmessage = ({ data }) => {
        if (data.digest) return resolve(data.digest);
        this.behind -= 1;
        this.caughtUp?.();
      };
    });
    // Whoever waits for room must hear of a failure too.
    this.result.catch((problem) => {
      this.problem = problem;
      this.caughtUp?.();
    });
  }

  /** Takes a copy of the bytes; resolves when there is room for more. */
  async add(bytes) {
    const copy = bytes.slice();
    this.worker.postMessage(copy, [copy.buffer]);
    if (++this.behind >= AHEAD && !this.problem) await new Promise((resolve) => (this.caughtUp = resolve));
    if (this.problem) throw this.problem;
  }

  async end() {
    this.worker.postMessage(null);
    return this.result.finally(() => this.stop());
  }

  stop() {
    this.worker.terminate();
  }
}

/** The other side, in the worker. */
export function digestMessages() {
  const hash = sha256.create();
  self.onmessage = ({ data }) => {
    if (data === null) return postMessage({ digest: b64u(hash.digest()) });
    hash.update(data);
    postMessage({});
  };
}
