// From a seed to an order: trust.md §7.6.
import { H, joined, utf8 } from "./forms.mjs";

const LABEL = utf8("etp/draw-block/v1\n");
const ALL = 1n << 64n;

/** Numbers of 64 bits, without end, from a 32-byte seed. */
async function* numbers(seed) {
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  for (let count = 0n; ; count += 1n) {
    const counter = new DataView(new ArrayBuffer(8));
    counter.setBigUint64(0, count);
    const block = new DataView(await crypto.subtle.sign("HMAC", key, joined(LABEL, new Uint8Array(counter.buffer))));
    for (let at = 0; at < 32; at += 8) yield block.getBigUint64(at);
  }
}

/** `below(n)`: the next number from 0 to n-1, every one equally likely. */
export function generator(seed) {
  const source = numbers(seed);
  return async (n) => {
    const limit = ALL - (ALL % BigInt(n));
    for (;;) {
      const { value } = await source.next();
      if (value < limit) return Number(value % BigInt(n));
    }
  };
}

/** The order of 0…n-1 that a seed gives; `onStep(place, other)` hears of each exchange. */
export async function permutation(seed, n, onStep = () => {}) {
  const below = generator(seed);
  const order = Array.from({ length: n }, (_, place) => place);
  for (let place = 0; place < n - 1; place += 1) {
    const other = place + (await below(n - place));
    [order[place], order[other]] = [order[other], order[place]];
    onStep(place, other);
  }
  return order;
}

export const stratumSeed = (seed, id) => H("draw-stratum", seed, utf8(id));
