from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class LotEvent(Event):
    tender: str
    lot: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class LotLocked(LotEvent):
    """From now on the set of bids is fixed: its size and the root over all heads."""

    kind = "lot.locked"
    n: int
    bids_root: str


@dataclass(frozen=True)
class OpeningStarted(LotEvent):
    kind = "opening.started"
    keys_until: str


@dataclass(frozen=True)
class SecretLotEvent(LotEvent):
    """Known to nobody but its bidder until all bids are settled."""

    blind = True
    bidder: str
    manifest: str

    @property
    def stream(self):
        return f"bids/{self.tender}/{self.lot}"


@dataclass(frozen=True)
class KeyReleased(SecretLotEvent):
    kind = "opening.key_released"
    digest: str


@dataclass(frozen=True)
class KeyFailed(SecretLotEvent):
    kind = "opening.key_failed"
    attempts: int


@dataclass(frozen=True)
class OpeningExtended(LotEvent):
    kind = "opening.extended"
    keys_until: str
    reason: str


@dataclass(frozen=True)
class OpeningRevealed(LotEvent):
    """All bids are settled and shown to everybody at once; `table` digests what was read out."""

    kind = "opening.revealed"
    n: int
    opened: int
    table: str


@dataclass(frozen=True)
class OpeningClosed(LotEvent):
    """`discarded` counts the uploads that were never submitted and are deleted now, unread."""

    kind = "opening.closed"
    opened: int
    record: str
    discarded: int
