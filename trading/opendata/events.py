from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class HistoryImported(Event):
    """History of others was taken over: which file, by its digest, from whom, and how much of it."""

    kind = "history.imported"

    publisher: str
    uri: str
    sha256: str
    taken: int
    renewed: int
    unusable: int

    @property
    def stream(self):
        return "history"
