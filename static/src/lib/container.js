// The plaintext of a bid as a stream: ustar, manifest first, padded so that its size says little (docs/sealing.md).
import { sha256 } from "@noble/hashes/sha2.js";

import { b64u, jcs, joined, utf8 } from "./base.js";

const BLOCK = 512;
const STEP = 4 * 1024 * 1024;

export function padme(length) {
  const exponent = Math.floor(Math.log2(length));
  const bits = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - bits);
  return Math.ceil(length / step) * step;
}

const octal = (number, width) => utf8(number.toString(8).padStart(width, "0"));
const filled = (size) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

function ustarHeader(name, size) {
  const block = new Uint8Array(BLOCK);
  block.set(utf8(name), 0);
  block.set(utf8("0000644\0"), 100);
  block.set(utf8("0000000\0"), 108);
  block.set(utf8("0000000\0"), 116);
  block.set(octal(size, 11), 124);
  block.set(utf8("00000000000\0"), 136);
  block.fill(32, 148, 156);
  block.set(utf8("0"), 156);
  block.set(utf8("ustar\x0000"), 257);
  block.set(joined(octal(block.reduce((sum, byte) => sum + byte, 0), 6), utf8("\0 ")), 148);
  return block;
}

// Large steps: each costs a trip to the browser's file process.
async function* pieces(file) {
  for (let at = 0; at < file.size; at += STEP) yield new Uint8Array(await file.slice(at, at + STEP).arrayBuffer());
}

/** A file as the manifest lists it. */
export async function described(file, place) {
  const hash = sha256.create();
  for await (const piece of pieces(file)) hash.update(piece);
  return {
    path: `f/${String(place).padStart(4, "0")}`, name: file.name.toWellFormed().normalize("NFC"), size: file.size,
    sha256: b64u(hash.digest()), type: file.type || "application/octet-stream",
  };
}

/** The container's bytes, piece by piece. */
export async function* container(manifest, files) {
  let used = 0;
  const counted = (bytes) => {
    used += bytes.length;
    return bytes;
  };
  const head = jcs(manifest);
  yield counted(joined(ustarHeader("manifest.json", head.length), head, filled(head.length)));
  for (const [place, file] of files.entries()) {
    yield counted(ustarHeader(manifest.files[place].path, file.size));
    for await (const piece of pieces(file)) yield counted(piece);
    yield counted(filled(file.size));
  }
  let left = padme(used + 2 * BLOCK) - used;
  while (left > 0) {
    const zeros = new Uint8Array(Math.min(left, 65536));
    left -= zeros.length;
    yield zeros;
  }
}
