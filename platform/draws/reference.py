"""A party's side of a draw in Python, as its browser does it: for the demonstration and tests."""

import os

from draws import actions, protocol
from draws.models import Draw, DrawParty
from ledger.canonical import b64u, unb64u
from rulebook.clock import database_now
from sealing.hpke import open_sealed, seal
from sealing.reference import Keys, signature
from sealing.shares import commitment, share_info, split
from sealing.signatures import load_p256


def contribute(draw: Draw, keys: Keys, *, r: bytes | None = None) -> bytes:
    """Commit to a random number and leave it in shares with the parties; the number."""
    assert keys.person is not None
    r = r or os.urandom(32)
    parties = list(draw.parties.select_related("key"))
    own = next(row for row in parties if row.person == keys.person)
    value = protocol.commitment(draw.number, own.role, r)
    bound = protocol.bound_to(draw.number, own.role, value)
    shares = []
    for party, share in zip(parties, split(r, draw.k, len(parties)), strict=True):
        enc, body = seal(load_p256(bytes(party.key.spki)), share_info(protocol.SHARE_LABEL, bound), share)
        shares.append({"kid": party.key.kid, "commit": b64u(commitment(bound, share)), "enc": b64u(enc), "body": b64u(body)})
    enc, body = seal(load_p256(bytes(own.key.spki)), share_info(protocol.COPY_LABEL, bound), r)
    signed = signature(keys.signing, "draw-commit", protocol.commit_object(draw.number, own.role, value))
    actions.commit(draw, value, shares, {"enc": b64u(enc), "body": b64u(body)}, signed, by=keys.person, at=database_now())
    return r


def disclose(draw: Draw, keys: Keys) -> None:
    """Reveal one's number, read back from one's own sealed copy."""
    assert keys.person is not None
    own = draw.parties.get(person=keys.person)
    assert own.own_copy is not None
    bound = protocol.bound_to(draw.number, own.role, own.commit)
    r = open_sealed(keys.encryption, share_info(protocol.COPY_LABEL, bound), unb64u(own.own_copy["enc"]), unb64u(own.own_copy["body"]))
    actions.reveal(draw, b64u(r), by=keys.person, at=database_now())


def recover(missing: DrawParty, keys: Keys, *, share: bytes | None = None) -> None:
    """Hand in one's share of a number that was not revealed (or other bytes, for tests of bad ones)."""
    assert keys.person is not None and missing.shares is not None
    bound = protocol.bound_to(missing.draw.number, missing.role, missing.commit)
    row = next(each for each in missing.shares if each["kid"] == keys.kid)
    if share is None:
        share = open_sealed(keys.encryption, share_info(protocol.SHARE_LABEL, bound), unb64u(row["enc"]), unb64u(row["body"]))
    digest = b64u(commitment(bound, share)) if share else ""
    signed = signature(keys.signing, "draw-share", protocol.share_object(missing.draw.number, missing.role, keys.kid, digest))
    actions.give_share(missing, b64u(share), signed, by=keys.person, at=database_now())
