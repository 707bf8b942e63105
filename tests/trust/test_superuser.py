"""What a superuser of the database can do in spite of every guard, and who notices.

Each harm is done on the real PostgreSQL with the triggers off. The witness saw the log before; the audit knows the
signer's record and the published files.
"""

import json
import shutil
from contextlib import contextmanager

import pytest
from django.db import connection

from ledger.audit import run_audit
from ledger.canonical import b64u, jcs, parse_jcs
from ledger.merkle import leaf_hash
from ledger.merkle import root as root_over
from ledger.models import LedgerAlarm, LedgerCheckpoint, LedgerEntry, LedgerLeaf
from ledger.note import Checkpoint
from ledger.sequencer import LogBroken, sequence_once
from ledger.signer import signer
from ledger.signing import LocalSigner
from ledger.tiles import write_tiles
from tests.factories.ledger import happen
from tests.trust.witnessing import Witness

TABLES = ("ledger_entry", "ledger_leaf", "ledger_checkpoint", "ledger_stream", "ledger_queue")


@pytest.fixture
def log(committed, settings, tmp_path):
    """A log of two streams in three batches, seen by a witness and found to be right."""
    for batch in range(3):
        for n in range(3):
            happen(f"stream {n % 2}", f"{batch}/{n}")
        sequence_once()
    witness = Witness(tmp_path / "witness")
    assert witness.alarm() is None and run_audit().findings == []
    # The audit's own note is part of the log too.
    sequence_once()
    assert witness.alarm() is None
    return witness


@contextmanager
def superuser():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        assert cursor.fetchone() == ("on",)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        try:
            yield cursor
        finally:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            for table in TABLES[:3]:
                for trigger in (f"{table}_rows", f"{table}_all"):
                    cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def areas():
    report = run_audit()
    assert not report.findings or LedgerAlarm.objects.filter(kind="ledger.audit").exists()
    return {row["area"] for row in report.findings}


def edited(data):
    return data.replace(b'"what":"1/1"', b'"what":"9/9"')


def edit_an_entry(cursor):
    row = LedgerEntry.objects.filter(stream="test/stream 1").order_by("n")[1]
    cursor.execute("UPDATE ledger_entry SET data = %s WHERE id = %s", [edited(bytes(row.data)), row.pk])


def edit_an_entry_and_its_leaf(cursor):
    row = LedgerEntry.objects.filter(stream="test/stream 1").order_by("n")[1]
    data = edited(bytes(row.data))
    cursor.execute("UPDATE ledger_entry SET data = %s, leaf_hash = %s WHERE id = %s", [data, leaf_hash(data), row.pk])
    cursor.execute("UPDATE ledger_leaf SET leaf_hash = %s WHERE entry_id = %s", [leaf_hash(data), row.pk])


def delete_an_entry(cursor):
    cursor.execute("DELETE FROM ledger_event WHERE entry_id = (SELECT entry_id FROM ledger_leaf WHERE idx = 4)")
    cursor.execute("DELETE FROM ledger_entry WHERE id = (SELECT entry_id FROM ledger_leaf WHERE idx = 4)")
    cursor.execute("DELETE FROM ledger_leaf WHERE idx = 4")


def renumber_a_stream(cursor):
    cursor.execute("UPDATE ledger_entry SET n = n + 100 WHERE stream = 'test/stream 1' AND n = 2")


def swap_two_places(cursor):
    cursor.execute("UPDATE ledger_leaf SET idx = -1 WHERE idx = 3")
    cursor.execute("UPDATE ledger_leaf SET idx = 3 WHERE idx = 4")
    cursor.execute("UPDATE ledger_leaf SET idx = 4 WHERE idx = -1")


def insert_a_place(cursor):
    cursor.execute("UPDATE ledger_leaf SET idx = idx + 1000 WHERE idx >= 5")
    cursor.execute("UPDATE ledger_leaf SET idx = idx - 999 WHERE idx >= 1000")
    cursor.execute(
        "INSERT INTO ledger_entry (stream, n, kind, at, data, leaf_hash) VALUES ('slipped', 1, 'test.happened', now(), '{}', %s) RETURNING id",
        [leaf_hash(b"{}")],
    )
    cursor.execute("INSERT INTO ledger_leaf (idx, entry_id, leaf_hash) VALUES (5, %s, %s)", [cursor.fetchone()[0], leaf_hash(b"{}")])


