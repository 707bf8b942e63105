"""People's signatures, Sign(key, label, object) of docs/trust.md §0: ECDSA P-256, RSA-PSS, and SM2 where it is switched on."""

from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from django.conf import settings
from gmalg import SM2

from ledger.canonical import H, b64u, jcs, unb64u

# SubjectPublicKeyInfo of an SM2 key, up to the uncompressed point: the one spelling that is taken.
SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
SM2_FIELD = bytes.fromhex("fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff")
# The identity that GM/T 0009 lets everybody assume who has agreed on no other.
SM2_IDENTITY = b"1234567812345678"
RSA_BITS = range(2048, 4097)
SALT = 32


class Sm2Key:
    """An SM2 public key; ValueError for a point that is none."""

    def __init__(self, point: bytes) -> None:
        plain = len(point) == 65 and point[0] == 4 and max(point[1:33], point[33:]) < SM2_FIELD
        if not plain or not SM2().verify_pk(point):
            raise ValueError("not a point of SM2's curve")
        self.scheme = SM2(uid=SM2_IDENTITY, pk=point)

    def verify(self, data: bytes, r: bytes, s: bytes) -> bool:
        return self.scheme.verify(data, r, s)


PublicKey = EllipticCurvePublicKey | RSAPublicKey | Sm2Key


def load_key(spki: bytes) -> PublicKey:
    """The key in a SubjectPublicKeyInfo in plain DER; ValueError unless it is P-256, RSA of 2048 to 4096 bits, or SM2 switched on."""
    if spki.startswith(SM2_SPKI):
        if not settings.ETP_SM2:
            raise ValueError("SM2 is switched off")
        return Sm2Key(spki[len(SM2_SPKI) :])
    try:
        key = load_der_public_key(spki)
    except UnsupportedAlgorithm as strange:
        raise ValueError("not a key we know") from strange
    # One key has one spelling, so that one key has one kid.
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        raise ValueError("not the plain DER form")
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    if isinstance(key, RSAPublicKey) and key.key_size in RSA_BITS and key.public_numbers().e == 65537:
        return key
    raise ValueError("not a key that people sign with")


def algorithm_of(key: PublicKey) -> str:
    """`p256`, `rsa` or `sm2`."""
    return "rsa" if isinstance(key, RSAPublicKey) else "sm2" if isinstance(key, Sm2Key) else "p256"


def load_p256(spki: bytes) -> EllipticCurvePublicKey:
    """The P-256 public key in a SubjectPublicKeyInfo; ValueError for anything else."""
    key = load_der_public_key(spki)
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a P-256 key")
    return key


def kid_of(spki: bytes) -> str:
    """The short name of a key: the first eight bytes of its labelled digest."""
    return b64u(H("kid", spki)[:8])


def verify(spki: bytes, label: str, obj: Any, signature: str) -> bool:
    """Whether `signature` (base64url) is Sign(key, label, obj); r and s of ECDSA and SM2 have 32 bytes each."""
    try:
        key, raw = load_key(spki), unb64u(signature)
        data = f"etp/{label}/v1\n".encode() + jcs(obj)
        if isinstance(key, RSAPublicKey):
            key.verify(raw, data, PSS(MGF1(SHA256()), SALT), SHA256())
            return True
        if len(raw) != 64:
            return False
        if isinstance(key, Sm2Key):
            return key.verify(data, raw[:32], raw[32:])
        key.verify(encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")), data, ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
