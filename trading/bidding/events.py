"""What happens to sealed bids. Even that it happened is secret until the opening: the entries are blinded."""

from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class BidEvent(Event):
    blind = True

    tender: str
    lot: str
    bidder: str
    rev: int
    manifest: str
    received_at: str

    @property
    def stream(self):
        return f"bids/{self.tender}/{self.lot}"


@dataclass(frozen=True)
class BidSubmitted(BidEvent):
    kind = "bid.submitted"


@dataclass(frozen=True)
class BidReplaced(BidEvent):
    kind = "bid.replaced"


@dataclass(frozen=True)
class BidWithdrawn(BidEvent):
    kind = "bid.withdrawn"
