"""Rejecting a bid by a reasoned motion that a majority of the committee carries."""

from django.db import transaction

from ledger.acts import record
from rulebook.refusals import Refused
from trading.evaluation.actions import competing, competition, go_on, note_competition
from trading.evaluation.bids import valid_bids
from trading.evaluation.bounds import LOW_PRICE, REASONS, REJECTION
from trading.evaluation.events import MotionDecided, MotionMade, about
from trading.evaluation.models import BidRejection, CommitteeMember, Evaluation, MotionVote, RejectionMotion
from trading.evaluation.questions import seat_at_work
from trading.evaluation.seats import SEATED, locked

State = RejectionMotion.State
# Nobody moves this: the bidder is asked, and the platform opens the vote.
ASKED_FIRST = "PRICE_BELOW_COST"


@transaction.atomic
def move_rejection(evaluation, bid, *, code, clause, reason, opinion="", by, at):
    """A member moves that a bid be rejected; the mover's own vote is for it. The others find it at their desks.

    Where too few bids would be left while scores are given, the motion says in `opinion` what is left of competition (C-04).
    """
    evaluation = locked(evaluation)
    seat = seat_at_work(evaluation, by, at)
    if code not in REASONS:
        raise Refused("no_case", "请选择否决的情形。", field="code", rule=REJECTION.source)
    if code == ASKED_FIRST:
        raise Refused(
            "ask_first", "报价低于成本的，应当先由投标人说明，不能直接提议否决。", field="code", rule=f"{LOW_PRICE.source}：{LOW_PRICE.says}",
            next_step="请以“异常低价说明”要求投标人说明；答复或者期满后，平台发起表决。",
        )  # fmt: skip
    if not clause.strip() or not reason.strip():
        REJECTION.refuse("请写明招标文件的条款和具体理由。", field="clause" if not clause.strip() else "reason")
    if bid not in valid_bids(evaluation):
        raise Refused("no_bid", "这份投标文件已经否决，或者不在本次评标中。", field="bid")
    if evaluation.motions.filter(bid=bid, state=State.OPEN).exists():
        raise Refused("open", "这份投标文件正在表决。", next_step="请先对现有的提议表决。")
    rule = competition(evaluation)
    # Every open motion may carry: each must say what is left of competition if they all do.
    valid = valid_bids(evaluation).count()
    left = competing(evaluation, [bid, *(row.bid for row in evaluation.motions.filter(state=State.OPEN).select_related("bid"))])
    if evaluation.state == Evaluation.State.SCORING and valid > 1 and left < rule.minimum and not opinion.strip():
        raise Refused(
            "no_opinion",
            f"否决后有效投标将不足 {rule.minimum} 个，请写明是否仍有竞争和理由。",
            field="opinion",
            rule=f"{rule.source}：{rule.says}",
        )
    motion = RejectionMotion.objects.create(
        evaluation=evaluation, bid=bid, code=code, clause=clause.strip(), reason=reason.strip(), opinion=opinion.strip(), moved_by=seat,
        moved_at=at,
    )  # fmt: skip
    record(
        MotionMade(**about(evaluation), motion=motion.pk), by=None, role="expert",
        private={"by": seat.pseudonym, "bidder": bid.bidder.uscc, "code": code, "clause": motion.clause, "reason": motion.reason},
    )  # fmt: skip
    MotionVote.objects.create(motion=motion, member=seat, agrees=True, at=at)
    settle(motion, evaluation, seat, at=at)
    return motion


@transaction.atomic
def vote(motion, *, agrees, reason="", by, at):
    """A member votes once; as soon as a majority is sure either way, the motion is decided. On a low price every vote gives reasons."""
    evaluation = locked(motion.evaluation)
    seat = seat_at_work(evaluation, by, at)
    motion = RejectionMotion.objects.select_for_update(of=["self"]).select_related("bid__bid__bidder").get(pk=motion.pk)
    if motion.state != State.OPEN:
        raise Refused("decided", "这项提议已经表决完毕。", next_step="请刷新页面查看结果。")
    if evaluation.rejections.filter(bid=motion.bid).exists():
        raise Refused("fallen", "这份投标已经否决，不需要再表决。", next_step="请刷新页面查看结果。")
    if motion.votes.filter(member=seat).exists():
        raise Refused("voted", "你已经表决。")
    if motion.question_id and not reason.strip():
        LOW_PRICE.refuse("请写明判断的理由：过往成交、市场价格或者行业平均成本。", field="reason")
    if not agrees and not reason.strip():
        raise Refused("no_reason", "不同意的，请写明意见。", field="reason", rule="《招标投标法实施条例》第五十三条")
    MotionVote.objects.create(motion=motion, member=seat, agrees=agrees, reason=reason.strip()[:300], at=at)
    settle(motion, evaluation, seat, at=at)
    return motion


def settle(motion, evaluation, seat, *, at):
    """Decide a motion once more than half of the whole committee are for it, or no longer can be; `seat` voted last."""
    size, seats = evaluation.size, evaluation.members.filter(state=SEATED)
    agreed, against = (motion.votes.filter(agrees=each, member__in=seats).count() for each in (True, False))
    carried = agreed * 2 > size
    # Who was called in place of another may still come and vote.
    waits = agreed + against < seats.count() or evaluation.members.filter(state=CommitteeMember.State.CALLED).exists()
    if not carried and waits and (size - against) * 2 > size:
        return
    motion.state, motion.decided_at = State.CARRIED if carried else State.LOST, at
    motion.save(update_fields=["state", "decided_at"])
    record(
        MotionDecided(**about(evaluation), motion=motion.pk, carried=carried, agreed=agreed, against=against), by=None, role="expert",
        private={"by": seat.pseudonym},
    )  # fmt: skip
    if carried:
        reject(motion, evaluation, agreed, size, at=at)
    go_on(evaluation, at=at)


def reject(motion, evaluation, agreed, size, *, at):
    why = motion.reason
    if motion.question_id:
        why += f"。评标委员会认为：{'；'.join(sorted(set(motion.votes.filter(agrees=True).values_list('reason', flat=True))))}"
    BidRejection.objects.create(
        evaluation=evaluation, bid=motion.bid, code=motion.code, at=at,
        reason=f"{REASONS[motion.code]}（{motion.clause}；{agreed} 票同意，应到 {size} 人）：{why}",
    )  # fmt: skip
    # In the preliminary review the chair speaks when all opinions are in.
    if motion.opinion and evaluation.state != Evaluation.State.REVIEWING:
        note_competition(evaluation, motion.opinion)
