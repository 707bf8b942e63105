"""Leases of public property and operating rights: both enter the platform, and are bid for by the year."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from rulebook.clock import city_day, database_now, pretend
from tests.factories.procedures import lot_under, take, take_until, trading_city, value_for
from tests.factories.trading import filled_project, pdf, stored
from trading.catalogue.models import CatalogueItem
from trading.catalogue.queries import decide
from trading.procedures.models import StepRecord
from trading.procedures.records import records_of
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


CHEAP = Decimal("100.00")
OWNED = (("CQ-ZL", "lease", "出租方性质"), ("CQ-NB", "assets", "转让方性质"), ("CQ-L", "assets", "转让方性质"))


@pytest.mark.requirement("R117")
@pytest.mark.parametrize(("code", "kind", "label"), OWNED)
def test_what_administrative_units_lease_and_dispose_of_enters_at_any_price_and_says_whose_it_is(client, code, kind, label):
    def door(person, name, *args, posted=None):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        address = reverse(f"trading:{name}", args=args)
        return client.get(address) if posted is None else client.post(address, posted)

    # However little it is worth, the catalogue sends it here
    subject = {"kind": kind, "estimate": CHEAP, "lots": ({"estimate": CHEAP},)}
    where = trading_city("CQ")
    draft = filled_project(where, category="CQ", procedure=code, **subject)
    page = door(where.handler, "project", draft.pk).content.decode()
    assert "必须进场" in page and "不论金额" in page and "《行政事业性国有资产管理条例》" in page
    public = client.get(reverse("trading:catalogue")).content.decode()
    assert "行政事业单位、国有企业国有资产转让和处置，不论金额" in public and "资产出租，不论金额" in public

    # The decision says whose it is, and is not taken without
    lot = lot_under(code, where=where, **subject)
    at_decision = (lot.tender.number, lot.no, "decision")
    assert label in door(where.handler, "step", *at_decision).content.decode()
    step = procedure_of(lot.tender).step("decision")
    said = {each.name: value_for(each, step, lot, {}, database_now()) for each in step.fields if each.kind != "file"}
    said["approved"] = city_day(database_now()).isoformat()
    assert f"请选择{label}" in door(where.handler, "step", *at_decision, posted={**said, "nature": "", "paper": pdf()}).content.decode()
    assert not records_of(lot).filter(step="decision").exists()
    assert door(where.handler, "step", *at_decision, posted={**said, "nature": "事业单位", "paper": pdf()}).status_code == 302
    assert records_of(lot).get(step="decision").data["nature"] == "事业单位"

    # And everybody reads it in the notice
    take_until(lot, "disclosure")
    notice = take(lot, procedure_of(lot.tender).step("disclosure"), price=CHEAP, deposit=Decimal(10), consent=consent(lot)).notice
    assert notice.kind == "CQ_NOTICE" and [label, "事业单位"] in [list(pair) for pair in notice.facts]
    client.logout()
    assert label in client.get(reverse("disclosure:notice", args=[notice.number])).content.decode()


def consent(lot):
    return stored(lot.city.handler, lot.city.agency, "step")


def test_leases_and_operating_rights_are_held_to_no_period_of_procurement():
    for code in ("CQ-ZL", "CQ-JY"):
        assert procedure_of(lot_under(code).tender).step("deal_contract").limits == ()


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
