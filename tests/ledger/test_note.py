"""Checkpoints as signed notes, and the signer that never tells two stories."""

import json
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.canonical import jcs, unb64u
from ledger.merkle import EMPTY, Frontier, leaf_hash, root
from ledger.note import parse, signed_note, verify
from ledger.signing import RECEIPTS, LocalSigner, SignerRefused

NAME = "tender.example/ledger"
LEAVES = [leaf_hash(bytes([each])) for each in range(10)]


@pytest.fixture
def known(vectors):
    return vectors["checkpoint"]


@pytest.fixture
def signer(tmp_path):
    return LocalSigner(tmp_path / "keys", "tender.example")


def test_the_known_key_signs_the_known_note(known):
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(known["seed"]))
    checkpoint = parse(known["note"])
    assert (checkpoint.origin, checkpoint.size) == (NAME, 3)
    assert signed_note(checkpoint.text(), NAME, key) == known["note"]
    assert verify(known["note"], NAME, bytes.fromhex(known["pub"])) == checkpoint


def test_a_witness_may_add_its_line(known):
    witness = signed_note("x\n", "witness.example", Ed25519PrivateKey.generate()).split("\n")[-2]
    assert verify(known["note"] + witness + "\n", NAME, bytes.fromhex(known["pub"])).size == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n3\n", "\n4\n"), ("\n3\n", "\n03\n"), ("\n3\n", "\n-3\n"), ("qFgo", "qFgp"), ("qFgo", "qFg"),
     (" ljsX", " mjsX"), (" ljsX", " ljsXAAAA"), ("\n\n", "\n"),
     ("— ", "- "), ("— tender", "— other"), ("=\n\n", "=\nmore\n\n")],
)  # fmt: skip
def test_an_altered_note_is_refused(known, old, new):
    assert old in known["note"]
    with pytest.raises(ValueError):
        verify(known["note"].replace(old, new, 1), NAME, bytes.fromhex(known["pub"]))


def test_another_keys_note_is_refused(known):
    with pytest.raises(ValueError):
        verify(known["note"], NAME, Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_the_signer_extends_its_history_and_repeats_itself(signer):
    first = signer.sign_checkpoint(3, root(LEAVES[:3]), LEAVES[:3])
    assert signer.sign_checkpoint(3, root(LEAVES[:3]), LEAVES[:3]) == first
    second = signer.sign_checkpoint(10, root(LEAVES), LEAVES[3:])
    assert [verify(note, signer.name, signer.ledger_public_key()).size for note in (first, second)] == [3, 10]


@pytest.mark.parametrize(
    ("size", "leaves", "batch"),
    [
        (3, LEAVES[5:8], LEAVES[5:8]),
        (2, LEAVES[:2], []),
        (4, LEAVES[:4], LEAVES[4:5]),
        (5, LEAVES[:4], LEAVES[3:4]),
        (4, LEAVES[1:5], LEAVES[4:5]),
    ],
    ids=["another history", "shorter", "other leaves", "wrong size", "rewritten beginning"],
)
def test_the_signer_refuses_what_does_not_extend_its_history(signer, size, leaves, batch):
    signer.sign_checkpoint(3, root(LEAVES[:3]), LEAVES[:3])
    before = signer.state()
    with pytest.raises(SignerRefused):
        signer.sign_checkpoint(size, root(leaves), batch)
    assert signer.state() == before


def test_a_restarted_signer_remembers(signer):
    signer.sign_checkpoint(3, root(LEAVES[:3]), LEAVES[:3])
    again = LocalSigner(signer.folder, "tender.example")
    assert again.ledger_public_key() == signer.ledger_public_key()
    with pytest.raises(SignerRefused):
        again.sign_checkpoint(3, root(LEAVES[4:7]), LEAVES[4:7])


@pytest.mark.parametrize("lost", ["signer-state.json", "ledger.key"])
def test_a_key_and_its_memory_are_lost_together_or_not_at_all(signer, lost):
    signer.sign_checkpoint(3, root(LEAVES[:3]), LEAVES[:3])
    (signer.folder / lost).unlink()
    with pytest.raises(SignerRefused):
        LocalSigner(signer.folder, "tender.example").sign_checkpoint(3, root(LEAVES[:3]), LEAVES[:3])


def test_keys_are_readable_by_their_account_alone(signer):
    signer.sign_checkpoint(1, root(LEAVES[:1]), LEAVES[:1])
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in signer.folder.glob("[a-z]*")}
    assert files == {"ledger.key": 0o600, "receipt.key": 0o600, "signer-state.json": 0o600}


def test_receipts_are_signed_with_their_own_key_and_under_their_own_labels(signer):
    assert signer.receipt_public_key() != signer.ledger_public_key()
    key = Ed25519PublicKey.from_public_bytes(signer.receipt_public_key())
    for label, fields in RECEIPTS.items():
        body = {**dict.fromkeys(fields, ""), "v": 1}
        key.verify(unb64u(signer.sign_receipt(label, body)), f"etp/{label}/v1\n".encode() + jcs(body))
        for wrong in ({**body, "more": 1}, {"v": 1}, "text"):
            with pytest.raises(SignerRefused):
                signer.sign_receipt(label, wrong)
    with pytest.raises(SignerRefused):
        signer.sign_receipt("act", {"v": 1})


def test_the_memory_holds_the_edge_of_the_tree(signer):
    frontier = Frontier()
    for leaf in LEAVES:
        frontier.append(leaf)
    signer.sign_checkpoint(10, frontier.root(), LEAVES)
    state = json.loads((signer.folder / "signer-state.json").read_text())
    assert state["peaks"] == [[level, peak.hex()] for level, peak in frontier.peaks]
    assert frontier.root() != EMPTY
