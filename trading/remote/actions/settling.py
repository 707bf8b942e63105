"""Paying the host: it hands in its statement, our centre confirms it or returns it with a reason.

The experts are not in it: they are paid by our city's standard for their sittings, as all others are.
"""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from ledger.acts import record
from ledger.canonical import money
from postbox.actions import tell_members
from rulebook.refusals import Refused
from trading.remote.actions.requests import about, given, host_link, locked, tell_centre
from trading.remote.events import RemoteStated
from trading.remote.lifecycle import REMOTE
from trading.remote.models import HostStatement, RemoteSession
from trading.remote.permissions import require_host, require_main
from trading.remote.rules import HALF_DAY

State = HostStatement.State


def half_days_of(session):
    """How many half days the desks were used; a session that never began used one. While a sealed one waits, nobody sits there."""
    took = session.finished_at - (session.started_at or session.finished_at)
    waited = sum((row.resumes_at - row.since for row in session.interruptions.all() if row.resumes_at), timedelta(0))
    return HALF_DAY.count(max(took - waited, timedelta(0)))


def desk_fees_of(session):
    """Desks at the fees confirmed, by half days."""
    return sum((desk.fee for desk in session.desks.all()), Decimal(0)) * half_days_of(session)


@transaction.atomic
def hand_in_statement(session, *, meals, note, by, at):
    """The host hands in what it asks: desks by its list, which the platform counts, and meals."""
    require_host(by, session.host)
    session = locked(session)
    if session.state != RemoteSession.State.FINISHED:
        raise Refused("not_over", f"会话当前为“{session.get_state_display()}”，不能提交费用清单。")
    if session.statements.filter(state=State.HANDED_IN).exists():
        raise Refused("handed_in", "费用清单已经提交，等待主场确认。")
    row = HostStatement.objects.create(
        session=session, half_days=half_days_of(session), desk_fee=desk_fees_of(session), meals=meals, note=note.strip()[:300], handed_by=by,
        handed_at=at,
    )  # fmt: skip
    tell_centre(session, f"副场费用清单：{session.number}", f"{session.host.name}已提交费用清单，请确认。", key=f"statement/{row.pk}")
    record(RemoteStated(**about(session), move="handed_in", total=money(row.total)), by=by, role="host")
    return row


@transaction.atomic
def answer_statement(session, *, accepted, reason="", by, at):
    """Our centre confirms the statement, and the session is settled; or returns it with a reason."""
    require_main(by)
    session = locked(session)
    row = session.statements.select_for_update().filter(state=State.HANDED_IN).first()
    if row is None:
        raise Refused("no_statement", "没有待确认的费用清单。", next_step="请刷新页面。")
    if accepted:
        REMOTE.apply(session, "settle")
        session.save(update_fields=["state"])
    row.state, row.answered_by, row.answered_at = State.ACCEPTED if accepted else State.RETURNED, by, at
    row.reason = "" if accepted else given(reason, "退回的理由")
    row.save(update_fields=["state", "answered_by", "answered_at", "reason"])
    tell_members(
        session.host, f"费用清单{'已确认' if accepted else '被退回'}：{session.number}", row.reason, link=host_link(session),
        key=f"remote/{session.pk}/statement/{row.pk}",
    )  # fmt: skip
    record(RemoteStated(**about(session), move=row.state, total=money(row.total)), by=by, role="staff")
    return row
