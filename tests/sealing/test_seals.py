"""Context, owner stanza and policy: a seal opens with its owner's key, in its own context, and in no other."""

import hashlib
import io

import pytest

from ledger.canonical import H, b64u, jcs, parse_jcs
from sealing.age import Header, Stanza, check_file_key, decode, decrypt_chunks, encode, parse_header
from sealing.container import unpack
from sealing.context import context_hash, opening_policy, policy_hash, seal_context
from sealing.hpke import open_sealed, owner_info, seal
from sealing.keys import kid_of
from sealing.reference import signature as sign
from sealing.reference import spki_of
from sealing.seal import seal_bid
from sealing.signatures import verify
from sealing.stanzas import fits_policy
from tests.sealing.conftest import new_key

FORM = {"price": "100.00"}


@pytest.fixture
def context(vectors):
    return parse_jcs(vectors["context"]["jcs"].encode())


def test_context_hash_known_answer(vectors, context):
    assert jcs(context).decode() == vectors["context"]["jcs"]
    assert context_hash(context).hex() == vectors["context"]["hash"]
    assert owner_info(context_hash(context)).hex() == vectors["hpke_info"]["owner"]


def test_file_key_digest_known_answer(vectors, context):
    key = bytes.fromhex(vectors["file_key_digest"]["file_key"])
    assert H("file-key", context_hash(context) + key).hex() == vectors["file_key_digest"]["digest"]


def test_the_context_is_built_with_the_platforms_origin(settings, context):
    settings.ETP_ORIGIN = "tender.example"
    about = {key: context[key] for key in ("tender", "lot", "envelope", "bidder", "seal", "policy")}
    assert seal_context(**about) == context


def test_policies_of_two_lots_differ():
    assert policy_hash(opening_policy("T-1", "1")) != policy_hash(opening_policy("T-1", "2"))


def test_hpke_opens_what_it_sealed_and_nothing_else():
    key, other = new_key(), new_key()
    enc, body = seal(key.public_key(), b"info", b"file key")
    assert open_sealed(key, b"info", enc, body) == b"file key"
    wrong = [
        (other, b"info", enc, body),
        (key, b"other", enc, body),
        (key, b"info", enc, body[:-1] + bytes([body[-1] ^ 1])),
        (key, b"info", spki_of(other)[-65:], body),
        (key, b"info", enc[:-1], body),
        (key, b"info", bytes(65), body),
        (key, b"info", b"", b""),
    ]
    for arguments in wrong:
        with pytest.raises(ValueError):
            open_sealed(*arguments)


def sealed(context, key, *contents):
    target = io.BytesIO()
    files = [(f"{place}.pdf", "application/pdf", io.BytesIO(data)) for place, data in enumerate(contents)]
    envelope = seal_bid(context, FORM, files, spki=spki_of(key), policy=NONE, target=target)
    return envelope, target.getvalue()


def file_key_of(data, context, key):
    stanza = parse_header(io.BytesIO(data)).stanzas[0]
    return open_sealed(key, owner_info(context_hash(context)), decode(stanza.args[2].encode()), stanza.body)


def test_a_sealed_bid_opens_with_its_owners_key(context):
    key = new_key()
    envelope, data = sealed(context, key, b"technical", b"commercial" * 9999)
    header = parse_header(io.BytesIO(data))
    assert envelope == {
        "name": context["envelope"],
        "seal": context["seal"],
        "size": len(data),
        "sha256": b64u(hashlib.sha256(data).digest()),
        "header": b64u(H("age-header", header.header_bytes)),
    }
    file_key = file_key_of(data, context, key)
    assert check_file_key(header, file_key)
    found = []
    form = unpack(decrypt_chunks(file_key, io.BytesIO(data)), context, lambda _, pieces: found.append(b"".join(pieces)))
    assert (form, found) == (FORM, [b"technical", b"commercial" * 9999])


@pytest.mark.parametrize("field", ["origin", "tender", "lot", "envelope", "bidder", "seal", "policy"])
def test_the_owners_stanza_opens_only_in_its_own_context(context, field):
    key = new_key()
    _, data = sealed(context, key, b"x")
    with pytest.raises(ValueError):
        file_key_of(data, {**context, field: "another"}, key)


