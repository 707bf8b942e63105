"""People's signatures as WebCrypto makes them: ECDSA P-256 with SHA-256, r and s of 32 bytes each."""

from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ledger.canonical import jcs, unb64u


def load_p256(spki: bytes) -> EllipticCurvePublicKey:
    """The P-256 public key in a SubjectPublicKeyInfo; ValueError for anything else."""
    key = load_der_public_key(spki)
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a P-256 key")
    return key


def verify(spki: bytes, label: str, obj: Any, signature: str) -> bool:
    """Whether `signature` (base64url) is Sign(key, label, obj) of docs/trust.md §0."""
    try:
        raw = unb64u(signature)
        if len(raw) != 64:
            return False
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        load_p256(spki).verify(der, f"etp/{label}/v1\n".encode() + jcs(obj), ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
