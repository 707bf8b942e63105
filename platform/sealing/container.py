"""The plaintext of a bid: a ustar archive with a manifest first, padded to hide its size (docs/trust.md §3.3)."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any

from ledger.canonical import b64u, jcs, parse_jcs

BLOCK = 512
PIECE = 64 * 1024
LARGEST_MANIFEST = 4 * 1024 * 1024
# Name, content type, content.
BidFile = tuple[str, str, BufferedIOBase]


def padme(length: int) -> int:
    """The Padmé length: at most 12 % longer, leaking only O(log log) bits of the true length."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


class Corrupt(ValueError):
    """The container is not what the rules ask for; the message says where."""


@dataclass(frozen=True)
class Member:
    """A file of the container as its manifest lists it."""

    path: str
    name: str
    size: int
    sha256: str
    type: str


class Reader:
    """Reads exactly n bytes from an iterator of byte chunks."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)
        self.buffer = b""
        self.taken = 0

    def some(self, most: int) -> bytes:
        while not self.buffer:
            piece = next(self.chunks, None)
            if piece is None:
                return b""
            self.buffer = piece
        data, self.buffer = self.buffer[:most], self.buffer[most:]
        self.taken += len(data)
        return data

    def exactly(self, count: int) -> bytes:
        parts, missing = [], count
        while missing:
            part = self.some(missing)
            if not part:
                raise Corrupt("the container is cut off")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def pieces(self, count: int) -> Iterator[bytes]:
        while count:
            part = self.some(count)
            if not part:
                raise Corrupt("the container is cut off")
            count -= len(part)
            yield part


def read_member_header(block: bytes) -> tuple[str, int]:
    """Name and size of a regular file; Corrupt unless the block is byte for byte the one we would write."""
    try:
        size = int(block[124:135], 8)
        name = block[:100].rstrip(b"\x00").decode("ascii")
    except (ValueError, UnicodeDecodeError) as wrong:
        raise Corrupt("a member's header is unreadable") from wrong
    if not name or size < 0 or block != ustar_header(name, size):
        raise Corrupt("a member is not a plain ustar file")
    return name, size


def unpack(chunks: Iterable[bytes], context: dict, keep: Callable[[Member, Iterable[bytes]], object]) -> dict:
    """Check a container while it streams by; hand each file to `keep(member, pieces)`; answer the bid form.

    `keep` must read all pieces it is given. Corrupt is raised for any difference from the rules or from `context`;
    nothing that was kept may be used then.
    """
    reader = Reader(chunks)
    name, size = read_member_header(reader.exactly(BLOCK))
    if name != "manifest.json" or size > LARGEST_MANIFEST:
        raise Corrupt("the manifest does not stand first")
    try:
        manifest = parse_jcs(reader.exactly(size))
    except ValueError as wrong:
        raise Corrupt("the manifest is not canonical JSON") from wrong
    fill(reader, size)
    check_manifest(manifest)
    if jcs(manifest["context"]) != jcs(context):
        raise Corrupt("the seal belongs to another tender, lot, bidder or policy")
    members = [member_of(row, place) for place, row in enumerate(manifest["files"], start=1)]
    for member in members:
        if read_member_header(reader.exactly(BLOCK)) != (member.path, member.size):
            raise Corrupt(f"{member.path} is not where the manifest says")
        checked = Checked(reader.pieces(member.size))
        keep(member, checked)
        if b64u(checked.digest()) != member.sha256:
            raise Corrupt(f"{member.path} has another digest than the manifest says")
        fill(reader, member.size)
    used = reader.taken
    while part := reader.some(PIECE):
        if part.strip(b"\x00"):
            raise Corrupt("the padding is not empty")
    if reader.taken != padme(used + 2 * BLOCK):
        raise Corrupt("the padding has the wrong length")
    return manifest["form"]


def fill(reader: Reader, size: int) -> None:
    """Pass over the zero bytes that fill a member's last block."""
    if reader.exactly(-size % BLOCK).strip(b"\x00"):
        raise Corrupt("a member's last block is not filled with zeros")


def check_manifest(manifest: Any) -> None:
    right = (
        isinstance(manifest, dict)
        and set(manifest) == {"v", "context", "form", "files"}
        and type(manifest["v"]) is int
        and manifest["v"] == 1
        and isinstance(manifest["form"], dict)
        and isinstance(manifest["files"], list)
    )
    if not right:
        raise Corrupt("the manifest has the wrong fields")


class Checked:
    """Pieces of a file that are digested as they go by."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = pieces
        self.hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.hash.update(piece)
            yield piece

    def digest(self) -> bytes:
        for piece in self.pieces:
            self.hash.update(piece)
        return self.hash.digest()


def member_of(row: Any, place: int) -> Member:
    right = (
        isinstance(row, dict)
        and set(row) == {"path", "name", "size", "sha256", "type"}
        and row["path"] == f"f/{place:04d}"
        and type(row["size"]) is int
        and row["size"] >= 0
        and all(isinstance(row[key], str) for key in ("name", "sha256", "type"))
    )
    if not right:
        raise Corrupt(f"file {place} is described wrongly")
    return Member(**row)


def ustar_header(name: str, size: int) -> bytes:
    """The header block of a regular file with nothing in it that tells about its maker."""
    block = bytearray(BLOCK)
    block[0 : len(name)] = name.encode("ascii")
    block[100:108] = b"0000644\x00"
    block[108:116] = block[116:124] = b"0000000\x00"
    block[124:136] = f"{size:011o}\x00".encode()
    block[136:148] = b"00000000000\x00"
    block[148:156] = b" " * 8
    block[156:157] = b"0"
    block[257:265] = b"ustar\x0000"
    block[148:156] = f"{sum(block):06o}\x00 ".encode()
    return bytes(block)


def pack(context: dict, form: dict, files: Iterable[BidFile]) -> Iterator[bytes]:
    """The container of a bid, piece by piece; `files` are (name, type, file object) and are read twice."""
    files = list(files)
    rows: list[dict] = []
    for place, (name, kind, source) in enumerate(files, start=1):
        source.seek(0)
        digest = b64u(hashlib.file_digest(source, "sha256").digest())
        size = source.seek(0, os.SEEK_END)
        rows.append({"path": f"f/{place:04d}", "name": name, "size": size, "sha256": digest, "type": kind})
    head = jcs({"v": 1, "context": context, "form": form, "files": rows})
    used = BLOCK + len(head) + -len(head) % BLOCK
    yield ustar_header("manifest.json", len(head)) + head + bytes(-len(head) % BLOCK)
    for row, (_, _, source) in zip(rows, files, strict=True):
        yield ustar_header(row["path"], row["size"])
        source.seek(0)
        while piece := source.read(PIECE):
            yield piece
        yield bytes(-row["size"] % BLOCK)
        used += BLOCK + row["size"] + -row["size"] % BLOCK
    left = padme(used + 2 * BLOCK) - used
    while left:
        yield bytes(min(left, PIECE))
        left -= min(left, PIECE)


class Pieces:
    """A readable file over an iterator of byte strings, which counts what was read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = iter(pieces)
        self.rest = b""
        self.size = 0

    def read(self, most: int) -> bytes:
        while len(self.rest) < most:
            piece = next(self.pieces, None)
            if piece is None:
                break
            self.rest += piece
        data, self.rest = self.rest[:most], self.rest[most:]
        self.size += len(data)
        return data
