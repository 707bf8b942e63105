"""The desk of a lot's procedure and the diagrams, through their doors."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from disclosure.models import Notice
from rulebook.clock import city_day, database_now, pretend
from rulebook.refusals import Refused
from tests.factories.bids import jump_to
from tests.factories.procedures import lot_under, take, take_as_bidder, take_until
from tests.factories.trading import make_workday, organisation, written_document
from trading.conduct.actions import end_order
from trading.conduct.forms import StepForm
from trading.procedures.reaching import milestones_of
from trading.procedures.records import records_of
from trading.procedures.versions import procedure_of
from trading.tenders.actions import publish_tender, suspend_lot
from trading.tenders.models import Suspension

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


@pytest.fixture
def visit(client):
    def go(person, address, posted=None):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(address) if posted is None else client.post(address, posted)

    return go


def desk_of(lot):
    return reverse("trading:steps", args=[lot.tender.number, lot.no])


def door_of(lot, code):
    return reverse("trading:step", args=[lot.tender.number, lot.no, code])


def test_the_handler_sees_what_is_next_and_what_waits_for_whom(visit):
    lot = lot_under("ZC-DY")
    page = visit(lot.city.handler, desk_of(lot)).content.decode()
    assert door_of(lot, "plan") in page
    assert door_of(lot, "demand") not in page
    assert "办理“需求调查、确定采购需求”前，应先完成“采购预算与实施计划备案”。" in page
    assert "《政府采购法实施条例》第三十八条" in page


def test_a_lot_without_sealed_bids_stands_at_a_stage_of_its_own_procedure(visit, client):
    lot = lot_under("CQ-L")
    take_until(lot, "disclosure")
    take(lot, procedure_of(lot.tender).step("disclosure"))
    pages = visit(lot.city.handler, desk_of(lot)), client.get(reverse("trading:tender", args=[lot.tender.number]))
    for page in pages:
        words = page.content.decode()
        assert "信息披露与登记</span>" in words and "正在接受投标" not in words


def test_a_stranger_finds_no_desk_and_a_bidder_none_before_the_first_notice(visit):
    lot = lot_under("ZC-DY")
    stranger = organisation("agency", "清江他山咨询有限公司").somebody
    bidder = lot.city.bidders[0].somebody
    assert visit(stranger, desk_of(lot)).status_code == 404
    assert visit(bidder, desk_of(lot)).status_code == 404
    take_until(lot, "publicity")
    take(lot, procedure_of(lot.tender).step("publicity"))
    assert visit(stranger, desk_of(lot)).status_code == 404
    page = visit(bidder, desk_of(lot)).content.decode()
    assert "对公示提出异议" in page
    assert "采购需求书" not in page


def test_a_form_is_filled_in_and_refused_beside_its_field_keeping_what_was_typed(visit):
    lot = lot_under("ZC-DY")
    answer = visit(lot.city.handler, door_of(lot, "plan"), {"number": "BA-1", "budget": "300 万元"})
    assert (answer.status_code, answer.url) == (302, desk_of(lot))
    row = records_of(lot).get(step="plan")
    assert row.data == {"number": "BA-1", "budget": "3000000.00"}
    take_until(lot, "publicity")
    soon = (database_now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    page = visit(lot.city.handler, door_of(lot, "publicity"), {"supplier": "甲公司", "reason": "唯一", "until": soon}).content.decode()
    assert "单一来源采购公示期不得少于五个工作日" in page[page.index('id="e-until"') :]
    assert "甲公司" in page


def test_nobody_takes_another_s_step_through_the_door(visit):
    lot = lot_under("ZC-DY")
    assert visit(lot.city.supervisor, door_of(lot, "plan"), {"number": "1", "budget": "1"}).status_code == 403
    assert visit(lot.city.handler, door_of(lot, "registration")).status_code == 404


def test_neither_the_desk_nor_its_maker_tells_who_has_applied_before_the_time(visit):
    lot = lot_under("CQ-L")
    take_until(lot, "disclosure")
    take(lot, procedure_of(lot.tender).step("disclosure"))
    empty = visit(lot.city.handler, desk_of(lot)).content.decode()
    bidder = lot.city.bidders[0]
    take_as_bidder(lot, procedure_of(lot.tender).step("buyers"), bidder, 0)
    for person in (lot.city.handler, lot.city.staff, lot.city.supervisor, lot.city.bidders[1].somebody):
        assert bidder.name not in visit(person, desk_of(lot)).content.decode()
    shown = visit(lot.city.handler, desk_of(lot)).content.decode()
    assert shown.count("已完成") == empty.count("已完成")
    assert re.findall("应先完成“.*?”", shown) == re.findall("应先完成“.*?”", empty)
    assert "已完成" in visit(bidder.somebody, desk_of(lot)).content.decode()


# Who checks what was sealed, and whose secret step it opens: (procedure, the secret step, the check, who takes it).
CHECKED = (
    ("CQ-L", "buyers", "deposit_check", "staff"),
    ("ZC-TP", "responses", "response_check", "handler"),
    ("ZC-TP", "final_quote", "ranking", "handler"),
    ("ZC-XJ", "final_quote", "response_check", "handler"),
)


@pytest.mark.parametrize(("code", "secret", "check", "who"), CHECKED)
def test_no_form_tells_who_has_applied_before_the_time_not_even_one_sent_in_empty(visit, code, secret, check, who):
    lot = lot_under(code)
    procedure = procedure_of(lot.tender)
    sealed = take_until(lot, secret)
    step, bidder, person = procedure.step(check), lot.city.bidders[0], getattr(lot.city, who)
    take_as_bidder(lot, sealed, bidder, 0)
    refused = visit(person, door_of(lot, check), {"record": ""})
    assert refused.status_code == 409 and "之后才能办理" in refused.content.decode()
    assert bidder.name not in refused.content.decode()
    assert bidder.name not in str([field.help_text for field in StepForm(step=step, lot=lot).fields.values()])
    jump_to(milestones_of(lot.tender, lot)[step.opens_after] + timedelta(seconds=1))
    assert bidder.name in visit(person, door_of(lot, check)).content.decode()


def test_a_bend_asks_for_its_reason(visit):
    lot = lot_under("ZC-DY")
    address = reverse("trading:bend", args=[lot.tender.number, lot.no, "cancel"])
    assert "请填写理由" in visit(lot.city.handler, address, {"reason": ""}).content.decode()
    assert visit(lot.city.handler, address, {"reason": "需求取消"}).status_code == 302
    lot.refresh_from_db()
    assert lot.state == "terminated"


def resumption_of(lot, stop):
    return reverse("trading:resume", args=[lot.tender.number, lot.no, stop.pk])


def test_a_regulator_stops_a_lot_at_its_desk_and_lets_it_go_on(visit):
    lot = lot_under("ZC-DY")
    regulator, handler, plan = lot.city.supervisor, lot.city.handler, {"number": "BA-1", "budget": "3000000"}
    assert visit(regulator, reverse("trading:bend", args=[lot.tender.number, lot.no, "suspend"]), {"reason": "核查线索"}).status_code == 302
    stop = Suspension.objects.get(lot=lot)
    door = resumption_of(lot, stop)
    assert "活动已暂停" in visit(handler, door_of(lot, "plan"), plan).content.decode()
    assert not records_of(lot).filter(step="plan").exists()
    assert door in visit(regulator, desk_of(lot)).content.decode()
    assert door not in visit(handler, desk_of(lot)).content.decode()
    for other in (handler, lot.city.staff, lot.city.bidders[0].somebody):
        assert visit(other, door, {"reason": "恢复"}).status_code == 403
    elsewhere = organisation("regulator", "清江市交通运输局", sectors=["GC"]).somebody
    assert visit(elsewhere, door, {"reason": "恢复"}).status_code == 404
    assert "请填写理由" in visit(regulator, door, {"reason": " "}).content.decode()
    stop.refresh_from_db()
    assert stop.until is None
    answer = visit(regulator, door, {"reason": "线索不实"})
    assert (answer.status_code, answer.url) == (302, desk_of(lot))
    notice = Notice.objects.filter(tender_number=lot.tender.number).latest("pk")
    assert notice.kind == "GC_RESUME" and "线索不实" in notice.body
    assert visit(handler, door_of(lot, "plan"), plan).status_code == 302
    assert visit(regulator, door, {"reason": "再次"}).status_code == 404


def test_what_a_complaint_stopped_is_not_let_go_at_the_desk(visit):
    lot = lot_under("ZC-DY")
    regulator, order = lot.city.supervisor, Suspension.Cause.ORDER
    stop = suspend_lot(lot, cause=order, reference="TS2026-0001", reason="调查期间", by=regulator, at=database_now())
    assert resumption_of(lot, stop) not in visit(regulator, desk_of(lot)).content.decode()
    assert visit(regulator, resumption_of(lot, stop), {"reason": "恢复"}).status_code == 404
    with pytest.raises(Refused, match="不是在交易流程中责令的"):
        end_order(lot, stop.pk, reason="恢复", by=regulator, at=database_now())


def test_staff_see_each_procedure_as_a_diagram_with_limits_and_how_sure_they_are(visit):
    lot = lot_under("ZC-DY")
    staff = lot.city.staff
    listed = visit(staff, reverse("trading:procedures")).content.decode()
    assert "单一来源采购" in listed and "矿业权挂牌" in listed
    page = visit(staff, reverse("trading:procedure", args=["TD-L"])).content.decode()
    assert "挂牌时间不得少于十日" in page
    assert "依据较可靠，待核原文" in page
    assert "无人申请、无人报价或者报价低于底价，不成交" in page
    since = procedure_of(lot.tender).since.isoformat()
    assert visit(staff, reverse("trading:procedure", args=["ZC-DY"]) + f"?version={since}").status_code == 200
    assert visit(staff, reverse("trading:procedure", args=["ZC-DY"]) + "?version=1999-01-01").status_code == 404


def test_the_public_page_of_a_tender_without_a_document_shows_its_way_and_its_notices(visit, client):
    lot = lot_under("CQ-L")
    take_until(lot, "disclosure")
    take(lot, procedure_of(lot.tender).step("disclosure"))
    address = reverse("trading:tender", args=[lot.tender.number])
    page = client.get(address).content.decode()
    assert "信息披露与登记" in page and "信息披露公告" in page
    assert desk_of(lot) in visit(lot.city.bidders[0].somebody, address).content.decode()


def test_an_intention_makes_nothing_known_of_the_document_that_is_still_a_draft(visit, client):
    lot = lot_under("ZC-OT")
    handler, now, due = lot.city.handler, database_now(), database_now() + timedelta(days=40)
    make_workday(city_day(due))
    take(lot, procedure_of(lot.tender).step("intention"))
    address, document = reverse("trading:tender", args=[lot.tender.number]), reverse("trading:download", args=[lot.tender.number])
    changes, clarify = (reverse(f"trading:{name}", args=[lot.tender.number]) for name in ("document_changes", "clarify"))
    for page in (document, changes, clarify):
        assert visit(handler, page).status_code == 404
    take_until(lot, "drafting")
    written_document(lot.tender, by=handler, published_at=now, due_at=due)
    for person in (None, lot.city.bidders[0].somebody, lot.city.staff):
        client.logout()
        page = (visit(person, address) if person else client.get(address)).content.decode()
        assert "采购意向" in page
        assert "投标截止、开标" not in page and "顺延后的投标截止" not in page and f"{city_day(due):%Y-%m-%d}" not in page
    assert visit(handler, document).status_code == 404
    assert visit(handler, clarify).status_code == 404
    publish_tender(lot.tender, by=handler, at=now)
    assert "投标截止、开标" in client.get(address).content.decode()
