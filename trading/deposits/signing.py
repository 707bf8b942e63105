"""Signed messages between the platform and its bank or issuers: Ed25519 over method, path, time, nonce and body.

docs/integrating.md gives the format. Keys stand in the folder ETP_PARTNERS: `platform.key` is ours, `bank.pub` and
`issuer.pub` are what the partners sign with.
"""

import hashlib
import os
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings

from ledger.canonical import b64u, instant, unb64u

# How far a message's time may be from ours; as long, its nonce is remembered.
WINDOW = timedelta(minutes=5)
HEADERS = ("ETP-Timestamp", "ETP-Nonce", "ETP-Signature")


class Unsigned(Exception):
    """Not signed by whom it claims to be from, or not now."""


def signed_bytes(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    return "\n".join(["etp-message-v1", method, path, timestamp, nonce, hashlib.sha256(body).hexdigest()]).encode()


def sign(key: Ed25519PrivateKey, method: str, path: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """The headers that go with a message."""
    timestamp, nonce = instant(at), b64u(secrets.token_bytes(18))
    return dict(zip(HEADERS, (timestamp, nonce, b64u(key.sign(signed_bytes(method, path, timestamp, nonce, body)))), strict=True))


def check(source: str, method: str, path: str, headers, body: bytes, *, at: datetime) -> tuple[str, str, str]:
    """(timestamp, nonce, signature) of a message that `source` signed within the window; Unsigned for any other."""
    timestamp, nonce, signature = (str(headers.get(name) or "") for name in HEADERS)
    try:
        moment = datetime.fromisoformat(timestamp)
        if abs(moment - at) > WINDOW:
            raise Unsigned("stale")
        if not 16 <= len(nonce) <= 64:
            raise Unsigned("nonce")
        public_key(source).verify(unb64u(signature), signed_bytes(method, path, timestamp, nonce, body))
    except (ValueError, TypeError, InvalidSignature, FileNotFoundError) as wrong:
        raise Unsigned("signature") from wrong
    return timestamp, nonce, signature


def public_key(source: str):
    return load_pem_public_key((settings.ETP_PARTNERS / f"{source}.pub").read_bytes())


def private_key(name: str) -> Ed25519PrivateKey:
    """The key `<name>.key`, made on first use with its public half `<name>.pub` beside it."""
    path: Path = settings.ETP_PARTNERS / f"{name}.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        draft = path.with_suffix(f".{secrets.token_hex(8)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        # Who comes second finds a finished key, never half of one.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    key = load_pem_private_key(path.read_bytes(), None)
    public = path.with_suffix(".pub")
    if not public.exists():
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return key
