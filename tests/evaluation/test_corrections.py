"""Arithmetic corrections: asked by rule, confirmed or refused by the bidder, and carried to the contract; what was read out stays."""

import json
from datetime import timedelta
from decimal import Decimal as D
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from disclosure.models import Notice
from documents.models import OfficialDocument
from ledger.audit import CHECKS
from ledger.canonical import money
from ledger.models import LedgerEntry
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.evaluation.test_low_prices import in_two_envelopes, reviewed, score, second_closed
from tests.factories.evaluation import arrive, as_procurement, confirm_all, end_of, evaluating_lot, members, review, started
from trading.awards import actions as awards
from trading.awards import drafting
from trading.awards.debrief import debrief_for
from trading.awards.debriefing import candidates_outcome
from trading.evaluation import actions
from trading.evaluation.bounds import CORRECTION
from trading.evaluation.combining import past_ratios
from trading.evaluation.committee import replace_member
from trading.evaluation.models import Evaluation, PriceCorrection
from trading.evaluation.motions import move_rejection, vote
from trading.evaluation.questions import answer_question, ask_bidder
from trading.evaluation.tasks import advance_inquiries
from trading.opening.models import OpenedBid
from trading.projects.models import Lot
from trading.tenders.actions import resume_lot, suspend_lot
from trading.tenders.models import BillItem, Suspension

pytestmark = pytest.mark.django_db(transaction=True)
PRICES = ("30000000.00", "31000000.00", "32000000.00", "33000000.00")


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


@pytest.fixture
def lot():
    """A lot with a bill of one line, two of something; every bid's table agrees with its price."""
    lot = evaluating_lot()
    BillItem.objects.create(lot=lot, no=1, code="010101", name="综合楼", unit="栋", quantity=D(2))
    for bid in OpenedBid.objects.filter(opening__lot=lot):
        tabled(bid)
    return lot


def tabled(bid, unit=None, total=None):
    """The bid's price table; the unit price may contradict the sum, the total the price."""
    unit = unit or money(bid.price / 2)
    bid.form = {"price_table": {"items": [["010101", unit, money(bid.price)]], "total": total or money(bid.price)}}
    bid.save()


def bid_at(lot, price):
    return OpenedBid.objects.get(opening__lot=lot, price=D(price))


def answered(question, accepted, words=""):
    bidder = question.bid.bidder
    return answer_question(
        question, bidder, answer=words, proof=None, accepted=accepted, by=bidder.memberships.get().person, at=database_now()
    )


def signed(evaluation):
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def prices(evaluation):
    return [str(row.price) for row in evaluation.results.all()]


@pytest.mark.requirement("R101")
def test_a_confirmed_sum_changes_the_rank_and_is_the_price_of_notices_and_contract(lot, client):
    # 31 million would be first; by its unit prices it is 34 million, and the benchmark 32.25 million.
    own = bid_at(lot, "31000000.00")
    tabled(own, unit="17000000.00")
    evaluation = reviewed(lot)
    question = evaluation.questions.get()
    assert (question.matter, question.bid, question.asked_by) == ("arithmetic", own, None)
    assert question.due_at - question.asked_at == CORRECTION.least
    assert [(row["place"], row["found"], row["counts"]) for row in question.details["lines"]] == [
        ("010101 综合楼 合价", "31,000,000.00", "34,000,000.00"), ("报价表合计", "31,000,000.00", "34,000,000.00"),
        ("投标报价", "31,000,000.00", "34,000,000.00"),
    ]  # fmt: skip
    with pytest.raises(Refused, match="算术修正确认"):
        score(evaluation, members(evaluation)[:1])
    client.force_login(own.bidder.memberships.get().person)
    page = reverse("trading:bid_question", args=[question.pk])
    shown = client.get(page).content.decode()
    assert "31,000,000.00 修正为 34,000,000.00" in shown and "第十九条" in shown and "确认修正" in shown
    assert client.post(page, {"answer": "同意"}).status_code == 200 and not PriceCorrection.objects.exists()
    assert client.post(page, {"accepted": "1", "answer": "以综合单价为准。"}).status_code == 302
    question.refresh_from_db()
    assert (question.accepted, question.answer) == (True, "确认修正。以综合单价为准。")
    client.force_login(members(evaluation)[0].person)
    desk = client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
    assert "报价 31,000,000.00 元（算术修正后 34,000,000.00 元，投标人已确认）" in desk
    score(evaluation)
    assert prices(evaluation) == ["32000000.00", "33000000.00", "30000000.00", "34000000.00"]
    own.refresh_from_db()
    assert own.price == D("31000000.00")
    assert evaluation.workings["price"]["benchmark"] == "32250000.00"
    report = actions.report_of(evaluation)
    row = next(each for each in report["results"] if each["read"])
    assert (row["read"], row["price"]) == ("31000000.00", "34000000.00")
    assert report["inquiries"][0]["conclusion"] == "投标人确认修正，按 34,000,000.00 元评审"


