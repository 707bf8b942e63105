"""The one process that gives entries their place in the log (docs/trust.md §2.3)."""

import logging
import time

from django.db import connection, transaction

from ledger.merkle import Frontier, leaf_hash
from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerQueue
from ledger.signer import signer
from ledger.tiles import publish_checkpoint, write_tiles
from rulebook.clock import database_now

log = logging.getLogger(__name__)

LOCK = 0x657470  # "etp"
BATCH = 2000
PAUSE = 0.2


class LogBroken(Exception):
    """Database and signer tell different stories. Never repaired by the machine: people must look."""


def stand_alone() -> bool:
    """Take the sequencer's lock for this session, if no other has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def step_down() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def rebuilt() -> Frontier:
    """The tree's edge from the leaves in the database, compared with what the signer signed last."""
    frontier = Frontier()
    signed = signer().state()
    reached = signed["size"] == 0
    for leaf in LedgerLeaf.objects.order_by("idx").values_list("leaf_hash", flat=True).iterator(chunk_size=10_000):
        frontier.append(bytes(leaf))
        if frontier.size == signed["size"]:
            reached = frontier.root().hex() == signed["root"]
            if not reached:
                raise LogBroken(f"the root at size {frontier.size} is not the one that was signed")
    if frontier.size > signed["size"]:
        raise LogBroken(f"{frontier.size} leaves in the database, {signed['size']} signed")
    if not reached and frontier.size < signed["size"] - len(signed["batch"]):
        raise LogBroken(f"{frontier.size} leaves in the database, {signed['size']} signed: entries were lost")
    return frontier


def place_batch(frontier: Frontier) -> Frontier | None:
    """Give the waiting entries their places, have the new root signed, and publish; None when nothing waits."""
    with transaction.atomic():
        waiting = list(LedgerQueue.objects.select_related("entry").order_by("entry_id")[:BATCH])
        signed = signer().state()
        if signed["size"] > frontier.size:
            waiting = replay(waiting, signed, frontier.size)
        if not waiting:
            return None
        grown = frontier.copy()
        leaves = []
        for row in waiting:
            leaf = leaf_hash(bytes(row.entry.data))
            leaves.append(LedgerLeaf(idx=grown.size, entry=row.entry, leaf_hash=leaf))
            grown.append(leaf)
        LedgerLeaf.objects.bulk_create(leaves)
        LedgerQueue.objects.filter(pk__in=[row.pk for row in waiting]).delete()
        note = signer().sign_checkpoint(grown.size, grown.root(), [leaf.leaf_hash for leaf in leaves])
        LedgerCheckpoint.objects.create(size=grown.size, root=grown.root(), note=note, at=database_now())
    write_tiles(hashes_between, entries_between, frontier.size, grown.size)
    publish_checkpoint(note)
    return grown


def replay(waiting, signed, size):
    """After a crash between signing and commit, the very batch that was signed comes first, in the same order."""
    batch = signed["batch"][len(signed["batch"]) - (signed["size"] - size) :]
    by_leaf = {leaf_hash(bytes(row.entry.data)).hex(): row for row in waiting}
    try:
        return [by_leaf[leaf] for leaf in batch]
    except KeyError as missing:
        raise LogBroken(f"a signed entry is missing from the queue: {missing}") from missing


def hashes_between(first, last):
    rows = LedgerLeaf.objects.filter(idx__gte=first, idx__lt=last).order_by("idx")
    return [bytes(leaf) for leaf in rows.values_list("leaf_hash", flat=True)]


def entries_between(first, last):
    rows = LedgerEntry.objects.filter(leaf__idx__gte=first, leaf__idx__lt=last).order_by("leaf__idx")
    return [bytes(data) for data in rows.values_list("data", flat=True)]


def sequence_once() -> int:
    """Place everything that waits now; the number of entries placed. For commands and tests."""
    if not stand_alone():
        return 0
    try:
        frontier = rebuilt()
        first = frontier.size
        while (grown := place_batch(frontier)) is not None:
            frontier = grown
        return frontier.size - first
    finally:
        step_down()


def run(stopped) -> None:
    """Sequence until `stopped()`; stand by while another process does."""
    while not stopped():
        if not stand_alone():
            time.sleep(1)
            continue
        frontier = rebuilt()
        republish(frontier.size)
        log.info("sequencing from size %s", frontier.size)
        while not stopped():
            grown = place_batch(frontier)
            frontier = grown or frontier
            if grown is None:
                time.sleep(PAUSE)


def republish(size):
    """Write the files of the last checkpoint again: the crash may have come after the commit."""
    last = LedgerCheckpoint.objects.order_by("-size").first()
    if last is not None and size:
        write_tiles(hashes_between, entries_between, max(size - BATCH, 0), size)
        publish_checkpoint(last.note)
