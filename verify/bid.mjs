// A sealed file against the receipt of the bid: read piece by piece, however large it is.
import { sha256 as streaming } from "@noble/hashes/sha2.js";

import { Failed, H, Unchecked, b64u, HJ, isCount, isDigest, isList, isName, isBytes, isOne, isRow, orNull, parse, shaped } from "./forms.mjs";
import { checkReceipt } from "./receipt.mjs";

const STEP = 4 * 1024 * 1024;
const LONGEST_HEADER = 64 * 1024;
const INTRO = "age-encryption.org/v1\n";
const MANIFEST = {
  v: isOne(1), action: isOne("submit", "withdraw"), tender: isName, lot: isName, bidder: isName, rev: isCount, prev: orNull(isDigest), policy: isDigest,
  envelopes: isList(isRow({ name: isName, seal: isBytes(16), size: isCount, sha256: isDigest, header: isDigest })),
};

async function digestOf(blob, progress) {
  const hash = streaming.create();
  for (let at = 0; at < blob.size; at += STEP) {
    hash.update(new Uint8Array(await blob.slice(at, at + STEP).arrayBuffer()));
    progress?.(Math.min(at + STEP, blob.size), blob.size);
  }
  return b64u(hash.digest());
}

async function headerOf(blob) {
  const bytes = new Uint8Array(await blob.slice(0, LONGEST_HEADER).arrayBuffer());
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\n", text.indexOf("\n---") + 1);
  if (!text.startsWith(INTRO) || text.indexOf("\n---") < 0 || end < 0) throw new Failed("封存文件的开头不是加密文件的格式");
  return bytes.slice(0, end + 1);
}

/** Command `bid`: the sealed file `sealed` (a Blob), its receipt, and the manifest that the bidder signed. */
export async function checkBid({ sealed, receipt: bytes, manifest: list, keys, progress }) {
  if (!sealed || !bytes) throw new Unchecked("需要同时提供封存文件（*.etp）和回执");
  const { receipt, manifest: enclosed, said } = await checkReceipt(bytes, keys);
  if (!list && !enclosed) throw new Unchecked("回执只登记递交清单的摘要：请同时提供递交清单，才能核对封存文件");
  const manifest = shaped(enclosed ?? parse(list, "递交清单"), MANIFEST, "递交清单");
  if (b64u(await HJ("bid-manifest", manifest)) !== receipt.manifest) throw new Failed("递交清单不是回执上登记的那一份", receipt.index);
  const blob = sealed instanceof Blob ? sealed : new Blob([sealed]);
  const digest = await digestOf(blob, progress);
  const envelope = manifest.envelopes.find((each) => each.sha256 === digest);
  if (!envelope || envelope.size !== blob.size) throw new Failed("封存文件不是递交清单上的那一份：内容或大小不同", receipt.index);
  if (b64u(await H("age-header", await headerOf(blob))) !== envelope.header) throw new Failed("封存文件的开头与递交清单登记的不符", receipt.index);
  return { said: [...said, `封存文件（${blob.size} 字节）与递交时登记的逐字节相同`] };
}
