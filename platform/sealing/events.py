from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class KeyEnrolled(Event):
    """An encryption key now belongs to its owner: an organisation (by its code), or a holder (by pseudonym) in one.

    `signature` over the key binding, by the key `signing_spki`, lets anybody check the binding from the log alone.
    """

    kind = "key.enrolled"
    owner: str
    org: str
    role: str
    kid: str
    spki: str
    not_after: str
    signing_spki: str
    signature: str

    @property
    def stream(self) -> str:
        return f"keys/{self.owner}"


@dataclass(frozen=True)
class KeyRevoked(Event):
    """An encryption key is out of use; `signing` is the signing key that goes with it when both may be known to others."""

    kind = "key.revoked"
    owner: str
    role: str
    kid: str
    reason: str
    signing: str | None

    @property
    def stream(self) -> str:
        return f"keys/{self.owner}"
