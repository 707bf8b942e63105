"""HPKE (RFC 9180) in the one suite we use: P-256, HKDF-SHA256, ChaCha20-Poly1305, base mode."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
ENC = 65


def seal(public: EllipticCurvePublicKey, info: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    """(enc, ciphertext) for the holder of the key."""
    both = SUITE.encrypt(plaintext, public, info=info)
    return both[:ENC], both[ENC:]


def open_sealed(private: EllipticCurvePrivateKey, info: bytes, enc: bytes, ciphertext: bytes) -> bytes:
    """The plaintext; ValueError when key, info or bytes are not the right ones."""
    try:
        return SUITE.decrypt(enc + ciphertext, private, info=info)
    except InvalidTag as wrong:
        raise ValueError("this key does not open it") from wrong


def owner_info(context_hash: bytes) -> bytes:
    """The `info` that binds an owner stanza to its seal context."""
    return b"etp/seal/v1/owner\x00" + context_hash
