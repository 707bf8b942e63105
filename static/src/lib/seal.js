// Sealing a bid in the browser: container, age file, and the owner's way back in (docs/trust.md §3).
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { sha256 as incremental } from "@noble/hashes/sha2.js";
import { Encrypter, Stanza } from "age-encryption";

import { H, HJ, b64u, jcs, joined, utf8 } from "./base.js";

const BLOCK = 512;
const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
const plainBase64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("=", "");

export const contextHash = (context) => HJ("seal-context", context);
const ownerInfo = (hash) => joined(utf8("etp/seal/v1/owner"), new Uint8Array(1), hash);

export function padme(length) {
  const exponent = Math.floor(Math.log2(length));
  const bits = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - bits);
  return Math.ceil(length / step) * step;
}

function octal(number, width) {
  return utf8(number.toString(8).padStart(width, "0"));
}

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

async function* pieces(file) {
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function digestOf(file) {
  const hash = incremental.create();
  for await (const piece of pieces(file)) hash.update(piece);
  return b64u(hash.digest());
}

const filled = (size) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

async function* container(manifest, files) {
  let used = 0;
  const counted = (bytes) => {
    used += bytes.length;
    return bytes;
  };
  const head = jcs(manifest);
  yield counted(ustarHeader("manifest.json", head.length));
  yield counted(head);
  yield counted(filled(head.length));
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

class OwnerRecipient {
  constructor(publicKey, kid, hash) {
    Object.assign(this, { publicKey, kid, hash });
  }

  async wrapFileKey(fileKey) {
    const sender = await suite.createSenderContext({ recipientPublicKey: this.publicKey, info: ownerInfo(this.hash) });
    const body = new Uint8Array(await sender.seal(fileKey));
    return [new Stanza(["etp/owner", this.kid, plainBase64(new Uint8Array(sender.enc))], body)];
  }
}

function streamOf(generator) {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await generator.next();
      if (done) controller.close();
      else if (value.length) controller.enqueue(value);
      else await this.pull(controller);
    },
  });
}

/** The bytes of an age header at the beginning of a sealed file. */
export function headerOf(bytes) {
  const text = new TextDecoder("latin1").decode(bytes.slice(0, 16384));
  const mac = text.indexOf("\n--- ");
  return bytes.slice(0, text.indexOf("\n", mac + 1) + 1);
}

/**
 * Seal files and form for a context; the ciphertext goes to the browser's own disk, so memory stays flat.
 * Answers the sealed File and its envelope for the manifest. `progress(bytes)` counts what was sealed.
 */
export async function sealBid({ context, form, files, keys, progress }) {
  const hash = await contextHash(context);
  const described = [];
  for (const [place, file] of files.entries()) {
    described.push({
      path: `f/${String(place + 1).padStart(4, "0")}`, name: file.name.normalize("NFC"), size: file.size,
      sha256: await digestOf(file), type: file.type || "application/octet-stream",
    });
  }
  const encrypter = new Encrypter();
  encrypter.addRecipient(new OwnerRecipient(keys.encryption.publicKey, keys.kid, hash));
  const sealed = await encrypter.encrypt(streamOf(container({ v: 1, context, form, files: described }, files)));

  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle(`${context.seal}.etp`, { create: true });
  const writer = await handle.createWritable();
  const digest = incremental.create();
  const reader = sealed.getReader();
  let size = 0, start = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    digest.update(value);
    if (start.length < 16384) start = joined(start, value);
    size += value.length;
    await writer.write(value);
    progress?.(size);
  }
  await writer.close();
  const header = b64u(await H("age-header", headerOf(start)));
  return {
    file: await handle.getFile(),
    envelope: { name: context.envelope, seal: context.seal, size, sha256: b64u(digest.digest()), header },
  };
}

/** The file key of one's own bid, from its header (bytes) and context, with the keys that sealed it. */
export async function openOwnStanza(header, context, keys) {
  const lines = new TextDecoder("latin1").decode(header).split("\n");
  const at = lines.findIndex((line) => line.startsWith("-> etp/owner "));
  const [, , kid, enc] = lines[at].split(" ");
  if (kid !== keys.kid) throw new Error("载入的密钥不是封存这份投标文件的密钥。");
  const decode = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  try {
    const recipient = await suite.createRecipientContext({
      recipientKey: keys.encryption, enc: decode(enc), info: ownerInfo(await contextHash(context)),
    });
    return new Uint8Array(await recipient.open(decode(lines[at + 1])));
  } catch {
    throw new Error("该密钥不能解密此投标文件。");
  }
}

