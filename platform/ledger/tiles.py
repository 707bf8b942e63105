"""The log as static files in the C2SP tlog-tiles layout; anyone can mirror and check them."""

import os
from pathlib import Path

from django.conf import settings

from ledger.merkle import node_hash

WIDTH = 256


def numbered(index: int) -> str:
    """A tile index as path parts of three digits: 1234067 -> x001/x234/067."""
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def tile_path(level: int | str, index: int, width: int = WIDTH) -> Path:
    path = settings.ETP_LEDGER / "tile" / str(level) / numbered(index)
    return path if width == WIDTH else path.with_name(path.name + ".p") / str(width)


def write(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees either nothing or all of it, and a crash leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def write_tiles(read_hashes, read_entries, old_size: int, new_size: int) -> None:
    """Write every tile and entry bundle that changed when the log grew from old_size to new_size.

    `read_hashes(first, last)` gives leaf hashes, `read_entries(first, last)` the entries' bytes.
    """
    level, old, new = 0, old_size, new_size
    while new:
        for index in range(old // WIDTH, (new - 1) // WIDTH + 1):
            first, last = index * WIDTH, min((index + 1) * WIDTH, new)
            hashes = [subtree(read_hashes, level, at) for at in range(first, last)]
            write(tile_path(level, index, last - first), b"".join(hashes))
            if level == 0:
                bundle = b"".join(len(data).to_bytes(2, "big") + data for data in read_entries(first, last))
                write(tile_path("entries", index, last - first), bundle)
        level, old, new = level + 1, old // WIDTH, new // WIDTH


def subtree(read_hashes, level: int, index: int) -> bytes:
    """The root of the full subtree of 256^level leaves; higher levels are read from the full tile below."""
    if level == 0:
        return read_hashes(index, index + 1)[0]
    data = tile_path(level - 1, index).read_bytes()
    hashes = [data[at : at + 32] for at in range(0, len(data), 32)]
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def publish_checkpoint(note: str) -> None:
    """Put the newest checkpoint in its place and keep all of them, oldest first."""
    path = settings.ETP_LEDGER / "checkpoints.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as out:
        out.write(note.encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    write(settings.ETP_LEDGER / "checkpoint", note.encode())
