"""Acts that mean nothing, for tests of the ledger itself."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

from django.db import transaction

from ledger.acts import record
from ledger.events import Event

SOMEBODY = SimpleNamespace(pseudonym="somebody")


@dataclass(frozen=True)
class Happened(Event):
    kind = "test.happened"

    where: str
    what: str = "something"

    @property
    def stream(self):
        return f"test/{self.where}"


@dataclass(frozen=True)
class HappenedInSecret(Happened):
    kind = "test.happened_in_secret"
    blind = True


@dataclass(frozen=True)
class Paid(Event):
    kind = "test.paid"

    amount: Decimal
    at: datetime
    on: date | None

    @property
    def stream(self):
        return "test/payments"


@transaction.atomic
def happen(where="here", what="something", *, secret=False, by=SOMEBODY, **more):
    """Record one act in a transaction of its own."""
    return record((HappenedInSecret if secret else Happened)(where, what), by=by, **more)
