from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class CatalogueMoved(LotEvent):
    """The catalogue was opened, or an item added with its agreed prices or withdrawn; the digest binds what it says."""

    kind = "framework.catalogue"
    move: str
    item: int
    digest: str


@dataclass(frozen=True)
class PriceLowered(LotEvent):
    kind = "framework.price"
    item: int
    supplier: str
    price: str


@dataclass(frozen=True)
class OrderMoved(LotEvent):
    """An order under the framework was placed, offered, answered, decided, delivered, accepted, rated or ended."""

    kind = "framework.order"
    number: str
    move: str
    state: str
    supplier: str
    amount: str


@dataclass(frozen=True)
class LineMoved(LotEvent):
    """A batch of an order's line was delivered, accepted or refused."""

    kind = "framework.line"
    number: str
    item: int
    move: str
    quantity: str
    batch: str


@dataclass(frozen=True)
class QuoteSealed(LotEvent):
    """A quote of a second competition was handed in; nobody may know of it before the deadline."""

    kind = "framework.quote"
    blind = True

    number: str
    supplier: str
    no: int
    digest: str

    @property
    def stream(self):
        return secret_stream(self.number)


def secret_stream(number):
    return f"framework-quotes/{number}"
