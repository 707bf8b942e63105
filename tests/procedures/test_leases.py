"""Leases of public property and operating rights: both enter the platform, and are bid for by the year."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rulebook.clock import city_day, database_now, pretend
from tests.factories.procedures import lot_under, take, take_until
from trading.catalogue.models import CatalogueItem
from trading.catalogue.queries import decide
from trading.procedures.models import StepRecord
from trading.procedures.versions import procedure_of
from trading.projects.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def announced(code):
    lot = lot_under(code)
    take_until(lot, "disclosure")
    return lot, take(lot, procedure_of(lot.tender).step("disclosure"))


def test_what_administrative_units_lease_and_dispose_of_enters_and_says_whose_it_is():
    lot, notice = announced("CQ-ZL")
    for kind, ways in (("lease", ("CQ-ZL",)), ("assets", ("CQ-L", "CQ-NB"))):
        decision = decide("CQ", kind, Decimal("0.01"), on=city_day(database_now()))
        assert (decision.venue, decision.procedures) == (CatalogueItem.Venue.MUST_ENTER, ways)
    natures = procedure_of(lot.tender).step("decision").field("nature").choices
    assert StepRecord.objects.get(lot=lot, step="decision").data["nature"] == "行政单位" and "事业单位" in natures
    assert notice.notice.kind == "CQ_NOTICE"


@pytest.mark.requirement("R118")
def test_operating_rights_enter_and_are_bid_for_by_the_year():
    lot, notice = announced("CQ-JY")
    decision = decide("CQ", Project.Kind.FRANCHISE, Decimal("0.01"), on=city_day(database_now()))
    assert (decision.venue, decision.procedures) == (CatalogueItem.Venue.MUST_ENTER, ("CQ-JY",))
    facts = dict(notice.notice.facts)
    assert "起始年出让金（元）" in facts and "经营期限（年）" in facts
    take_until(lot, "session")
    step = procedure_of(lot.tender).step("session")
    assert step.field("price").label == "成交年出让金（元）"
    floor = Decimal(StepRecord.objects.get(lot=lot, step="disclosure").data["price"])
    take(lot, step, price=floor * 2)
    take_until(lot, "result_notice")
    shown = dict(take(lot, procedure_of(lot.tender).step("result_notice")).notice.facts)
    assert shown["成交年出让金（元）"] == f"{floor * 2:,.2f} 元"
