"""Which periods a procedure's dates must keep to follows from its own periods."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from rulebook.clock import CITY
from trading.procedures.clock import clarification_periods, date_problems, earliest_dates
from trading.procedures.procedures import Procedure
from trading.procedures.rules import procurement
from trading.procedures.versions import version_on

pytestmark = pytest.mark.django_db

OPEN_TENDER = version_on("GC-OT", date(2026, 11, 2))


def way(code, *clock):
    """A procedure that has nothing but periods."""
    return Procedure(code=code, name=code, category="ZC", since=date(2014, 2, 1), stages=(), clock=clock)


NEGOTIATION = way("ZC-TP", procurement.NEGOTIATION_RESPONSE, procurement.NEGOTIATION_CLARIFICATION)
CONSULTATION = way("ZC-CS", procurement.CONSULTATION_SUPPLY, procurement.CONSULTATION_RESPONSE, procurement.CONSULTATION_CLARIFICATION)
ON = date(2026, 11, 2)
PUBLISHED = datetime(2026, 11, 2, 9, tzinfo=CITY)


@pytest.mark.parametrize(
    ("procedure", "code"),
    [(OPEN_TENDER, "T-GC-06"), (NEGOTIATION, "T-ZC-31"), (CONSULTATION, "T-ZC-38")],
    ids=lambda each: getattr(each, "code", str(each)),
)
def test_a_clarification_follows_the_procedures_own_rule(procedure, code):
    assert [rule.code for rule in clarification_periods(procedure, on=ON)] == [code]


def problems(procedure, supply_days, due_days, deposit=0):
    project = SimpleNamespace(category=procedure.category, kind="works")
    tender = SimpleNamespace(project=project, procedure=procedure.code)
    lot = SimpleNamespace(name="一标段", tender=tender, deposit=deposit, estimate=100_000_000, price_limit=None)
    found = date_problems(
        procedure=procedure, published_at=PUBLISHED, supply_from=PUBLISHED, supply_until=PUBLISHED + timedelta(days=supply_days),
        bids_due_at=PUBLISHED + timedelta(days=due_days), lots=[lot], waivers={},
    )  # fmt: skip
    return [row.code for row in found]


@pytest.mark.parametrize(
    ("procedure", "supply", "due", "codes"),
    [
        (OPEN_TENDER, 4, 18, ["T-GC-02", "T-GC-04"]),
        (OPEN_TENDER, 5, 21, []),
        (NEGOTIATION, 1, 2, ["T-ZC-30"]),
        (NEGOTIATION, 1, 3, []),
        (CONSULTATION, 4, 9, ["T-ZC-36", "T-ZC-37"]),
        (CONSULTATION, 7, 10, []),
    ],
)
def test_dates_are_held_against_the_procedures_own_periods(procedure, supply, due, codes):
    assert problems(procedure, supply, due) == codes


def test_only_works_deposits_have_a_fixed_ceiling():
    assert problems(OPEN_TENDER, 5, 21, deposit=800_001) == ["A-01"]
    assert problems(CONSULTATION, 7, 10, deposit=800_001) == []


def test_the_editor_learns_the_first_permitted_days():
    assert earliest_dates(PUBLISHED, CONSULTATION) == {
        "supply_until": date(2026, 11, 9),
        "bids_due_at": date(2026, 11, 12),
        "announced": True,
    }
