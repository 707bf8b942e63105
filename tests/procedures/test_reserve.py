"""The reserve price of land, mining rights and property: sealed until the deal, never told where it is not reached."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.factories.bids import jump_to
from tests.factories.procedures import lot_under, take, take_until
from trading.conduct.actions import complete_step
from trading.conduct.queries import desk_of
from trading.procedures.models import Milestone, StepRecord
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot

pytestmark = pytest.mark.django_db

BASE = {
    "TD-A": "joint_decision", "TD-L": "joint_decision", "KY-A": "joint_decision", "KY-L": "joint_decision", "CQ-NB": "disclosure",
    "CQ-ZL": "disclosure", "CQ-JY": "disclosure",
}  # fmt: skip


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def step_of(lot, code):
    return procedure_of(lot.tender).step(code)


def floor_of(lot):
    """The public sum that bids start from."""
    code = BASE[procedure_of(lot.tender).code]
    said = StepRecord.objects.get(lot=lot, step=code).data
    return Decimal(said.get("start") or said["price"])


def with_reserve(code, over="500000.00"):
    """A lot before its session, with a reserve so much above the public start."""
    lot = lot_under(code)
    take_until(lot, "reserve")
    reserve = floor_of(lot) + Decimal(over)
    take(lot, step_of(lot, "reserve"), price=reserve)
    take_until(lot, "session")
    return lot, reserve


def everything_about(lot):
    """Every word that the database keeps of the lot's steps, and every ledger entry."""
    rows = [json.dumps(row.data, ensure_ascii=False) for row in StepRecord.objects.filter(lot=lot)]
    return "\n".join([*rows, *(bytes(row.data).decode() for row in LedgerEntry.objects.all())])


@pytest.mark.requirement("R132")
@pytest.mark.parametrize("code", BASE)
def test_a_reserve_is_sealed_until_the_deal_and_then_open_to_all(code):
    lot, reserve = with_reserve(code)
    row = StepRecord.objects.get(lot=lot, step="reserve")
    assert row.is_secret and f"{reserve:.2f}" not in everything_about(lot)
    take(lot, step_of(lot, "session"), price=reserve)
    row.refresh_from_db()
    assert row.data["price"] == f"{reserve:.2f}"
    assert Lot.objects.get(pk=lot.pk).state == "opening"


@pytest.mark.requirement("R132")
@pytest.mark.parametrize("code", BASE)
def test_a_price_below_the_reserve_makes_no_deal_and_the_reserve_stays_sealed(code):
    lot, reserve = with_reserve(code)
    best = reserve - Decimal("0.01")
    row = take(lot, step_of(lot, "session"), price=best)
    assert (row.data["price"], row.data["winner"]) == (f"{best:.2f}", "")
    assert Lot.objects.get(pk=lot.pk).state == "failed"
    assert StepRecord.objects.get(lot=lot, step="reserve").is_secret and f"{reserve:.2f}" not in everything_about(lot)
    assert not Milestone.objects.filter(lot=lot, name__in=["buyer_found", "session_end"]).exists()
    with pytest.raises(Refused):
        take(lot, step_of(lot, "session"), price=reserve)


def test_a_reserve_is_set_once_and_before_the_session():
    lot, _ = with_reserve("TD-L")
    with pytest.raises(Refused, match="已经办理"):
        take(lot, step_of(lot, "reserve"))
    late = lot_under("CQ-NB")
    take_until(late, "reserve")
    jump_to(Milestone.objects.get(lot=late, name="session_start").at + timedelta(seconds=1))
    said = {"price": floor_of(late), "grounds": "集体决策"}
    with pytest.raises(Refused, match="已过"):
        complete_step(late, "reserve", said, by=late.city.handler, at=database_now())


def test_a_reserve_below_the_public_start_is_refused():
    lot = lot_under("TD-A")
    take_until(lot, "reserve")
    with pytest.raises(Refused) as refused:
        take(lot, step_of(lot, "reserve"), price=floor_of(lot) - Decimal("0.01"))
    assert (refused.value.code, refused.value.field) == ("beyond", "price")


def test_the_desk_says_that_it_is_sealed_and_shows_it_to_nobody(client):
    lot, reserve = with_reserve("TD-A")
    stages = desk_of(lot, procedure_of(lot.tender), lot.city.handler, lot.city.agency, database_now())
    row = next(row for stage in stages for row in stage["rows"] if row.step.code == "reserve")
    assert (row.done, row.sealed, row.records) == (True, True, [])
    for person in (lot.city.handler, lot.city.staff, lot.city.supervisor, lot.city.bidders[0].somebody):
        client.force_login(person)
        answer = client.get(reverse("trading:steps", args=[lot.tender.number, lot.no]))
        page = answer.content.decode()
        assert answer.status_code == 200 and "拍卖" in page
        assert f"{reserve:,.2f}" not in page and f"{reserve:.2f}" not in page


@pytest.mark.requirement("R132")
@pytest.mark.parametrize(("code", "notice"), [("TD-A", "transfer_result"), ("CQ-NB", "result_notice"), ("CJ-A", "village_result")])
def test_the_result_shows_the_added_value(code, notice):
    lot = lot_under(code)
    deal = "choice" if code == "CJ-A" else "session"
    take_until(lot, deal)
    base = Decimal(StepRecord.objects.get(lot=lot, step="proposal").data["reserve"]) if code == "CJ-A" else floor_of(lot)
    take(lot, step_of(lot, deal), price=base * Decimal("1.25"))
    if code == "CQ-NB":
        take_until(lot, "deal_contract")
        with pytest.raises(Refused, match="应与成交价一致"):
            take(lot, step_of(lot, "deal_contract"), price=base)
        take(lot, step_of(lot, "deal_contract"), price=base * Decimal("1.25"))
    take_until(lot, notice)
    facts = dict(take(lot, step_of(lot, notice)).notice.facts)
    assert (facts["增值额"], facts["增值率"]) == (f"{base / 4:,.2f} 元", "25.00%")


@pytest.mark.requirement("R115")
def test_a_land_sale_records_what_was_decided_together_and_announces_all_but_the_reserve():
    lot, reserve = with_reserve("TD-A")
    decided = StepRecord.objects.get(lot=lot, step="joint_decision")
    assert {"start", "deposit", "step", "minutes"} <= {name for name, value in decided.data.items() if value}
    assert decided.files.count() == 1
    announced = dict(StepRecord.objects.get(lot=lot, step="transfer_notice").notice.facts)
    assert {"起始价（元）", "竞买保证金（元）", "增价幅度（元）"} <= set(announced)
    assert f"{reserve:,.2f} 元" not in announced.values()
