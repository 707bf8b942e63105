"""Recording official acts: the last statement of every action, in its transaction."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from django.db import connection, transaction

from ledger.canonical import H, b64u, instant, jcs
from ledger.delivery import listeners_of
from ledger.events import BlindOpened, Event, plain
from ledger.merkle import leaf_hash
from ledger.models import Delivery, EventRow, LedgerEntry, LedgerQueue
from ledger.tasks import deliver
from ledger.waking import wake_worker
from rulebook.refusals import Refused

LARGEST_ENTRY = 16_384
# A blinded act must later fit, with its salt and place, into an entry that opens it.
LARGEST_BLIND = LARGEST_ENTRY - 1024
# The sweep leaves a new delivery alone for so long: the worker that the commit wakes is usually faster.
GRACE = timedelta(seconds=15)


class Actor(Protocol):
    """Whoever an act is by, as far as the ledger knows them."""

    pseudonym: str


@dataclass
class Proof:
    """The signature under the act that is being carried out: its digest, the certificate it was made with, what it led to."""

    digest: str
    cert: str | None = None
    entries: list[LedgerEntry] = field(default_factory=list)


_proof: ContextVar[Proof | None] = ContextVar("proof", default=None)


@contextmanager
def bearing(proof: Proof) -> Iterator[None]:
    """Whatever is recorded inside bears this proof; its entries are gathered in `proof.entries`."""
    token = _proof.set(proof)
    try:
        yield
    finally:
        _proof.reset(token)


def record(event: Event, *, by: Actor | None, role: str = "", private: dict | None = None, cert: str | None = None) -> LedgerEntry:
    """Enter an act in the ledger and queue it for its listeners; both stand or fall with the caller's transaction.

    `by` bears a `.pseudonym`; None is the platform itself. `private` is bound by a salted hash but not published.
    `cert` is the digest of the certificate whose signature the act bears, if it bears one (base64url SHA-256 of its DER).
    RuntimeError outside a transaction; ValueError for an entry over 16 KiB, or for a blind event with a private part
    (opening it publishes the salt).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an official act is recorded inside the transaction that carries it out")
    if event.blind and private is not None:
        raise ValueError("a blind event has no private part of its own")
    stream, private, proof = event.stream, plain(private), _proof.get()
    if proof is not None and not event.blind:
        private = {**(private or {}), "proof": proof.digest}
    n, previous, at = next_place(stream)
    salt = secrets.token_bytes(32)
    body = {
        "v": 1,
        "t": "open",
        "k": event.kind,
        "s": stream,
        "n": n,
        "p": b64u(previous) if previous else None,
        "at": instant(at),
        "by": {
            "id": by.pseudonym if by else "platform",
            "role": role or ("system" if by is None or by.pseudonym == "platform" else "person"),
            # What names nobody names no certificate either: it would lead to who holds it.
            "cert": cert or (proof.cert if proof and by else None),
        },
        "d": event.public(),
        "h": b64u(H("private", salt + jcs(private))) if private is not None else None,
    }
    if len(jcs(body)) > (LARGEST_BLIND if event.blind else LARGEST_ENTRY):
        raise ValueError(f"the entry of {event.kind} is too large")
    data = blinded(salt, body) if event.blind else jcs(body)
    entry = LedgerEntry.objects.create(
        stream=stream,
        n=n,
        kind=event.kind,
        at=at,
        data=data,
        leaf_hash=leaf_hash(data),
        salt=salt if private is not None or event.blind else None,
        private=private,
        inner=body if event.blind else None,
    )
    LedgerQueue.objects.create(entry=entry)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_stream SET n = %s, last = %s WHERE name = %s", [n, bytes(entry.leaf_hash), stream])
    post(event, entry, at)
    if proof is not None:
        proof.entries.append(entry)
    return entry


def next_place(stream: str) -> tuple[int, bytes | None, datetime]:
    """Lock the stream; answer the next n, the leaf hash before it, and the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_stream (name, n) VALUES (%s, 0) ON CONFLICT DO NOTHING", [stream])
        cursor.execute("SELECT n, last FROM ledger_stream WHERE name = %s FOR UPDATE", [stream])
        n, last = cursor.fetchone()
        cursor.execute("SELECT official_now()")
        return n + 1, bytes(last) if last else None, cursor.fetchone()[0]


def blinded(salt: bytes, body: dict) -> bytes:
    """What stands in the log for an act nobody may know of yet."""
    return jcs({"v": 1, "t": "blind", "c": b64u(H("blind", salt + jcs(body)))})


def post(event: Event, entry: LedgerEntry, at: datetime) -> None:
    """Put the event into the outbox, one delivery per listener, and wake the workers after the commit."""
    row = EventRow.objects.create(entry=entry, kind=event.kind, payload=event.payload())
    deliveries = Delivery.objects.bulk_create(Delivery(event=row, listener=name, due_at=at + GRACE) for name in listeners_of(type(event)))
    for delivery in deliveries:
        transaction.on_commit(partial(wake, delivery.pk))


def wake(delivery: int) -> None:
    """Ask a worker to deliver now, or leave it to the sweep."""
    wake_worker(deliver, delivery)


def open_blind(*, private_stream: str, stream: str, by: Actor | None) -> list[LedgerEntry]:
    """Open all blinded entries of a private stream in a public one, in as many entries as their size demands."""
    rows = LedgerEntry.objects.filter(stream=private_stream).order_by("n").select_related("leaf")
    opened = []
    for entry in rows:
        assert entry.salt is not None, "a blinded entry keeps its salt"
        if not hasattr(entry, "leaf"):
            raise Refused("ledger_behind", "存证正在登记，请稍候几秒再试。", status=503)
        opened.append({"index": entry.leaf.idx, "salt": b64u(bytes(entry.salt)), "body": entry.inner})
    made: list[LedgerEntry] = []
    batch: list[dict] = []
    size = 0
    for row in opened:
        length = len(jcs(row)) + 1
        if batch and size + length > LARGEST_ENTRY - 1024:
            made.append(record(BlindOpened(into=stream, entries=batch), by=by))
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        made.append(record(BlindOpened(into=stream, entries=batch), by=by))
    return made
