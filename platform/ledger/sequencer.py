"""The one process that gives entries their place in the log (docs/ledger.md)."""

import logging
import random
import time
from collections.abc import Callable
from datetime import time as daytime

from django.db import connection, transaction

from ledger.acts import record
from ledger.events import Chaff
from ledger.keys import publish_keys
from ledger.merkle import Frontier, leaf_hash
from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerQueue
from ledger.note import opened
from ledger.signer import SignerAway, signer
from ledger.tiles import complete_checkpoints, publish_checkpoint, published_checkpoint, write_tiles
from rulebook.clock import CITY, city_day, database_now
from rulebook.workdays import is_workday

log = logging.getLogger(__name__)

LOCK = 0x657470  # "etp"
BATCH = 2000
PAUSE = 0.2
CHAFF_EVERY = 300
OFFICE_HOURS = (daytime(8, 30), daytime(17, 30))


class LogBroken(Exception):
    """Database, signer and published files tell different stories. Never repaired by the machine: people must look."""


def stand_alone() -> bool:
    """Take the sequencer's lock for this session, if no other has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def step_down() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def start() -> Frontier:
    """The tree's edge, once database, signer and files agree and what a crash interrupted is finished."""
    frontier = rebuilt()
    republish(frontier)
    publish_keys()
    signed = signer().state()
    if signed["size"] > frontier.size:
        frontier = place(frontier, interrupted(signed["batch"]))
    return frontier


def rebuilt() -> Frontier:
    """The tree's edge from the leaves in the database. The signer may be ahead by the one batch of a crash, no more."""
    frontier = Frontier()
    leaves = LedgerLeaf.objects.order_by("idx").values_list("idx", "leaf_hash")
    for index, leaf in leaves.iterator(chunk_size=10_000):
        if index != frontier.size:
            raise LogBroken(f"leaf {frontier.size} is missing")
        frontier.append(bytes(leaf))
    signed = signer().state()
    reached = frontier.copy()
    if frontier.size == signed["size"] - len(signed["batch"]):
        for leaf in signed["batch"]:
            reached.append(bytes.fromhex(leaf))
    if reached.size != signed["size"]:
        raise LogBroken(f"{frontier.size} leaves in the database, {signed['size']} signed")
    if reached.size and reached.root().hex() != signed["root"]:
        raise LogBroken(f"the root at size {reached.size} is not the one that was signed")
    return frontier


def republish(frontier: Frontier) -> None:
    """Write what the published files lack: the crash may have come after the commit, or the files were lost."""
    published = published_checkpoint()
    size = published.size if published else 0
    if size > frontier.size:
        raise LogBroken(f"{frontier.size} leaves in the database, {size} published")
    write_tiles(hashes_between, entries_between, size, frontier.size)
    notes = LedgerCheckpoint.objects.order_by("size").values_list("note", flat=True)
    try:
        complete_checkpoints(notes.iterator(chunk_size=10_000))
    except ValueError as wrong:
        raise LogBroken(str(wrong)) from wrong


def interrupted(batch: list[str]) -> list[LedgerEntry]:
    """After a crash between signing and commit: the very entries that were signed, in the order signed."""
    wanted = [bytes.fromhex(leaf) for leaf in batch]
    rows = LedgerQueue.objects.filter(entry__leaf_hash__in=wanted).select_related("entry")
    by_leaf = {leaf_hash(bytes(row.entry.data)): row.entry for row in rows}
    if any(leaf not in by_leaf for leaf in wanted):
        raise LogBroken("an entry that was signed is not in the queue")
    return [by_leaf[leaf] for leaf in wanted]


def waiting() -> list[LedgerEntry]:
    return [row.entry for row in LedgerQueue.objects.select_related("entry").order_by("entry_id")[:BATCH]]


def place(frontier: Frontier, entries: list[LedgerEntry]) -> Frontier:
    """Give these entries the next places, have the new root signed, commit, and only then publish."""
    grown, leaves = frontier.copy(), []
    with transaction.atomic(durable=True):
        for entry in entries:
            # From the data, not from the column beside it: what is signed is what can be read.
            leaf = leaf_hash(bytes(entry.data))
            leaves.append(LedgerLeaf(idx=grown.size, entry=entry, leaf_hash=leaf))
            grown.append(leaf)
        LedgerLeaf.objects.bulk_create(leaves)
        LedgerQueue.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
        note = signer().sign_checkpoint(grown.size, grown.root(), [bytes(leaf.leaf_hash) for leaf in leaves])
        LedgerCheckpoint.objects.create(size=grown.size, root=grown.root(), note=note, at=database_now())
    write_tiles(hashes_between, entries_between, frontier.size, grown.size)
    publish_checkpoint(note)
    if len(opened(note)[1]) > 1:
        # Signed by two keys: one has taken over from the other.
        publish_keys()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('ledger_checkpoint', %s)", [str(grown.size)])
    return grown


def hashes_between(first: int, last: int) -> list[bytes]:
    rows = LedgerLeaf.objects.filter(idx__gte=first, idx__lt=last).order_by("idx")
    return [bytes(leaf) for leaf in rows.values_list("leaf_hash", flat=True)]


def entries_between(first: int, last: int) -> list[bytes]:
    rows = LedgerLeaf.objects.filter(idx__gte=first, idx__lt=last).order_by("idx")
    return [bytes(data) for data in rows.values_list("entry__data", flat=True)]


def sequence_once() -> int:
    """Place everything that waits now; the number of entries placed. 0 while another process sequences."""
    if not stand_alone():
        return 0
    try:
        before = LedgerLeaf.objects.count()
        frontier = start()
        while entries := waiting():
            frontier = place(frontier, entries)
        return frontier.size - before
    finally:
        step_down()


def run(stopped: Callable[[], bool]) -> None:
    """Sequence until `stopped()`; stand by while another process does.

    A lost connection ends the run with its error, since the lock went with it; whoever supervises starts it again.
    """
    while not stopped() and not stand_alone():
        time.sleep(1)
    try:
        if not stopped():
            sequence(begun(stopped), stopped)
    finally:
        connection.close()


def begun(stopped: Callable[[], bool]) -> Frontier:
    """`start()`, once the signer answers."""
    while not stopped():
        try:
            return start()
        except SignerAway:
            log.warning("the signer does not answer; waiting for it")
            time.sleep(1)
    return Frontier()


def sequence(frontier: Frontier, stopped: Callable[[], bool]) -> None:
    log.info("sequencing from size %s", frontier.size)
    chaff_due = time.monotonic() + chaff_pause()
    while not stopped():
        began = time.monotonic()
        if began >= chaff_due:
            scatter_chaff()
            chaff_due = began + chaff_pause()
        entries = waiting()
        if entries:
            try:
                frontier = place(frontier, entries)
            except SignerAway:
                # It may have signed before it went: the same batch first, as after a crash.
                log.warning("the signer does not answer; %s entries wait", len(entries))
                frontier = begun(stopped)
        if len(entries) < BATCH:
            time.sleep(max(0.0, began + PAUSE - time.monotonic()))


def chaff_pause() -> float:
    return random.SystemRandom().expovariate(1 / CHAFF_EVERY)


@transaction.atomic
def scatter_chaff() -> None:
    """In office hours, when people act, add a blinded entry that means nothing."""
    now = database_now()
    opens, closes = OFFICE_HOURS
    if is_workday(city_day(now)) and opens <= now.astimezone(CITY).time() < closes:
        record(Chaff(), by=None)
