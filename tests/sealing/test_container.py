"""The container: one spelling only, bound to one context, its size padded."""

import io
import os
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import jcs
from sealing.container import BLOCK, Corrupt, pack, padme, unpack, ustar_header

CONTEXT = {
    "v": 1, "suite": "p256", "origin": "tender.example", "tender": "T-2026-0001", "lot": "1", "envelope": "bid",
    "bidder": "91110000MA00000000", "seal": "AAECAwQFBgcICQoLDA0ODw", "policy": "A" * 43,
}  # fmt: skip
FORM = {"price": "1234567.80"}


def files(*contents):
    return [(f"文件{place}.pdf", "application/pdf", io.BytesIO(data)) for place, data in enumerate(contents, start=1)]


def packed(*contents, context=CONTEXT):
    return b"".join(pack(context, FORM, files(*contents)))


def read(data, context=CONTEXT, step=1000):
    found = []
    chunks = (data[at : at + step] for at in range(0, len(data), step))
    form = unpack(chunks, context, lambda member, pieces: found.append((member.name, b"".join(pieces))))
    return form, found


def test_padme_known_answers(vectors):
    assert {size: padme(int(size)) for size in vectors["padme"]} == vectors["padme"]


@given(st.integers(2, 2**40))
def test_padding_adds_little_and_never_takes_away(length):
    assert length <= padme(length) <= length * 1.12
    assert padme(padme(length)) == padme(length)


@given(st.lists(st.binary(max_size=3000), max_size=4), st.integers(1, 5000))
def test_what_is_packed_is_unpacked(contents, step):
    data = packed(*contents)
    assert len(data) == padme(len(data))
    assert read(data, step=step) == (FORM, [(f"文件{n}.pdf", body) for n, body in enumerate(contents, start=1)])


def test_tar_reads_it_too():
    with tarfile.open(fileobj=io.BytesIO(packed(b"one", b"two" * 999))) as archive:
        assert archive.getnames() == ["manifest.json", "f/0001", "f/0002"]
        assert archive.extractfile("f/0002").read() == b"two" * 999


@pytest.mark.parametrize("field", ["origin", "tender", "lot", "envelope", "bidder", "seal", "policy", "suite"])
def test_a_seal_of_another_context_is_refused(field):
    with pytest.raises(Corrupt, match="another tender"):
        read(packed(b"x"), context={**CONTEXT, field: "another"})


def test_true_is_not_one():
    with pytest.raises(Corrupt):
        read(packed(b"x", context={**CONTEXT, "v": True}))


def test_every_byte_counts():
    """Any single byte changed, in headers, contents, block ends or padding: refused.

    Only the manifest's own words (price, names) can differ unseen here; the age file around it answers for those.
    """
    data = packed(b"some bytes", b"")
    manifest = range(BLOCK, data.index(bytes(1), BLOCK))
    for place in set(range(len(data))) - set(manifest):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(Corrupt):
            read(bytes(changed))


def test_every_cut_and_every_addition_is_refused():
    data = packed(b"some bytes")
    for cut in range(0, len(data), 37):
        with pytest.raises(Corrupt):
            read(data[:cut])
    for more in (1, BLOCK, 5 * BLOCK):
        with pytest.raises(Corrupt):
            read(data + bytes(more))


def assembled(manifest, *members):
    """A container with whatever manifest and members, padded as it should be."""
    head = manifest if isinstance(manifest, bytes) else jcs(manifest)
    body = ustar_header("manifest.json", len(head)) + head + bytes(-len(head) % BLOCK)
    for name, data in members:
        body += ustar_header(name, len(data)) + data + bytes(-len(data) % BLOCK)
    return body + bytes(padme(len(body) + 2 * BLOCK) - len(body))


DIGEST = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"  # SHA-256 of b"hello"
ROW = {"path": "f/0001", "name": "a", "size": 5, "sha256": DIGEST, "type": "t"}
GOOD = {"v": 1, "context": CONTEXT, "form": FORM, "files": [ROW]}


def test_the_assembled_example_is_right():
    assert read(assembled(GOOD, ("f/0001", b"hello"))) == (FORM, [("a", b"hello")])


@pytest.mark.parametrize(
    ("manifest", "members"),
    [
        (GOOD, []),
        (GOOD, [("f/0002", b"hello")]),
        (GOOD, [("f/0001", b"hallo")]),
        (GOOD, [("f/0001", b"hello!")]),
        (GOOD, [("../0001", b"hello")]),
        (GOOD, [("f/0001", b"hello"), ("f/0002", b"extra")]),
        ({**GOOD, "extra": 1}, [("f/0001", b"hello")]),
        ({**GOOD, "v": 2}, [("f/0001", b"hello")]),
        ({**GOOD, "form": []}, [("f/0001", b"hello")]),
        ({**GOOD, "files": {"f/0001": ROW}}, [("f/0001", b"hello")]),
        ({**GOOD, "files": 1}, []),
        ({**GOOD, "files": None}, []),
        ({**GOOD, "files": [{**ROW, "path": "f/1"}]}, [("f/1", b"hello")]),
        ({**GOOD, "files": [{**ROW, "size": "5"}]}, [("f/0001", b"hello")]),
        ({**GOOD, "files": [{**ROW, "size": -1}]}, [("f/0001", b"hello")]),
        ({**GOOD, "files": [{**ROW, "name": None}]}, [("f/0001", b"hello")]),
        ({**GOOD, "files": [{**ROW, "sha256": DIGEST + "="}]}, [("f/0001", b"hello")]),
        ({**GOOD, "files": [{**ROW, "link": "x"}]}, [("f/0001", b"hello")]),
        (b" " + jcs(GOOD), [("f/0001", b"hello")]),
        (jcs(GOOD).replace(b'"v":1}', b'"v":1,"v":1}'), [("f/0001", b"hello")]),
        (b"[" * 100000, []),
        (b"\xff", []),
    ],
)
def test_anything_else_is_refused(manifest, members):
    with pytest.raises(Corrupt):
        read(assembled(manifest, *members))


@pytest.mark.parametrize(
    "change",
    [
        {156: b"2"},  # a link
        {156: b"5"},  # a folder
        {157: b"/etc/passwd"},  # a link's target
        {100: b"0004755\x00"},  # other rights
        {265: b"root"},  # an owner's name
        {345: b"prefix"},
    ],
)
def test_only_plain_members_without_attributes_are_read(change):
    data = bytearray(assembled(GOOD, ("f/0001", b"hello")))
    at = BLOCK + len(jcs(GOOD)) + -len(jcs(GOOD)) % BLOCK
    for place, value in change.items():
        data[at + place : at + place + len(value)] = value
    data[at + 148 : at + 156] = b" " * 8
    data[at + 148 : at + 156] = f"{sum(data[at : at + BLOCK]):06o}\x00 ".encode()
    with pytest.raises(Corrupt, match="plain ustar"):
        read(bytes(data))


def test_a_large_file_streams_through():
    """40 MiB pass in small pieces: nothing asks for the whole."""
    big = os.urandom(1024) * 40960
    longest = 0

    def keep(member, pieces):
        nonlocal longest
        longest = max(len(piece) for piece in pieces)

    assert unpack(pack(CONTEXT, FORM, files(big)), CONTEXT, keep) == FORM
    assert longest <= 64 * 1024
