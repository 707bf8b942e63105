"""Doing an evaluation again: to the cent, and naming what was tampered with."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from disclosure.models import Notice
from tests.factories.evaluation import evaluating_lot, scored, shown, signed
from trading.evaluation.models import BidResult, Score
from trading.opening.models import OpenedBid
from trading.tenders.models import Criterion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lot():
    return evaluating_lot()


def recompute(lot, *more):
    """What the command says, and whether it ends well."""
    out = StringIO()
    try:
        call_command("recompute", lot.tender.number, *more, stdout=out)
    except CommandError as wrong:
        return out.getvalue() + str(wrong), False
    return out.getvalue(), True


def test_an_untouched_evaluation_comes_out_to_the_cent(lot):
    signed(lot)
    said, well = recompute(lot)
    assert well, said
    assert "4 份投标的各项得分、总分和名次，重算完全一致" in said
    assert "5 名成员的评分表与提交时的存证一致" in said and "与汇总时的存证一致" in said
    assert "评标办法和评审标准：与发布时的存证一致" in said
    assert recompute(lot, "--lot", "1")[1]


def test_a_tampered_total_is_named(lot):
    evaluation = scored(lot)
    row = evaluation.results.first()
    BidResult.objects.filter(pk=row.pk).update(total=row.total + Decimal("0.01"))
    said, well = recompute(lot)
    assert not well
    assert f"{row.bid.bidder.name}的总分存为 {row.total + Decimal('0.01')}，重算为 {row.total}" in said
    assert "名次和总分：与汇总时的存证不符" in said


def test_a_tampered_mark_is_named_with_what_it_was(lot):
    evaluation = scored(lot)
    mark = Score.objects.filter(criterion__part=Criterion.Part.TECHNICAL).first()
    Score.objects.filter(pk=mark.pk).update(points=mark.points + 2)
    said, well = recompute(lot)
    assert not well
    name = mark.bid.bidder.name
    assert f"{mark.member.person.name}的评分表与提交时的存证不符：{name}的“施工组织设计”存为 18.00，提交时为 16.00" in said
    assert f"{name}的“施工组织设计”存为 16.00，重算为 16.40" in said
    assert evaluation.results.count() == 4


def test_a_tampered_price_and_a_tampered_setting_are_named(lot):
    scored(lot)
    OpenedBid.objects.filter(opening__lot=lot, order=1).update(price=Decimal("29000000.00"))
    document = lot.tender.document
    document.method_settings = {**document.method_settings, "above": "2"}
    document.save()
    said, well = recompute(lot)
    assert not well and "招标文件与发布时的存证不符" in said and "的“投标报价”存为" in said


def test_without_an_evaluation_it_says_so(lot):
    said, well = recompute(lot)
    assert not well and "没有已经汇总的评标" in said
    with pytest.raises(CommandError, match="没有招标项目"):
        call_command("recompute", "QJ-NOTHING")


def test_published_notices_let_anybody_check_sums_prices_and_order(lot):
    said, well = recompute(lot, "--public")
    assert well and "公开信息不足以复算" in said and "没有可以复算的内容" in said
    shown(lot)
    said, well = recompute(lot, "--public")
    assert well, said
    assert said.count("总分：") == 3 and said.count("价格分：") == 3 and said.count("限价：") == 3
    assert "各成员的评分没有公开" in said


def test_a_notice_whose_sums_are_wrong_is_found_out_in_public(lot):
    publicity = shown(lot)
    notice = Notice.objects.get(pk=publicity.notice_id)
    facts = [[label, value.replace("投标报价 ", "投标报价 1") if label == "第 2 名各项得分" else value] for label, value in notice.facts]
    Notice.objects.filter(pk=notice.pk).update(facts=facts)
    said, well = recompute(lot, "--public")
    assert not well and "各项之和为" in said and "按公示的算法为" in said