def winning(lot):
    """The evaluation in which the bid at 31 million wins with its corrected price, 31.6 million; signed."""
    own = bid_at(lot, "31000000.00")
    tabled(own, unit="15800000.00")
    evaluation = reviewed(lot)
    answered(evaluation.questions.get(), True)
    score(evaluation)
    first = evaluation.results.first()
    assert (first.bid, first.price) == (own, D("31600000.00"))
    return signed(evaluation)


@pytest.mark.requirement("R101")
def test_the_corrected_price_goes_into_candidates_result_contract_debrief_and_range(lot, client):
    evaluation = winning(lot)
    city = lot.city
    publicity = awards.publish_candidates(evaluation, by=city.handler, at=database_now())
    said = "报价 31,000,000.00 元，算术修正后 31,600,000.00 元"
    assert said in dict(publicity.notice.facts)["第 1 名"]
    assert "31,000,000.00，算术修正后 31,600,000.00" in publicity.notice.body
    second = evaluation.results.all()[1].bid.bidder
    told = debrief_for(lot, second, candidates_outcome(publicity))
    assert "投标报价 31,000,000.00 元，算术修正后 31,600,000.00 元" in told["sentence"]
    assert {"label": "算术修正后（元）", "own": money_said(lot, second), "winner": "31,600,000.00"} in told["facts"]
    award = awards.decide_award(Lot.objects.get(pk=lot.pk), by=city.handler, at=end_of(publicity))
    assert OfficialDocument.objects.get(kind="award_notice").context["amount"] == "31600000.00"
    awards.publish_result(award, by=city.handler, at=end_of(publicity))
    notice = Notice.objects.get(kind=Notice.Kind.RESULT)
    assert (notice.amount, dict(notice.facts)["报价"]) == (D("31600000.00"), said)
    assert "中标价 31,600,000.00 元（开标时报价 31,000,000.00 元" in notice.body
    draft = drafting.draft_contract(award, by=city.handler, at=database_now())
    assert draft.amount == D("31600000.00")
    kept = {"amount": D("31000000.00"), "term_days": draft.term_days, "manager": draft.manager, "quality": draft.quality}
    assert [label for _, label in awards.deviations(award, kept)] == ["合同金额"]
    for kind in ("award.decided", "evaluation.corrected", "evaluation.combined"):
        body = json.loads(bytes(LedgerEntry.objects.get(kind=kind).data))
        assert [problem for check in CHECKS[kind] if (problem := check(body))] == []
    assert past_ratios(evaluating_lot()) == [(D("31600000") / lot.price_limit)]


def money_said(lot, bidder):
    return f"{OpenedBid.objects.get(opening__lot=lot, bid__bidder=bidder).price:,.2f}"


def recompute(lot, *more):
    out = StringIO()
    try:
        call_command("recompute", lot.tender.number, *more, stdout=out)
    except CommandError as wrong:
        return out.getvalue() + str(wrong), False
    return out.getvalue(), True


def test_both_recomputations_agree_with_the_corrected_price_and_find_a_false_one(lot):
    evaluation = winning(lot)
    awards.publish_candidates(evaluation, by=lot.city.handler, at=database_now())
    said, well = recompute(lot, "--public")
    assert well and "限价：" in said and said.count("价格分：") == 3, said
    said, _ = recompute(lot)
    name = bid_at(lot, "31000000.00").bidder.name
    assert f"算术修正：{name}修正后的报价与报价表重算一致" in said and "4 份投标的各项得分、总分和名次，重算完全一致" in said
    PriceCorrection.objects.update(price=D("31500000.00"))
    said, well = recompute(lot)
    assert not well and f"{name}修正后的报价与报价表重算不符" in said and f"{name}的确认与答复时的存证不符" in said
    assert f"{name}的评审报价存为 31600000.00，重算为 31500000.00" in said


