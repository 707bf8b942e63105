"""The log as static files in the C2SP tlog-tiles layout; anyone can mirror and check them."""

import base64
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

from django.conf import settings

from ledger.merkle import node_hash
from ledger.note import Checkpoint, parse

WIDTH = 256
Reads = Callable[[int, int], list[bytes]]


def numbered(index: int) -> str:
    """A tile index as path parts of three digits: 1234067 -> x001/x234/067."""
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def tile_path(level: int | str, index: int, width: int = WIDTH) -> Path:
    path = settings.ETP_LEDGER / "tile" / str(level) / numbered(index)
    return path if width == WIDTH else partials(path) / str(width)


def partials(path: Path) -> Path:
    """The folder in which the tile stands while it is not full."""
    return path.with_name(path.name + ".p")


def write(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees either nothing or all of it, and a crash leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def write_tile(level: int | str, index: int, width: int, data: bytes) -> None:
    """Write a tile or bundle; a full one takes the place of its partial ones, as the layout allows."""
    path = tile_path(level, index, width)
    write(path, data)
    if width == WIDTH:
        shutil.rmtree(partials(path), ignore_errors=True)


def write_tiles(read_hashes: Reads, read_entries: Reads, old_size: int, new_size: int) -> None:
    """Write every tile and entry bundle that changed when the log grew from old_size to new_size.

    `read_hashes(first, last)` gives leaf hashes, `read_entries(first, last)` the entries' bytes.
    """
    for level in count():
        old, new = old_size // WIDTH**level, new_size // WIDTH**level
        if not new:
            return
        for index in range(old // WIDTH, (new - 1) // WIDTH + 1):
            first, last = index * WIDTH, min((index + 1) * WIDTH, new)
            if level == 0:
                hashes = read_hashes(first, last)
                bundle = b"".join(len(data).to_bytes(2, "big") + data for data in read_entries(first, last))
                write_tile("entries", index, last - first, bundle)
            else:
                hashes = [folded(read_tile(level - 1, each)) for each in range(first, last)]
            write_tile(level, index, last - first, b"".join(hashes))


def read_tile(level: int, index: int, needed: int = WIDTH) -> list[bytes]:
    """The first hashes of a tile, at least `needed`; FileNotFoundError if no such file is published yet."""
    data = read_widest(level, index, needed)
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def read_bundle(index: int, needed: int = WIDTH) -> list[bytes]:
    """The first entries of a bundle, at least `needed`; FileNotFoundError if not published, ValueError if cut off."""
    return entries_in(read_widest("entries", index, needed))


def entries_in(bundle: bytes) -> list[bytes]:
    found, place = [], 0
    while place < len(bundle):
        length = int.from_bytes(bundle[place : place + 2], "big")
        place += 2 + length
        if place > len(bundle):
            raise ValueError("the bundle is cut off")
        found.append(bundle[place - length : place])
    return found


def read_widest(level: int | str, index: int, needed: int) -> bytes:
    path = tile_path(level, index)
    # Whatever width a tile has, its beginning is the same: any that is wide enough will do.
    wide = [int(each.name) for each in partials(path).glob("[0-9]*") if int(each.name) >= needed]
    # Asked for again at the end: it may have become full, and its partial ones gone, in between.
    for width in (WIDTH, *sorted(wide, reverse=True), WIDTH):
        try:
            return tile_path(level, index, width).read_bytes()
        except FileNotFoundError:
            continue
    raise FileNotFoundError(path)


def folded(hashes: list[bytes]) -> bytes:
    """The root of a full subtree (their number is a power of two)."""
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def published_checkpoint() -> Checkpoint | None:
    """What the published checkpoint says; None before the first."""
    path = settings.ETP_LEDGER / "checkpoint"
    return parse(path.read_text()) if path.exists() else None


@dataclass(frozen=True)
class Newest:
    """The newest checkpoint as pages show it."""

    size: int
    root_text: str


_newest: dict[Path, tuple[float, Newest | None]] = {}


def newest_checkpoint() -> Newest | None:
    """Size and root of the newest published checkpoint, looked up once a second; None before the first."""
    ends, known = _newest.get(settings.ETP_LEDGER, (0.0, None))
    if time.monotonic() >= ends:
        try:
            found = published_checkpoint()
        except ValueError:
            # A page does not fail because of its footer; whoever checks the log sees what is wrong.
            found = None
        known = Newest(found.size, base64.b64encode(found.root).decode()) if found else None
        _newest[settings.ETP_LEDGER] = (time.monotonic() + settings.ETP_PAGE_SECONDS, known)
    return known


def publish_checkpoint(note: str) -> None:
    """Add the checkpoint to the list of all, oldest first, and put it in its place as the newest."""
    with list_of_checkpoints("ab") as out:
        out.write(note.encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    write(settings.ETP_LEDGER / "checkpoint", note.encode())


def complete_checkpoints(notes: Iterable[str]) -> None:
    """Publish what a crash kept from it; ValueError if the list says anything else than these notes, in order."""
    note = None
    with list_of_checkpoints("ab+") as file:
        file.seek(0)
        place = 0
        for note in notes:
            wanted = note.encode() + b"\n"
            found = file.read(len(wanted))
            if found != wanted:
                if not wanted.startswith(found):
                    raise ValueError(f"the list of checkpoints is not what was signed, from byte {place}")
                file.truncate(place)
                file.write(wanted)
            place += len(wanted)
        if file.read(1):
            raise ValueError("the list of checkpoints is longer than what was signed")
        file.flush()
        os.fsync(file.fileno())
    if note is not None:
        write(settings.ETP_LEDGER / "checkpoint", note.encode())


def list_of_checkpoints(mode: str) -> IO[bytes]:
    path = settings.ETP_LEDGER / "checkpoints.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open(mode)
