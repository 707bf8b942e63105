"""Sealing outside the browser, byte for byte by the same rules: for the demo city, load tests and interop tests."""

import hashlib
import os
from collections.abc import Iterable
from typing import BinaryIO

from ledger.canonical import H, b64u, unb64u
from sealing.age import Stanza, encode, encrypt_stream, make_header
from sealing.container import BidFile, Pieces, pack
from sealing.context import context_hash
from sealing.hpke import owner_info, seal
from sealing.keys import kid_of
from sealing.recovery import recovery_stanza
from sealing.shares import share_stanza, split
from sealing.signatures import load_p256


class Digesting:
    """A target that digests and counts what is written to it."""

    def __init__(self, target: BinaryIO) -> None:
        self.target = target
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        self.size += len(data)
        return self.target.write(data)


def owner_stanza(spki: bytes, context: dict, file_key: bytes) -> Stanza:
    """The owner's way to the file key, bound to the seal context."""
    enc, body = seal(load_p256(spki), owner_info(context_hash(context)), file_key)
    return Stanza(("etp/owner", kid_of(spki), encode(enc).decode("ascii")), body)


def holder_stanzas(policy: dict, context: dict, file_key: bytes) -> list[Stanza]:
    """A share of the file key for each emergency holder, in the policy's order; none where there are no holders."""
    if policy["fallback"] == "none":
        return []
    k, holders, bound = policy["k"], policy["holders"], context_hash(context)
    shares = split(file_key, k, len(holders))
    return [
        share_stanza(unb64u(holder["spki"]), holder["kid"], f"{k}of{len(holders)}", bound, share)
        for holder, share in zip(holders, shares, strict=True)
    ]


def seal_bid(
    context: dict, form: dict, files: Iterable[BidFile], *, spki: bytes, policy: dict, target: BinaryIO, recovery: str = ""
) -> dict:
    """Seal a bid into `target` for the key `spki` and the policy's holders; answers its envelope for the bid manifest.

    `files` are (name, content type, seekable file object). The file key is forgotten: only those can get it back, and
    whoever has the recovery code of the recipient `recovery`, if there is one.
    """
    file_key = os.urandom(16)
    stanzas = [owner_stanza(spki, context, file_key), *holder_stanzas(policy, context, file_key)]
    if recovery:
        stanzas.append(recovery_stanza(recovery, file_key))
    out = Digesting(target)
    encrypt_stream(file_key, stanzas, Pieces(pack(context, form, files)), out)
    return {
        "name": context["envelope"],
        "seal": context["seal"],
        "size": out.size,
        "sha256": b64u(out.hash.digest()),
        "header": b64u(H("age-header", make_header(file_key, stanzas))),
    }
