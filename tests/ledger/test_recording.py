"""Official acts become entries: in their transaction, in their stream, with nothing private in the open part."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction

from ledger.acts import LARGEST_ENTRY, open_blind, record
from ledger.canonical import H, b64u, jcs, parse_jcs
from ledger.events import KINDS, Event
from ledger.merkle import leaf_hash
from ledger.models import EventRow, LedgerEntry, LedgerQueue, LedgerStream
from ledger.sequencer import sequence_once
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.ledger import SOMEBODY, Happened, HappenedInSecret, Paid, happen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_ledger")]


def body(entry):
    return parse_jcs(bytes(entry.data))


def test_an_entry_says_what_happened_and_by_whom():
    before = database_now()
    entry = happen("here", "a thing", role="tester")
    found = body(entry)
    assert before <= entry.at <= database_now()
    assert abs(datetime.fromisoformat(found.pop("at")) - entry.at).total_seconds() < 0.001
    assert found == {
        "v": 1, "t": "open", "k": "test.happened", "s": "test/here", "n": 1, "p": None,
        "by": {"id": "somebody", "role": "tester", "cert": None}, "d": {"where": "here", "what": "a thing"}, "h": None,
    }  # fmt: skip
    assert bytes(entry.leaf_hash) == leaf_hash(bytes(entry.data))
    assert LedgerQueue.objects.filter(entry=entry).exists()


def test_the_platform_itself_acts_as_the_system():
    assert body(happen(by=None))["by"] == {"id": "platform", "role": "system", "cert": None}


def test_each_stream_is_a_chain_of_its_own():
    first, other, second = happen("here"), happen("there"), happen("here")
    assert [(body(each)["n"], body(each)["p"]) for each in (first, other, second)] == [
        (1, None), (1, None), (2, b64u(bytes(first.leaf_hash))),
    ]  # fmt: skip
    stream = LedgerStream.objects.get(name="test/here")
    assert (stream.n, bytes(stream.last)) == (2, bytes(second.leaf_hash))


def test_a_private_part_is_bound_but_not_published():
    entry = happen(private={"name": "张三", "phone": "13900000000"})
    salt, private = bytes(entry.salt), {"name": "张三", "phone": "13900000000"}
    assert entry.private == private and len(salt) == 32
    assert body(entry)["h"] == b64u(H("private", salt + jcs(private)))
    assert "张三" not in bytes(entry.data).decode() and "1390" not in bytes(entry.data).decode()


def test_a_blinded_entry_shows_nothing_but_its_digest():
    entry = happen("secret", "a bid", secret=True)
    assert set(body(entry)) == {"v", "t", "c"} and body(entry)["t"] == "blind"
    assert body(entry)["c"] == b64u(H("blind", bytes(entry.salt) + jcs(entry.inner)))
    assert (entry.inner["k"], entry.inner["d"]["what"]) == ("test.happened_in_secret", "a bid")


def test_the_known_blinded_leaf_is_made_of_the_known_entry(vectors):
    known = vectors["blind"]
    assert KINDS["blind.opened"].__name__ == "BlindOpened"
    assert leaf_hash(known["leaf"].encode()).hex() == known["leaf_hash"]


def test_a_blind_event_takes_no_private_part():
    with pytest.raises(ValueError):
        happen(secret=True, private={"a": "b"})


def test_text_in_another_unicode_form_is_taken_in_its_composed_form():
    entry = happen(what="re\u0301sume\u0301.pdf", private={"file": "e\u0301"})
    assert body(entry)["d"]["what"] == "r\u00e9sum\u00e9.pdf"
    assert entry.private == {"file": "\u00e9"}


def test_an_entry_over_16_kib_is_refused():
    room = LARGEST_ENTRY - len(bytes(happen(what="").data))
    assert len(bytes(happen("else", what="x" * (room)).data)) <= LARGEST_ENTRY
    with pytest.raises(ValueError):
        happen("more", what="x" * (room + 100))


def test_two_events_of_one_kind_are_refused():
    with pytest.raises(TypeError):
        type("Impostor", (Event,), {"kind": "test.happened", "__module__": __name__})
    assert KINDS["test.happened"] is Happened


def test_listeners_get_sums_and_moments_back():
    paid = Paid(Decimal("80000.00"), datetime(2026, 11, 20, 9, 0, 0, 5000, UTC), None)
    assert Paid.from_payload(paid.payload()) == paid
    assert paid.payload() == {"amount": "80000.00", "at": "2026-11-20T09:00:00.005Z", "on": None}
    on_a_day = Paid(Decimal("1.00"), datetime(2026, 11, 20, tzinfo=UTC), date(2026, 11, 20))
    assert Paid.from_payload(on_a_day.payload()) == on_a_day


def test_blinded_acts_are_opened_with_all_that_proves_them():
    secrets = [happen("secret", f"act {n}", secret=True) for n in range(3)]
    sequence_once()
    [opening] = open_blind(private_stream="test/secret", stream="test/public", by=SOMEBODY)
    found = body(opening)
    assert (found["k"], found["s"]) == ("blind.opened", "test/public")
    assert [row["index"] for row in found["d"]["entries"]] == [entry.leaf.idx for entry in secrets]
    for row, secret in zip(found["d"]["entries"], secrets, strict=True):
        salt = bytes(secret.salt)
        assert row == {"index": secret.leaf.idx, "salt": b64u(salt), "body": secret.inner}
        assert body(secret)["c"] == b64u(H("blind", salt + jcs(row["body"])))


def test_many_blinded_acts_are_opened_in_entries_that_each_fit():
    for n in range(12):
        happen("secret", str(n) * 4000, secret=True)
    sequence_once()
    made = open_blind(private_stream="test/secret", stream="test/public", by=SOMEBODY)
    assert len(made) > 1 and all(len(bytes(entry.data)) <= LARGEST_ENTRY for entry in made)
    opened = [row["body"]["n"] for entry in made for row in body(entry)["d"]["entries"]]
    assert opened == list(range(1, 13))


def test_the_largest_blinded_act_can_be_opened():
    room = 15_300 - len(jcs(happen("probe", "", secret=True).inner))
    happen("secret", "x" * room, secret=True)
    sequence_once()
    [opening] = open_blind(private_stream="test/secret", stream="test/" + "p" * 110, by=SOMEBODY)
    assert len(bytes(opening.data)) <= LARGEST_ENTRY


def test_what_has_no_place_yet_cannot_be_opened():
    happen("secret", secret=True)
    with pytest.raises(Refused) as refused:
        open_blind(private_stream="test/secret", stream="test/public", by=SOMEBODY)
    assert refused.value.code == "ledger_behind"


@pytest.mark.django_db(transaction=True)
def test_an_act_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError):
        record(Happened("here"), by=SOMEBODY)
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_leaves_nothing():
    happen("here")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(Happened("here"), by=SOMEBODY)
        record(HappenedInSecret("there"), by=SOMEBODY)
        raise ZeroDivisionError
    assert (LedgerEntry.objects.count(), LedgerQueue.objects.count(), EventRow.objects.count()) == (1, 1, 1)
    assert body(happen("here"))["n"] == 2


@pytest.mark.django_db(transaction=True)
def test_acts_at_the_same_time_make_one_chain_per_stream():
    def worker(number):
        try:
            for n in range(15):
                happen("crowded" if n % 2 else f"own/{number}", f"{number}/{n}")
        finally:
            connection.close()

    threads = [threading.Thread(target=worker, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert LedgerEntry.objects.count() == 120
    for stream in LedgerStream.objects.all():
        entries = list(LedgerEntry.objects.filter(stream=stream.name).order_by("n"))
        assert [entry.n for entry in entries] == list(range(1, stream.n + 1))
        hashes = [None, *(b64u(bytes(entry.leaf_hash)) for entry in entries)]
        assert [body(entry)["p"] for entry in entries] == hashes[:-1]
        assert bytes(stream.last) == bytes(entries[-1].leaf_hash)
    assert LedgerStream.objects.get(name="test/crowded").n == 56
    assert sequence_once() == 120
