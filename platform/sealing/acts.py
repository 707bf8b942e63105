"""A person's signing key as a way to sign official acts, beside passkeys."""

from accounts.models import Person
from ledger.canonical import b64u
from sealing.keys import signed_by, signing_keys_of
from sealing.models import EncryptionKey


def has_signing_key(person: Person) -> bool:
    return bool(signing_keys_of(person))


def check_act(person: Person, act: dict, proof: dict) -> dict:
    """The evidence of Sign(key, "act", act) by one of the person's keys in force; ValueError if none made it."""
    signature = str(proof["signature"])
    key = signed_by(person, "act", act, signature)
    if key is None:
        raise ValueError("no key of this person made the signature")
    return {"signature": signature, "public_key": b64u(bytes(key.spki)), "cert": None}


def holds_keys_to_bids(person: Person) -> bool:
    """Whether the person is one of those whose keys open bids when a bidder's cannot."""
    return EncryptionKey.objects.filter(enrolled_by=person, revoked_at=None, role=EncryptionKey.Role.HOLDER).exists()
