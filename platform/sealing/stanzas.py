"""Which ways to the file key a sealed bid may have: exactly those its opening policy asks for (docs/sealing.md)."""

from collections.abc import Callable

from sealing.age import Header, Stanza, decode
from sealing.hpke import ENC

TAG = 16
FILE_KEY = 16
SHARE = 17
DIGEST = 32


def fits_policy(header: Header, *, kid: str, policy: dict) -> bool:
    """Whether the stanzas are the owner's, then the holders' in policy order, then at most one recovery code."""
    wanted = [is_owner(kid)]
    if policy["fallback"] == "required":
        rank = f"{policy['k']}of{len(policy['holders'])}"
        wanted += [is_share(holder["kid"], rank) for holder in policy["holders"]]
    optional = [is_recovery_code] if len(header.stanzas) > len(wanted) else []
    checks = wanted + optional
    if len(header.stanzas) != len(checks):
        return False
    return all(check(stanza) for check, stanza in zip(checks, header.stanzas, strict=True))


def is_owner(kid: str) -> Callable[[Stanza], bool]:
    def check(stanza: Stanza) -> bool:
        return (
            stanza.args[:2] == ("etp/owner", kid)
            and len(stanza.args) == 3
            and is_point(stanza.args[2])
            and len(stanza.body) == FILE_KEY + TAG
        )

    return check


def is_share(kid: str, rank: str) -> Callable[[Stanza], bool]:
    def check(stanza: Stanza) -> bool:
        return (
            stanza.args[:3] == ("etp/share", kid, rank)
            and len(stanza.args) == 5
            and len(decoded(stanza.args[3])) == DIGEST
            and is_point(stanza.args[4])
            and len(stanza.body) == SHARE + TAG
        )

    return check


def is_recovery_code(stanza: Stanza) -> bool:
    """age's own X25519 stanza."""
    right = stanza.args[0] == "X25519" and len(stanza.args) == 2 and len(stanza.body) == FILE_KEY + TAG
    return right and len(decoded(stanza.args[1])) == 32


def is_point(text: str) -> bool:
    """An uncompressed P-256 point, as HPKE encapsulates it."""
    data = decoded(text)
    return len(data) == ENC and data[0] == 4


def decoded(text: str) -> bytes:
    try:
        return decode(text.encode("ascii"))
    except ValueError:
        return b""
