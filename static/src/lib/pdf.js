// PDF files in the browser: pdf.js with our own worker, and with the character maps and fonts that files leave out.
import { unzipSync } from "fflate";
import { getDocument, PDFWorker } from "pdfjs-dist/legacy/build/pdf.mjs";

import { startWorker } from "./trusted.js";

const FOLDERS = { cMapUrl: "cmaps", standardFontDataUrl: "standard_fonts" };
let archive = null;

/** What pdf.js asks for beside the file, out of the one archive; most files need nothing of it. */
function dataFrom(address) {
  return class {
    async fetch({ kind, filename }) {
      archive ??= fetch(address).then(async (answer) => unzipSync(new Uint8Array(await answer.arrayBuffer())));
      const found = (await archive)[`${FOLDERS[kind]}/${filename}`];
      if (!found) throw new Error(`pdf.js has no ${filename}`);
      // It is handed over to the worker, and may be asked for again.
      return found.slice();
    }
  };
}

/** Where pdf.js stands on this page: `open(source)` answers a document, of an address or of a file's bytes. */
export function pdfReader({ worker, data }) {
  const port = new PDFWorker({ port: startWorker(worker, { type: "module" }) });
  const BinaryDataFactory = dataFrom(data);
  return (source) =>
    getDocument({
      ...source, worker: port, BinaryDataFactory, useWorkerFetch: false, useWasm: false, cMapUrl: "cmaps/", standardFontDataUrl: "standard_fonts/",
      enableXfa: false, disableAutoFetch: false,
    }).promise;
}
