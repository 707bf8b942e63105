"""A sealed bid opens as it was sealed, with its owner's key in its own place, or it does not open at all."""

import io
import itertools
import os

import pytest

from ledger.canonical import b64u
from sealing.age import CHUNK, TAG, Stanza, check_file_key, decode, decrypt_chunks, encode, encrypt_stream, make_header, parse_header
from sealing.container import unpack
from sealing.context import context_hash, opening_policy, policy_hash
from sealing.hpke import open_sealed, owner_info, seal
from sealing.keys import kid_of
from sealing.reference import spki_of
from sealing.seal import owner_stanza, seal_bid
from sealing.stanzas import fits_policy
from tests.sealing.conftest import new_key

KEY = new_key()
SPKI = spki_of(KEY)
FORM = {"price": "1234567.80"}
POLICY = opening_policy("T-2026-0001", "1")
CONTEXT = {
    "v": 1, "suite": "p256", "origin": "tender.example", "tender": "T-2026-0001", "lot": "1", "envelope": "bid",
    "bidder": "91110000MA00000000", "seal": b64u(bytes(range(16))), "policy": policy_hash(POLICY),
}  # fmt: skip
# With its header block, padding and manifest this fills three chunks and a part of the fourth.
CONTENT = os.urandom(3 * CHUNK + 20_000)


def sealed(context=CONTEXT, spki=SPKI):
    target = io.BytesIO()
    seal_bid(context, FORM, [("a.pdf", "application/pdf", io.BytesIO(CONTENT))], spki=spki, policy=POLICY, target=target)
    return target.getvalue()


def opened(data, context=CONTEXT, key=KEY, policy=POLICY):
    """What the platform and the bidder do together: check the stanzas, open the owner's, check the MAC, read the container."""
    source = io.BytesIO(data)
    header = parse_header(source)
    if not fits_policy(header, kid=kid_of(spki_of(key)), policy=policy):
        raise ValueError("the stanzas are not those of the policy")
    stanza = header.stanzas[0]
    file_key = open_sealed(key, owner_info(context_hash(context)), decode(stanza.args[2].encode()), stanza.body)
    if not check_file_key(header, file_key):
        raise ValueError("the file key does not fit")
    source.seek(0)
    found = []
    form = unpack(decrypt_chunks(file_key, source), context, lambda _, pieces: found.append(b"".join(pieces)))
    return form, found


DATA = sealed()
HEADER = parse_header(io.BytesIO(DATA))
START = HEADER.length + 16
FULL = CHUNK + TAG


def flipped(bit):
    changed = bytearray(DATA)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def refused(cases):
    """The cases that were wrongly opened."""
    wrong = []
    for name, data in cases:
        try:
            opened(data)
        except ValueError:
            continue
        wrong.append(name)
    return wrong


