"""The Merkle tree of RFC 6962 over SHA-256, its inclusion and consistency proofs."""

import hashlib
from collections.abc import Callable

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: list[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


class Frontier:
    """The right edge of a growing tree: enough to append leaves and to know the root."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        level = 0
        while self.peaks and self.peaks[-1][0] == level:
            leaf = node_hash(self.peaks.pop()[1], leaf)
            level += 1
        self.peaks.append((level, leaf))
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY
        found = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            found = node_hash(peak, found)
        return found

    def copy(self) -> "Frontier":
        other = Frontier()
        other.size, other.peaks = self.size, list(self.peaks)
        return other


def proof_from(node: Callable[[int, int], bytes], first: int, last: int, index: int) -> list[bytes]:
    """The inclusion proof of leaf `index` in leaves first…last-1; `node(first, last)` gives any subtree's root."""
    if last - first == 1:
        return []
    middle = first + split(last - first)
    if index < middle:
        return [*proof_from(node, first, middle, index), node(middle, last)]
    return [*proof_from(node, middle, last, index), node(first, middle)]


def inclusion_proof(leaves: list[bytes], index: int) -> list[bytes]:
    """How to get from leaf `index` to the root over all `leaves` (hashes), lowest sibling first."""
    return proof_from(lambda first, last: root(leaves[first:last]), 0, len(leaves), index)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], expected: bytes) -> bool:
    """Whether the proof leads from the leaf at `index` to the root of a tree of `size` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and found == expected


def consistency_proof(leaves: list[bytes], old: int) -> list[bytes]:
    """That the tree over the first `old` leaves is a beginning of the tree over all (0 < old <= size)."""

    def steps(size: int, first: int, last: int, whole: bool) -> list[bytes]:
        if size == last - first:
            return [] if whole else [root(leaves[first:last])]
        middle = split(last - first)
        if size <= middle:
            return [*steps(size, first, first + middle, whole), root(leaves[first + middle : last])]
        return [*steps(size - middle, first + middle, last, False), root(leaves[first : first + middle])]

    return steps(old, 0, len(leaves), True)


def verify_consistency(old: int, old_root: bytes, size: int, new_root: bytes, proof: list[bytes]) -> bool:
    """Whether the proof shows the old tree to be a beginning of the new one (RFC 9162 §2.1.4.2)."""
    if old == size:
        return not proof and old_root == new_root
    if not 0 < old < size or not proof:
        return False
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    place, last = old - 1, size - 1
    while place & 1:
        place >>= 1
        last >>= 1
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first = node_hash(step, first)
            second = node_hash(step, second)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            second = node_hash(second, step)
        place >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root
