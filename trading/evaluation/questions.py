"""The committee asks a bidder, and the bidder answers, in writing and through the platform."""

from datetime import timedelta

from django.db import transaction

from accounts.permissions import require_member
from ledger.acts import record
from ledger.canonical import HJ, b64u
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation import blind
from trading.evaluation.actions import go_on_unless_halted
from trading.evaluation.asking import TIMES, tell_bidder
from trading.evaluation.bids import bids_of, priced_bids, second_is_closed
from trading.evaluation.bounds import CLARITY, CORRECTION
from trading.evaluation.corrections import settle_answer
from trading.evaluation.events import BidQuestioned, QuestionAnswered, about
from trading.evaluation.models import BidQuestion, Evaluation
from trading.evaluation.seats import locked, pledged_seat
from trading.tenders.notices import shown

Matter = BidQuestion.Matter


def is_open(evaluation):
    """Whether questions and votes happen now: while bids are judged, and between the second opening and the combination."""
    if evaluation.state == Evaluation.State.PRICING:
        return second_is_closed(evaluation)
    return evaluation.state in (Evaluation.State.REVIEWING, Evaluation.State.SCORING)


def seat_at_work(evaluation, person, at):
    """The person's pledged seat while the committee judges bids."""
    seat = pledged_seat(evaluation, person, at)
    blind.require_shown(evaluation)
    if not is_open(evaluation):
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
    if matter == Matter.LOW_PRICE:
        require_priced(evaluation, bid)
    elif matter != Matter.CLARITY:
        raise Refused("by_rule", "算术修正由平台按规定要求投标人确认。", field="matter", rule=CORRECTION.source)
    if not text.strip():
        raise Refused("no_text", "请写明要求投标人澄清、说明的内容。", field="text")
    rule = TIMES[Matter(matter)]
    if not rule.least.total_seconds() <= minutes * 60 <= rule.most.total_seconds():
        rule.refuse(
            f"答复时间应在 {rule.least.seconds // 60} 分钟至 {int(rule.most.total_seconds()) // 3600} 小时之间。", field="minutes",
            next_step="时间过短，投标人无法说明。",
        )  # fmt: skip
    question = BidQuestion.objects.create(
        evaluation=evaluation, bid=bid, matter=matter, text=text.strip(), asked_by=seat, asked_at=at, due_at=at + timedelta(minutes=minutes)
    )
    tell_bidder(question)
    record(
        BidQuestioned(**about(evaluation), question=question.pk), by=None, role="expert",
        private={"by": seat.pseudonym, "bidder": bid.bidder.uscc, "matter": str(matter), "text": question.text},
    )  # fmt: skip
    return question


def require_priced(evaluation, bid):
    """A low price is asked about where the committee sees prices, and once: the vote on the answer decides it."""
    if bid not in [each for each, _ in priced_bids(evaluation)]:
        raise Refused("no_price", "现在看不到报价，不能要求说明报价。", field="matter")
    if evaluation.questions.filter(bid=bid, matter=Matter.LOW_PRICE).exists():
        raise Refused("asked", "已经要求该投标人说明报价。", field="matter", next_step="请在“澄清与表决”中查看答复和表决。")


@transaction.atomic
def answer_question(question, organisation, *, answer, proof, by, at, accepted=None):
    """The bidder answers once, in time; every member of the committee sees it.

    `accepted` says whether it takes the price by rule, where it is asked to confirm a correction.
    """
    require_member(by, organisation)
    evaluation = locked(question.evaluation)
    question = BidQuestion.objects.select_for_update(of=["self"]).select_related("bid__bid__bidder").get(pk=question.pk)
    question.evaluation = evaluation
    if question.bid.bidder != organisation:
        raise Refused("not_yours", "这项要求不是向你单位提出的。", status=404)
    if question.answered_at:
        raise Refused("answered", "你单位已经答复，答复不能修改。", rule=CLARITY.source)
    if max(at, database_now()) > question.due_at or not is_open(evaluation):
        raise Refused("late", f"答复时间已于 {shown(question.due_at)} 截止。", rule=TIMES[Matter(question.matter)].source)
    if question.matter == Matter.ARITHMETIC:
        if question.bid.rejections.filter(evaluation=evaluation).exists():
            raise Refused("rejected", "你单位的投标已被否决，不需要再确认。")
        answer = said_of(accepted, answer)
    if not answer.strip():
        raise Refused("no_answer", "请填写答复。", field="answer")
    question.answer, question.proof, question.answered_by, question.answered_at = answer.strip(), proof, by, at
    question.accepted = accepted if question.matter == Matter.ARITHMETIC else None
    question.save(update_fields=["answer", "accepted", "proof", "answered_by", "answered_at"])
    digest = b64u(HJ("bid-answer", {"v": 1, "answer": question.answer, "proof": proof.sha256 if proof else ""}))
    record(
        QuestionAnswered(**about(question.evaluation), question=question.pk, digest=digest), by=None, role="bidder",
        private={"by": by.pseudonym, "bidder": organisation.uscc},
    )  # fmt: skip
    if question.matter == Matter.ARITHMETIC:
        settle_answer(question, at=at)
    if question.matter != Matter.CLARITY or evaluation.state == Evaluation.State.PRICING:
        go_on_unless_halted(evaluation, at=at)
    return question


def said_of(accepted, words):
    """The answer to a correction in words; who does not take it says why."""
    if accepted is None:
        raise Refused("no_choice", "请选择是否接受修正。", field="accepted", rule=CORRECTION.source)
    if not accepted and not words.strip():
        raise Refused("no_answer", "不接受的，请写明理由。", field="answer")
    return "。".join(filter(None, ["确认修正" if accepted else "不接受修正", words.strip()]))
