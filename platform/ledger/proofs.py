"""Where an entry stands in the log, and the proof that it does."""

from ledger.canonical import b64u
from ledger.merkle import node_hash, proof_from, split, verify_inclusion
from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf
from ledger.tiles import WIDTH, folded, read_tile


def proof_of(entry: LedgerEntry) -> dict | None:
    """index, size, root, proof (lowest first) and checkpoint note of the newest checkpoint; None until sequenced.

    Siblings come from the published tiles, so the cost does not grow with the log; RuntimeError if they do not lead
    to the signed root.
    """
    leaf = LedgerLeaf.objects.filter(entry=entry).first()
    checkpoint = LedgerCheckpoint.objects.order_by("-size").first()
    if leaf is None or checkpoint is None or checkpoint.size <= leaf.idx:
        return None
    steps = proof_from(subtree_root, 0, checkpoint.size, leaf.idx)
    root = bytes(checkpoint.root)
    if not verify_inclusion(bytes(leaf.leaf_hash), leaf.idx, checkpoint.size, steps, root):
        raise RuntimeError(f"the published tiles do not lead to the signed root at size {checkpoint.size}")
    return {
        "index": leaf.idx,
        "size": checkpoint.size,
        "root": b64u(root),
        "proof": [b64u(step) for step in steps],
        "checkpoint": checkpoint.note,
    }


def subtree_root(first: int, last: int) -> bytes:
    """The root over leaves first…last-1, as RFC 6962 cuts the tree."""
    size = last - first
    if size & (size - 1):
        middle = first + split(size)
        return node_hash(subtree_root(first, middle), subtree_root(middle, last))
    level, span = 0, 1
    while span * WIDTH <= size:
        level, span = level + 1, span * WIDTH
    hashes = published(level, first // span, size // span)
    if hashes is not None:
        return folded(hashes)
    # The newest checkpoint is in the database a moment before its tiles are in their files.
    if level:
        middle = first + size // 2
        return node_hash(subtree_root(first, middle), subtree_root(middle, last))
    leaves = LedgerLeaf.objects.filter(idx__gte=first, idx__lt=last).order_by("idx")
    return folded([bytes(leaf) for leaf in leaves.values_list("leaf_hash", flat=True)])


def published(level: int, place: int, width: int) -> list[bytes] | None:
    """Hashes place…place+width-1 of a level of the tiles, if they are published."""
    start = place % WIDTH
    try:
        return read_tile(level, place // WIDTH, start + width)[start : start + width]
    except FileNotFoundError:
        return None
