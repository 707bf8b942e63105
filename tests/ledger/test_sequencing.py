"""The sequencer: one at a time, every entry once, nothing repaired in silence, and a crash at any step survived."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection

import ledger.tiles
from ledger import sequencer
from ledger.canonical import b64u, unb64u
from ledger.merkle import leaf_hash, root, verify_inclusion
from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerQueue
from ledger.note import verify
from ledger.proofs import proof_of
from ledger.sequencer import LOCK, LogBroken, sequence_once
from ledger.signer import local_signer, signer
from ledger.tiles import WIDTH, numbered, read_tile
from rulebook.clock import database_now
from tests.conftest_ledger import GUARDED
from tests.factories.ledger import happen
from tests.processes import database_url

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]


class PowerCut(BaseException):
    """The process is gone: no handler runs."""


def leaves():
    return [bytes(leaf) for leaf in LedgerLeaf.objects.order_by("idx").values_list("leaf_hash", flat=True)]


def check_all(folder):
    """Database, signer and files agree to the last byte, and every entry can be proved."""
    found = leaves()
    assert [leaf.idx for leaf in LedgerLeaf.objects.order_by("idx")] == list(range(len(found)))
    assert found == [leaf_hash(bytes(leaf.entry.data)) for leaf in LedgerLeaf.objects.order_by("idx")]
    assert not LedgerQueue.objects.exists()
    notes = list(LedgerCheckpoint.objects.order_by("size").values_list("note", flat=True))
    for note in notes:
        checkpoint = verify(note, signer().name, signer().ledger_public_key())
        assert checkpoint.root == root(found[: checkpoint.size])
    assert verify(notes[-1], signer().name, signer().ledger_public_key()).size == len(found) == signer().state()["size"]
    assert (folder / "checkpoint").read_text() == notes[-1]
    assert (folder / "checkpoints.txt").read_text() == "".join(note + "\n" for note in notes)
    check_tiles(folder, found)
    for entry in LedgerEntry.objects.all()[:: max(1, len(found) // 20)]:
        proof = proof_of(entry)
        steps = [unb64u(step) for step in proof["proof"]]
        assert verify_inclusion(bytes(entry.leaf_hash), proof["index"], len(found), steps, unb64u(proof["root"]))


def check_tiles(folder, found):
    level, nodes = 0, found
    while nodes:
        for index in range(0, len(nodes), WIDTH):
            tile = nodes[index : index + WIDTH]
            assert read_tile(level, index // WIDTH, len(tile))[: len(tile)] == tile
        full = len(nodes) // WIDTH
        level, nodes = level + 1, [root(nodes[at * WIDTH : (at + 1) * WIDTH]) for at in range(full)]
    entries = b""
    for index in range(0, len(found), WIDTH):
        width = min(WIDTH, len(found) - index)
        path = folder / "tile" / "entries" / numbered(index // WIDTH)
        entries += (path if width == WIDTH else path.with_name(path.name + ".p") / str(width)).read_bytes()
    expected = [bytes(leaf.entry.data) for leaf in LedgerLeaf.objects.order_by("idx").select_related("entry")]
    assert entries == b"".join(len(data).to_bytes(2, "big") + data for data in expected)


def test_every_entry_gets_one_place_in_the_order_of_recording(fresh_ledger):
    recorded = [happen(f"stream {n % 3}", str(n)) for n in range(10)]
    assert sequence_once() == 10
    assert [leaf.entry for leaf in LedgerLeaf.objects.order_by("idx")] == recorded
    assert sequence_once() == 0
    assert LedgerCheckpoint.objects.count() == 1
    check_all(fresh_ledger)


def test_the_log_grows_over_tiles_and_batches(fresh_ledger, monkeypatch):
    monkeypatch.setattr(sequencer, "BATCH", 100)
    for count in (1, 254, 1, 1, 300):
        for n in range(count):
            happen(what=str(n))
        assert sequence_once() == count
        check_all(fresh_ledger)
    assert not (fresh_ledger / "tile" / "0" / "000.p").exists()


def test_entries_recorded_while_the_sequencer_runs_have_no_proof_yet(fresh_ledger):
    happen()
    sequence_once()
    late = happen()
    assert proof_of(late) is None
    sequence_once()
    assert proof_of(late)["index"] == 1


def test_a_first_proof_needs_no_steps(fresh_ledger):
    entry = happen()
    sequence_once()
    assert proof_of(entry) == {
        "index": 0, "size": 1, "root": b64u(bytes(entry.leaf_hash)), "proof": [],
        "checkpoint": (fresh_ledger / "checkpoint").read_text(),
    }  # fmt: skip


def test_the_cost_of_a_proof_does_not_grow_with_the_log(fresh_ledger, django_assert_num_queries):
    entries = [happen(what=str(n)) for n in range(600)]
    sequence_once()
    for entry in (entries[0], entries[300], entries[-1]):
        with django_assert_num_queries(2):
            proof_of(entry)


def test_the_newest_checkpoint_is_proved_before_its_tiles_are_written(fresh_ledger, monkeypatch):
    entries = [happen(what=str(n)) for n in range(700)]
    monkeypatch.setattr(sequencer, "write_tiles", lambda *_: None)
    sequence_once()
    for entry in entries[::99]:
        proof = proof_of(entry)
        steps = [unb64u(step) for step in proof["proof"]]
        assert verify_inclusion(bytes(entry.leaf_hash), proof["index"], 700, steps, root(leaves()))


def test_tiles_that_do_not_lead_to_the_signed_root_prove_nothing(fresh_ledger):
    entries = [happen(what=str(n)) for n in range(4)]
    sequence_once()
    (fresh_ledger / "tile" / "0" / "000.p" / "4").write_bytes(bytes(128))
    with pytest.raises(RuntimeError):
        proof_of(entries[0])


def cut(*_, **__):
    raise PowerCut


def cut_at(step, patch):
    """Cut the power at one step of placing the batch that makes the log eight entries long."""
    tiles, write = sequencer.write_tiles, ledger.tiles.write
    if step == "sign":
        patch.setattr(signer(), "sign_checkpoint", cut)
    elif step == "commit":
        patch.setattr(LedgerCheckpoint.objects, "create", cut)
    elif step == "tiles":
        patch.setattr(sequencer, "write_tiles", lambda *args: cut() if args[-1] == 8 else tiles(*args))
    elif step == "list":
        patch.setattr(sequencer, "publish_checkpoint", cut)
    elif step == "newest":
        patch.setattr(ledger.tiles, "write", lambda *args: cut() if b"\n8\n" in args[1] else write(*args))


@pytest.mark.parametrize("step", ["sign", "commit", "tiles", "list", "newest"])
def test_a_crash_at_any_step_is_finished_by_the_next_start(fresh_ledger, monkeypatch, step):
    for n in range(5):
        happen(what=str(n))
    sequence_once()
    batch = [happen(what=f"later {n}") for n in range(3)]
    with monkeypatch.context() as patch:
        cut_at(step, patch)
        with pytest.raises(PowerCut):
            sequence_once()
    local_signer.cache_clear()
    signed = signer().state()
    assert signed["size"] == (5 if step == "sign" else 8)
    happen("another", "recorded after the crash")
    sequence_once()
    assert [leaf.entry for leaf in LedgerLeaf.objects.filter(idx__gte=5).order_by("idx")][:3] == batch
    assert LedgerCheckpoint.objects.get(size=signed["size"]).note == signed["note"]
    check_all(fresh_ledger)


def test_a_note_cut_off_in_the_list_is_completed(fresh_ledger):
    happen()
    sequence_once()
    path = fresh_ledger / "checkpoints.txt"
    whole = path.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        sequence_once()
        assert path.read_bytes() == whole


def test_a_signed_batch_comes_first_even_when_earlier_entries_arrive_late(fresh_ledger, monkeypatch):
    """An entry's number is taken when it is written, not when it commits: a slow one may have a smaller number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('ledger_entry', 'id'))")
        [number] = cursor.fetchone()
    happen(what="quick")
    with monkeypatch.context() as patch:
        cut_at("commit", patch)
        with pytest.raises(PowerCut):
            sequence_once()
    slow = LedgerEntry(pk=number, stream="slow", n=1, kind="test.happened", at=database_now(), data=b"{}")
    slow.leaf_hash = leaf_hash(b"{}")
    slow.save(force_insert=True)
    LedgerQueue.objects.create(entry=slow)
    monkeypatch.setattr(sequencer, "BATCH", 1)
    assert sequence_once() == 2
    assert [leaf.entry.stream for leaf in LedgerLeaf.objects.order_by("idx")] == ["test/here", "slow"]
    check_all(fresh_ledger)


