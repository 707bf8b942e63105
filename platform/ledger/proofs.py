"""Where an entry stands in the log, and the proof that it does."""

from ledger.canonical import b64u
from ledger.merkle import node_hash, proof_from, split
from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf
from ledger.tiles import WIDTH, tile_path


def proof_of(entry: LedgerEntry) -> dict | None:
    """index, size, root, proof (lowest first) and checkpoint note of the newest checkpoint; None until sequenced."""
    leaf = LedgerLeaf.objects.filter(entry=entry).first()
    checkpoint = LedgerCheckpoint.objects.order_by("-size").first()
    if leaf is None or checkpoint is None or checkpoint.size <= leaf.idx:
        return None
    steps = proof_from(subtree_root, 0, checkpoint.size, leaf.idx)
    return {
        "index": leaf.idx,
        "size": checkpoint.size,
        "root": b64u(bytes(checkpoint.root)),
        "proof": [b64u(step) for step in steps],
        "checkpoint": checkpoint.note,
    }


def subtree_root(first: int, last: int) -> bytes:
    """The root over leaves first…last-1; full aligned subtrees of 256 leaves come from the tiles."""
    size = last - first
    if size == WIDTH and first % WIDTH == 0:
        path = tile_path(1, first // WIDTH // WIDTH)
        full = path if path.exists() else None
        if full is not None:
            place = first // WIDTH % WIDTH
            return full.read_bytes()[place * 32 : place * 32 + 32]
    if size <= WIDTH:
        hashes = LedgerLeaf.objects.filter(idx__gte=first, idx__lt=last).order_by("idx").values_list("leaf_hash", flat=True)
        return folded([bytes(leaf) for leaf in hashes])
    middle = first + split(size)
    return node_hash(subtree_root(first, middle), subtree_root(middle, last))


def folded(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return node_hash(folded(leaves[:middle]), folded(leaves[middle:]))
