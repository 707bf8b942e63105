"""Checkpoints as C2SP signed notes."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = b"\x01"


@dataclass(frozen=True)
class Checkpoint:
    """How long the log was and what its root was."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def signed_note(text: str, name: str, private) -> str:
    """The text with one signature line by the Ed25519 key."""
    public = private.public_key().public_bytes_raw()
    line = base64.b64encode(key_id(name, public) + private.sign(text.encode())).decode()
    return f"{text}\n\N{EM DASH} {name} {line}\n"


def parse(note: str) -> Checkpoint:
    """The checkpoint a note speaks of, without checking who signed it."""
    origin, size, root_text, *_ = note.split("\n")
    return Checkpoint(origin, int(size), base64.b64decode(root_text, validate=True))


def verify(note: str, name: str, public: bytes) -> Checkpoint:
    """The checkpoint, if the named key signed it; ValueError otherwise."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, signer, blob = line.split(" ")
        raw = base64.b64decode(blob, validate=True)
        if dash != "\N{EM DASH}" or signer != name or raw[:4] != key_id(name, public):
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
        except InvalidSignature as wrong:
            raise ValueError("the checkpoint's signature is wrong") from wrong
        return parse(note)
    raise ValueError("the checkpoint bears no signature of this key")
