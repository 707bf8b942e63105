"""What bids declare counts in the evaluation, and only as far as the committee believes it."""

from datetime import timedelta
from decimal import Decimal as D
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from disclosure.models import Notice
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.evaluation.test_recompute import recompute
from tests.factories.bids import decrypt, hand_in, revealed, started_opening
from tests.factories.declared import FIRM, LARGE, fourth, procurement_lot
from tests.factories.evaluation import marks, members, opened_lot, review, started
from tests.reading.test_drafts import enter
from trading.awards import actions as awards
from trading.awards.debrief import debrief_for
from trading.awards.debriefing import award_outcome
from trading.awards.drafting import draft_contract
from trading.evaluation import actions, declared, motions
from trading.evaluation.models import Evaluation
from trading.methods import rules
from trading.opening.actions import close_opening
from trading.projects.models import Lot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


E2 = ("920000.00", "1000000.00", "1100000.00")


def judged(evaluation, **doubts):
    for member in members(evaluation):
        review(evaluation, member, **doubts)
    return evaluation


def combined(evaluation):
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def signed(evaluation):
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def bid_of(evaluation, place):
    return actions.bids_of(evaluation).get(bid__bidder=evaluation.city.bidders[place])


def at_work(lot):
    """A committee at work on the lot, which still knows its city."""
    where, lot = lot.city, Lot.objects.select_related("tender__project", "tender__document").get(pk=lot.pk)
    lot.city = where
    evaluation = started(lot)
    evaluation.city = where
    return evaluation


def price_points(evaluation):
    return {row.bid.bidder: row.parts["投标报价"] for row in evaluation.results.select_related("bid__bid__bidder")}


def test_e2_from_the_sealed_declaration_to_the_contract_at_the_price_bid(client):
    lot = procurement_lot(deduction="10")
    large, small, other = lot.city.bidders
    facts = dict(lot.tender.document.notice.facts)
    assert "小微企业价格扣除（%）：10 %" in facts["评标参数"] and "同品牌的认定：单一产品采购" in facts["评标参数"]
    for bidder, price, firm in zip(lot.city.bidders, E2, (LARGE, FIRM, LARGE), strict=True):
        hand_in(lot, bidder, form=fourth(price, firm))
    opening = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    close_opening(revealed(opening), by=lot.city.staff, at=database_now())
    evaluation = at_work(lot)
    shown = enter(client, members(evaluation)[0].person).get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
    # One line, for the one bid that claims the deduction.
    assert shown.count(f'name="check-{bid_of(evaluation, 1).pk}-0"') == 2 and shown.count('-0" value="1"') == 1
    assert "按所填数据划型为小型企业" in shown and "属于<b>大型企业</b>" in shown
    combined(judged(evaluation))
    assert price_points(evaluation) == {large: "29.35", small: "30.00", other: "24.55"}
    report = actions.report_of(evaluation)["workings"]
    assert any("小微企业价格扣除 10%" in line and "合同价仍是报价" in line for line in report)
    assert any(line == f"{small.name}的中小企业声明：评标委员会采纳" for line in report)
    said, well = recompute(lot)
    assert well and "中小企业声明：1 份的认定与各成员提交的评审意见一致" in said
    signed(evaluation)
    award = awards.decide_award(lot, by=lot.city.handler, at=database_now())
    assert award.candidate.result.bid.bidder == small
    awards.publish_result(award, by=lot.city.handler, at=database_now())
    award.refresh_from_db()
    notice = award.result_notice
    facts = dict(notice.facts)
    assert (facts["中标价"], facts["评标价（小微企业价格扣除）"]) == (
        "1,000,000.00 元", "报价 1,000,000.00 元 ×（1 - 10%）= 900,000.00 元，只用于评审，合同价仍是报价",
    )  # fmt: skip
    assert (
        FIRM["name"] in facts["中小企业声明函"]
        and "从业人员 120 人" in facts["中小企业声明函"]
        and rules.DECLARATION_PUBLIC.source in notice.body
    )
    public = StringIO()
    call_command("recompute", lot.tender.number, "--public", stdout=public)
    assert f"评标价：{small.name}的价格扣除计算无误" in public.getvalue()
    Notice.objects.filter(pk=notice.pk).update(facts=[[label, value.replace("1 - 10%", "1 - 15%")] for label, value in notice.facts])
    with pytest.raises(CommandError, match="复算不一致：1 处"):
        call_command("recompute", lot.tender.number, "--public", stdout=StringIO())
    draft = draft_contract(award, by=lot.city.handler, at=database_now())
    assert (draft.amount, draft.small_firm) == (D("1000000.00"), True)


def opened(prices, forms, method="COMPREHENSIVE_SCORING", **settings):
    lot = procurement_lot(method, bidders=len(prices), **settings)
    return at_work(opened_lot(lot, prices, forms))