def test_who_does_not_accept_says_why_and_is_rejected_without_a_vote(lot):
    own = bid_at(lot, "31000000.00")
    tabled(own, unit="17000000.00")
    evaluation = reviewed(lot)
    question = evaluation.questions.get()
    for accepted, words, field in ((None, "", "accepted"), (False, " ", "answer")):
        with pytest.raises(Refused) as refused:
            answered(question, accepted, words)
        assert refused.value.field == field
    answered(question, False, "单价是笔误。")
    rejection = evaluation.rejections.get()
    assert (rejection.bid, rejection.code) == (own, "ARITHMETIC_UNCONFIRMED")
    assert "投标人不接受修正" in rejection.reason and "投标报价" in rejection.reason
    assert not evaluation.motions.exists()
    score(evaluation)
    assert evaluation.results.count() == 3
    told = actions.report_of(evaluation)["inquiries"][0]
    assert told["answer"] == "不接受修正。单价是笔误。" and told["conclusion"].startswith("否决投标：")


def test_who_does_not_answer_in_time_is_rejected(lot):
    tabled(bid_at(lot, "31000000.00"), unit="17000000.00")
    evaluation = reviewed(lot)
    advance_inquiries()
    assert not evaluation.rejections.exists()
    pretend(CORRECTION.least + timedelta(minutes=1))
    with pytest.raises(Refused, match="截止"):
        answered(evaluation.questions.get(), True)
    advance_inquiries()
    assert "逾期没有答复" in evaluation.rejections.get().reason
    score(evaluation)
    assert evaluation.results.count() == 3


def test_a_corrected_price_over_the_limit_is_rejected(lot):
    tabled(bid_at(lot, "31000000.00"), unit="18600000.00")
    evaluation = reviewed(lot)
    answered(evaluation.questions.get(), True)
    rejection = evaluation.rejections.get()
    assert rejection.code == "PRICE_OVER_LIMIT" and "算术修正后的投标报价 37,200,000.00 元" in rejection.reason


def test_low_prices_are_looked_for_only_when_corrections_are_settled(lot):
    # Corrected down to 29 million, the price is below 80 % of the limit.
    own = bid_at(lot, "31000000.00")
    tabled(own, unit="14500000.00")
    other = bid_at(lot, "32000000.00")
    tabled(other, unit="16100000.00")
    evaluation = reviewed(lot)
    first, second = evaluation.questions.order_by("bid__order")
    answered(first, True)
    assert {row.matter for row in evaluation.questions.all()} == {"arithmetic"}
    answered(second, True)
    low = evaluation.questions.get(matter="low_price")
    assert (low.bid, low.details["figures"][0]) == (own, ["投标报价", "29,000,000.00 元"])


def test_procurement_keeps_the_opening_list_and_records_the_lines(lot):
    own = bid_at(lot, "31000000.00")
    tabled(own, unit="17000000.00")
    evaluation = started(lot)
    as_procurement()
    for member in members(evaluation):
        review(evaluation, member)
    evaluation = Evaluation.objects.get(pk=evaluation.pk)
    question = evaluation.questions.get()
    assert "投标报价总额不变" in question.text and "第五十九条" in question.text
    answered(question, True)
    kept = evaluation.corrections.get()
    assert kept.price == own.price and [row["place"] for row in kept.lines][-1] == "开标一览表与报价明细"
    score(evaluation)
    assert sorted(prices(evaluation)) == list(PRICES) and not any(row.is_corrected for row in evaluation.results.all())


def test_what_is_missing_stays_with_the_committee(lot):
    BillItem.objects.create(lot=lot, no=2, code="010102", name="围墙", unit="m", quantity=D(1))
    evaluation = reviewed(lot)
    assert not evaluation.questions.exists()


