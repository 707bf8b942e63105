"""What lies encrypted at rest under the vault's key, which no database holds: opened bid files, and small values in rows."""

import hashlib
import hmac
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from ledger.canonical import b64u
from rulebook.clock import database_now
from sealing.age import Stanza, decrypt_chunks, encrypt_stream
from sealing.container import Pieces
from sealing.models import VaultFile


@cache
def vault_key(folder: Path) -> bytes:
    """The vault's key, made on first use in a file that only the platform's account can read."""
    path = folder / "vault.key"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        # Written whole beside its place, then linked there: who comes second finds a finished key, never half of one.
        draft = folder / f"vault.key.{uuid.uuid4().hex}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(AESGCM.generate_key(256))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_bytes()


def wrap_key(key: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(vault_key(settings.ETP_KEYS)).encrypt(nonce, key, b"etp/vault/v1")


def unwrap_key(wrapped: bytes) -> bytes:
    return AESGCM(vault_key(settings.ETP_KEYS)).decrypt(wrapped[:12], wrapped[12:], b"etp/vault/v1")


def derived(purpose: str) -> bytes:
    """A key of its own for each purpose, from the vault's."""
    return derived_in(settings.ETP_KEYS, purpose)


@cache
def derived_in(folder: Path, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, f"etp/vault/v1/{purpose}".encode()).derive(vault_key(folder))


def conceal(purpose: str, value: Any, *, bound: str) -> bytes:
    """A value (anything JSON can say) for a column that whoever reads the database must not understand.

    `bound` names the row that it belongs to: moved to another, it opens for nobody.
    """
    nonce = os.urandom(12)
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    return nonce + AESGCM(derived(purpose)).encrypt(nonce, plain, bound.encode())


def revealed(purpose: str, data: bytes | memoryview, *, bound: str) -> Any:
    """The value again; InvalidTag for one that was changed, or concealed for another purpose or row."""
    data = bytes(data)
    return json.loads(AESGCM(derived(purpose)).decrypt(data[:12], data[12:], bound.encode()))


def marked(purpose: str, text: str) -> str:
    """A mark that is the same for the same text, by which rows are found without saying the text (base64url)."""
    return b64u(hmac.new(derived(purpose), text.encode(), hashlib.sha256).digest())


def store(pieces: Iterable[bytes]) -> VaultFile:
    """Encrypt what the iterator gives onto the disk."""
    file_key = os.urandom(16)
    row = VaultFile(token=uuid.uuid4(), wrapped_key=wrap_key(file_key), created_at=database_now())
    row.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = Pieces(pieces)
    with row.path.open("wb") as target:
        encrypt_stream(file_key, [Stanza(("etp/vault",), b"")], source, target)
        target.flush()
        os.fsync(target.fileno())
    row.size = source.size
    row.save()
    return row


def forget(row: VaultFile) -> None:
    """Delete a kept file, its key first."""
    path = row.path
    row.delete()
    transaction.on_commit(partial(path.unlink, missing_ok=True))


def read(row: VaultFile) -> Iterator[bytes]:
    """The plaintext of a kept file, piece by piece."""
    with row.path.open("rb") as source:
        yield from decrypt_chunks(unwrap_key(bytes(row.wrapped_key)), source)
