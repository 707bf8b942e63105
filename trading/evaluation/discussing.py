"""Members in several cities write to each other at the desk (文字会商): by seat, concealed until the evaluation has ended."""

from django.db import transaction

from rulebook.refusals import Refused
from trading.evaluation import offsite
from trading.evaluation.models import CommitteeMember
from trading.evaluation.permissions import AT_WORK
from trading.evaluation.seats import SEATED, locked, pledged_seat
from trading.remote import actions as remote
from trading.remote.models import MeetingMove
from trading.remote.queries import present_in


@transaction.atomic
def write_to_all(evaluation, text, *, by, at):
    """A member says something to the others; all of it becomes open with the end of the evaluation."""
    evaluation = locked(evaluation)
    seat = pledged_seat(evaluation, by, at)
    if not offsite.sessions_for(evaluation):
        raise Refused("not_remote", "本次评标在同一场地进行，请当面讨论。")
    if evaluation.state not in AT_WORK:
        raise Refused("wrong_stage", f"评标现在处于“{evaluation.get_state_display()}”，不能会商。")
    return remote.write_line(evaluation.lot, evaluation.round, seat.order, text, at=at)


def listening_seat(evaluation, person):
    """The person's pledged seat, as a member or as the monitor, from which the discussion can be read; None for anybody else."""
    seats = CommitteeMember.called.filter(evaluation=evaluation, state=SEATED).exclude(pledged_at=None)
    return seats.of(person).select_related("candidate", "evaluation__lot").first()


@transaction.atomic
def move_in_meeting(evaluation, seat, kind, *, at):
    """In the simulated room: a seat joins, leaves, or shows its screen; each is kept."""
    evaluation = locked(evaluation)
    inside = {each["seat"]: each for each in present_in(evaluation.lot, evaluation.round)}
    if (kind == MeetingMove.Kind.JOIN) == (seat.order in inside):
        raise Refused("in_room", "请刷新页面查看会议室现在的情况。")
    return MeetingMove.objects.create(
        lot=evaluation.lot, round=evaluation.round, seat=seat.order, venue=offsite.place_of(seat), kind=kind, at=at
    )
