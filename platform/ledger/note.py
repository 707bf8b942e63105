"""Checkpoints as C2SP signed notes."""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519, COSIGNATURE = b"\x01", b"\x04"
DASH = "\N{EM DASH}"
# Extension lines may follow the three of the format; an empty line ends the text.
TEXT = re.compile(r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,17})\n(?P<root>[A-Za-z0-9+/]{43}=)\n([^\n]+\n)*")
SIGNATURE = re.compile(rf"{DASH} (?P<name>[^\s+]+) (?P<blob>[A-Za-z0-9+/]+={{0,2}})")


@dataclass(frozen=True)
class Checkpoint:
    """How long the log was and what its root was."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def signed_note(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """The text with one signature line by the Ed25519 key."""
    return f"{text}\n{signature_line(text, name, private)}"


def signature_line(text: str, name: str, private: Ed25519PrivateKey) -> str:
    public = private.public_key().public_bytes_raw()
    return f"{DASH} {name} {base64.b64encode(key_id(name, public) + private.sign(text.encode())).decode()}\n"


def opened(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The note's text and its signatures (name, key id and signature), unchecked."""
    text, blank, block = note.rpartition("\n\n")
    lines = [SIGNATURE.fullmatch(line) for line in block.split("\n")[:-1]]
    if not blank or not block.endswith("\n") or not lines or None in lines:
        raise ValueError("not a signed note")
    return text + "\n", [(line["name"], base64.b64decode(line["blob"], validate=True)) for line in lines if line]


def parse(note: str) -> Checkpoint:
    """The checkpoint a note speaks of, without checking who signed it."""
    text, _ = opened(note)
    found = TEXT.fullmatch(text)
    if found is None:
        raise ValueError("not a checkpoint")
    return Checkpoint(found["origin"], int(found["size"]), base64.b64decode(found["root"], validate=True))


def verify(note: str, name: str, public: bytes) -> Checkpoint:
    """The checkpoint, if the named key signed it; ValueError otherwise. Other keys' lines (witnesses) do not matter."""
    text, signatures = opened(note)
    for signer, blob in signatures:
        if signer != name or blob[:4] != key_id(name, public):
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], text.encode())
        except InvalidSignature as wrong:
            raise ValueError("the checkpoint's signature is wrong") from wrong
        return parse(note)
    raise ValueError("the checkpoint bears no signature of this key")


def cosigned_at(note: str, name: str, public: bytes) -> int | None:
    """When (seconds since 1970) the witness saw this checkpoint extend all it had seen; None without its line.

    C2SP cosignature/v1: the signed message is the time and the note's text. ValueError if the line is wrong.
    """
    text, signatures = opened(note)
    for signer, blob in signatures:
        if signer != name or blob[:4] != key_id(name, public, COSIGNATURE):
            continue
        at = int.from_bytes(blob[4:12], "big")
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(blob[12:], f"cosignature/v1\ntime {at}\n{text}".encode())
        except InvalidSignature as wrong:
            raise ValueError("the witness's signature is wrong") from wrong
        return at
    return None
