from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class ArchiveEvent(Event):
    tender: str
    lot: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class ArchiveRequested(ArchiveEvent):
    kind = "archive.requested"


@dataclass(frozen=True)
class LotArchived(ArchiveEvent):
    """The archive is made: the digest of the ZIP, of its manifest, and how many files it holds."""

    kind = "lot.archived"
    sha256: str
    manifest: str
    files: int