@contextmanager
def unguarded():
    """What the owner of the tables can do in spite of all guards."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in GUARDED:
            for trigger in (f"{table}_rows", f"{table}_all"):
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def restore_an_old_backup(cursor, folder, patch):
    cursor.execute("DELETE FROM ledger_leaf WHERE idx >= 2")
    cursor.execute("DELETE FROM ledger_checkpoint WHERE size > 2")


def alter_a_leaf(cursor, folder, patch):
    cursor.execute("UPDATE ledger_leaf SET leaf_hash = %s WHERE idx = 1", [bytes(32)])


def move_a_leaf(cursor, folder, patch):
    cursor.execute("UPDATE ledger_leaf SET idx = 9 WHERE idx = 1")


def swap_leaves(cursor, folder, patch):
    cursor.execute("UPDATE ledger_leaf SET idx = 1 - idx + 100 WHERE idx < 2")
    cursor.execute("UPDATE ledger_leaf SET idx = idx - 100 WHERE idx >= 100")


def slip_in_a_leaf(cursor, folder, patch):
    entry = happen(what="slipped in")
    LedgerLeaf.objects.create(idx=4, entry=entry, leaf_hash=entry.leaf_hash)


def lose_a_signed_entry(cursor, folder, patch):
    happen(what="signed, then lost")
    with patch.context() as power:
        cut_at("commit", power)
        with pytest.raises(PowerCut):
            sequence_once()
    cursor.execute("DELETE FROM ledger_queue")


def alter_a_signed_entry(cursor, folder, patch):
    lost = happen(what="signed, then altered")
    with patch.context() as power:
        cut_at("commit", power)
        with pytest.raises(PowerCut):
            sequence_once()
    cursor.execute("UPDATE ledger_entry SET data = '{}' WHERE id = %s", [lost.pk])


def alter_the_list(cursor, folder, patch):
    path = folder / "checkpoints.txt"
    path.write_text(path.read_text().replace("\n4\n", "\n5\n"))


def lengthen_the_list(cursor, folder, patch):
    path = folder / "checkpoints.txt"
    path.write_text(path.read_text() * 2)


@pytest.mark.parametrize(
    "harm",
    [restore_an_old_backup, alter_a_leaf, move_a_leaf, swap_leaves, slip_in_a_leaf, lose_a_signed_entry,
     alter_a_signed_entry, alter_the_list, lengthen_the_list],
)  # fmt: skip
def test_what_contradicts_the_signature_stops_the_log_and_is_not_repaired(fresh_ledger, monkeypatch, harm):
    for _ in range(2):
        happen()
        happen()
        sequence_once()
    with unguarded() as cursor:
        harm(cursor, fresh_ledger, monkeypatch)
    signed, before = signer().state(), leaves()
    for _ in range(2):
        with pytest.raises(LogBroken):
            sequence_once()
    assert (signer().state(), leaves()) == (signed, before)


def test_lost_files_are_written_again_from_the_database(fresh_ledger):
    for n in range(300):
        happen(what=str(n))
    sequence_once()
    shutil.rmtree(fresh_ledger)
    sequence_once()
    check_all(fresh_ledger)


@pytest.mark.django_db(transaction=True)
def test_the_command_ends_with_an_alarm_and_its_own_exit_code(fresh_ledger, capsys):
    happen()
    sequence_once()
    (fresh_ledger.parent / "keys" / "signer-state.json").unlink()
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        call_command("sequencer")
    assert ended.value.code == 3
    # Whoever called it must still be able to end, and so must the processes that it starts.
    assert signal.getsignal(signal.SIGTERM) is before
    assert "ALARM" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_only_one_sequences_and_another_stands_by(fresh_ledger):
    happen()
    other = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert sequence_once() == 0
        assert not LedgerLeaf.objects.exists()
    finally:
        other.close()
    deadline = time.monotonic() + 5
    while sequence_once() == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert LedgerLeaf.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_at_once_place_every_entry_once(fresh_ledger, monkeypatch):
    monkeypatch.setattr(sequencer, "PAUSE", 0.01)
    stop = threading.Event()
    problems = []

    def worker():
        try:
            sequencer.run(stop.is_set)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for n in range(60):
        happen(f"stream {n % 4}", str(n))
    deadline = time.monotonic() + 20
    while LedgerQueue.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert LedgerLeaf.objects.count() == 60
    check_all(fresh_ledger)


@pytest.mark.django_db(transaction=True)
def test_a_killed_sequencer_process_loses_and_doubles_nothing(fresh_ledger):
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "ETP_SIGNER_KEYS": str(fresh_ledger.parent / "keys"),
        "ETP_LEDGER": str(fresh_ledger),
    }
    for turn in range(4):
        process = subprocess.Popen([sys.executable, ROOT / "manage.py", "sequencer"], env=environment)
        try:
            for n in range(40):
                happen(f"stream {n % 3}", f"{turn}/{n}")
            deadline = time.monotonic() + 20
            placed = LedgerLeaf.objects.count()
            while LedgerLeaf.objects.count() <= placed + turn and time.monotonic() < deadline:
                time.sleep(0.02)
            assert LedgerLeaf.objects.count() > placed
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    deadline = time.monotonic() + 10
    while not sequence_once() and LedgerQueue.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert LedgerLeaf.objects.count() == 160
    check_all(fresh_ledger)


def test_chaff_falls_in_office_hours_only(fresh_ledger, monkeypatch):
    monkeypatch.setattr(sequencer, "database_now", lambda: datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    sequencer.scatter_chaff()
    monkeypatch.setattr(sequencer, "database_now", lambda: datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    sequencer.scatter_chaff()
    monkeypatch.setattr(sequencer, "database_now", lambda: datetime(2026, 11, 21, 3, 0, tzinfo=UTC))
    sequencer.scatter_chaff()
    [entry] = LedgerEntry.objects.all()
    assert entry.is_blind and b"chaff" not in bytes(entry.data)