def test_the_file_itself_opens_and_has_four_chunks():
    assert opened(DATA) == (FORM, [CONTENT])
    assert -(-(len(DATA) - START) // FULL) == 4


def test_every_bit_of_the_header_counts():
    assert refused((bit, flipped(bit)) for bit in range(HEADER.length * 8)) == []


def test_every_bit_of_the_nonce_counts():
    assert refused((bit, flipped(bit)) for bit in range(HEADER.length * 8, START * 8)) == []


def test_four_hundred_bits_of_the_payload_count():
    first, last = START * 8, len(DATA) * 8
    bits = {first + (last - first - 1) * place // 399 for place in range(400)}
    assert len(bits) == 400
    assert refused((bit, flipped(bit)) for bit in bits) == []


def test_every_truncation_near_an_end_is_refused():
    ends = [START, *(START + count * FULL for count in (1, 2, 3)), len(DATA)]
    cuts = {end + step for end in ends for step in range(-40, 41)} | set(range(START + 1))
    assert refused((cut, DATA[:cut]) for cut in sorted(cuts) if cut < len(DATA)) == []


CHUNKS = [DATA[START + place * FULL :][:FULL] for place in range(4)]


def test_chunks_in_any_other_order_or_number_are_refused():
    orders = [order for count in range(6) for order in itertools.product(range(4), repeat=count)]
    whole = (0, 1, 2, 3)
    assert set(itertools.permutations(whole)) < set(orders)
    cases = ((order, DATA[:START] + b"".join(CHUNKS[place] for place in order)) for order in orders if order != whole)
    # 1 + 4 + 16 + 64 + 256 + 1024 orders but the right one
    assert len(orders) == 1365
    assert refused(cases) == []


@pytest.mark.parametrize("more", [b"\0", b"\n", bytes(TAG), bytes(FULL), CHUNKS[3], DATA])
def test_trailing_bytes_are_refused(more):
    assert refused([("more", DATA + more)]) == []


def test_chunks_of_another_file_under_the_same_key_pair_are_refused():
    other = sealed()
    begin = parse_header(io.BytesIO(other)).length
    mixed = [
        ("payload", DATA[: HEADER.length] + other[begin:]),
        ("header", other[:begin] + DATA[HEADER.length :]),
        ("nonce", DATA[: HEADER.length] + other[begin : begin + 16] + DATA[START:]),
        ("last chunk", DATA[: START + 3 * FULL] + other[begin + 16 + 3 * FULL :]),
    ]
    assert refused(mixed) == []


# Stanzas: also by somebody who knows the file key and can make a right MAC

SHARED = {**POLICY, "fallback": "required", "k": 2, "holders": [{"kid": f"holder{place}"} for place in range(3)]}
FILE_KEY_OF_DATA = open_sealed(KEY, owner_info(context_hash(CONTEXT)), decode(HEADER.stanzas[0].args[2].encode()), HEADER.stanzas[0].body)
FILE_KEY = bytes(range(16))
OWNER = owner_stanza(SPKI, CONTEXT, FILE_KEY)


def share(place, rank="2of3"):
    enc, body = seal(KEY.public_key(), b"share", bytes(17))
    return Stanza(("etp/share", f"holder{place}", rank, encode(bytes(32)).decode(), encode(enc).decode()), body)


SHARES = [share(place) for place in range(3)]
RECOVERY = Stanza(("X25519", encode(os.urandom(32)).decode()), os.urandom(32))
FOREIGN = owner_stanza(spki_of(new_key()), CONTEXT, FILE_KEY)


def made(stanzas):
    """A file of these stanzas with a right MAC and payload."""
    out = io.BytesIO()
    source = io.BytesIO(b"".join(decrypt_chunks(FILE_KEY_OF_DATA, io.BytesIO(DATA))))
    encrypt_stream(FILE_KEY, stanzas, source, out)
    return out.getvalue()


@pytest.mark.parametrize("stanzas", [[OWNER], [OWNER, RECOVERY]])
def test_stanzas_of_a_policy_without_holders(stanzas):
    assert opened(made(stanzas)) == (FORM, [CONTENT])


@pytest.mark.parametrize("stanzas", [[OWNER, *SHARES], [OWNER, *SHARES, RECOVERY]])
def test_stanzas_of_a_policy_with_holders(stanzas):
    assert opened(made(stanzas), policy=SHARED) == (FORM, [CONTENT])


@pytest.mark.parametrize(
    ("policy", "stanzas"),
    [
        (POLICY, [RECOVERY]),
        (POLICY, [RECOVERY, OWNER]),
        (POLICY, [OWNER, OWNER]),
        (POLICY, [OWNER, RECOVERY, RECOVERY]),
        (POLICY, [OWNER, Stanza(("grease", "x"), b"y")]),
        (POLICY, [OWNER, SHARES[0]]),
        (POLICY, [FOREIGN]),
        (POLICY, [FOREIGN, OWNER]),
        (SHARED, [OWNER]),
        (SHARED, SHARES),
        (SHARED, [*SHARES, OWNER]),
        (SHARED, [OWNER, *SHARES[:2]]),
        (SHARED, [OWNER, *SHARES, SHARES[2]]),
        (SHARED, [OWNER, SHARES[0], SHARES[0], SHARES[2]]),
        (SHARED, [OWNER, *SHARES[:2], share(3)]),
        (SHARED, [OWNER, *SHARES[:2], share(2, "1of3")]),
        (SHARED, [OWNER, RECOVERY, *SHARES]),
        *((SHARED, [OWNER, *order]) for order in itertools.permutations(SHARES) if list(order) != SHARES),
    ],
)
def test_extra_missing_doubled_reordered_and_foreign_stanzas_are_refused(policy, stanzas):
    with pytest.raises(ValueError, match="policy"):
        opened(made(stanzas), policy=policy)


def test_a_foreign_key_under_our_name_does_not_open():
    disguised = Stanza((*OWNER.args[:2], FOREIGN.args[2]), FOREIGN.body)
    with pytest.raises(ValueError, match="does not open"):
        opened(made([disguised]))


@pytest.mark.parametrize("field", ["origin", "tender", "lot", "envelope", "bidder", "policy", "seal"])
def test_what_was_sealed_for_another_place_is_refused(field):
    """The owner's stanza opens only in its own context; and if its file key is known, the container still names its own."""
    elsewhere = {**CONTEXT, field: b64u(bytes(16)) if field == "seal" else "2"}
    with pytest.raises(ValueError, match="does not open"):
        opened(DATA, context=elsewhere)
    moved = owner_stanza(SPKI, elsewhere, FILE_KEY)
    with pytest.raises(ValueError, match="another tender, lot, bidder or policy"):
        opened(made([moved]), context=elsewhere)


def test_a_header_with_two_wrapped_keys_opens_with_at_most_one():
    """Two readers must never be led to two contents: the MAC fits one file key, and the payload none but that."""
    other_key = os.urandom(16)
    stanzas = [OWNER, owner_stanza(SPKI, CONTEXT, other_key)]
    for maker in (FILE_KEY, other_key):
        data = make_header(maker, stanzas) + DATA[HEADER.length :]
        header = parse_header(io.BytesIO(data))
        keys = [open_sealed(KEY, owner_info(context_hash(CONTEXT)), decode(each.args[2].encode()), each.body) for each in header.stanzas]
        assert keys == [FILE_KEY, other_key]
        assert [check_file_key(header, key) for key in keys] == [key == maker for key in keys]
        # And two owners are refused before any key is tried.
        with pytest.raises(ValueError, match="policy"):
            opened(data)
