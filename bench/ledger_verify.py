"""Entries per second that `etp-verify log` verifies, against sha256sum over the same files."""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._ground import QUICK, say
from ledger.canonical import b64u
from ledger.merkle import Frontier, leaf_hash
from ledger.note import Checkpoint, signed_note
from tests.processes import ROOT
from tests.trust.published import LEDGER, ORIGIN, WIDTH, keys, write_hashes, write_json, write_tile

COUNT, ROUNDS = (20_000, 1) if QUICK else (1_000_000, 3)
# The sequencer signs at most five times a second, and on a quiet day once for each act.
SIGNED_EVERY = 10
# An act in every ninth place is blinded; the others belong to tenders of ten acts each.
OPEN = (
    '{"at":"2026-03-02T01:02:03.456Z","by":{"cert":null,"id":"%s","role":"staff"},"d":{"digest":"%s","notice":"N-2026-%06d",'
    '"tender":"T-2026-%06d","title":"城市道路养护工程（第%d标段）施工招标公告"},"h":null,"k":"notice.published","n":%d,"p":%s,'
    '"s":"tender/T-2026-%06d","t":"open","v":1}'
)


def write_log(folder):
    """A log of so many entries on disk."""
    frontier, bundle, leaves, last = Frontier(), [], [], {}
    with (folder / "checkpoints.txt").open("w") as notes:
        for index in range(COUNT):
            digest = b64u(hashlib.sha256(b"%d" % index).digest())
            tender = index // 90 * 9 + index % 9
            if index % 9 == 4:
                data = b'{"c":"%s","t":"blind","v":1}' % digest.encode()
            else:
                n, p = last.get(tender, (0, "null"))
                data = (OPEN % (digest[:12], digest, index, tender, n + 1, n + 1, p, tender)).encode()
            leaf = leaf_hash(data)
            if index % 9 != 4:
                last[tender] = n + 1, f'"{b64u(leaf)}"'
            frontier.append(leaf)
            leaves.append(leaf)
            bundle.append(len(data).to_bytes(2, "big") + data)
            if len(bundle) == WIDTH or index == COUNT - 1:
                write_tile(folder, "entries", index // WIDTH, len(bundle), b"".join(bundle))
                bundle.clear()
            if index % SIGNED_EVERY == 0 or index == COUNT - 1:
                name = f"{ORIGIN}/ledger"
                note = signed_note(Checkpoint(name, index + 1, frontier.root()).text(), name, LEDGER)
                notes.write(note + "\n")
    (folder / "checkpoint").write_text(note)
    write_hashes(folder, leaves)


def verified(folder):
    """Seconds that the verifier takes; the log must be found right."""
    began = time.monotonic()
    command = [sys.executable, "-I", str(ROOT / "verify/etp_verify.py"), "log", str(folder / "log"), "--keys", str(folder / "keys.json")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def summed(folder):
    """Seconds that sha256sum takes over every file of the log."""
    files = "\0".join(str(path) for path in (folder / "log").rglob("*") if path.is_file())
    began = time.monotonic()
    subprocess.run(["xargs", "-0", "sha256sum"], input=files.encode(), check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


with TemporaryDirectory() as name:
    folder = Path(name)
    (folder / "log").mkdir()
    write_json(folder / "keys.json", keys())
    write_log(folder / "log")
    summed(folder)
    found = [(COUNT / verified(folder), COUNT / summed(folder)) for _ in range(ROUNDS)]
print(json.dumps({"entries": COUNT, "checkpoints": COUNT // SIGNED_EVERY, "seconds": [round(COUNT / one, 1) for one, _ in found]}))
say("ledger_verify", [one for one, _ in found], [other for _, other in found], "entries/s", "sha256sum")
