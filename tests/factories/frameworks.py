"""A framework agreement whose first stage is over, with its catalogue open; everything through the real actions."""

from datetime import timedelta
from decimal import Decimal

import pytest

from credit.models import Exclusion
from rulebook.clock import CITY, city_day, database_now
from rulebook.refusals import Refused
from rulebook.workdays import add_workdays
from tests.factories.procedures import lot_under, take, take_until
from tests.factories.trading import organisation
from trading.frameworks import actions
from trading.frameworks.models import FrameworkCatalogue
from trading.frameworks.queries import suppliers_of
from trading.procedures.versions import procedure_of

SUPPLY, REPAIR, MEDICAL = FrameworkCatalogue.Kind


def step_of(lot, code):
    return procedure_of(lot.tender).step(code)


def agreed_lot(second="直接选定", *, days=300):
    """A lot whose agreement is signed and whose second stage has begun; three of four bidders entered, in their order."""
    lot = lot_under("ZC-KJ")
    take_until(lot, "collection")
    take(lot, step_of(lot, "collection"), second=second)
    take_until(lot, "agreement")
    today = city_day(database_now())
    take(lot, step_of(lot, "agreement"), starts=today, ends=today + timedelta(days=days))
    take_until(lot, "call_off")
    return lot


def entrants(lot):
    """The suppliers that entered, the first-ranked first, each with its `somebody`."""
    people = {each.pk: each.somebody for each in lot.city.bidders}
    found = suppliers_of(lot)
    for each in found:
        each.somebody = people[each.pk]
    return found


def framework(second="直接选定", kind=SUPPLY, *, days=300, **more):
    """An open catalogue without items; `.city`, `.suppliers` and `.purchaser` (with `.somebody`) are its people."""
    lot = agreed_lot(second, days=days)
    catalogue = actions.open_catalogue(lot, kind=kind, **more, by=lot.city.handler, at=database_now())
    catalogue.city, catalogue.suppliers = lot.city, entrants(lot)
    catalogue.purchaser = organisation("tenderee", "清江市档案馆")
    return catalogue


def add_item(catalogue, name="台式计算机", prices=(4500, 4400, 4600), *, line="product", unit="台", ceiling=5000, **more):
    """An item with a price of each supplier in their order (None: none agreed)."""
    given = {each.pk: Decimal(price) for each, price in zip(catalogue.suppliers, prices, strict=False) if price}
    return actions.add_item(
        catalogue,
        line=line,
        name=name,
        unit=unit,
        ceiling=Decimal(ceiling),
        prices=given,
        **more,
        by=catalogue.city.handler,
        at=database_now(),
    )


def ordered(catalogue, quantities=None, *, by=None, **more):
    """An order of the purchaser's."""
    given = {"subject": "办公用计算机", "need": "送到档案馆三楼", "contact": "周经办 0999-555-0133", **more}
    return actions.place_order(
        catalogue, purchaser=catalogue.purchaser, quantities=quantities, **given, by=by or catalogue.purchaser.somebody, at=database_now()
    )


def deadline():
    """Two working days ahead, at the same hour."""
    now = database_now().astimezone(CITY)
    return now + (add_workdays(now.date(), 2) - now.date())


def barred(supplier, catalogue):
    """A decision bars the supplier from the framework's category from today on."""
    return Exclusion.objects.create(
        organisation=supplier, category=catalogue.lot.tender.project.category, decision_number="清财罚〔2026〕3 号", basis="处罚决定",
        since=city_day(database_now()), by=catalogue.city.supervisor,
    )  # fmt: skip


def refusal(call):
    """What the call is refused with."""
    with pytest.raises(Refused) as refused:
        call()
    return refused.value
