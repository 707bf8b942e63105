"""Who signs checkpoints and receipts. Everything the platform signs goes through `signer()`.

The keys stand in files that only the platform's account can read. A process of its own, behind a socket, takes
this interface over later; nothing else touches the keys.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from ledger.canonical import b64u, jcs
from ledger.merkle import Frontier
from ledger.note import Checkpoint, signed_note

log = logging.getLogger(__name__)

NOTHING_SIGNED: dict = {"size": 0, "root": "", "note": "", "peaks": [], "batch": []}


class SignerRefused(Exception):
    """The signer was asked for something that contradicts what it has signed before."""


class LocalSigner:
    """Ed25519 keys in files, and a state file that remembers the last checkpoint signed."""

    def __init__(self, folder: Path, origin: str) -> None:
        self.folder = folder
        self.origin = origin
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.ledger_key = self.load("ledger")
        self.receipt_key = self.load("receipt")

    @property
    def name(self) -> str:
        """The log's name in notes: its origin."""
        return f"{self.origin}/ledger"

    def load(self, name: str) -> Ed25519PrivateKey:
        """The key of that name, made on first use; two processes starting at once agree on one key."""
        path = self.folder / f"{name}.key"
        with self.locked():
            if not path.exists():
                if name == "ledger":
                    self.begin()
                self.write(path, Ed25519PrivateKey.generate().private_bytes_raw())
            return Ed25519PrivateKey.from_private_bytes(path.read_bytes())

    def begin(self) -> None:
        """A new ledger key has signed nothing; where an older one did sign, none may be made in silence."""
        if self.state_file.exists() and self.state()["size"]:
            raise SignerRefused("the record of what was signed is there, but not the ledger key")
        self.keep(NOTHING_SIGNED)

    @contextmanager
    def locked(self) -> Iterator[None]:
        with (self.folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def state_file(self) -> Path:
        return self.folder / "signer-state.json"

    def state(self) -> dict:
        """Size, root (hex), note and last batch of leaf hashes (hex) of the last checkpoint signed."""
        try:
            return json.loads(self.state_file.read_text())
        except FileNotFoundError as lost:
            # A key without its memory would sign a second history. Only people may decide what happened here.
            raise SignerRefused("the ledger key is there, but not the record of what it signed") from lost

    def sign_checkpoint(self, size: int, root: bytes, batch: list[bytes]) -> str:
        """Sign the checkpoint reached by adding `batch` (leaf hashes) to the last one signed; refuse anything else.

        The same request again gives the same note: that is how a crash between signing and commit is replayed.
        """
        with self.locked():
            state = self.state()
            if size == state["size"] and root.hex() == state["root"]:
                return state["note"]
            frontier = Frontier()
            frontier.size = state["size"]
            frontier.peaks = [(level, bytes.fromhex(peak)) for level, peak in state["peaks"]]
            for leaf in batch:
                frontier.append(leaf)
            if frontier.size != size or frontier.root() != root:
                raise SignerRefused(f"size {size} does not extend the signed size {state['size']}")
            note = signed_note(Checkpoint(self.name, size, root).text(), self.name, self.ledger_key)
            log.info("checkpoint of size %s signed", size)
            self.keep(
                {
                    "size": size,
                    "root": root.hex(),
                    "note": note,
                    "peaks": [[level, peak.hex()] for level, peak in frontier.peaks],
                    "batch": [leaf.hex() for leaf in batch],
                }
            )
            return note

    def keep(self, state: dict) -> None:
        self.write(self.state_file, json.dumps(state).encode())

    def write(self, path: Path, data: bytes) -> None:
        """Replace a file that only this account may read; after a power cut the old or the new one is there, whole."""
        draft = path.with_suffix(".new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def sign_receipt(self, label: str, obj: Any) -> str:
        """Sign(receipt key, label, obj) for the labels `ack` and `receipt`, as base64url."""
        if label not in ("ack", "receipt"):
            raise SignerRefused(f"no receipts under the label {label}")
        log.info("%s signed", label)
        return b64u(self.receipt_key.sign(f"etp/{label}/v1\n".encode() + jcs(obj)))

    def ledger_public_key(self) -> bytes:
        return public_bytes(self.ledger_key)

    def receipt_public_key(self) -> bytes:
        return public_bytes(self.receipt_key)


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@cache
def signer_of(folder: Path, origin: str) -> LocalSigner:
    return LocalSigner(folder, origin)


def signer() -> LocalSigner:
    """The platform's signer by the settings."""
    return signer_of(settings.ETP_KEYS, settings.ETP_ORIGIN)
