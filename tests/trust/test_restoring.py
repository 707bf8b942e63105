"""The drill of the operator's guide: a database that lost entries gets them back, byte for byte, or stays as it is."""

import json
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ledger.audit import run_audit
from ledger.canonical import b64u
from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf
from ledger.recovery import LOST
from ledger.sequencer import LogBroken, sequence_once
from tests.factories.ledger import happen
from tests.trust.test_superuser import delete_an_entry, edit_an_entry_and_its_leaf, restore_an_old_backup, superuser, truncate_everything
from tests.trust.witnessing import Witness


@pytest.fixture
def log(committed, settings, tmp_path):
    """Nine open entries and a blinded one in three batches; `log.secret` is the blinded one."""
    for batch in range(3):
        for n in range(3):
            happen(f"stream {n % 2}", f"{batch}/{n}")
        sequence_once()
    log = Witness(tmp_path / "witness")
    log.secret = happen("sealed", "投标", secret=True)
    sequence_once()
    assert log.alarm() is None
    return log


def everything():
    """What the log says, place by place, and what is known of each entry."""
    rows = LedgerLeaf.objects.order_by("idx").select_related("entry")
    return [
        (row.idx, bytes(row.leaf_hash), bytes(row.entry.data), row.entry.stream, row.entry.n, row.entry.kind, row.entry.inner)
        for row in rows
    ]


def lose(harm):
    with superuser() as cursor:
        harm(cursor)
    with pytest.raises(LogBroken):
        sequence_once()


def receipts(log, folder):
    folder.mkdir()
    said = {"receipt": {"entry": {"salt": b64u(bytes(log.secret.salt)), "body": log.secret.inner}}, "signature": ""}
    (folder / "receipt.json").write_text(json.dumps(said))
    return str(folder)


@pytest.mark.parametrize("harm", [restore_an_old_backup, delete_an_entry, truncate_everything])
@pytest.mark.parametrize("source", ["published", "mirror"])
def test_lost_entries_come_back_byte_for_byte(log, settings, tmp_path, harm, source):
    before, notes = everything(), list(LedgerCheckpoint.objects.order_by("size").values_list("note", flat=True))
    lose(harm)
    folder = settings.ETP_LEDGER if source == "published" else log.mirror
    call_command("restore_ledger", "--from", str(folder), "--receipts", receipts(log, tmp_path / "receipts"))
    assert everything() == before
    assert list(LedgerCheckpoint.objects.order_by("size").values_list("note", flat=True)) == notes
    happen("stream 0", "life goes on")
    assert sequence_once() == 2, "that, and the note that entries were restored"
    assert run_audit().findings == []
    assert LedgerEntry.objects.filter(kind="ledger.note").exists()
    assert log.alarm() is None


def test_from_the_mirror_alone_when_the_published_files_are_gone_too(log, settings):
    before = everything()
    lose(truncate_everything)
    shutil.rmtree(settings.ETP_LEDGER)
    call_command("restore_ledger", "--from", str(log.mirror))
    assert [row[:3] for row in everything()] == [row[:3] for row in before]
    sequence_once()
    assert log.alarm() is None


def test_without_its_receipt_a_blinded_entry_keeps_its_place_but_not_its_content(log, settings):
    lose(truncate_everything)
    call_command("restore_ledger", "--from", str(settings.ETP_LEDGER))
    [row] = LedgerEntry.objects.filter(stream=LOST)
    assert row.is_blind and row.index == 9 and bytes(row.data) == bytes(log.secret.data)
    sequence_once()
    assert run_audit().findings == []


def refused(folder, says):
    before = everything()
    with pytest.raises(CommandError, match=says):
        call_command("restore_ledger", "--from", str(folder))
    assert everything() == before


def test_a_database_that_was_altered_is_not_repaired(log, settings):
    lose(edit_an_entry_and_its_leaf)
    refused(settings.ETP_LEDGER, "no loss")


def test_files_that_lack_or_alter_entries_repair_nothing(log, settings):
    lose(restore_an_old_backup)
    bundle = settings.ETP_LEDGER / "tile" / "entries" / "000.p" / "10"
    for path in bundle.parent.iterdir():
        data = path.read_bytes()
        path.write_bytes(data.replace(b'"what":"2/1"', b'"what":"9/1"'))
    refused(settings.ETP_LEDGER, "another root")
    for path in list(bundle.parent.iterdir()):
        path.unlink()
    refused(settings.ETP_LEDGER, "bundle 0")


def test_acts_recorded_after_the_loss_are_not_overwritten(log, settings):
    with superuser() as cursor:
        restore_an_old_backup(cursor)
    happen("stream 0", "recorded on the old backup")
    refused(settings.ETP_LEDGER, "after the loss")


def test_nothing_is_restored_while_a_sequencer_runs(log, settings):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [0x657470])
        refused(settings.ETP_LEDGER, "stop it first")
    finally:
        other.close()