def test_a_declaration_that_the_majority_does_not_believe_counts_for_nothing_and_rejects_nobody(client):
    evaluation = opened(E2, [fourth(price, FIRM if place else LARGE) for place, price in enumerate(E2)])
    second, third = bid_of(evaluation, 1), bid_of(evaluation, 2)
    seats = members(evaluation)
    with pytest.raises(Refused) as missing:
        actions.submit_review(
            evaluation, {(bid.pk, row.pk): (True, "") for bid in actions.bids_of(evaluation) for row in actions.checks_for(evaluation, bid) if row.pk},
            by=seats[0].person, at=database_now(),
        )  # fmt: skip
    assert missing.value.code == "incomplete"
    for place, member in enumerate(seats):
        # Three of five doubt the second, two the third.
        doubts = [bid.pk for bid, count in ((second, 3), (third, 2)) if place < count]
        review(evaluation, member, doubting=doubts, reason="营业收入与年报不符")
    assert not evaluation.rejections.exists()
    assert declared.preferred(evaluation) == {third.pk}
    combined(evaluation)
    assert evaluation.workings["deduction"]["bids"] == [str(third.pk)]
    lines = actions.report_of(evaluation)["workings"]
    assert f"{second.bidder.name}的中小企业声明：评标委员会不采纳，中小企业声明不通过（3 票）：营业收入与年报不符" in lines
    assert f"{third.bidder.name}的中小企业声明：评标委员会采纳（2 票不同意）" in lines
    assert recompute(evaluation.lot)[1]
    # What was found cannot be changed behind the members' sheets.
    evaluation.declared.filter(bid=second).update(accepted=True, reason="")
    said, well = recompute(evaluation.lot)
    assert not well and "的认定与各成员提交的评审意见不符" in said and "重算为" in said


def test_a_reserved_tender_rejects_who_has_no_declaration_that_holds_and_deducts_nothing():
    prices = ("920000.00", "950000.00", "1000000.00", "1100000.00", "1200000.00")
    medium = {**FIRM, "kind": "medium"}
    evaluation = opened(
        prices, [{}, *(fourth(price, firm) for price, firm in zip(prices[1:], (FIRM, medium, FIRM, LARGE), strict=True))], policy="RESERVED"
    )
    assert "专门面向中小企业采购" in dict(evaluation.lot.tender.document.notice.facts)["评标参数"]
    # Every bid has the line: here it is a qualification.
    assert all(actions.checks_for(evaluation, bid)[-1].pk == 0 for bid in actions.bids_of(evaluation))
    judged(evaluation, doubting=[bid_of(evaluation, 0).pk, bid_of(evaluation, 4).pk], reason="没有声明")
    rejected = {row.bid: (row.code, row.reason) for row in evaluation.rejections.all()}
    assert set(rejected) == {bid_of(evaluation, 0), bid_of(evaluation, 4)}
    assert set(rejected.values()) == {("QUALIFICATION", "本项目专门面向中小企业，中小企业声明不通过（5 票）：没有声明")}
    combined(evaluation)
    assert evaluation.results.count() == 3 and "deduction" not in evaluation.workings
    assert evaluation.results.first().bid.bidder == evaluation.city.bidders[1]
    signed(evaluation)
    fallen = debriefs(evaluation)[evaluation.city.bidders[0]]["fallen"]
    assert fallen["clause"] == "资格评审标准“中小企业声明函”：本项目专门面向中小企业" and fallen["reason"].endswith("没有声明")


def test_bids_of_one_brand_are_one_bidder_where_points_are_given():
    prices = ("900000.00", "910000.00", "1000000.00", "1100000.00")
    forms = [fourth(price, brand=brand) for price, brand in zip(prices, ("扶摇", " 扶 摇", "青鸾", ""), strict=True)]
    evaluation = combined(judged(opened(prices, forms)))
    rows = list(evaluation.results.select_related("bid__bid__bidder"))
    bidders = evaluation.city.bidders
    # The second cheapest scores second, and stands behind all others because the cheapest is of its brand.
    assert [(row.rank, row.bid.bidder, row.aside) for row in rows] == [
        (1, bidders[0], False), (2, bidders[2], False), (3, bidders[3], False), (4, bidders[1], True),
    ]  # fmt: skip
    assert rows[3].total > rows[1].total
    assert any("提供同品牌产品（扶摇），按一家投标人计算" in line for line in actions.report_of(evaluation)["workings"])
    assert recompute(evaluation.lot)[1]
    signed(evaluation)
    lot = Lot.objects.get(pk=evaluation.lot_id)
    award = awards.decide_award(lot, by=evaluation.city.handler, at=database_now())
    assert [row.result.bid.bidder for row in award.candidate.publicity.candidates.all()] == [bidders[0], bidders[2], bidders[3]]
    awards.publish_result(award, by=evaluation.city.handler, at=database_now())


