// What a draw computes, in the browser (docs/trust.md §7): the seed from the transcript, the order from the seed.
import { H, HJ, b64u, joined, sha256, unb64u, utf8, jcs } from "./base.js";

const LIMIT = 2n ** 64n;

export const commitmentOf = async (draw, party, r) => b64u(await HJ("draw-commit", { draw, party, r }));
export const boundTo = (draw, party, commit) => HJ("draw-context", { v: 1, draw, party, commit });
export const seedOf = (transcript) => HJ("draw-seed", transcript);
export const candidateHash = (salt, candidate) => H("draw-cand", joined(unb64u(salt), jcs(candidate)));

/** Numbers 0…n-1 without bias, from HMAC-SHA256 blocks of four big-endian uint64. */
async function source(seed) {
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  let [block, at, count] = [null, 4, 0n];
  const next = async () => {
    if (at === 4) {
      const counter = new Uint8Array(8);
      new DataView(counter.buffer).setBigUint64(0, count++);
      block = new DataView(await crypto.subtle.sign("HMAC", key, joined(utf8("etp/draw-block/v1\n"), counter)));
      at = 0;
    }
    return block.getBigUint64(8 * at++);
  };
  return async (n) => {
    const limit = LIMIT - (LIMIT % BigInt(n));
    for (;;) {
      const number = await next();
      if (number < limit) return Number(number % BigInt(n));
    }
  };
}

/** The permutation of a stratum's list that the seed gives. */
export async function orderOf(seed, stratum, count) {
  const below = await source(await H("draw-stratum", joined(seed, utf8(stratum))));
  const order = Array.from({ length: count }, (_, at) => at);
  for (let at = 0; at < count - 1; at++) {
    const other = at + (await below(count - at));
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

/** The RFC 6962 root over raw leaf data. */
export async function rootOf(leaves) {
  if (!leaves.length) return sha256(new Uint8Array());
  let level = await Promise.all(leaves.map((leaf) => sha256(joined(new Uint8Array(1), leaf))));
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at < level.length; at += 2) {
      above.push(at + 1 < level.length ? await sha256(joined(new Uint8Array([1]), level[at], level[at + 1])) : level[at]);
    }
    level = above;
  }
  return level[0];
}
