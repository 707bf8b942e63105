"""A person's signing key as a way to sign official acts, beside passkeys."""

from accounts.certificates import vouching
from accounts.models import Person
from ledger.canonical import b64u
from rulebook.clock import database_now
from sealing.keys import maker_of, signing_keys_of
from sealing.models import EncryptionKey


def has_signing_key(person: Person) -> bool:
    return bool(signing_keys_of(person))


def check_act(person: Person, act: dict, proof: dict) -> dict:
    """The evidence of Sign(key, "act", act) by one of the person's keys in force; ValueError if none made it.

    Refused if its certificate does not hold, or there must be one and is none.
    """
    signature = str(proof["signature"])
    key = maker_of(person, "act", act, signature)
    if key is None:
        raise ValueError("no key of this person made the signature")
    certificate = vouching(person, bytes(key.spki), at=database_now())
    return {"signature": signature, "public_key": b64u(bytes(key.spki)), "cert": certificate.digest if certificate else None}


def holds_keys_to_bids(person: Person) -> bool:
    """Whether the person is one of those whose keys open bids when a bidder's cannot."""
    return EncryptionKey.objects.filter(enrolled_by=person, revoked_at=None, role=EncryptionKey.Role.HOLDER).exists()