def test_three_bids_of_two_brands_are_too_few():
    forms = [fourth(price, brand=brand) for price, brand in zip(E2, ("扶摇", "扶摇", "青鸾"), strict=True)]
    evaluation = judged(opened(E2, forms))
    evaluation.refresh_from_db()
    assert "2 家（3 份投标，同品牌按一家计算）" in Notice.objects.filter(kind=Notice.Kind.FAILURE).get().body
    assert evaluation.state == Evaluation.State.FAILED and Lot.objects.get(pk=evaluation.lot_id).state == Lot.State.FAILED


def test_by_the_lowest_price_only_the_cheapest_of_a_brand_is_evaluated():
    prices = ("900000.00", "910000.00", "1000000.00", "1100000.00")
    forms = [
        fourth(price, *firms, brand=brand)
        for price, brand, firms in zip(prices, ("扶摇", "扶摇", "青鸾", "FY"), ((), (FIRM,), (FIRM,), ()), strict=True)
    ]
    evaluation = opened(prices, forms, "LOWEST_PRICE", deduction="20")
    judged(evaluation)
    # The three brands are three bidders: the evaluation goes on, with all four bids until they are compared.
    combined(evaluation)
    bidders = evaluation.city.bidders
    assert [(row.bid.bidder, row.evaluated) for row in evaluation.results.select_related("bid__bid__bidder")] == [
        (bidders[2], "800000.00"), (bidders[0], "900000.00"), (bidders[3], "1100000.00"),
    ]  # fmt: skip
    # The price bid decides within the brand, though the deduction would make the other lower.
    (aside,) = evaluation.rejections.all()
    assert (aside.code, aside.bid.bidder) == ("SAME_BRAND", bidders[1]) and bidders[0].name in aside.reason
    assert recompute(evaluation.lot)[1]
    signed(evaluation)
    fallen = debriefs(evaluation)[bidders[1]]["fallen"]
    assert (fallen["clause"], fallen["rules"][0]["source"]) == ("招标文件载明的同品牌认定方式", rules.SAME_BRAND.source)
    evaluation.rejections.all().delete()
    said, well = recompute(evaluation.lot)
    assert not well and "同品牌投标的取舍与重算不同" in said


def test_a_motion_that_leaves_two_brands_ends_the_procurement():
    prices = ("900000.00", "910000.00", "1000000.00", "1100000.00")
    forms = [fourth(price, brand=brand) for price, brand in zip(prices, ("扶摇", "扶摇", "青鸾", "白泽"), strict=True)]
    evaluation = judged(opened(prices, forms))
    seats = members(evaluation)
    about = {"code": "NON_RESPONSIVE", "clause": "第三章", "reason": "参数不符", "at": database_now()}
    with pytest.raises(Refused) as few:
        motions.move_rejection(evaluation, bid_of(evaluation, 3), by=seats[0].person, **about)
    assert few.value.code == "no_opinion"
    motion = motions.move_rejection(evaluation, bid_of(evaluation, 3), by=seats[0].person, opinion="竞争不足", **about)
    for seat in seats[1:3]:
        motions.vote(motion, agrees=True, by=seat.person, at=database_now())
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.FAILED


def test_a_loser_is_told_what_its_declaration_and_brand_meant():
    prices = ("900000.00", "910000.00", "1050000.00", "1100000.00")
    forms = [
        fourth(price, *firms, brand=brand)
        for price, brand, firms in zip(prices, ("扶摇", "扶摇", "青鸾", ""), ((), (), (FIRM,), (FIRM,)), strict=True)
    ]
    evaluation = opened(prices, forms)
    judged(evaluation, doubting=[bid_of(evaluation, 3).pk], reason="制造商为大型企业")
    signed(combined(evaluation))
    told = debriefs(evaluation)
    same, small, doubted = evaluation.city.bidders[1:]
    lines = {bidder: "\n".join(each["lines"]) for bidder, each in told.items()}
    assert "小微企业价格扣除 10%（你单位）" in lines[small] and "你单位的中小企业声明：评标委员会采纳" in lines[small]
    assert "评审价：你单位 945,000.00 元" in lines[small]
    assert "你单位的中小企业声明：评标委员会不采纳，中小企业声明不通过（5 票）：制造商为大型企业" in lines[doubted]
    assert (
        f"你单位与{evaluation.city.bidders[0].name}提供同品牌产品（扶摇）" in lines[same] and "不作为中标候选人" in told[same]["sentence"]
    )
    # Nobody is told of another's deduction.
    assert "价格扣除" not in lines[same] + lines[doubted]


def debriefs(evaluation):
    """What each loser is told once the result is public."""
    city = evaluation.city
    award = awards.decide_award(Lot.objects.get(pk=evaluation.lot_id), by=city.handler, at=database_now())
    awards.publish_result(award, by=city.handler, at=database_now())
    award.refresh_from_db()
    winner, outcome = award.candidate.result.bid.bidder, award_outcome(award)
    return {bidder: debrief_for(award.lot, bidder, outcome) for bidder in city.bidders if bidder != winner}
