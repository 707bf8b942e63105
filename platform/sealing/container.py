"""The plaintext of a bid: a ustar archive with a manifest first, padded to hide its size (docs/trust.md §3.3)."""

import hashlib
from dataclasses import dataclass

from ledger.canonical import b64u, parse_jcs

BLOCK = 512
LARGEST_MANIFEST = 4 * 1024 * 1024


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

    def __init__(self, chunks):
        self.chunks = iter(chunks)
        self.buffer = b""
        self.taken = 0

    def some(self, most: int) -> bytes:
        if not self.buffer:
            self.buffer = next(self.chunks, b"")
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

    def pieces(self, count: int):
        while count:
            part = self.some(count)
            if not part:
                raise Corrupt("the container is cut off")
            count -= len(part)
            yield part


def read_member_header(block: bytes) -> tuple[str, int]:
    """Name and size of a regular file from a ustar header block."""
    checksum = sum(block) - sum(block[148:156]) + 8 * 32
    try:
        right = int(block[148:156].rstrip(b" \x00"), 8) == checksum
        size = int(block[124:136].rstrip(b" \x00"), 8)
        name = block[:100].rstrip(b"\x00").decode("ascii")
    except (ValueError, UnicodeDecodeError) as wrong:
        raise Corrupt("a member's header is unreadable") from wrong
    if not right or block[257:265] != b"ustar\x0000" or block[156:157] != b"0" or block[345:500].strip(b"\x00"):
        raise Corrupt("a member is not a plain ustar file")
    return name, size


def unpack(chunks, context: dict, keep):
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
    reader.exactly(-size % BLOCK)
    if not isinstance(manifest, dict) or set(manifest) != {"v", "context", "form", "files"} or manifest["v"] != 1:
        raise Corrupt("the manifest has the wrong fields")
    if manifest["context"] != context:
        raise Corrupt("the seal belongs to another tender, lot, bidder or policy")
    members = [member_of(row, place) for place, row in enumerate(manifest["files"], start=1)]
    for member in members:
        if read_member_header(reader.exactly(BLOCK)) != (member.path, member.size):
            raise Corrupt(f"{member.path} is not where the manifest says")
        checked = Checked(reader.pieces(member.size))
        keep(member, checked)
        if b64u(checked.digest()) != member.sha256:
            raise Corrupt(f"{member.path} has another digest than the manifest says")
        reader.exactly(-member.size % BLOCK)
    used = reader.taken
    while part := reader.some(64 * 1024):
        if part.strip(b"\x00"):
            raise Corrupt("the padding is not empty")
    if reader.taken != padme(used + 2 * BLOCK):
        raise Corrupt("the padding has the wrong length")
    return manifest["form"]


class Checked:
    """Pieces of a file that are digested as they go by."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.hash = hashlib.sha256()

    def __iter__(self):
        for piece in self.pieces:
            self.hash.update(piece)
            yield piece

    def digest(self) -> bytes:
        for piece in self.pieces:
            self.hash.update(piece)
        return self.hash.digest()


def member_of(row, place: int) -> Member:
    right = isinstance(row, dict) and set(row) == {"path", "name", "size", "sha256", "type"}
    if not right or row["path"] != f"f/{place:04d}" or type(row["size"]) is not int or row["size"] < 0:
        raise Corrupt(f"file {place} is described wrongly")
    return Member(row["path"], str(row["name"]), row["size"], str(row["sha256"]), str(row["type"]))


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
