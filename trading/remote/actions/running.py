"""From the draw to the end: who is there, the line and its breaks, and what the members write to each other."""

from django.db import transaction

from ledger.acts import record
from ledger.canonical import HJ, b64u, instant
from postbox.actions import tell_members
from rulebook.refusals import Refused
from trading.remote.actions.requests import about, given, host_link, locked, tell_centre
from trading.remote.conference import MAIN, ConferenceFailed, conference
from trading.remote.events import DiscussionClosed, RemoteInterrupted, RemoteResumed
from trading.remote.lifecycle import REMOTE
from trading.remote.models import DiscussionLine, Interruption, RemoteSession
from trading.remote.permissions import require_main, side_of
from trading.remote.queries import lines_of, sessions_of
from trading.remote.rules import INTERRUPTION

S = RemoteSession.State
LONGEST_LINE = 1000


def draw_sessions(sessions):
    """The committee's draw has begun with these sessions: from now on none is taken back."""
    for session in sessions:
        session = locked(session)
        REMOTE.apply(session, "draw")
        session.save(update_fields=["state"])


def gather(session, complete):
    """Whether all seats of a session are there now; the session follows, and runs again where the evaluation already had."""
    session = locked(session)
    if session.state == S.DRAWN and complete:
        REMOTE.apply(session, "gather")
        if session.started_at:
            REMOTE.apply(session, "start")
    elif session.state == S.CHECKED_IN and not complete:
        REMOTE.apply(session, "miss")
    session.save(update_fields=["state"])
    return session


def begin(sessions, reference, *, at):
    """The evaluation starts: every session runs, and the room in which the venues meet is opened."""
    if not sessions:
        return
    names = {session.pk: session.host.name for session in sessions}
    try:
        links = conference().open_room(reference, [MAIN, *names.values()])
    except ConferenceFailed as failed:
        raise Refused("no_room", "会议系统没有开通会议室，评标没有开始。", next_step="请检查会议系统后再试。", status=503) from failed
    for session in sessions:
        session = locked(session)
        REMOTE.apply(session, "start")
        session.started_at, session.main_link, session.host_link = at, links[MAIN], links[names[session.pk]]
        session.save(update_fields=["state", "started_at", "main_link", "host_link"])


@transaction.atomic
def report_interruption(session, what, *, by, at):
    """Either side says that the line is broken; from now on nobody acts at the evaluation's desk."""
    by_host = side_of(by, session)
    session = locked(session)
    REMOTE.apply(session, "interrupt")
    session.save(update_fields=["state"])
    row = Interruption.objects.create(
        session=session, what=given(what, "中断的情况", field="what"), by_host=by_host, reported_by=by, since=at
    )
    tell_centre(session, f"异地评标连接中断：{session.number}", row.what, key=f"break/{row.pk}")
    tell_members(
        session.host, f"异地评标连接中断：{session.number}", row.what, link=host_link(session), key=f"remote/{session.pk}/break/{row.pk}"
    )
    record(RemoteInterrupted(**about(session)), by=by, role="host" if by_host else "staff", private={"what": row.what})
    return row


@transaction.atomic
def resume_session(session, *, resumes_at=None, by, at):
    """Our centre says that the line is back. True where the break had sealed the evaluation: then it goes on at the time named."""
    require_main(by)
    session = locked(session)
    row = session.broken()
    if row is None:
        raise Refused("not_broken", "连接没有中断。", next_step="请刷新页面。")
    sealed = row.is_sealed(at)
    if sealed and resumes_at is None:
        INTERRUPTION.refuse("中断已超过三十分钟，评标已暂停并封存，请填写另定的评标时间。", field="resumes_at")
    if sealed and resumes_at < at:
        raise Refused("bad_time", "另定的时间不得早于现在。", field="resumes_at", status=400)
    row.ended_by, row.ended_at, row.resumes_at = by, at, resumes_at if sealed else None
    row.save(update_fields=["ended_by", "ended_at", "resumes_at"])
    if sealed:
        for each in sessions_of(session.lot, session.round):
            if each.state in (S.INTERRUPTED, S.RUNNING) and (each.pk == session.pk or each.broken() is None):
                move(each, "reassemble")
    else:
        move(session, "resume")
    tell_members(
        session.host, f"异地评标恢复：{session.number}", "请组织专家重新签到。" if sealed else "连接已恢复，评标继续。",
        link=host_link(session), key=f"remote/{session.pk}/resumed/{row.pk}",
    )  # fmt: skip
    record(
        RemoteResumed(**about(session), minutes=row.minutes, sealed=sealed, resumes_at=instant(row.resumes_at) if sealed else ""),
        by=by,
        role="staff",
    )
    return sealed


def move(session, name):
    session = locked(session)
    REMOTE.apply(session, name)
    session.save(update_fields=["state"])


@transaction.atomic
def write_line(lot, no, seat, text, *, at):
    """Keep what a seat writes to the others. Who may write is for the caller, who knows whose seat it is."""
    if len(text) > LONGEST_LINE:
        raise Refused("too_long", f"一次最多 {LONGEST_LINE} 字。", field="text", status=400)
    line = DiscussionLine(lot=lot, round=no, no=lines_of(lot, no).count() + 1, seat=seat, at=at)
    line.write(given(text, "内容", field="text", most=LONGEST_LINE))
    line.save()
    return line


def close_discussion(lot, no):
    """The evaluation has ended: what was written is open, and the ledger holds its digest. At most once."""
    lines = list(lines_of(lot, no).filter(text=""))
    if not lines:
        return
    for line in lines:
        line.text = line.words
    DiscussionLine.objects.bulk_update(lines, ["text"])
    digest = b64u(HJ("remote-discussion", [line.facts for line in lines]))
    record(DiscussionClosed(tender=lot.tender.number, lot=lot.key, round=no, lines=len(lines), digest=digest), by=None)


def finish_sessions(lot, no, *, at):
    """The evaluation has ended, or was stopped: sessions end with it, and those not drawn for are given back."""
    for session in sessions_of(lot, no):
        session = locked(session)
        if session.state in RemoteSession.OVER:
            continue
        REMOTE.apply(session, "withdraw" if session.state in (S.REQUESTED, S.CONFIRMED) else "finish")
        session.interruptions.filter(ended_at=None).update(ended_at=at)
        session.finished_at = at
        session.save(update_fields=["state", "finished_at"])
    close_discussion(lot, no)