def test_the_price_stands_nowhere_in_the_sealed_file(context):
    _, data = sealed(context, new_key(), b"x")
    assert b"100.00" not in data
    assert b"price" not in data


POINT = encode(b"\4" + bytes(64)).decode()
OWNER = Stanza(("etp/owner", "kid", POINT), bytes(32))
RECOVERY = Stanza(("X25519", encode(bytes(32)).decode()), bytes(32))
NONE = opening_policy("T-1", "1")
SHARED = {**NONE, "fallback": "required", "k": 2, "holders": [{"kid": "h1"}, {"kid": "h2"}, {"kid": "h3"}]}


def share(kid, rank="2of3"):
    return Stanza(("etp/share", kid, rank, encode(bytes(32)).decode(), POINT), bytes(33))


SHARES = [share("h1"), share("h2"), share("h3")]


@pytest.mark.parametrize(
    ("policy", "stanzas", "fits"),
    [
        (NONE, [OWNER], True),
        (NONE, [OWNER, RECOVERY], True),
        (NONE, [], False),
        (NONE, [RECOVERY], False),
        (NONE, [RECOVERY, OWNER], False),
        (NONE, [OWNER, OWNER], False),
        (NONE, [OWNER, RECOVERY, RECOVERY], False),
        (NONE, [OWNER, *SHARES], False),
        (NONE, [Stanza(("etp/owner", "other", POINT), bytes(32))], False),
        (NONE, [Stanza(("etp/owner", "kid"), bytes(32))], False),
        (NONE, [Stanza(("etp/owner",), bytes(32))], False),
        (NONE, [Stanza(("etp/owner", "kid", POINT, "more"), bytes(32))], False),
        (NONE, [Stanza(("etp/owner", "kid", POINT[:-2]), bytes(32))], False),
        (NONE, [Stanza(("etp/owner", "kid", encode(bytes(65)).decode()), bytes(32))], False),
        (NONE, [Stanza(("etp/owner", "kid", POINT), bytes(33))], False),
        (SHARED, [OWNER, *SHARES], True),
        (SHARED, [OWNER, *SHARES, RECOVERY], True),
        (SHARED, [OWNER], False),
        (SHARED, [OWNER, *SHARES[:2]], False),
        (SHARED, [OWNER, *SHARES[::-1]], False),
        (SHARED, [*SHARES, OWNER], False),
        (SHARED, [OWNER, *SHARES[:2], share("h4")], False),
        (SHARED, [OWNER, *SHARES[:2], share("h3", "1of3")], False),
        (SHARED, [OWNER, *SHARES, SHARES[0]], False),
    ],
)
def test_the_stanzas_are_exactly_those_of_the_policy(policy, stanzas, fits):
    header = Header(tuple(stanzas), b"", bytes(32), 0)
    assert fits_policy(header, kid="kid", policy=policy) is fits


def test_a_signature_holds_for_one_key_label_and_object():
    key, obj = new_key(), {"v": 1, "tender": "T-1"}
    signature = sign(key, "bid-manifest", obj)
    spki = spki_of(key)
    assert verify(spki, "bid-manifest", obj, signature)
    assert not verify(spki_of(new_key()), "bid-manifest", obj, signature)
    assert not verify(spki, "key-release", obj, signature)
    assert not verify(spki, "bid-manifest", {**obj, "v": 2}, signature)


@pytest.mark.parametrize("signature", ["", "AA", "A" * 86, "=" * 86, "签名", "A" * 85 + "B"])
def test_nonsense_is_no_signature(signature):
    assert not verify(spki_of(new_key()), "bid-manifest", {"v": 1}, signature)


@pytest.mark.parametrize("obj", [{"v": 1.5}, {"v": 2**60}, {"name": "e\u0301"}, {"name": "\ud800"}])
def test_what_has_no_canonical_form_has_no_signature(obj):
    assert not verify(spki_of(new_key()), "bid-manifest", obj, "A" * 86)


def test_a_key_has_one_short_name():
    assert kid_of(b"spki") == b64u(H("kid", b"spki")[:8])
