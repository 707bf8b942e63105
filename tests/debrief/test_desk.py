"""The debrief after a consultation and an inquiry, which have no sealed bids but steps at a desk."""

from datetime import timedelta

import pytest

from postbox.models import Message
from rulebook.clock import city_day, database_now, pretend
from tests.factories.procedures import lot_under, take, take_until
from trading.awards.debriefing import debriefs_of
from trading.conduct.actions import bend_way
from trading.procedures.reaching import milestones_of
from trading.procedures.rules import procurement
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def dealt(code, shut_out=0):
    """A lot whose deal was announced; the last `shut_out` of the suppliers failed the check of responses."""
    lot = lot_under(code)
    bidders = lot.city.bidders
    check = take_until(lot, "response_check")
    take(lot, check, qualified=bidders[: len(bidders) - shut_out])
    if shut_out:
        lot.city.bidders = bidders[:-shut_out]
    take(lot, take_until(lot, "deal_result"))
    lot.city.bidders = bidders
    return lot


def test_a_supplier_of_a_consultation_sees_its_quote_its_place_and_the_deal(deliver, visit):
    lot = dealt("ZC-CS")
    deliver()
    first, second, *_ = lot.city.bidders
    page = visit(second.somebody, lot).content.decode()
    assert f"你单位最后报价 501,000.00 元，排第 2 名。成交供应商为{first.name}，成交金额 500,000.00 元。" in page
    assert "平台没有逐项数据" in page
    assert "提出询问" in page
    for other in lot.city.bidders[2:]:
        assert other.name not in page
    assert visit(first.somebody, lot).status_code == 404
    told = Message.objects.filter(subject__startswith="评审结果告知书").values_list("person", flat=True)
    assert set(told) == {each.somebody.pk for each in lot.city.bidders[1:]}


def test_the_challenge_of_a_deal_runs_from_the_end_of_its_notice(deliver):
    lot = dealt("ZC-CS")
    deliver()
    remedies = debriefs_of(lot, lot.city.bidders[1]).first().context["remedies"]
    ends = procurement.RESULT_NOTICE.falls_on(city_day(milestones_of(lot.tender, lot)["result_published"]))
    assert [row["name"] for row in remedies] == ["询问", "质疑", "投诉"]
    assert remedies[1]["until_said"] == f"{procurement.CHALLENGE_FILING.due_on(ends)} 23:59"


def test_a_supplier_whose_response_failed_the_check_is_told_so(deliver, visit):
    lot = dealt("ZC-CS", shut_out=1)
    deliver()
    page = visit(lot.city.bidders[3].somebody, lot).content.decode()
    assert "响应文件没有通过审查" in page
    assert "财库〔2014〕214号第十六条" in page


def test_an_inquiry_ranks_by_its_quotes(deliver, visit):
    lot = dealt("ZC-XJ")
    deliver()
    page = visit(lot.city.bidders[2].somebody, lot).content.decode()
    assert "你单位最后报价 502,000.00 元，排第 3 名。" in page
    assert "平台没有逐项数据" not in page


def test_an_upheld_challenge_voids_the_debriefs(deliver, visit):
    lot = dealt("ZC-CS")
    deliver()
    bend_way(Lot.objects.get(pk=lot.pk), "challenge_upheld", reason="质疑成立，重新评审", by=lot.city.supervisor, at=database_now())
    deliver()
    assert "本告知书已失效：质疑成立" in visit(lot.city.bidders[1].somebody, lot).content.decode()


def test_who_answered_a_procurement_that_was_ended_learns_why(deliver, visit):
    lot = lot_under("ZC-CS")
    take(lot, take_until(lot, "response_check"))
    bend_way(Lot.objects.get(pk=lot.pk), "none_left", reason="参加磋商的供应商只剩两家", by=lot.city.handler, at=database_now())
    deliver()
    page = visit(lot.city.bidders[0].somebody, lot).content.decode()
    assert "没有成交供应商：参加磋商的供应商不足法定家数，终止采购：参加磋商的供应商只剩两家。" in page
    assert procedure_of(lot.tender).actor("tenderee") == "采购人"
