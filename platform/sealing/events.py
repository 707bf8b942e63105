from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class KeyEnrolled(Event):
    """An encryption key now belongs to a bidder (an organisation's code) or to a holder (a person's pseudonym)."""

    kind = "key.enrolled"
    owner: str
    role: str
    kid: str
    spki: str
    not_after: str

    @property
    def stream(self) -> str:
        return f"keys/{self.owner}"


@dataclass(frozen=True)
class KeyRevoked(Event):
    kind = "key.revoked"
    owner: str
    role: str
    kid: str

    @property
    def stream(self) -> str:
        return f"keys/{self.owner}"
