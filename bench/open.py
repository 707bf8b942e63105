"""Opening a bid on the server (decrypt, check, keep encrypted), megabytes per second, against sha256sum of the same bytes."""

import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._ground import QUICK, ROUNDS, ground, say
from sealing.age import Stanza, decrypt_chunks, encrypt_stream
from sealing.container import Pieces, pack, unpack
from sealing.vault import store

MEGABYTES = 20 if QUICK else 200
CONTEXT = {"v": 1}
KEY = os.urandom(16)


def status(field):
    """A figure of /proc/self/status in bytes."""
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(field))
    return int(line.split()[1]) * 1024


def opened(path):
    """MB/s of one opening, as the decrypting task does it, and how much memory it took at most on top of the process's own."""
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    began = time.monotonic()
    kept = []
    with path.open("rb") as sealed:
        unpack(decrypt_chunks(KEY, sealed), CONTEXT, lambda _, pieces: kept.append(store(pieces)))
    speed = MEGABYTES / (time.monotonic() - began)
    for row in kept:
        row.path.unlink()
    return speed, status("VmHWM") - before


def digested(path):
    began = time.monotonic()
    subprocess.run(["sha256sum", path], check=True, capture_output=True)
    return MEGABYTES / (time.monotonic() - began)


with ground("web"), TemporaryDirectory() as name:
    plain, path = Path(name) / "plain", Path(name) / "sealed"
    with plain.open("wb") as out:
        for _ in range(MEGABYTES):
            out.write(os.urandom(1_000_000))
    with plain.open("rb") as source, path.open("wb") as target:
        encrypt_stream(KEY, [Stanza(("bench",), b"")], Pieces(pack(CONTEXT, {}, [("a.pdf", "application/pdf", source)])), target)
    opened(path)
    found = [(*opened(path), digested(path)) for _ in range(ROUNDS)]
    whole = status("VmRSS")
print(f"memory on top at most {max(more for _, more, _ in found) / 1e6:.1f} MB, of a process of {whole / 1e6:.0f} MB")
say("open", [speed for speed, *_ in found], [base for *_, base in found], "MB/s", "sha256sum")
