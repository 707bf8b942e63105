from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class KeyEnrolled(Event):
    """An encryption key now belongs to an organisation."""

    kind = "key.enrolled"
    owner: str
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
    kid: str

    @property
    def stream(self) -> str:
        return f"keys/{self.owner}"
