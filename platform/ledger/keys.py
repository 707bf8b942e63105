"""The public keys that verifiers pin, and checkpoints checked against them."""

import base64
import json
from dataclasses import dataclass

from django.conf import settings

from ledger.canonical import HJ, b64u, unb64u
from ledger.note import COSIGNATURE, Checkpoint, key_id, parse, verify
from ledger.signer import signer
from ledger.tiles import write


@dataclass(frozen=True)
class Witness:
    """Somebody outside who watches the log and cosigns its checkpoints."""

    name: str
    public_key: bytes


def witnesses() -> list[Witness]:
    """The witnesses of `ETP_WITNESSES`, each as `name+keyid+key` (C2SP vkey); ValueError for one that is not."""
    found = []
    for text in settings.ETP_WITNESSES:
        name, identity, key = text.split("+", 2)
        data = base64.b64decode(key, validate=True)
        if data[:1] != COSIGNATURE or len(data) != 33 or key_id(name, data[1:], COSIGNATURE).hex() != identity:
            raise ValueError(f"not the key of a witness: {text}")
        found.append(Witness(name, data[1:]))
    return found


def public_keys() -> dict:
    """`/ledger/keys.json`: every key a verifier needs, with the sizes that each ledger key signs."""
    name = signer().name
    return {
        "v": 1,
        "origin": settings.ETP_ORIGIN,
        "ledger": [{"name": name, **row} for row in signer().ledger_keys()],
        "receipt": [{"public_key": b64u(signer().receipt_public_key())}],
        "witnesses": [{"name": row.name, "public_key": b64u(row.public_key)} for row in witnesses()],
    }


def fingerprint() -> str:
    """What people compare with a printed one before they trust a copy of the keys: 16 bytes over all that they say."""
    keys = public_keys()
    digest = HJ("keys", {name: keys[name] for name in ("v", "origin", "ledger", "receipt")})[:16].hex().upper()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def publish_keys() -> None:
    """Write `keys.json` beside the checkpoint, where it is not what it should be."""
    path, wanted = settings.ETP_LEDGER / "keys.json", (json.dumps(public_keys(), ensure_ascii=False, indent=1) + "\n").encode()
    if not path.exists() or path.read_bytes() != wanted:
        write(path, wanted)


def verify_checkpoint(note: str, keys: list[dict] | None = None) -> Checkpoint:
    """The checkpoint, if the key of its size signed it; ValueError otherwise. `keys` are those of `ledger_keys()`."""
    size = parse(note).size
    for row in keys or signer().ledger_keys():
        if row["from_size"] <= size and (row["to_size"] is None or size <= row["to_size"]):
            return verify(note, signer().name, unb64u(row["public_key"]))
    raise ValueError(f"no key signs checkpoints of size {size}")