def hide_an_entry_from_the_queue(cursor):
    happen("never placed")
    cursor.execute("DELETE FROM ledger_queue")


def truncate_the_log(cursor):
    cursor.execute("TRUNCATE ledger_leaf, ledger_checkpoint")


def truncate_everything(cursor):
    cursor.execute(
        "TRUNCATE ledger_leaf, ledger_checkpoint, ledger_queue, ledger_entry, ledger_stream, ledger_event, ledger_delivery, ledger_alarm CASCADE"
    )


def set_a_stream_back(cursor):
    cursor.execute("UPDATE ledger_stream SET n = n - 1 WHERE name = 'test/stream 0'")


def exchange_a_checkpoint(cursor):
    cursor.execute("UPDATE ledger_checkpoint SET root = %s WHERE size = 3", [bytes(32)])


def delete_a_checkpoint(cursor):
    cursor.execute("DELETE FROM ledger_checkpoint WHERE size = 3")


def exchange_a_note(cursor):
    cursor.execute("UPDATE ledger_checkpoint SET note = replace(note, E'\\n3\\n', E'\\n4\\n') WHERE size = 3")


def restore_an_old_backup(cursor):
    """Everything is as it was when the log had six entries."""
    cursor.execute("DELETE FROM ledger_leaf WHERE idx >= 6")
    cursor.execute("DELETE FROM ledger_checkpoint WHERE size > 6")
    cursor.execute(
        "DELETE FROM ledger_delivery WHERE event_id IN (SELECT id FROM ledger_event WHERE entry_id NOT IN (SELECT entry_id FROM ledger_leaf))"
    )
    cursor.execute("DELETE FROM ledger_event WHERE entry_id NOT IN (SELECT entry_id FROM ledger_leaf)")
    cursor.execute("DELETE FROM ledger_entry WHERE id NOT IN (SELECT entry_id FROM ledger_leaf)")
    cursor.execute("DELETE FROM ledger_stream WHERE name NOT IN (SELECT stream FROM ledger_entry)")
    cursor.execute("UPDATE ledger_stream s SET n = (SELECT max(n) FROM ledger_entry e WHERE e.stream = s.name)")
    cursor.execute("UPDATE ledger_stream s SET last = (SELECT leaf_hash FROM ledger_entry e WHERE e.stream = s.name AND e.n = s.n)")


@pytest.mark.requirement("R134")
@pytest.mark.parametrize(
    ("harm", "where"),
    [
        (edit_an_entry, {"leaves"}),
        (edit_an_entry_and_its_leaf, {"roots", "published"}),
        (delete_an_entry, {"leaves"}),
        (renumber_a_stream, {"streams", "entries"}),
        (swap_two_places, {"roots", "published"}),
        (insert_a_place, {"roots", "published"}),
        (hide_an_entry_from_the_queue, {"streams"}),
        (truncate_the_log, {"roots"}),
        (truncate_everything, {"roots"}),
        (set_a_stream_back, {"streams"}),
        (exchange_a_checkpoint, {"roots"}),
        (delete_a_checkpoint, {"published"}),
        (exchange_a_note, {"signatures"}),
        (restore_an_old_backup, {"roots"}),
    ],
)
def test_the_audit_reports_it(log, harm, where):
    with superuser() as cursor:
        harm(cursor)
    assert where <= areas()
    # What was published before stands, and the witness has it.
    assert log.alarm() is None


@pytest.mark.parametrize("harm", [edit_an_entry_and_its_leaf, swap_two_places, insert_a_place, truncate_everything, restore_an_old_backup])
def test_the_sequencer_stops_as_well(log, harm):
    with superuser() as cursor:
        harm(cursor)
    with pytest.raises(LogBroken):
        sequence_once()


