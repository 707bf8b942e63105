"""Canonical JSON, base64url, labelled hashes, moments and sums."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import HJ, H, b64u, instant, jcs, money, parse_jcs, unb64u

TEXT = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: unicodedata.normalize("NFC", text))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_canonically_is_read_back(value):
    assert parse_jcs(jcs(value)) == value


def test_keys_stand_in_the_order_of_their_utf16_units():
    # The example of RFC 8785 §3.2.3: the emoji's surrogates sort before the dalet with dagesh.
    keys = ["\u20ac", "\r", "\U0001f600", "1", "\u0080", "\u00f6"]
    assert list(json.loads(jcs(dict.fromkeys(keys, 1)))) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600"]


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), "\ud800", "e\u0301", {"e\u0301": 1}, {1: 2}, Decimal(1), b"", {1, 2}, [[0.5]]],
)
def test_values_without_one_canonical_form_are_refused(value):
    with pytest.raises(ValueError):
        jcs(value)


@pytest.mark.parametrize(
    "text",
    [b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"1.0", b"1e3", b"9007199254740992", b'"\\u0061"', b"[1]\n",
     b'\xef\xbb\xbf"a"', b'"\xff"', b"", b"NaN", b"-0", b'"\\ud800"', b"[" * 100_000],
)  # fmt: skip
def test_text_that_is_not_its_own_canonical_form_is_refused(text):
    with pytest.raises(ValueError):
        parse_jcs(text)


@given(st.binary(max_size=70))
def test_base64url_reads_what_it_writes(data):
    assert unb64u(b64u(data)) == data


@pytest.mark.parametrize("text", ["AA==", "AB", "A", "A+/A", "AA AA", "AA\n", "中", "AAA=", "A-_"])
def test_other_spellings_of_base64url_are_refused(text):
    with pytest.raises(ValueError):
        unb64u(text)


def test_the_known_context_has_the_known_hash(vectors):
    known = vectors["context"]
    context = json.loads(known["jcs"])
    assert jcs(context) == known["jcs"].encode()
    assert HJ("seal-context", context).hex() == known["hash"]


def test_the_known_share_and_file_key_have_the_known_digests(vectors):
    context = bytes.fromhex(vectors["context"]["hash"])
    share, key = vectors["share_commit"], vectors["file_key_digest"]
    assert H("share", context + bytes.fromhex(share["share"])).hex() == share["commit"]
    assert H("file-key", context + bytes.fromhex(key["file_key"])).hex() == key["digest"]


def test_moments_are_utc_with_milliseconds():
    city = timezone(timedelta(hours=8))
    assert instant(datetime(2026, 11, 20, 17, 0, 0, 999_999, city)) == "2026-11-20T09:00:00.999Z"
    assert instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05.000Z"
    with pytest.raises(ValueError):
        instant(datetime(2026, 11, 20))


def test_sums_have_two_places_and_are_never_floats():
    assert [money(Decimal(each)) for each in ("1234567.8", "0", "1E+3")] == ["1234567.80", "0.00", "1000.00"]
    for wrong in (1.5, Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(ValueError):
            money(wrong)
