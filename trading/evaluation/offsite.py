"""A committee that sits in several cities: the groups of its draw, who has arrived where, and when its desk is open.

What goes on between the venues themselves is the room `trading.remote`; here sessions meet seats.
"""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from accounts.models import Organisation
from rulebook.refusals import Forbidden, Refused
from trading.evaluation.bounds import ARRIVAL
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.remote import actions as remote
from trading.remote.models import RemoteSession
from trading.remote.permissions import may_receive
from trading.remote.queries import home_of, sessions_of
from trading.remote.rules import INTERRUPTION, OFFSITE_SHARE
from trading.tenders.notices import shown

# The groups of a draw; each session of a remote evaluation adds its own.
MEMBERS, MONITORS = "experts", "monitor"
MAIN_PLACE = "交易中心评标区"
S = RemoteSession.State
SEATED = CommitteeMember.State.ACCEPTED


def sessions_for(evaluation):
    return sessions_of(evaluation.lot, evaluation.round)


def offsite_seats(evaluation):
    """{group: seats} of the sessions with which the committee is drawn."""
    return {each.group: each.seats for each in sessions_for(evaluation) if each.state not in (S.REQUESTED, S.CONFIRMED)}


def group_of(seat):
    """The group of the draw that a seat belongs to, and in which it is replaced."""
    if seat.monitor:
        return MONITORS
    return seat.candidate.stratum if seat.candidate_id else MEMBERS


def session_of(seat):
    """The session at whose host the seat sits; None at the main venue."""
    group = group_of(seat)
    if not group.startswith("host-"):
        return None
    return next((each for each in sessions_for(seat.evaluation) if each.group == group), None)


def place_of(seat):
    """Where who is called has to come."""
    session = session_of(seat)
    return f"{session.host.name}异地评标席位" if session else MAIN_PLACE


def with_places(evaluation, seats):
    """The seats, each with the host's name as its `place` where it sits off-site."""
    names = {each.group: each.host.name for each in sessions_for(evaluation)}
    found = list(seats.select_related("candidate"))
    for seat in found:
        seat.place = names.get(group_of(seat), "")
    return found


def sessions_to_draw(evaluation):
    """The sessions whose seats the draw fills; Refused while a host has not answered yet."""
    sessions = sessions_for(evaluation)
    if waiting := [each for each in sessions if each.state == S.REQUESTED]:
        raise Refused(
            "host_waiting",
            f"{waiting[0].host.name}还没有答复异地评标申请，不能抽取专家。",
            next_step="请等待副场确认，或者撤回申请、另选副场。",
        )
    return sessions


def check_sessions(sessions, *, size, owner_seats, starts_at):
    """Refuse a draw whose off-site seats are too few, leave nobody at the main venue, or lie outside the hours confirmed."""
    if not sessions:
        return
    offsite = sum(each.seats for each in sessions)
    OFFSITE_SHARE.check(offsite, base=size, field="size")
    if offsite >= size or offsite + owner_seats > size:
        raise Refused("no_main", f"异地席位 {offsite} 个，主场已没有席位。", field="size", next_step="请增加委员会人数，或者减少异地席位。")
    for each in sessions:
        if not each.starts_at <= starts_at < each.ends_at:
            raise Refused(
                "other_time", f"{each.host.name}确认的时间是 {shown(each.starts_at)} 至 {shown(each.ends_at)}。", field="starts_at",
                next_step="请按副场确认的时间抽取，或者重新申请。",
            )  # fmt: skip


def needs_by_group(need, sessions, centre):
    """{group: what the draw asks of the pool}: where a committee sits in several cities, each group lives in its own."""
    if not sessions:
        return {MEMBERS: need}
    found = {MEMBERS: replace(need, home=home_of(centre.region_code))}
    return found | {each.group: replace(need, home=home_of(each.host.region_code)) for each in sessions}


def require_at_work(evaluation, seat, at):
    """Refuse to act at a desk before its seat has signed in, and at that of a remote evaluation while its venues are not joined."""
    require_joined(sessions_for(evaluation), at)
    if seat.arrived_at is None:
        ARRIVAL.refuse("你还没有在评标区签到。", next_step="请持确认短信中的签到码和身份证到签到处签到。")


def require_joined(sessions, at):
    for each in sessions:
        if broken := each.broken():
            sealed = broken.is_sealed(at)
            raise Refused(
                "interrupted",
                f"与{each.host.name}的连接中断超过三十分钟，评标已暂停并封存。"
                if sealed
                else f"与{each.host.name}的连接已中断，暂时不能评审。",
                rule=f"{INTERRUPTION.source}：{INTERRUPTION.says}",
                next_step="草稿已经保存。" if sealed else "草稿已经保存，可以继续查阅投标文件；恢复后再提交。",
            )
        if each.state not in (S.RUNNING, *RemoteSession.OVER):
            raise Refused("gathering", "评标曾暂停，各场专家正在重新签到。", next_step="请等待全部专家签到。")
        last = each.interruptions.last()
        if last is not None and last.resumes_at is not None and at < last.resumes_at:
            raise Refused("not_yet", f"评标将在 {shown(last.resumes_at)} 恢复。", next_step="请到时再继续。")


