"""The tree of RFC 6962: reference roots, all proofs of all small trees, and growth against a naive tree."""

import hashlib

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.merkle import (
    EMPTY,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

REFERENCE = [bytes.fromhex(each) for each in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes([each])) for each in range(128)]


def naive_root(leaves):
    """The definition of RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


ROOTS = [naive_root(LEAVES[:size]) for size in range(129)]


@pytest.mark.parametrize("size", range(9))
def test_reference_leaves_have_the_reference_roots(size):
    assert root([leaf_hash(data) for data in REFERENCE[:size]]).hex() == REFERENCE_ROOTS[size]


@pytest.mark.parametrize("size", range(1, 129))
def test_every_leaf_of_every_small_tree_is_proved_and_no_other(size):
    for index in range(size):
        proof = inclusion_proof(LEAVES[:size], index)
        assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
        assert not verify_inclusion(LEAVES[index], (index + 1) % (size + 1), size, proof, ROOTS[size])
        assert not verify_inclusion(LEAVES[index - 1], index, size, proof, ROOTS[size]) or size == 1
        assert not verify_inclusion(LEAVES[index], index, size, [*proof, EMPTY], ROOTS[size])
        assert not verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size - 1])
        for wrong in range(len(proof)):
            assert not verify_inclusion(LEAVES[index], index, size, [*proof[:wrong], EMPTY, *proof[wrong + 1 :]], ROOTS[size])
            assert not verify_inclusion(LEAVES[index], index, size, proof[:wrong] + proof[wrong + 1 :], ROOTS[size])


@pytest.mark.parametrize("size", range(1, 129))
def test_every_small_tree_is_a_beginning_of_this_one(size):
    for old in range(1, size + 1):
        proof = consistency_proof(LEAVES[:size], old)
        assert verify_consistency(old, ROOTS[old], size, ROOTS[size], proof)
        assert not verify_consistency(old, ROOTS[old - 1], size, ROOTS[size], proof)
        assert not verify_consistency(old, ROOTS[old], size, ROOTS[size - 1], proof)
        assert not verify_consistency(old, ROOTS[old], size, ROOTS[size], [*proof, EMPTY])
        for wrong in range(len(proof)):
            assert not verify_consistency(old, ROOTS[old], size, ROOTS[size], [*proof[:wrong], EMPTY, *proof[wrong + 1 :]])


def test_nothing_is_proved_about_places_outside_the_tree():
    assert not verify_inclusion(LEAVES[0], -1, 1, [], ROOTS[1])
    assert not verify_inclusion(LEAVES[0], 1, 1, [], ROOTS[1])
    assert not verify_inclusion(LEAVES[0], 0, 0, [], ROOTS[0])
    assert not verify_consistency(0, EMPTY, 3, ROOTS[3], [EMPTY])
    assert not verify_consistency(4, ROOTS[4], 3, ROOTS[3], [EMPTY])


class GrowingTree(RuleBasedStateMachine):
    """A frontier grows beside a plain list; whatever happens, both tell the same story."""

    @initialize()
    def begin(self):
        self.leaves, self.frontier, self.kept = [], Frontier(), []

    @rule(more=st.lists(st.binary(max_size=8), max_size=20))
    def grow(self, more):
        for data in more:
            self.leaves.append(leaf_hash(data))
            self.frontier.append(leaf_hash(data))

    @rule()
    def keep_a_copy(self):
        self.kept.append((self.frontier.copy(), len(self.leaves)))

    @rule(pick=st.integers(0, 10_000))
    def prove_a_leaf(self, pick):
        if self.leaves:
            index = pick % len(self.leaves)
            proof = inclusion_proof(self.leaves, index)
            assert verify_inclusion(self.leaves[index], index, len(self.leaves), proof, self.frontier.root())

    @invariant()
    def the_roots_agree(self):
        assert (self.frontier.size, self.frontier.root()) == (len(self.leaves), naive_root(self.leaves))

    @invariant()
    def copies_did_not_grow_and_are_beginnings(self):
        for copy, size in self.kept:
            assert (copy.size, copy.root()) == (size, naive_root(self.leaves[:size]))
            if size:
                proof = consistency_proof(self.leaves, size)
                assert verify_consistency(size, copy.root(), len(self.leaves), self.frontier.root(), proof)


TestGrowingTree = GrowingTree.TestCase
TestGrowingTree.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)


def test_the_known_three_leaves_have_the_known_proofs(vectors):
    first = leaf_hash(vectors["leaf"]["jcs"].encode())
    second = leaf_hash(vectors["blind"]["leaf"].encode())
    assert (first.hex(), second.hex()) == (vectors["leaf"]["leaf_hash"], vectors["blind"]["leaf_hash"])
    known = [bytes.fromhex(each) for each in vectors["checkpoint"]["inclusion_of_leaf_1"]]
    leaves = [first, second, known[1]]
    assert inclusion_proof(leaves, 1) == known
    assert [each.hex() for each in consistency_proof(leaves, 1)] == vectors["checkpoint"]["consistency_1_to_3"]
