"""Logs as an operator with all keys could publish them, honest or not, without database or sequencer."""

import base64
import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.canonical import H, b64u, instant, jcs
from ledger.merkle import Frontier, inclusion_proof, leaf_hash, root
from ledger.note import Checkpoint, key_id, signed_note

ORIGIN = "tender.example"
WIDTH = 256
BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)


def secret(name):
    """32 bytes that are the same in every run."""
    return hashlib.sha256(f"corpus {name}".encode()).digest()


def ed25519(name):
    return Ed25519PrivateKey.from_private_bytes(secret(name))


LEDGER, NEXT_LEDGER, RECEIPT, WITNESS, STRANGER = (ed25519(name) for name in ("ledger", "next ledger", "receipt", "witness", "stranger"))


class Person:
    """Somebody with a P-256 signing key."""

    def __init__(self, name):
        self.key = derive_private_key(int.from_bytes(secret(name), "big") >> 1, SECP256R1())
        self.spki = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.kid = b64u(H("kid", self.spki)[:8])

    def sign(self, label, obj):
        r, s = decode_dss_signature(self.key.sign(f"etp/{label}/v1\n".encode() + jcs(obj), ECDSA(SHA256())))
        return b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def sign(key, label, obj):
    return b64u(key.sign(f"etp/{label}/v1\n".encode() + jcs(obj)))


def keys(*, ledger=((LEDGER, 0, None),), receipt=RECEIPT, origin=ORIGIN):
    return {
        "v": 1,
        "origin": origin,
        "ledger": [
            {"name": f"{origin}/ledger", "public_key": b64u(key.public_key().public_bytes_raw()), "from_size": first, "to_size": last}
            for key, first, last in ledger
        ],
        "receipt": [{"public_key": b64u(receipt.public_key().public_bytes_raw())}],
        "witnesses": [{"name": "witness.example", "public_key": b64u(WITNESS.public_key().public_bytes_raw())}],
    }


def cosignature(text, at=1_772_000_000, *, name="witness.example", key=WITNESS, damaged=False):
    """A witness's line under a note (C2SP cosignature/v1)."""
    public = key.public_key().public_bytes_raw()
    kid = hashlib.sha256(name.encode() + b"\n\x04" + public).digest()[:4]
    made = key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    blob = kid + (at + damaged).to_bytes(8, "big") + made
    return f"— {name} {base64.b64encode(blob).decode()}\n"


def signature_line(text, name, key):
    blob = key_id(name, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"— {name} {base64.b64encode(blob).decode()}\n"


class Log:
    """A log that grows in memory; `key` signs its checkpoints."""

    def __init__(self, origin=ORIGIN, key=LEDGER):
        self.name, self.key = f"{origin}/ledger", key
        self.entries, self.leaves, self.notes = [], [], []
        self.streams, self.hidden = {}, {}
        self.frontier = Frontier()
        self.at = BEGAN

    @property
    def size(self):
        return len(self.entries)

    @property
    def now(self):
        return instant(self.at)

    def wait(self, **span):
        self.at += timedelta(**span)

    def raw(self, data):
        """Put these bytes into the log, whatever they are; their index."""
        self.entries.append(data)
        self.leaves.append(leaf_hash(data))
        self.frontier.append(self.leaves[-1])
        self.wait(seconds=1)
        return self.size - 1

    def body(self, kind, stream, d, *, role="system", h=None, **wrong):
        n, previous = self.streams.get(stream, (0, None))
        entry = {
            "v": 1, "t": "open", "k": kind, "s": stream, "n": n + 1, "p": previous, "at": self.now,
            "by": {"id": "platform" if role == "system" else secret(role).hex()[:12], "role": role, "cert": None}, "d": d, "h": h,
        }  # fmt: skip
        return {**entry, **wrong}

    def stand(self, stream, body):
        self.streams[stream] = (body["n"], b64u(self.leaves[-1]))

    def add(self, kind, stream, d, **more):
        """One open entry; its index."""
        body = self.body(kind, stream, d, **more)
        index = self.raw(jcs(body))
        self.stand(stream, body)
        return index

    def blind(self, kind, stream, d, **more):
        """One blinded entry; `hidden[stream]` keeps what opens it."""
        body = self.body(kind, stream, d, **more)
        salt = secret(f"salt {self.size}")
        index = self.raw(jcs({"v": 1, "t": "blind", "c": b64u(H("blind", salt + jcs(body)))}))
        self.stand(stream, body)
        self.hidden.setdefault(stream, []).append({"index": index, "salt": b64u(salt), "body": body})
        return index

    def open_blind(self, private, stream, rows=None):
        rows = self.hidden[private] if rows is None else rows
        for start in range(0, len(rows), 12):
            self.add("blind.opened", stream, {"entries": rows[start : start + 12]})

    def chaff(self, count=1):
        for _ in range(count):
            self.blind("blind.chaff", "chaff", {})

    def checkpoint(self, **changed):
        return Checkpoint(self.name, changed.get("size", self.size), changed.get("root", self.frontier.root()))

    def sign(self, key=None, **changed):
        """Sign a checkpoint of what is there now."""
        note = signed_note(self.checkpoint(**changed).text(), self.name, key or self.key)
        self.notes.append(note)
        return note

    def proof(self, index, size=None):
        return [b64u(step) for step in inclusion_proof(self.leaves[: size or self.size], index)]

    def write(self, folder):
        write_log(folder, self.entries, self.notes)
        return folder


def write_log(folder, entries, notes, *, newest=None):
    """Publish entries and notes under a folder in the tlog-tiles layout."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_bundles(folder, entries)
    write_hashes(folder, [leaf_hash(data) for data in entries])
    (folder / "checkpoints.txt").write_text("".join(note + "\n" for note in notes))
    (folder / "checkpoint").write_text(newest or notes[-1])


def write_bundles(folder, entries):
    shutil.rmtree(folder / "tile" / "entries", ignore_errors=True)
    for start in range(0, len(entries), WIDTH):
        rows = entries[start : start + WIDTH]
        write_tile(folder, "entries", start // WIDTH, len(rows), b"".join(len(row).to_bytes(2, "big") + row for row in rows))


def write_hashes(folder, hashes):
    level = 0
    while hashes:
        for start in range(0, len(hashes), WIDTH):
            rows = hashes[start : start + WIDTH]
            write_tile(folder, level, start // WIDTH, len(rows), b"".join(rows))
        hashes = [root(hashes[start : start + WIDTH]) for start in range(0, len(hashes) // WIDTH * WIDTH, WIDTH)]
        level += 1


def tile_file(folder, level, index, width=WIDTH):
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    path = folder / "tile" / str(level) / "/".join(reversed(parts))
    return path if width == WIDTH else path.with_name(path.name + ".p") / str(width)


def write_tile(folder, level, index, width, data):
    path = tile_file(folder, level, index, width)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_json(path, obj):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(obj, ensure_ascii=False, indent=1))
    return path
