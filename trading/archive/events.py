from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class ArchiveRequested(LotEvent):
    kind = "archive.requested"


@dataclass(frozen=True)
class LotArchived(LotEvent):
    """A volume is sealed: the digest of the ZIP, of its manifest, how many files it holds, and until when it is kept."""

    kind = "lot.archived"
    sha256: str
    manifest: str
    files: int
    volume: int = 1
    retention: str = ""
    kept_until: str = ""


@dataclass(frozen=True)
class PaperAdded(LotEvent):
    """A paper was handed in for the archive, for which required item (if any), by the digest of its file."""

    kind = "archive.paper"
    item: str
    sha256: str


@dataclass(frozen=True)
class ItemExcepted(LotEvent):
    """Two people let a lot be archived without a required item."""

    kind = "archive.excepted"
    item: str
    asked_by: str


@dataclass(frozen=True)
class ArchiveHeld(LotEvent):
    """The archive is kept until a matter is settled; which one stands in the private part."""

    kind = "archive.held"
    hold: int


@dataclass(frozen=True)
class ArchiveFreed(LotEvent):
    kind = "archive.freed"
    hold: int


@dataclass(frozen=True)
class ArchiveDisposed(LotEvent):
    """After its time, by two people: the digests of the manifests that stay, by volume, and the rule it was kept by."""

    kind = "archive.disposed"
    manifests: list
    retention: str
    proposed_by: str