def rewrite_all_heads(sign):
    """The whole database says, without any contradiction in itself, that one entry was another; `sign(size, root, leaves)` signs."""
    with superuser() as cursor:
        before: dict[str, bytes] = {}
        leaves = []
        for leaf in LedgerLeaf.objects.order_by("idx").select_related("entry"):
            body = parse_jcs(edited(bytes(leaf.entry.data)))
            body["p"] = b64u(before[body["s"]]) if body["s"] in before else None
            data = jcs(body)
            before[body["s"]] = leaf_hash(data)
            leaves.append(leaf_hash(data))
            cursor.execute("UPDATE ledger_entry SET data = %s, leaf_hash = %s WHERE id = %s", [data, leaves[-1], leaf.entry_id])
            cursor.execute("UPDATE ledger_leaf SET leaf_hash = %s WHERE idx = %s", [leaves[-1], leaf.idx])
        for stream, last in before.items():
            cursor.execute("UPDATE ledger_stream SET last = %s WHERE name = %s", [last, stream])
        for size in list(LedgerCheckpoint.objects.order_by("size").values_list("size", flat=True)):
            root = root_over(leaves[:size])
            cursor.execute("UPDATE ledger_checkpoint SET root = %s, note = %s WHERE size = %s", [root, sign(size, root, leaves), size])
    return leaves


def test_a_database_rewritten_without_the_key_bears_no_signature(log):
    rewrite_all_heads(lambda size, root, leaves: Checkpoint(signer().name, size, root).text() + "\n— nobody AAAA\n")
    assert {"signatures", "roots", "published"} <= areas()


def signing_anew(settings, folder):
    """Somebody who has the key, but signs where the signer does not know of it."""
    shutil.copytree(settings.ETP_SIGNER_KEYS, folder)
    state = json.loads((folder / "signer-state.json").read_text())
    (folder / "signer-state.json").write_text(json.dumps({**state, "size": 0, "root": "", "peaks": [], "batch": []}))
    other = LocalSigner(folder, settings.ETP_ORIGIN)
    return lambda size, root, leaves: other.sign_checkpoint(size, root, leaves[other.state()["size"] : size])


def test_with_the_stolen_key_too_signer_and_files_still_contradict(log, settings, tmp_path):
    rewrite_all_heads(signing_anew(settings, tmp_path / "stolen"))
    assert {"roots", "published"} <= areas()


def everything_rewritten(settings, tmp_path):
    """The operator forges database, key's record and files alike."""
    stolen = tmp_path / "stolen"
    leaves = rewrite_all_heads(signing_anew(settings, stolen))
    shutil.copy(stolen / "signer-state.json", settings.ETP_SIGNER_KEYS / "signer-state.json")
    shutil.rmtree(settings.ETP_LEDGER)
    settings.ETP_LEDGER.mkdir()
    sequence_once()
    return leaves


def test_against_an_operator_who_forges_everything_there_is_the_witness(log, settings, tmp_path):
    everything_rewritten(settings, tmp_path)
    assert areas() == set(), "inside the operator's house nothing contradicts any more"
    assert log.alarm() == "fork"


def test_the_witnesss_last_note_makes_the_audit_see_it_too(log, settings, tmp_path):
    settings.ETP_WITNESS_NOTE = (log.state / "checkpoint").as_uri()
    assert areas() == set()
    sequence_once()
    assert log.alarm() is None
    everything_rewritten(settings, tmp_path)
    assert areas() == {"roots"}


def test_a_fork_shown_to_others_only_is_seen_by_the_witness_that_is_shown_it(log, settings, tmp_path):
    """The database stays true; files of another history, signed with the stolen key, are published."""
    sign = signing_anew(settings, tmp_path / "stolen")
    entries = [edited(bytes(data)) for data in LedgerLeaf.objects.order_by("idx").values_list("entry__data", flat=True)]
    leaves = [leaf_hash(data) for data in entries]
    settings.ETP_LEDGER = tmp_path / "other"
    write_tiles(lambda a, b: leaves[a:b], lambda a, b: entries[a:b], 0, len(leaves))
    note = sign(len(leaves), root_over(leaves), leaves)
    (settings.ETP_LEDGER / "checkpoint").write_text(note)
    assert log.alarm() == "fork"
    assert {"roots", "published"} <= areas()
