from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class ArchiveRequested(LotEvent):
    kind = "archive.requested"


@dataclass(frozen=True)
class LotArchived(LotEvent):
    """The archive is made: the digest of the ZIP, of its manifest, and how many files it holds."""

    kind = "lot.archived"
    sha256: str
    manifest: str
    files: int