def test_with_two_envelopes_corrections_are_asked_after_the_second_opening(lot):
    in_two_envelopes(lot)
    OpenedBid.objects.filter(opening__lot=lot).update(form={})
    evaluation = reviewed(lot)
    score(evaluation)
    second_closed(lot, *PRICES)
    for bid in OpenedBid.objects.filter(opening__lot=lot, opening__envelope="commercial"):
        tabled(bid)
    own = OpenedBid.objects.get(opening__lot=lot, price=D("31000000.00"))
    tabled(own, unit="17000000.00")
    actions.judge_prices(evaluation, by=None, at=database_now())
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.PRICING
    answered(evaluation.questions.get(), True)
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.COMBINED
    assert evaluation.results.get(bid=own).price == D("34000000.00")


def test_what_was_confirmed_binds_before_a_new_committee_and_is_not_asked_again(lot):
    own = bid_at(lot, "31000000.00")
    tabled(own, unit="17000000.00")
    evaluation = reviewed(lot)
    answered(evaluation.questions.get(), True)
    again = Evaluation.objects.create(lot=lot, round=2, state=Evaluation.State.SCORING)
    actions.advance(again, at=database_now())
    assert not again.questions.exists() and again.corrections.get().price == D("34000000.00")
    assert "在此前的评审中已经确认" in actions.report_of(again)["inquiries"][0]["conclusion"]


def test_members_do_not_ask_for_corrections_themselves(lot):
    evaluation = started(lot)
    with pytest.raises(Refused) as refused:
        ask_bidder(
            evaluation, bid_at(lot, "31000000.00"), matter="arithmetic", text="请确认", minutes=30, by=members(evaluation)[0].person, at=database_now()
        )  # fmt: skip
    assert refused.value.code == "by_rule"


def test_a_vote_on_a_bid_that_fell_by_itself_stops_nobody(lot):
    own = bid_at(lot, "31000000.00")
    tabled(own, unit="15800000.00")
    evaluation = reviewed(lot)
    mover, voter, *_ = members(evaluation)
    motion = move_rejection(
        evaluation, own, code="NON_RESPONSIVE", clause="第 3.1 条", reason="缺少签字", by=mover.person, at=database_now()
    )
    answered(evaluation.questions.get(), False, "不接受")
    assert evaluation.rejections.filter(bid=own).exists()
    with pytest.raises(Refused) as refused:
        vote(motion, agrees=True, by=voter.person, at=database_now())
    assert refused.value.code == "fallen"
    score(evaluation)
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.COMBINED


def test_an_answer_moves_nothing_while_the_lot_is_stopped_and_the_clock_goes_on_later(lot):
    for bid in OpenedBid.objects.filter(opening__lot=lot):
        tabled(bid, unit="17000000.00")
    evaluation = reviewed(lot)
    *answering, last = list(evaluation.questions.all())
    for question in answering:
        answered(question, False, "不接受")
    stopped = suspend_lot(lot, cause=Suspension.Cause.ORDER, reference="X", reason="调查", by=lot.city.supervisor, at=database_now())
    answered(last, False, "不接受")
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.SCORING and Lot.objects.get(pk=lot.pk).state == Lot.State.EVALUATING
    resume_lot(stopped, by=lot.city.supervisor, at=database_now())
    advance_inquiries()
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.FAILED


def test_a_member_replaced_while_the_chair_is_waited_for_settles_the_review_once(lot):
    evaluation = started(lot)
    bids = list(actions.bids_of(evaluation))
    seats = members(evaluation)
    for seat in seats:
        review(evaluation, seat, failing=[bid.pk for bid in bids[:2]])
    assert evaluation.state == Evaluation.State.REVIEWING
    replace_member(seats[0], "absent", by=lot.city.staff, at=database_now())
    confirm_all(evaluation)
    arrive(evaluation, lot.city.staff)
    came = members(evaluation)[-1]
    actions.make_pledge(evaluation, by=came.person, at=database_now())
    for seat in members(evaluation):
        actions.elect_chair(evaluation, came, by=seat.person, at=database_now())
    review(evaluation, came, failing=[bid.pk for bid in bids[:2]])
    actions.judge_competition(evaluation, goes_on=True, opinion="两家仍有竞争。", by=came.person, at=database_now())
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.SCORING and evaluation.rejections.count() == 2
