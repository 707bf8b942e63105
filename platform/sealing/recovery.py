"""Recovery codes: an age X25519 identity on paper; the platform knows only its public recipient (docs/sealing.md)."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sealing.age import Stanza, derived, encode

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM = 6


def polymod(values: list[int]) -> int:
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for place, constant in enumerate(GENERATOR):
            if top >> place & 1:
                state ^= constant
    return state


def decoded(prefix: str, text: str) -> bytes:
    """The 32 bytes of a Bech32 text with this prefix; ValueError for anything else."""
    start = prefix + "1"
    if not text.startswith(start) or not set(text[len(start) :]) <= set(CHARSET):
        raise ValueError("not an age key")
    values = [CHARSET.index(char) for char in text[len(start) :]]
    expanded = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    if len(values) < CHECKSUM or polymod(expanded + values) != 1:
        raise ValueError("mistyped")
    number = 0
    for value in values[:-CHECKSUM]:
        number = number << 5 | value
    spare = 5 * (len(values) - CHECKSUM) - 256
    if not 0 <= spare < 5 or number & (1 << spare) - 1:
        raise ValueError("not 32 bytes")
    return (number >> spare).to_bytes(32, "big")


def recipient_key(recipient: str) -> X25519PublicKey:
    """The public key in `age1…`; ValueError when it is none."""
    return X25519PublicKey.from_public_bytes(decoded("age", recipient))


def recovery_stanza(recipient: str, file_key: bytes) -> Stanza:
    """age's own X25519 stanza: the way to the file key for whoever holds the recovery code."""
    ephemeral, public = X25519PrivateKey.generate(), recipient_key(recipient)
    share = ephemeral.public_key().public_bytes_raw()
    key = derived(ephemeral.exchange(public), share + public.public_bytes_raw(), b"age-encryption.org/v1/X25519")
    return Stanza(("X25519", encode(share).decode("ascii")), ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None))
