"""A person's keys in Python, as the browser makes and uses them: for the demonstration, tests and load."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.models import Organisation, Person
from ledger.canonical import b64u, jcs
from rulebook.clock import database_now
from sealing.keys import binding_of, enroll_keys, enrolment_terms, kid_of, owner_of


@dataclass
class Keys:
    """The private halves that only their owner has."""

    encryption: EllipticCurvePrivateKey
    signing: EllipticCurvePrivateKey
    person: Person | None = None

    @property
    def kid(self) -> str:
        return kid_of(spki_of(self.encryption))


def spki_of(private: EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signature(private: EllipticCurvePrivateKey, label: str, obj: dict) -> str:
    """Sign(key, label, obj) in the form of WebCrypto: r and s, 32 bytes each."""
    r, s = decode_dss_signature(private.sign(f"etp/{label}/v1\n".encode() + jcs(obj), ECDSA(SHA256())))
    return b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def enrolled(organisation: Organisation, *, by: Person, role: str = "bidder", recovery: str = "") -> Keys:
    """New keys of somebody, enrolled in that role; `recovery` is the recipient of a bidder's recovery code."""
    keys, now = Keys(generate_private_key(SECP256R1()), generate_private_key(SECP256R1()), by), database_now()
    ends, spki = enrolment_terms(now), spki_of(keys.encryption)
    enroll_keys(
        organisation,
        encryption_spki=b64u(spki),
        signing_spki=b64u(spki_of(keys.signing)),
        not_after=ends,
        signature=signature(keys.signing, "key-binding", binding_of(owner_of(organisation, by, role), spki, ends, role)),
        by=by,
        at=now,
        role=role,
        recovery=recovery,
    )
    return keys
