"""The emergency way to a file key: Shamir shares, each sealed to one holder (docs/trust.md §3.4)."""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from pyshamir import combine as shamir_combine
from pyshamir import split as shamir_split

from ledger.canonical import H
from sealing.age import Stanza, decode, encode
from sealing.hpke import open_sealed, seal
from sealing.signatures import load_p256

FILE_KEY = 16
SHARE = 17


def share_info(label: str, bound_to: bytes) -> bytes:
    """The HPKE `info` of a share: `label` says of what (`etp/seal/v1/share`), `bound_to` is the context's hash."""
    return label.encode() + b"\x00" + bound_to


def split(secret: bytes, k: int, n: int) -> list[bytes]:
    """`n` shares of a secret, any `k` of which give it back; each is as long as the secret and one byte more."""
    return [bytes(share) for share in shamir_split(secret, n, k)]


def combine(shares: list[bytes]) -> bytes:
    """The secret that these shares give; another one, without a word, if they are too few or one is wrong."""
    return bytes(shamir_combine([bytearray(share) for share in shares]))


def commitment(context: bytes, share: bytes) -> bytes:
    """What stands in the header for a share: who later hands in another one is found out."""
    return H("share", context + share)


def share_stanza(spki: bytes, kid: str, rank: str, context: bytes, share: bytes, *, label: str = "etp/seal/v1/share") -> Stanza:
    """One holder's share; `rank` is `<k>of<n>`."""
    enc, body = seal(load_p256(spki), share_info(label, context), share)
    return Stanza(("etp/share", kid, rank, encode(commitment(context, share)).decode(), encode(enc).decode()), body)


def open_share(private: EllipticCurvePrivateKey, stanza: Stanza, context: bytes, *, label: str = "etp/seal/v1/share") -> bytes:
    """The share in a stanza; ValueError when this key, or this context, does not open it."""
    return open_sealed(private, share_info(label, context), decode(stanza.args[4].encode()), stanza.body)


def committed(stanza: Stanza) -> bytes:
    """The commitment that stands in a share's stanza."""
    return decode(stanza.args[3].encode())
