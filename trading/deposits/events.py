from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class DepositRegistered(Event):
    """A bidder put up its deposit; like the bid itself, secret until the opening."""

    kind = "deposit.registered"
    blind = True
    tender: str
    lot: str
    bidder: str
    form: str
    amount: str

    @property
    def stream(self):
        return f"deposits/{self.tender}/{self.lot}"
