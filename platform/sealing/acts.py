"""A person's signing key as a way to sign official acts, beside passkeys."""

from accounts.models import Person
from ledger.canonical import b64u
from sealing.models import EncryptionKey, SigningKey
from sealing.signatures import verify


def has_signing_key(person: Person) -> bool:
    return SigningKey.objects.filter(person=person, revoked_at=None).exists()


def check_act(person: Person, act: dict, proof: dict) -> dict:
    """The evidence of Sign(key, "act", act) by one of the person's keys in force; ValueError if none made it."""
    signature = str(proof["signature"])
    for key in SigningKey.objects.filter(person=person, revoked_at=None):
        if verify(bytes(key.spki), "act", act, signature):
            return {"signature": signature, "public_key": b64u(bytes(key.spki)), "cert": None}
    raise ValueError("no key of this person made the signature")


def holds_keys_to_bids(person: Person) -> bool:
    """Whether the person is one of those whose keys open bids when a bidder's cannot."""
    return EncryptionKey.objects.filter(enrolled_by=person, revoked_at=None, binding__role="holder").exists()
