"""Whose seat is whose, and what somebody must have done before working there."""

from experts.models import Expert
from rulebook.refusals import Refused
from trading.evaluation import offsite
from trading.evaluation.bounds import CHAIR
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.tenders.queries import require_running

SEATED = CommitteeMember.State.ACCEPTED
# While nobody's work is finished, a seat may be filled anew.
REPLACEABLE = (Evaluation.State.FORMING, Evaluation.State.REVIEWING, Evaluation.State.SCORING)


def locked(evaluation):
    return (
        Evaluation.objects.select_for_update(of=["self"])
        .select_related("lot__tender__project", "lot__tender__document")
        .get(pk=evaluation.pk)
    )


def seated(evaluation):
    return evaluation.members.filter(state=SEATED)


def standing_monitor(evaluation):
    """The seat that watches this committee, or None."""
    return CommitteeMember.monitors.filter(evaluation=evaluation, state=SEATED).first()


def all_have(evaluation, field):
    """Whether every seat is taken and all have done what the field says: whoever was called in place of another is waited for."""
    done = list(seated(evaluation).values_list(field, flat=True))
    return len(done) >= evaluation.size and None not in done


def own_seat(evaluation, person):
    """The person's seat in this committee; nobody else may touch its work."""
    seat = seated(evaluation).of(person).first()
    if seat is None:
        raise Refused("not_seated", "你不是本次评标的评标委员会成员。", status=403)
    require_fit(seat)
    return seat


def is_fit(seat):
    """Whether who sits there may still judge: an expert who was suspended meanwhile may not."""
    return seat.expert is None or seat.expert.state == Expert.State.ACTIVE


def require_fit(seat):
    if not is_fit(seat):
        raise Refused("not_active", "你的评标专家资格已暂停或者终止，不能参加评审。", status=403, next_step="请联系交易中心办理更换。")


def pledged_seat(evaluation, person, at):
    """The person's seat, once its pledge is made, while the lot is not stopped and the venues are joined."""
    require_running(evaluation.lot, at)
    seat = own_seat(evaluation, person)
    offsite.require_at_work(evaluation, seat, at)
    if seat.pledged_at is None:
        raise Refused("no_pledge", "请先签署无利害关系承诺。", rule="《评标委员会和评标方法暂行规定》第十二条")
    return seat


def chaired_seat(evaluation, person, at):
    """The same, once the committee has its chair."""
    seat = pledged_seat(evaluation, person, at)
    if not seated(evaluation).filter(chair=True).exists():
        raise Refused("no_chair", "评标委员会还没有推举组长。", rule=CHAIR.source, next_step="请先推举组长，全体成员推举后继续评审。")
    return seat


def working_seat(evaluation, person, state, at):
    """The same, at the stage that the work belongs to."""
    seat = chaired_seat(evaluation, person, at)
    if evaluation.state != state:
        raise Refused("wrong_stage", f"评标现在处于“{evaluation.get_state_display()}”，不能进行此操作。")
    return seat
