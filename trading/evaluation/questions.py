"""The committee asks a bidder, and the bidder answers, in writing and through the platform."""

from datetime import timedelta

from django.db import transaction

from accounts.permissions import require_member
from ledger.acts import record
from ledger.canonical import HJ, b64u
from postbox.actions import tell_members
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation import blind
from trading.evaluation.actions import bids_of
from trading.evaluation.bounds import CLARITY, LOW_PRICE
from trading.evaluation.events import BidQuestioned, QuestionAnswered
from trading.evaluation.models import BidQuestion, Evaluation
from trading.evaluation.seats import about, locked, pledged_seat
from trading.tenders.notices import shown

OPEN_DESK = (Evaluation.State.REVIEWING, Evaluation.State.SCORING)
BOUNDS = {BidQuestion.Matter.CLARITY: CLARITY, BidQuestion.Matter.LOW_PRICE: LOW_PRICE}


def seat_at_work(evaluation, person, at):
    """The person's pledged seat while the committee judges bids."""
    seat = pledged_seat(evaluation, person, at)
    blind.require_shown(evaluation)
    if evaluation.state not in OPEN_DESK:
        raise Refused("wrong_stage", f"评标现在处于“{evaluation.get_state_display()}”，不能进行此操作。")
    return seat


@transaction.atomic
def ask_bidder(evaluation, bid, *, matter, text, minutes, by, at):
    """A member puts the committee's question to one bidder, who has `minutes` to answer.

    The bidder is told what is asked, never by whom. A low price can be asked about only where the committee sees prices.
    """
    evaluation = locked(evaluation)
    seat = seat_at_work(evaluation, by, at)
    if bid not in bids_of(evaluation):
        raise Refused("no_bid", "请选择本次评标的一份投标文件。", field="bid")
    if matter == BidQuestion.Matter.LOW_PRICE and bid.price is None:
        raise Refused("no_price", "现在看不到报价，不能要求说明报价。", field="matter")
    if not text.strip():
        raise Refused("no_text", "请写明要求投标人澄清、说明的内容。", field="text")
    rule = BOUNDS[BidQuestion.Matter(matter)]
    if not rule.least.total_seconds() <= minutes * 60 <= rule.most.total_seconds():
        rule.refuse(
            f"答复时间应在 {rule.least.seconds // 60} 分钟至 {int(rule.most.total_seconds()) // 3600} 小时之间。", field="minutes",
            next_step="时间过短，投标人无法说明。",
        )  # fmt: skip
    question = BidQuestion.objects.create(
        evaluation=evaluation, bid=bid, matter=matter, text=text.strip(), asked_by=seat, asked_at=at, due_at=at + timedelta(minutes=minutes)
    )
    tell_members(
        bid.bidder, f"评标委员会要求{question.get_matter_display()}：{evaluation.lot.tender.name}",
        f"请在 {shown(question.due_at)} 前在平台答复，逾期视为不答复。", link=f"/me/questions/{question.pk}/", key=f"bid-question/{question.pk}",
    )  # fmt: skip
    record(
        BidQuestioned(**about(evaluation), question=question.pk), by=None, role="expert",
        private={"by": seat.pseudonym, "bidder": bid.bidder.uscc, "matter": str(matter), "text": question.text},
    )  # fmt: skip
    return question


@transaction.atomic
def answer_question(question, organisation, *, answer, proof, by, at):
    """The bidder answers once, in time; every member of the committee sees it."""
    require_member(by, organisation)
    question = (
        BidQuestion.objects.select_for_update(of=["self"]).select_related("evaluation__lot__tender", "bid__bid__bidder").get(pk=question.pk)
    )
    if question.bid.bidder != organisation:
        raise Refused("not_yours", "这项要求不是向你单位提出的。", status=404)
    if question.answered_at:
        raise Refused("answered", "你单位已经答复，答复不能修改。", rule=CLARITY.source)
    if max(at, database_now()) > question.due_at or question.evaluation.state not in OPEN_DESK:
        raise Refused("late", f"答复时间已于 {shown(question.due_at)} 截止。", rule=BOUNDS[BidQuestion.Matter(question.matter)].source)
    if not answer.strip():
        raise Refused("no_answer", "请填写答复。", field="answer")
    question.answer, question.proof, question.answered_by, question.answered_at = answer.strip(), proof, by, at
    question.save(update_fields=["answer", "proof", "answered_by", "answered_at"])
    digest = b64u(HJ("bid-answer", {"v": 1, "answer": question.answer, "proof": proof.sha256 if proof else ""}))
    record(
        QuestionAnswered(**about(question.evaluation), question=question.pk, digest=digest), by=None, role="bidder",
        private={"by": by.pseudonym, "bidder": organisation.uscc},
    )  # fmt: skip
    return question