def halt_of(evaluation, at):
    """Why nobody can act at the desk of a remote evaluation now, as a refusal to show; None while it goes on."""
    try:
        require_joined(sessions_for(evaluation), at)
    except Refused as refusal:
        return refusal
    return None


def desk_words(evaluation, seat, at):
    """What a desk shows of the other venues: nothing where all sit in one place."""
    sessions = sessions_for(evaluation)
    if not sessions:
        return {}
    own = session_of(seat)
    return {"joint": True, "halt": halt_of(evaluation, at), "room_link": own.host_link if own else sessions[0].main_link}


def require_gate(seat, by):
    """Refuse to sign in a seat of another venue; nothing can be signed in while the line is broken."""
    session = session_of(seat)
    if not may_receive(by, session):
        raise Forbidden("other_venue", f"该席位在{session.host.name if session else '主场'}签到。", field="code")
    if any(each.broken() for each in sessions_for(seat.evaluation)):
        raise Refused("interrupted", "连接中断期间不签到。", next_step="请等待主场宣布恢复。")


def is_sealed(evaluation, at):
    """Whether a break has lasted so long that the evaluation is suspended, its papers with it."""
    return any((broken := each.broken()) and broken.is_sealed(at) for each in sessions_for(evaluation))


def paused(evaluation):
    """How long the evaluation was suspended by breaks that sealed it: nobody worked then, and nobody is paid for it."""
    spans = sorted((row.since, row.resumes_at) for each in sessions_for(evaluation) for row in each.interruptions.all() if row.resumes_at)
    total, covered = timedelta(0), None
    for since, until in spans:
        since = max(since, covered) if covered else since
        total += max(until - since, timedelta(0))
        covered = max(until, covered) if covered else until
    return total


def appointed_at(evaluation):
    """When everybody has to be there: the time of the draw, or that named after a suspension."""
    times = [row.resumes_at for each in sessions_for(evaluation) for row in each.interruptions.all() if row.resumes_at]
    return max([evaluation.starts_at, *times])


def gather(evaluation):
    """Tell the sessions whether all their seats are there; called whenever somebody arrives or is replaced."""
    for session in sessions_for(evaluation):
        there = sum(each.arrived_at is not None for each in seats_of(evaluation, session.group))
        # Once nobody can be replaced, who does not come back holds nobody else up: the report says whose signature is missing.
        remote.gather(session, there == session.seats or evaluation.state in (Evaluation.State.PRICING, Evaluation.State.COMBINED))


def seats_of(evaluation, group):
    """The confirmed seats of one group, in order."""
    rows = CommitteeMember.called.filter(evaluation=evaluation, state=SEATED).select_related("candidate", "evaluation__lot")
    return [each for each in rows if group_of(each) == group]


def main_seats(evaluation):
    """The confirmed seats at the main venue: its members, the owner's, and the monitor."""
    return sorted(seats_of(evaluation, MEMBERS) + seats_of(evaluation, MONITORS), key=lambda each: each.order)


def begin(evaluation, *, at):
    """The evaluation starts: everybody has signed in, the venues are joined."""
    sessions = sessions_for(evaluation)
    if not sessions:
        return
    if missing := [each.host.name for each in sessions if each.state != S.CHECKED_IN]:
        raise Refused("not_arrived", f"{'、'.join(missing)}的专家还没有全部签到，不能开始评标。", next_step="请等待副场完成签到。")
    remote.begin(sessions, reference_of(evaluation), at=at)


def reference_of(evaluation):
    """By what the conference system knows the evaluation's room."""
    return f"evaluation/{evaluation.pk}"


@transaction.atomic
def resume(evaluation, session, *, resumes_at, by, at):
    """The line is back; after a suspension everybody signs in again."""
    Evaluation.objects.select_for_update().get(pk=evaluation.pk)
    if remote.resume_session(session, resumes_at=resumes_at, by=by, at=at):
        CommitteeMember.called.filter(evaluation=evaluation).update(arrived_at=None)
        gather(evaluation)


def end(evaluation, *, at):
    remote.finish_sessions(evaluation.lot, evaluation.round, at=at)


def venues_of(evaluation):
    """What the report says of the venues: [] for a committee that sat in one place."""
    sessions = [each for each in sessions_for(evaluation) if each.desks.exists()]
    if not sessions:
        return []
    centre = Organisation.objects.of_kind(Organisation.Kind.CENTRE).active().order_by("pk").first()
    main = [f"主场 {centre.name if centre else ''}：{seat_words(main_seats(evaluation))}"]
    return main + [f"副场 {each.host.name}（{each.number}）：{seat_words(seats_of(evaluation, each.group))}" for each in sessions]


def seat_words(seats):
    return f"{'、'.join(str(each.order) for each in seats)} 号席" if seats else "没有席位"


def breaks_of(evaluation):
    """The breaks of the line, as the report tells them."""
    return [
        {
            "venue": session.host.name, "since": shown(row.since), "until": shown(row.ended_at) if row.ended_at else "", "minutes": row.minutes,
            "what": row.what, "sealed": row.was_sealed, "resumes_at": shown(row.resumes_at) if row.resumes_at else "",
        }
        for session in sessions_for(evaluation)
        for row in session.interruptions.all()
    ]  # fmt: skip
