from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class ClientReleased(Event):
    """From now on browsers are given these files: each with its address and digest."""

    kind = "client.released"

    version: str
    files: list

    @property
    def stream(self) -> str:
        return "client"
