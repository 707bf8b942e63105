// Sealing a bid in the browser (docs/sealing.md). A worker does the work, so that the page stays alive.
import { checked, normalised } from "./base.js";
import { sealedFile, tidy } from "./shelf.js";
import { openOwnStanza } from "./stanza.js";
import { startWorker } from "./trusted.js";

/**
 * Seal files and form for a context under its (checked) opening policy, with the script at `worker`; the ciphertext goes to the browser's own disk.
 * `set` are the seals of all envelopes of the bid, in order: only together are they worth keeping.
 * Answers the sealed File and its envelope for the manifest. `progress(bytes)` counts what was sealed.
 */
export async function sealBid({ worker, context, set = [context.seal], form, files, keys, policy, progress }) {
  // Old files that cannot be taken away harm nobody but the disk.
  await tidy().catch(() => {});
  const { publicKey } = keys.encryption;
  const job = { context: checked(context), set, form: checked(normalised(form)), files, policy, publicKey, kid: keys.kid, recovery: keys.recovery };
  const { envelope, header } = await worked(worker, job, progress);
  // A key file whose halves do not fit would lock the bid for ever: better to know now than in the hall.
  await openOwnStanza(header, context, keys);
  return { file: await sealedFile(context.seal), envelope };
}

function worked(url, job, progress) {
  const worker = startWorker(url, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data.sealed !== undefined) progress?.(data.sealed);
      else if (data.done) resolve(data.done);
      else reject(new Error(data.problem));
    };
    worker.onerror = () => reject(new Error("浏览器不能启动封存程序，请换用新版浏览器后重试。"));
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}
