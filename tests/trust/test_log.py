"""The log against a plain list: whatever is recorded, placed, cut off or lost, both tell the same story."""

import shutil
from contextlib import suppress
from itertools import count

import pytest
from django.db import transaction
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from pymerkle import InmemoryTree

from ledger.canonical import unb64u
from ledger.merkle import consistency_proof, inclusion_proof, leaf_hash, root, verify_consistency, verify_inclusion
from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerStream
from ledger.note import parse
from ledger.proofs import proof_of
from ledger.sequencer import sequence_once
from ledger.signer import local_signer
from tests.factories.ledger import happen
from tests.ledger.test_sequencing import PowerCut, check_tiles, cut, cut_at

LEAVES = [bytes([n]) * 3 for n in range(128)]


def test_roots_and_proofs_are_those_of_another_implementation():
    """pymerkle, written by others, builds the same trees of up to 128 leaves, and their proofs are ours."""
    tree, ours = InmemoryTree(algorithm="sha256"), []
    for size, data in enumerate(LEAVES, start=1):
        tree.append_entry(data)
        ours.append(leaf_hash(data))
        assert tree.get_state() == root(ours)
        for index in range(size):
            path = tree.prove_inclusion(index + 1).path
            assert path[0] == ours[index] and path[1:] == inclusion_proof(ours, index)
        for old in range(1, size + 1):
            theirs, steps = tree.get_state(old), consistency_proof(ours, old)
            assert theirs == root(ours[:old]) and verify_consistency(old, theirs, size, tree.get_state(), steps)


@pytest.mark.django_db
def test_the_log_keeps_up_with_a_plain_list(settings, tmp_path, monkeypatch):
    serial = count()

    class Log(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            folder = tmp_path / str(next(serial))
            settings.ETP_SIGNER_KEYS, settings.ETP_LEDGER = folder / "signer", folder / "ledger"
            self.block = transaction.atomic()
            # Each example is a test of its own inside this one: the log's own transactions may begin inside it.
            self.block._from_testcase = True
            self.block.__enter__()
            self.recorded, self.placed, self.roots, self.whole = [], 0, {}, False

        def teardown(self):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

        @rule(stream=st.sampled_from(["a", "b", "c"]), secret=st.booleans(), times=st.integers(1, 5))
        def record(self, stream, secret, times):
            for _ in range(times):
                # A private stream is private from its first entry to its last.
                self.recorded.append(happen(f"{stream}/{secret}", str(len(self.recorded)), secret=secret))

        @rule()
        def place(self):
            sequence_once()
            self.placed = LedgerLeaf.objects.count()
            assert self.placed == len(self.recorded)
            self.whole = self.placed > 0

        @rule(step=st.sampled_from(["sign", "commit", "tiles", "list"]))
        def be_cut_off(self, step):
            with monkeypatch.context() as patch:
                if step == "tiles":
                    patch.setattr("ledger.sequencer.write_tiles", lambda *args: cut() if args[-1] > args[-2] else None)
                else:
                    cut_at(step, patch)
                with suppress(PowerCut):
                    sequence_once()
            local_signer.cache_clear()
            self.whole = False
            self.placed = LedgerLeaf.objects.count()

        @precondition(lambda self: self.placed)
        @rule()
        def lose_the_files(self):
            shutil.rmtree(settings.ETP_LEDGER, ignore_errors=True)
            self.whole = False

        @invariant()
        def what_is_placed_is_the_list(self):
            leaves = [bytes(leaf) for leaf in LedgerLeaf.objects.order_by("idx").values_list("leaf_hash", flat=True)]
            assert leaves == [leaf_hash(bytes(entry.data)) for entry in self.recorded[: len(leaves)]] and len(leaves) >= self.placed
            for note in LedgerCheckpoint.objects.order_by("size").values_list("note", flat=True):
                checkpoint = parse(note)
                assert checkpoint.root == root(leaves[: checkpoint.size])
                # What was once signed for a size is never signed otherwise.
                assert self.roots.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root

        @invariant()
        def streams_count_and_name_the_one_before(self):
            for head in LedgerStream.objects.all():
                rows = [entry for entry in self.recorded if entry.stream == head.name]
                assert [row.n for row in rows] == list(range(1, head.n + 1)) and bytes(head.last) == leaf_hash(bytes(rows[-1].data))

        @precondition(lambda self: self.whole and self.placed == len(self.recorded))
        @rule()
        def prove_everything(self):
            leaves = [leaf_hash(bytes(entry.data)) for entry in self.recorded]
            check_tiles(settings.ETP_LEDGER, leaves)
            for entry in LedgerEntry.objects.all():
                found = proof_of(entry)
                steps = [unb64u(step) for step in found["proof"]]
                assert verify_inclusion(leaf_hash(bytes(entry.data)), found["index"], len(leaves), steps, root(leaves))

    run_state_machine_as_test(Log, settings=hypothesis_settings(max_examples=25, stateful_step_count=12, deadline=None))
