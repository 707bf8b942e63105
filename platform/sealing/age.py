"""age v1 files with our stanzas: strict header, streaming payload, flat memory (docs/trust.md §3.4)."""

import base64
import hmac
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"age-encryption.org/v1\n"
CHUNK = 64 * 1024
TAG = 16
LONGEST_HEADER = 16 * 1024
ARGUMENT = re.compile(r"[\x21-\x7e]+")


class Readable(Protocol):
    """As much of a file as is needed to take bytes from it."""

    def read(self, most: int, /) -> bytes: ...


class Writable(Protocol):
    """As much of a file as is needed to put bytes into it."""

    def write(self, data: bytes, /) -> int: ...


@dataclass(frozen=True)
class Stanza:
    """One way to the file key: its arguments and its body."""

    args: tuple[str, ...]
    body: bytes


@dataclass(frozen=True)
class Header:
    """A parsed header: its stanzas, the bytes the MAC covers, the MAC, and how long the header is."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes
    length: int

    @property
    def header_bytes(self) -> bytes:
        """The whole header as it stands in the file, which the manifest's `header` digests."""
        return self.covered + b" " + encode(self.mac) + b"\n"


def encode(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def decode(text: bytes) -> bytes:
    data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    if encode(data) != text:
        raise ValueError("not canonical base64")
    return data


def parse_header(source: BinaryIO) -> Header:
    """Read the header from the beginning of a file; ValueError for anything but a strict age v1 header."""
    covered = b""

    def line() -> bytes:
        nonlocal covered
        read = source.readline(LONGEST_HEADER)
        covered += read
        if not read.endswith(b"\n") or len(covered) > LONGEST_HEADER:
            raise ValueError("the header is cut off or too long")
        return read[:-1]

    if line() + b"\n" != VERSION:
        raise ValueError("not an age v1 file")
    stanzas: list[Stanza] = []
    while True:
        before = covered
        first = line()
        if first.startswith(b"--- "):
            mac = decode(first[4:])
            if len(mac) != 32 or not stanzas:
                raise ValueError("the header has no proper MAC")
            return Header(tuple(stanzas), before + b"---", mac, len(covered))
        words = first.decode("ascii").split(" ")
        if words[0] != "->" or len(words) < 2 or not all(ARGUMENT.fullmatch(word) for word in words[1:]):
            raise ValueError("not a stanza")
        body = b""
        while True:
            part = line()
            if len(part) > 64:
                raise ValueError("a stanza's line is too long")
            body += part
            if len(part) < 64:
                break
        stanzas.append(Stanza(tuple(words[1:]), decode(body)))


def derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)


def header_mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(derived(file_key, b"", b"header"), covered, "sha256")


def check_file_key(header: Header, file_key: bytes) -> bool:
    """Whether this file key is the one the header was made with; at most one key is."""
    return hmac.compare_digest(header.mac, header_mac(file_key, header.covered))


def make_header(file_key: bytes, stanzas: list[Stanza]) -> bytes:
    out = VERSION
    for stanza in stanzas:
        out += b"-> " + " ".join(stanza.args).encode("ascii") + b"\n"
        text = encode(stanza.body)
        lines = [text[at : at + 64] for at in range(0, len(text), 64)]
        if not lines or len(lines[-1]) == 64:
            lines.append(b"")
        out += b"".join(row + b"\n" for row in lines)
    covered = out + b"---"
    return covered + b" " + encode(header_mac(file_key, covered)) + b"\n"


def nonce(count: int, last: bool) -> bytes:
    return count.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def encrypt_stream(file_key: bytes, stanzas: list[Stanza], source: Readable, target: Writable) -> None:
    """Seal everything `source` gives into `target`."""
    target.write(make_header(file_key, stanzas))
    salt = os.urandom(16)
    target.write(salt)
    cipher = ChaCha20Poly1305(derived(file_key, salt, b"payload"))
    count, chunk = 0, source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        target.write(cipher.encrypt(nonce(count, not following), chunk, None))
        if not following:
            return
        count, chunk = count + 1, following


def decrypt_chunks(file_key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The plaintext of an age file, chunk by chunk. ValueError on a wrong key or any change, cut or addition.

    A chunk is given out only after its tag was checked; the end is certain only when the iteration ends without error.
    """
    header = parse_header(source)
    if not check_file_key(header, file_key):
        raise ValueError("the file key does not fit this file")
    salt = source.read(16)
    if len(salt) != 16:
        raise ValueError("the file is cut off")
    cipher = ChaCha20Poly1305(derived(file_key, salt, b"payload"))
    count, chunk = 0, source.read(CHUNK + TAG)
    while True:
        following = source.read(CHUNK + TAG)
        try:
            plain = cipher.decrypt(nonce(count, not following), chunk, None)
        except InvalidTag as changed:
            raise ValueError(f"chunk {count} was changed or cut off") from changed
        if not plain and count:
            raise ValueError("an empty last chunk is not allowed")
        yield plain
        if not following:
            return
        count, chunk = count + 1, following
