"""Four ways to trade at their desks: single source, a listing of state property up to its bidding, consultation, a framework's call-off."""

import re
from datetime import timedelta

import pytest

from rulebook.clock import database_now
from tests.e2e.walk import PAPER, PASSWORD, give_password, local
from tests.factories.bids import jump_to
from tests.factories.procedures import lot_under, take, take_as_bidder, take_until, trading_city
from trading.procedures.reaching import milestones_of
from trading.procedures.records import records_of
from trading.procedures.versions import procedure_of

pytestmark = [pytest.mark.e2e]


class Desk:
    """A lot's desk, as one person after another opens it."""

    def __init__(self, lot):
        self.lot, self.address = lot, f"/work/tenders/{lot.tender.number}/lots/{lot.no}/steps/"

    def step(self, code):
        return procedure_of(self.lot.tender).step(code)

    def fill(self, user, code, **values):
        """Open a step from the desk, fill in its form and press its button."""
        page = user.go(self.address)
        page.get_by_role("complementary").get_by_role("link", name=self.step(code).label, exact=True).click()
        for field in self.step(code).fields:
            if field.name not in values and not field.required:
                continue
            box = page.get_by_label(re.compile(f"^{re.escape(field.label)}")).first
            value = values.get(field.name)
            if field.kind == "file":
                box.set_input_files(PAPER)
            elif field.kind == "choice":
                box.select_option(value or field.choices[0])
            else:
                box.fill(value or f"{field.label}的内容")
        page.locator("form button.btn-primary").last.click()
        page.wait_for_load_state()
        return page

    def taken(self, code):
        return records_of(self.lot).filter(step=code)

    def wait_past(self, milestone):
        jump_to(milestones_of(self.lot.tender, self.lot)[milestone] + timedelta(minutes=1))


def days(count):
    return local(database_now() + timedelta(days=count))


def test_four_procedures_at_their_desks(platform, user):
    city = trading_city("ZC")
    city.regulator.sectors = ["ZC", "CQ"]
    city.regulator.save()
    handler = user("经办").sign_in(give_password(city.handler), PASSWORD)
    staff = user("中心").sign_in(give_password(city.staff), PASSWORD)
    bidders = [user(f"供应商{place}").sign_in(give_password(each.somebody), PASSWORD) for place, each in enumerate(city.bidders[:2])]

    staff.go("/staff/procedures/")
    staff.look("procedures")
    staff.go("/staff/procedures/CQ-L/")
    staff.look("procedure-listing")

    single_source(Desk(prepared("ZC-DY", city, "publicity")), handler, bidders)
    listing(Desk(prepared("CQ-L", city, "disclosure")), handler, staff, bidders)
    consultation(Desk(prepared("ZC-CS", city, "quote_call")), handler, bidders)
    framework(Desk(prepared("ZC-KJ", city, "call_off")), handler)
    for each in (handler, staff, *bidders):
        assert [line for line in each.problems if "Content Security Policy" in line] == []


def prepared(code, city, step):
    lot = lot_under(code, where=city)
    take_until(lot, step)
    return lot


def single_source(desk, handler, bidders):
    """Too short a publicity is refused beside its field, keeping what was typed; an objection asks for its answer first."""
    page = desk.fill(handler, "publicity", until=days(2))
    assert "单一来源采购公示期不得少于五个工作日" in page.locator("#e-until").inner_text()
    handler.look("single-source-refused")
    desk.fill(handler, "publicity", until=days(20))
    assert desk.taken("publicity").get().notice
    desk.fill(bidders[0], "publicity_objection")
    desk.wait_past("single_source_publicity_end")
    page = handler.go(desk.address)
    assert page.get_by_text("有“对公示提出异议”尚未处理").count()
    desk.fill(handler, "reasoning")
    desk.fill(handler, "publicity_end")
    handler.go(desk.address)
    handler.look("single-source-desk")
    assert desk.taken("publicity_end").count() == 1


def listing(desk, handler, staff, bidders):
    """From the disclosure to two qualified buyers: only then the bidding is on offer, and the agreement is not."""
    desk.fill(handler, "disclosure", price="900000", deposit="200000", until=days(45))
    for each in bidders:
        each.go(desk.address)
        desk.fill(each, "buyers")
    bidders[0].look("listing-bidder")
    page = handler.go(desk.address)
    assert desk.lot.city.bidders[0].name not in page.content()
    desk.wait_past("formal_disclosure_end")
    names = "\n".join(each.name for each in desk.lot.city.bidders[:2])
    desk.fill(staff, "deposit_check", arrived=names)
    desk.fill(handler, "qualification", qualified=names)
    page = handler.go(desk.address)
    offered = page.get_by_role("complementary")
    assert offered.get_by_role("link", name=desk.step("session").label).count()
    assert not offered.get_by_role("link", name=desk.step("agreement").label).count()
    handler.look("listing-desk")


def consultation(desk, handler, bidders):
    """Final quotes are asked for, given once, and stay sealed until their deadline."""
    desk.fill(handler, "quote_call", due=local(database_now() + timedelta(hours=2)))
    for each, price in zip(bidders, ("500000", "510000"), strict=True):
        desk.fill(each, "final_quote", price=price)
    take_as_bidder(desk.lot, desk.step("final_quote"), desk.lot.city.bidders[2], 20)
    assert all(row.data == {} for row in desk.taken("final_quote"))
    assert "500,000.00" not in handler.go(desk.address).content()
    desk.wait_past("quote_deadline")
    take(desk.lot, desk.step("ranking"), candidates=desk.lot.city.bidders[:3])
    assert "500,000.00" in handler.go(desk.address).content()


def framework(desk, handler):
    """A call-off with its own notice."""
    winner = desk.lot.city.bidders[0]
    today = local(database_now())[:10]
    desk.fill(handler, "call_off", way="直接选定", winner=winner.name, unit_price="900", amount="45000", decided=today)
    assert desk.taken("call_off").get().notice.kind == "ZC_DEAL"
