// The Merkle tree of RFC 6962.
import { joined, same, sha256 } from "./forms.mjs";

const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)];

export const leafHash = (data) => sha256(joined(LEAF, data));
export const nodeHash = (left, right) => sha256(joined(NODE, left, right));

/** A growing tree: its right edge is all that is kept. `onNode(level, hash)` hears of each full subtree. */
export class Tree {
  constructor(onNode = () => {}) {
    this.size = 0;
    this.edge = [];
    this.onNode = onNode;
  }

  append(leaf) {
    return this.add(leaf, 0);
  }

  /** Append 2^n leaves at a size that is a multiple of their number; quicker than one by one. */
  async appendMany(leaves) {
    let hashes = leaves, level = 0;
    while (hashes.length > 1) {
      const pairs = hashes.filter((_, at) => at % 2 === 0).map((left, at) => nodeHash(left, hashes[2 * at + 1]));
      hashes = await Promise.all(pairs);
      level += 1;
      for (const hash of hashes) this.onNode(level, hash);
    }
    await this.add(hashes[0], level);
  }

  /** Add a full subtree of that level at the right edge. */
  async add(subtree, height) {
    let hash = subtree, level = height;
    while (this.edge.length && this.edge.at(-1).level === level) {
      hash = await nodeHash(this.edge.pop().hash, hash);
      level += 1;
      this.onNode(level, hash);
    }
    this.edge.push({ level, hash });
    this.size += 2 ** height;
  }

  async root() {
    if (!this.edge.length) return sha256(new Uint8Array());
    let found = this.edge.at(-1).hash;
    for (let at = this.edge.length - 2; at >= 0; at -= 1) found = await nodeHash(this.edge[at].hash, found);
    return found;
  }
}

export async function rootOf(leaves) {
  const tree = new Tree();
  for (const leaf of leaves) await tree.append(leaf);
  return tree.root();
}

/** Whether `path`, lowest sibling first, leads from the leaf at `index` to the root of a tree of `size`. */
export async function included(leaf, index, size, path, root) {
  if (index >= size) return false;
  let place = index, last = size - 1, found = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      found = await nodeHash(sibling, found);
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      found = await nodeHash(found, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && same(found, root);
}
