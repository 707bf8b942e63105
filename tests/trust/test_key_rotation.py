"""A new ledger key is announced in the log, both keys sign once, and every checkpoint still verifies under its own."""

import json

import pytest

from ledger.canonical import b64u, parse_jcs, unb64u
from ledger.keys import verify_checkpoint
from ledger.models import LedgerCheckpoint, LedgerEntry
from ledger.note import opened, verify
from ledger.rotation import rotate
from ledger.sequencer import sequence_once
from ledger.signer import signer
from ledger.signing import LocalSigner
from tests.factories.ledger import happen

pytestmark = pytest.mark.django_db


def notes():
    return list(LedgerCheckpoint.objects.order_by("size").values_list("note", flat=True))


def published(settings):
    return json.loads((settings.ETP_LEDGER / "keys.json").read_text())


def test_both_keys_sign_once_and_then_only_the_new_one(settings):
    happen()
    sequence_once()
    old = signer().ledger_public_key()
    happen("with the announcement")
    entry = rotate()
    sequence_once()
    happen("afterwards")
    sequence_once()
    new = signer().ledger_public_key()
    first, both, last = notes()
    assert new != old and parse_jcs(bytes(entry.data))["d"]["public_key"] == b64u(new)
    assert [len(opened(note)[1]) for note in (first, both, last)] == [1, 2, 1]
    for note, key in ((first, old), (both, old), (both, new), (last, new)):
        verify(note, signer().name, key)
    with pytest.raises(ValueError):
        verify(last, signer().name, old)
    assert [verify_checkpoint(note).size for note in notes()] == [1, 3, 4]
    assert published(settings)["ledger"] == [
        {"name": signer().name, "public_key": b64u(old), "from_size": 0, "to_size": 3},
        {"name": signer().name, "public_key": b64u(new), "from_size": 3, "to_size": None},
    ]


def test_the_old_key_is_gone_from_the_signer_and_rotation_can_come_again(settings):
    keys = [signer().ledger_public_key()]
    for _ in range(2):
        rotate()
        sequence_once()
        keys.append(signer().ledger_public_key())
    assert len(set(keys)) == 3
    assert [unb64u(row["public_key"]) for row in signer().ledger_keys()] == keys
    assert not (settings.ETP_SIGNER_KEYS / "ledger.next.key").exists()
    assert LocalSigner(settings.ETP_SIGNER_KEYS, settings.ETP_ORIGIN).ledger_public_key() == keys[-1]


def test_an_announcement_that_is_rolled_back_changes_no_key(settings):
    from django.db import transaction

    old = signer().ledger_public_key()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rotate()
        raise ZeroDivisionError
    happen()
    sequence_once()
    assert not LedgerEntry.objects.filter(kind="ledger.note").exists()
    assert (signer().ledger_public_key(), len(opened(notes()[0])[1])) == (old, 1)


def test_a_crash_after_both_have_signed_leaves_the_same_note(settings):
    old = signer().ledger_public_key()
    entry = rotate()
    leaf = bytes(entry.leaf_hash)
    note = signer().sign_checkpoint(1, leaf, [leaf])
    sequence_once()
    assert notes() == [note]
    assert [row["to_size"] for row in signer().ledger_keys()] == [1, None] and signer().ledger_public_key() != old
