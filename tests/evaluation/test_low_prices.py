"""Unusually low prices: the platform asks, the bidder explains in time or not, the committee votes with reasons, and scores wait."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.factories.evaluation import as_procurement, evaluating_lot, explain, judge_reasons, marks, members, review, started
from tests.factories.trading import pdf
from trading.evaluation import actions
from trading.evaluation.bounds import LOW_PRICE
from trading.evaluation.models import BidQuestion, Evaluation, RejectionMotion
from trading.evaluation.motions import move_rejection, vote
from trading.evaluation.tasks import advance_inquiries
from trading.methods.registry import METHODS
from trading.opening.models import OpenedBid, Opening
from trading.projects.models import Lot
from trading.tenders.models import Envelope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


@pytest.fixture
def lot():
    return evaluating_lot()


def priced(lot, *prices, limit=None):
    """The bids of the lot, in order, with these prices."""
    if limit is not None:
        Lot.objects.filter(pk=lot.pk).update(price_limit=D(limit))
        lot.refresh_from_db()
    for bid, price in zip(OpenedBid.objects.filter(opening__lot=lot).order_by("order"), prices, strict=True):
        OpenedBid.objects.filter(pk=bid.pk).update(price=D(price))
    return lot


def reviewed(lot, *, procurement=False):
    """An evaluation whose preliminary review has just ended."""
    evaluation = started(lot)
    if procurement:
        as_procurement()
    for member in members(evaluation):
        review(evaluation, member)
    return Evaluation.objects.get(pk=evaluation.pk)


def score(evaluation, seats=None):
    for member in seats or members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    evaluation.refresh_from_db()


def acting(bid):
    return bid.bidder.memberships.get().person


@pytest.mark.parametrize(
    ("prices", "reasons"),
    [
        ((41, 78, 80, 89), ["低于最高限价的 45%"]),
        ((30, 70, 75, 80), ["低于有效投标平均价的 50%", "低于次低报价的 50%", "低于最高限价的 45%"]),
    ],
    ids=["E11", "E11b"],
)
def test_the_examples_of_procurement_are_flagged_asked_and_decided(lot, prices, reasons):
    evaluation = reviewed(priced(lot, *prices, limit=100), procurement=True)
    question = evaluation.questions.get()
    assert (question.matter, question.bid.price, question.asked_by) == ("low_price", D(prices[0]), None)
    assert question.details["reasons"] == reasons and question.due_at - question.asked_at == LOW_PRICE.least
    assert all(reason in question.text for reason in reasons)
    # What would tell which bids were rejected stays with the committee.
    assert "平均价 " not in question.text and dict(question.details["figures"])["有效投标平均价"].endswith(" 元")
    assert Message.objects.filter(person=acting(question.bid), subject__startswith="评标委员会要求异常低价说明").exists()
    with pytest.raises(Refused, match="等待投标人在"):
        score(evaluation, members(evaluation)[:1])
    explain(evaluation)
    with pytest.raises(Refused, match="请各成员表决"):
        score(evaluation, members(evaluation)[:1])
    judge_reasons(evaluation, unproved=True)
    assert evaluation.rejections.get().code == "PRICE_BELOW_COST"
    score(evaluation)
    assert evaluation.state == Evaluation.State.COMBINED
    assert [row.bid.price for row in evaluation.results.all() if row.bid_id == question.bid_id] == []
    told = actions.report_of(evaluation)["inquiries"][0]
    assert told["reasons"] == "，".join(reasons) and told["answer"].startswith("采用自有设备") and len(told["votes"]) == 3
    assert told["conclusion"].startswith("否决投标：") and "近一年的成交价" in told["conclusion"]


def test_a_works_price_is_explained_on_the_page_and_stands_with_the_reasons_given(lot, client):
    evaluation = reviewed(priced(lot, "29000000.00", "31000000.00", "32000000.00", "33000000.00"))
    question = evaluation.questions.get()
    assert question.details["reasons"] == ["低于最高限价的 80%"]
    desk = reverse("trading:evaluation_desk", args=[evaluation.pk])
    page = reverse("trading:committee_questions", args=[evaluation.pk])
    client.force_login(members(evaluation)[0].person)
    assert "异常低价说明" in client.get(desk).content.decode() and "平台按规定" in client.get(page).content.decode()
    client.force_login(acting(question.bid))
    own = reverse("trading:bid_question", args=[question.pk])
    assert "成本构成分析" in client.get(own).content.decode()
    assert client.post(own, {"answer": "自有塔吊，附租赁合同。", "proof": pdf("成本分析.pdf")}).status_code == 302
    motion = RejectionMotion.objects.get()
    assert motion.moved_by is None and motion.question == question
    for place, member in enumerate(members(evaluation)[:3]):
        client.force_login(member.person)
        shown = client.get(page).content.decode()
        assert "自有塔吊，附租赁合同。" in shown and "成本分析.pdf" in shown
        bare = client.post(page, {"move": "vote", "motion": motion.pk, f"v{motion.pk}-agrees": str(place % 2), f"v{motion.pk}-reason": ""})
        assert "请写明判断的理由" in bare.content.decode()
    assert not motion.votes.exists()
    for member in members(evaluation)[:3]:
        client.force_login(member.person)
        client.post(page, {"move": "vote", "motion": motion.pk, f"v{motion.pk}-agrees": "0", f"v{motion.pk}-reason": "与信息价相符"})
    motion.refresh_from_db()
    assert (motion.state, evaluation.rejections.count()) == (RejectionMotion.State.LOST, 0)
    score(evaluation)
    assert evaluation.results.count() == 4
    told = actions.report_of(evaluation)["inquiries"][0]
    assert (told["conclusion"], told["proof"], {vote["reason"] for vote in told["votes"]}) == ("报价成立", "成本分析.pdf", {"与信息价相符"})
    bodies = "".join(bytes(row.data).decode() for row in LedgerEntry.objects.filter(kind__in=["evaluation.questioned", "evaluation.moved"]))
    assert bodies and question.bid.bidder.uscc not in bodies and '"id":"platform"' in bodies


def test_an_answer_that_does_not_come_in_time_leads_to_the_vote(lot):
    evaluation = reviewed(priced(lot, "29000000.00", "31000000.00", "32000000.00", "33000000.00"))
    question = evaluation.questions.get()
    advance_inquiries()
    assert not evaluation.motions.exists()
    pretend(LOW_PRICE.least + timedelta(minutes=1))
    advance_inquiries()
    advance_inquiries()
    motion = evaluation.motions.get()
    assert "逾期没有说明" in motion.reason
    with pytest.raises(Refused, match="截止"):
        explain(evaluation)
    judge_reasons(evaluation, unproved=True, reason="没有说明")
    assert evaluation.rejections.get().bid == question.bid


def test_whoever_comes_to_the_desk_finds_the_vote_open_without_waiting_for_the_clock(lot, client):
    evaluation = reviewed(priced(lot, "29000000.00", "31000000.00", "32000000.00", "33000000.00"))
    pretend(LOW_PRICE.least + timedelta(minutes=1))
    client.force_login(members(evaluation)[0].person)
    desk = reverse("trading:evaluation_desk", args=[evaluation.pk])
    sheet = {f"points-{bid}-{row}": str(points) for (bid, row), (points, _) in marks(evaluation).items()}
    refused = client.post(desk, {"move": "scores", **sheet})
    assert refused.status_code == 409 and "请各成员表决报价是否合理" in refused.content.decode()
    assert evaluation.motions.filter(state="open").count() == 1


def test_a_rejection_can_make_another_price_low(lot):
    evaluation = reviewed(priced(lot, 46, 80, 95, 99, limit=100), procurement=True)
    assert not evaluation.questions.exists()
    second = OpenedBid.objects.get(opening__lot=lot, price=80)
    seats = members(evaluation)
    motion = move_rejection(
        evaluation, second, code="COLLUSION", clause="第 9.3 条", reason="同一设备编制", by=seats[0].person, at=database_now()
    )
    for member in seats[1:3]:
        vote(motion, agrees=True, by=member.person, at=database_now())
    question = evaluation.questions.get()
    assert (question.bid.price, question.details["reasons"]) == (D(46), ["低于次低报价的 50%"])


def test_in_procurement_a_rejection_that_leaves_too_few_ends_the_lot(lot):
    evaluation = reviewed(priced(lot, 30, 31, 75, 80, limit=100), procurement=True)
    assert evaluation.questions.count() == 2
    explain(evaluation)
    judge_reasons(evaluation, unproved=True)
    lot.refresh_from_db()
    assert (evaluation.state, lot.state) == (Evaluation.State.FAILED, Lot.State.FAILED)


def test_where_the_vote_leaves_few_works_bids_the_chair_speaks_before_scores(lot, client):
    evaluation = reviewed(priced(lot, "26000000.00", "27000000.00", "36000000.00", "36500000.00"))
    assert evaluation.questions.count() == 2
    explain(evaluation)
    judge_reasons(evaluation, unproved=True)
    assert (evaluation.state, actions.valid_bids(evaluation).count()) == (Evaluation.State.SCORING, 2)
    with pytest.raises(Refused) as refused:
        score(evaluation, members(evaluation)[:1])
    assert refused.value.code == "few_valid"
    client.force_login(evaluation.members.get(chair=True).person)
    desk = reverse("trading:evaluation_desk", args=[evaluation.pk])
    assert "明显缺乏竞争" in client.get(desk).content.decode()
    client.post(desk, {"move": "competition", "goes_on": "1", "opinion": "其余两家仍有竞争。"})
    score(evaluation)
    assert (evaluation.state, evaluation.results.count()) == (Evaluation.State.COMBINED, 2)


def in_two_envelopes(lot):
    """The lot as if only the technical envelopes had been opened: nobody knows a price."""
    document = lot.tender.document
    document.method, document.method_settings, document.two_envelopes = "DOUBLE_ENVELOPE", METHODS["DOUBLE_ENVELOPE"].defaults(), True
    document.save()
    opening = lot.openings.get()
    opening.envelope = Envelope.TECHNICAL
    opening.save()
    opening.bids.update(price=None)


def second_closed(lot, *prices):
    second = lot.openings.get(envelope=Envelope.COMMERCIAL)
    for bid, price in zip(second.bids.order_by("order"), prices, strict=True):
        OpenedBid.objects.filter(pk=bid.pk).update(state=OpenedBid.State.OPENED, price=D(price))
    second.state = Opening.State.CLOSED
    second.save()


@pytest.mark.parametrize("unproved", [False, True])
def test_with_two_envelopes_the_combination_waits_for_the_last_inquiry(lot, client, unproved):
    in_two_envelopes(lot)
    evaluation = reviewed(lot)
    score(evaluation)
    assert evaluation.state == Evaluation.State.PRICING and not evaluation.questions.exists()
    second_closed(lot, "29000000.00", "31000000.00", "32000000.00", "33000000.00")
    actions.judge_prices(evaluation, by=None, at=database_now())
    evaluation.refresh_from_db()
    question = evaluation.questions.get()
    assert (evaluation.state, question.bid.price) == (Evaluation.State.PRICING, None)
    assert dict(question.details["figures"])["投标报价"] == "29,000,000.00 元"
    client.force_login(members(evaluation)[0].person)
    assert "异常低价说明" in client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
    assert client.get(reverse("trading:committee_questions", args=[evaluation.pk])).context["open"]
    explain(evaluation)
    actions.advance(evaluation, at=database_now())
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.PRICING
    judge_reasons(evaluation, unproved=unproved)
    assert evaluation.state == Evaluation.State.COMBINED
    assert evaluation.results.count() == (3 if unproved else 4)


def test_a_new_committee_with_two_envelopes_sees_no_price_before_its_own_first_result(lot):
    in_two_envelopes(lot)
    evaluation = reviewed(lot)
    score(evaluation)
    second_closed(lot, "29000000.00", "31000000.00", "32000000.00", "33000000.00")
    Evaluation.objects.filter(pk=evaluation.pk).update(state=Evaluation.State.SCORING)
    actions.advance(evaluation, at=database_now())
    assert not evaluation.questions.exists()


def test_each_committee_asks_anew(lot):
    evaluation = reviewed(priced(lot, "29000000.00", "31000000.00", "32000000.00", "33000000.00"))
    explain(evaluation)
    judge_reasons(evaluation, unproved=False)
    again = Evaluation.objects.create(lot=lot, round=2, state=Evaluation.State.SCORING)
    actions.advance(again, at=database_now())
    assert BidQuestion.objects.filter(matter="low_price").count() == 2 and again.questions.get().answered_at is None
