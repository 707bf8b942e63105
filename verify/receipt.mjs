// A bidder's receipt, or the platform's first promise (ack) of one.
import { Failed, HJ, Unchecked, b64u, canonical, isBytes, isCount, isDigest, isList, isName, isObject, isOne, isRow, isText, isTime, parse, shaped, unb64u } from "./forms.mjs";
import { signedByPlatform, verifyNote } from "./keys.mjs";
import { blinded, checkEntry, checkLog } from "./log.mjs";
import { checkBids, lotsOf, secretsOf } from "./opening.mjs";
import { included, leafHash } from "./tree.mjs";

const ACTIONS = { submit: ["bid.submitted", "bid.replaced"], withdraw: ["bid.withdrawn"] };
const COMMON = {
  v: isOne(1), action: isOne("submit", "withdraw"), tender: isName, lot: isName, bidder: isName, rev: (rev) => isCount(rev) && rev > 0,
  manifest: isDigest, received_at: isTime, deadline: isTime,
};
const RECEIPT = {
  ...COMMON, entry: isRow({ salt: isBytes(32), body: isObject }), index: isCount, size: isCount, root: isDigest, proof: isList(isDigest),
  checkpoint: isText,
};
const ACK = { ...COMMON, leaf: isDigest, promise: isCount };
const REPEATED = ["tender", "lot", "bidder", "rev", "manifest", "received_at"];

async function signed(file, label, keys, what) {
  if (!(await signedByPlatform(keys, label, file[label], file.signature))) throw new Failed(`${what}不是平台的回执密钥签名的，或签名后被改动`);
}

/** What the signed receipt in these bytes says, checked by itself: {receipt, note, manifest, said}; a manifest may come with it. */
export async function checkReceipt(bytes, keys) {
  const file = parse(bytes, "回执");
  const { manifest = null, ...rest } = isObject(file) ? file : {};
  shaped(rest, { receipt: isObject, signature: isBytes(64) }, "回执");
  const receipt = shaped(file.receipt, RECEIPT, "回执");
  await signed(file, "receipt", keys, "回执");
  if (manifest !== null && b64u(await HJ("bid-manifest", manifest)) !== receipt.manifest) throw new Failed("回执附带的递交清单不是回执登记的那一份", receipt.index);
  const { salt, body } = receipt.entry;
  checkEntry(body, "回执中的记录", receipt.index);
  const told = canonical(body.d) === canonical(Object.fromEntries(REPEATED.map((name) => [name, receipt[name]])));
  if (!told || !ACTIONS[receipt.action].includes(body.k) || body.s !== `bids/${receipt.tender}/${receipt.lot}`) {
    throw new Failed("回执上写的与登记在账本里的记录不一致", receipt.index);
  }
  const note = await verifyNote(receipt.checkpoint, keys, "回执中的检查点");
  if (note.size !== receipt.size || note.root !== receipt.root) throw new Failed("回执中的检查点与回执写的账本长度或根摘要不同", receipt.index);
  const leaf = await leafHash(await blinded(salt, body));
  if (!(await included(leaf, receipt.index, receipt.size, receipt.proof.map(unb64u), unb64u(receipt.root)))) {
    throw new Failed(`回执中的证明不能说明记录在账本第 ${receipt.index} 条`, receipt.index);
  }
  if (receipt.received_at >= receipt.deadline) throw new Failed("回执上的收到时间不早于投标截止时间", receipt.index);
  return {
    receipt, note, manifest,
    said: [
      "回执由平台的回执密钥签名，内容没有改动",
      `你的${receipt.action === "submit" ? "递交" : "撤回"}登记为账本第 ${receipt.index} 条，有完整的数学证明`,
      `收到时间 ${receipt.received_at} 早于截止时间 ${receipt.deadline}`,
    ],
  };
}

/** Command `receipt`: a receipt or ack, and what has become of it in the log. */
export async function checkReceiptFile({ file, log, keys, progress }) {
  if (!file) throw new Unchecked("没有回执文件");
  const kind = parse(file, "回执");
  if (isObject(kind) && Object.hasOwn(kind, "ack")) return checkAck(kind, { log, keys, progress });
  const { receipt, note, said } = await checkReceipt(file, keys);
  if (!log) return { said, warnings: ["没有提供账本，未核对回执之后账本是否被改写"] };
  const rows = [];
  const found = await checkLog(log, keys, {
    progress,
    expect: [{ ...note, what: "回执中的检查点" }],
    visit(entry, index) {
      if (entry.s === `tender/${receipt.tender}`) rows.push({ ...entry, index });
    },
  });
  said.push(`回执所在的账本是今天账本（${found.size} 条）的前段，没有被改写`);
  const lot = (await lotsOf(receipt.tender, rows)).get(receipt.lot);
  if (!lot?.revealed) return { said, warnings: lot?.locked ? [] : ["本标段尚未锁定和开标"] };
  if (!found.opened.has(receipt.index)) throw new Failed("开标后公开的投标记录里没有你的这一条", receipt.index);
  said.push("开标后公开的投标记录里有你的这一条");
  const heads = await checkBids(lot, secretsOf(found.opened, receipt.tender, receipt.lot));
  const counts = heads.some((head) => head.bidder === receipt.bidder && head.rev === receipt.rev);
  said.push(counts ? "锁定的投标清单包含你的这一版" : "锁定的投标清单完整；你的这一版后来已替换或撤回，不在其中");
  return { said };
}

async function checkAck(file, { log, keys, progress }) {
  shaped(file, { ack: isObject, signature: isBytes(64) }, "收讫");
  const ack = shaped(file.ack, ACK, "收讫");
  await signed(file, "ack", keys, "收讫");
  if (ack.received_at >= ack.deadline) throw new Failed("收讫上的收到时间不早于投标截止时间");
  const said = ["收讫由平台的回执密钥签名，内容没有改动"];
  if (!log) return { said, warnings: ["收讫只是平台的承诺：请同时提供账本，才能核对是否兑现"] };
  let index = null, newest = "";
  await checkLog(log, keys, {
    progress,
    visit(entry, at, leaf) {
      if (b64u(leaf) === ack.leaf) index = at;
      if (entry.t === "open" && entry.at > newest) newest = entry.at;
    },
  });
  if (index !== null) return { said: [...said, `平台承诺登记的记录在账本第 ${index} 条`] };
  const until = new Date(new Date(ack.received_at).getTime() + ack.promise * 1000).toISOString();
  if (newest > until) throw new Failed(`平台承诺在 ${until} 前登记的记录不在账本里，这就是平台失信的证据`);
  throw new Unchecked("记录还没有进入账本，请稍后再核验");
}
