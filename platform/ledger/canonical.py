"""Canonical JSON, base64url and labelled hashes: docs/ledger.md."""

import base64
import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import rfc8785

LARGEST = 2**53 - 1


def jcs(obj: Any) -> bytes:
    """RFC 8785 form of strings, integers, booleans, null, arrays and objects; everything else is refused."""
    check(obj)
    return rfc8785.dumps(obj)


def check(obj: Any) -> None:
    if obj is None or isinstance(obj, bool):
        return
    if isinstance(obj, str):
        if any(0xD800 <= ord(char) <= 0xDFFF for char in obj) or not unicodedata.is_normalized("NFC", obj):
            raise ValueError("strings must be NFC without lone surrogates")
    elif isinstance(obj, int):
        if abs(obj) > LARGEST:
            raise ValueError("integers must stay within 2^53 - 1")
    elif isinstance(obj, list | tuple):
        for each in obj:
            check(each)
    elif isinstance(obj, dict):
        for key, value in obj.items():
            if not isinstance(key, str):
                raise ValueError("keys must be strings")
            check(key)
            check(value)
    else:
        raise ValueError(f"{type(obj).__name__} has no canonical form")


def parse_jcs(data: bytes) -> Any:
    """The object whose canonical form is exactly `data`; anything else (spaces, duplicate keys, floats) is refused."""
    try:
        obj = json.loads(data.decode("utf-8"))
        same = jcs(obj) == data
    except RecursionError as deep:
        raise ValueError("nested too deeply") from deep
    if not same:
        raise ValueError("not in canonical form")
    return obj


def parse_object(text: str | bytes) -> dict[str, Any]:
    """The object in a JSON text that need not be canonical; ValueError for everything else, however it is built."""
    try:
        obj = json.loads(text)
    except RecursionError as deep:
        raise ValueError("nested too deeply") from deep
    if not isinstance(obj, dict):
        raise ValueError("not an object")
    return obj


def b64u(data: bytes) -> str:
    """Base64 of RFC 4648 in the URL alphabet, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64u(text: str) -> bytes:
    """Decode base64url without padding; non-canonical spellings are refused."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, TypeError) as wrong:
        raise ValueError("not base64url") from wrong
    if b64u(data) != text:
        raise ValueError("not canonical base64url")
    return data


def H(label: str, data: bytes) -> bytes:
    """SHA-256 under a label that is used for one purpose only."""
    return hashlib.sha256(f"etp/{label}/v1\n".encode() + data).digest()


def HJ(label: str, obj: Any) -> bytes:
    return H(label, jcs(obj))


def instant(moment: datetime) -> str:
    """An aware moment as `YYYY-MM-DDTHH:MM:SS.mmmZ` in UTC."""
    if moment.tzinfo is None:
        raise ValueError("a moment without its time zone is not a moment")
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def money(amount: Decimal) -> str:
    """An amount in yuan as a decimal string with two places."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise ValueError("money is a finite decimal")
    return f"{amount:.2f}"
