"""The only lawful repair: entries the database lost come back byte for byte, until the root is the signed one."""

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from ledger.acts import blinded, record
from ledger.canonical import parse_jcs, unb64u
from ledger.events import LedgerNote
from ledger.keys import verify_checkpoint
from ledger.merkle import Frontier, leaf_hash
from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerQueue, LedgerStream
from ledger.note import Checkpoint
from ledger.sequencer import LogBroken, stand_alone, step_down
from ledger.signer import signer
from ledger.tiles import WIDTH, entries_in, numbered
from rulebook.clock import database_now

# Blinded entries whose content nobody brought back stand in a stream of their own, by their place in the log.
LOST = "blind/lost"
CHUNK = 1000


def restore(folder: Path, receipts: Path | None = None) -> int:
    """Put back what the database lost, from `folder` (published files or a witness's mirror); how many entries.

    `receipts` is a folder of bidders' receipts (JSON), which alone know what their blinded entries say. LogBroken, and
    nothing is changed, where the files do not lead to the signed root, or the database holds something else: then it
    did not lose entries but was altered, and people must look.
    """
    signed = signer().state()
    contents = contents_of(receipts)
    if not stand_alone():
        raise LogBroken("a sequencer is running; stop it first")
    try:
        with transaction.atomic(durable=True):
            count = fill(folder, signed["size"], bytes.fromhex(signed["root"]), contents)
            put_back_checkpoints(folder, signed["note"])
            if count:
                record(LedgerNote("restored", {"entries": count, "size": signed["size"]}), by=None)
        return count
    finally:
        step_down()


def contents_of(receipts: Path | None) -> dict[bytes, tuple[bytes, dict]]:
    """Salt and body of blinded entries, by their leaf hash."""
    found = {}
    for path in sorted(receipts.glob("*.json")) if receipts else []:
        entry = json.loads(path.read_text())["receipt"]["entry"]
        salt, body = unb64u(entry["salt"]), entry["body"]
        found[leaf_hash(blinded(salt, body))] = (salt, body)
    return found


def bundle_of(folder: Path, index: int, width: int) -> list[bytes]:
    path = folder / "tile" / "entries" / numbered(index)
    partial = path.with_name(path.name + ".p")
    wide = sorted((each for each in partial.glob("[0-9]*") if int(each.name) >= width), key=lambda each: int(each.name))
    for file in (path, *wide):
        if file.exists():
            return entries_in(file.read_bytes())
    raise LogBroken(f"the entries of bundle {index} are not in {folder}")


def fill(folder: Path, size: int, root: bytes, contents: dict[bytes, tuple[bytes, dict]]) -> int:
    """Compare the log with the files, place by place, and add what is missing; the number of entries added."""
    frontier, added = Frontier(), 0
    known = dict(LedgerLeaf.objects.values_list("idx", "leaf_hash"))
    for index in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - index * WIDTH)
        for data in bundle_of(folder, index, width)[:width]:
            place, leaf = frontier.size, leaf_hash(data)
            frontier.append(leaf)
            if place not in known:
                put_back(place, leaf, data, contents)
                added += 1
            elif bytes(known[place]) != leaf:
                raise LogBroken(f"place {place} holds another entry than was published: this is no loss")
    if max(known, default=-1) >= size or frontier.root() != root:
        raise LogBroken(f"the files lead to another root at size {size} than was signed")
    return added


def put_back(place: int, leaf: bytes, data: bytes, contents: dict[bytes, tuple[bytes, dict]]) -> None:
    """One place of the log: its entry, if that was lost too, and the head of its stream."""
    entry = LedgerEntry.objects.filter(leaf_hash=leaf).first()
    if entry is not None and bytes(entry.data) != data:
        raise LogBroken(f"the entry of place {place} was altered: this is no loss")
    if entry is None:
        entry = LedgerEntry.objects.create(**row_of(place, leaf, data, contents))
        LedgerStream.objects.get_or_create(name=entry.stream, defaults={"n": 0})
        LedgerStream.objects.filter(name=entry.stream, n__lt=entry.n).update(n=entry.n, last=leaf)
    LedgerQueue.objects.filter(entry=entry).delete()
    LedgerLeaf.objects.create(idx=place, entry=entry, leaf_hash=leaf)


def row_of(place: int, leaf: bytes, data: bytes, contents: dict[bytes, tuple[bytes, dict]]) -> dict:
    salt, body = contents.get(leaf, (None, None))
    inner = body
    if body is None:
        body = parse_jcs(data)
        if body["t"] == "blind":
            body = {"s": LOST, "n": place + 1, "k": "blind.lost", "at": None, "p": None}
    if body["p"] is not None and LedgerEntry.objects.filter(stream=body["s"], n=body["n"]).exists():
        raise LogBroken(f"{body['s']} has another entry {body['n']}: acts were recorded after the loss")
    return {
        "stream": body["s"],
        "n": body["n"],
        "kind": body["k"],
        "at": datetime.fromisoformat(body["at"]) if body["at"] else database_now(),
        "data": data,
        "leaf_hash": leaf,
        "salt": salt,
        # What a blinded entry says may be unknown; that it is one shows all the same.
        "inner": inner if inner is not None else ({} if body["s"] == LOST else None),
    }


def put_back_checkpoints(folder: Path, newest: str) -> None:
    """Every signed note of the files that the database lacks, each checked against the leaves now there."""
    # A mirror has only the checkpoints its witness happened to see; the platform's own list, where it survived, has all.
    lists = [each / "checkpoints.txt" for each in (folder, settings.ETP_LEDGER)]
    listed = "".join(path.read_text() for path in lists if path.exists())
    signed = {checkpoint.size: (checkpoint, note) for note in [*notes_in(listed), newest] if note for checkpoint in [verified(note)]}
    known = set(LedgerCheckpoint.objects.values_list("size", flat=True))
    frontier = Frontier()
    for leaf in LedgerLeaf.objects.order_by("idx").values_list("leaf_hash", flat=True).iterator(chunk_size=CHUNK):
        frontier.append(bytes(leaf))
        if frontier.size in signed and frontier.size not in known:
            checkpoint, note = signed[frontier.size]
            if checkpoint.root != frontier.root():
                raise LogBroken(f"the checkpoint of size {checkpoint.size} does not fit the entries")
            LedgerCheckpoint.objects.create(size=checkpoint.size, root=checkpoint.root, note=note, at=database_now())


def verified(note: str) -> Checkpoint:
    try:
        return verify_checkpoint(note)
    except ValueError as wrong:
        raise LogBroken(f"a checkpoint in the files is not signed: {wrong}") from wrong


def notes_in(listed: str) -> list[str]:
    """The notes of `checkpoints.txt`: each is a text, an empty line and signatures, and an empty line follows it."""
    blocks = listed.split("\n\n")
    return [f"{text}\n\n{signatures}\n" for text, signatures in zip(blocks[::2], blocks[1::2], strict=False)]
