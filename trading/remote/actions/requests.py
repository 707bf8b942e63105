"""Asking a host for desks, and what it answers: before the committee is drawn."""

from django.db import transaction

from accounts.models import Duty, Organisation
from ledger.acts import record
from ledger.canonical import instant
from postbox.actions import tell, tell_members
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Refused
from trading.projects.models import Lot
from trading.remote.events import RemoteAnswered, RemoteRequested, RemoteWithdrawn
from trading.remote.lifecycle import REMOTE
from trading.remote.models import RemoteSession, SessionDesk, SharedDesk
from trading.remote.permissions import require_host, require_main
from trading.remote.queries import free_desks, home_of, sessions_of
from trading.remote.rules import ANSWER
from trading.tenders.queries import require_running

ASKABLE = (Lot.State.BIDDING, Lot.State.OPENING, Lot.State.EVALUATING)


def about(session):
    return {"tender": session.lot.tender.number, "lot": session.lot.key, "round": session.round, "session": session.number}


def locked(session):
    return RemoteSession.objects.select_for_update(of=["self"]).select_related("lot__tender", "host").get(pk=session.pk)


@transaction.atomic
def request_session(lot, no, *, host, seats, purpose, starts_at, ends_at, by, at):
    """The centre asks a host of another city for desks for `seats` members; the host has four working hours to answer."""
    centre = require_main(by)
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender").get(pk=lot.pk)
    if lot.state not in ASKABLE:
        raise Refused("not_now", f"标段当前为“{lot.get_state_display()}”，不能申请副场。")
    require_running(lot, at)
    if Organisation.Kind.HOST not in host.kinds or not host.is_active:
        raise Refused("no_host", "请选择已入库的异地评标副场。", field="host", status=400)
    if host.region_code.startswith(home_of(centre.region_code)):
        raise Refused("same_region", "副场应在其他地区。", field="host")
    if seats < 1:
        raise Refused("no_seats", "请填写异地席位数。", field="seats", status=400)
    if not at < starts_at < ends_at:
        raise Refused("bad_time", "评标时间应晚于现在，结束时间应晚于开始时间。", field="starts_at", status=400)
    if any(each.host_id == host.pk for each in sessions_of(lot, no)):
        raise Refused("asked", "已经向该副场提出申请。", field="host", next_step="需要调整的，请先撤回原申请。")
    year = city_day(at).year
    session = RemoteSession.objects.create(
        number=f"YD{year}-{next_number('remote', year):04d}", lot=lot, round=no, host=host, seats=seats, purpose=purpose.strip(),
        starts_at=starts_at, ends_at=ends_at, requested_by=by, requested_at=at, due_at=ANSWER.due_at(at),
    )  # fmt: skip
    tell_members(
        host, f"异地评标申请 {session.number}", f"{centre.name}申请 {seats} 个工位，请在规定时间内答复。", link=host_link(session),
        key=f"remote/{session.pk}/requested",
    )  # fmt: skip
    record(
        RemoteRequested(**about(session), due_at=instant(session.due_at)),
        by=by,
        role="staff",
        private={"purpose": session.purpose, "host": host.uscc, "seats": seats},
    )
    return session


def host_link(session):
    return f"/host/sessions/{session.pk}/"


def staff_link(session):
    return f"/staff/committees/{session.lot.tender.number}/{session.lot.no}/remote/"


def tell_centre(session, subject, body, *, key):
    """Tell those of our centre who draw experts, and so care for the committee."""
    for row in Organisation.objects.of_kind(Organisation.Kind.CENTRE).active().filter(sectors=[]):
        for membership in row.memberships.filter(until=None, duties__overlap=[Duty.DRAW]).select_related("person"):
            tell(membership.person, subject, body, link=staff_link(session), key=f"remote/{session.pk}/{key}")


@transaction.atomic
def confirm_session(session, desks, *, by, at):
    """The host gives as many desks as seats are wanted, at its published fees of today. A late answer counts, and shows as late."""
    require_host(by, session.host)
    # Whoever gives desks of this host waits here, so that none is given twice.
    list(SharedDesk.objects.select_for_update().filter(host=session.host))
    session = locked(session)
    REMOTE.apply(session, "confirm")
    if at >= session.starts_at:
        raise Refused("too_late", "申请的评标时间已过。", next_step="请写明理由答复不承接。")
    desks = set(desks)
    if len(desks) != session.seats:
        raise Refused("few_desks", f"申请 {session.seats} 个工位，选了 {len(desks)} 个。", field="desks", status=400)
    if desks - set(free_desks(session)):
        raise Refused("taken", "所选工位在这段时间已经安排，或者不再共享。", field="desks", next_step="请重新选择。")
    SessionDesk.objects.bulk_create(
        SessionDesk(session=session, desk=desk, name=desk.name, fee=desk.fee) for desk in sorted(desks, key=lambda each: each.name)
    )
    answered(session, by, at)
    tell_centre(session, f"副场已确认：{session.number}", f"{session.host.name}已确认 {len(desks)} 个工位，可以抽取专家。", key="answered")
    record(RemoteAnswered(**about(session), confirmed=True, desks=len(desks)), by=by, role="host")
    return session


@transaction.atomic
def refuse_session(session, reason, *, by, at):
    """The host cannot take it, and says why; the centre may ask another."""
    require_host(by, session.host)
    session = locked(session)
    REMOTE.apply(session, "refuse")
    session.reason = given(reason, "不承接的理由")
    answered(session, by, at)
    tell_centre(session, f"副场未承接：{session.number}", f"{session.host.name}：{session.reason}", key="answered")
    record(RemoteAnswered(**about(session), confirmed=False, desks=0), by=by, role="host", private={"reason": session.reason})
    return session


def answered(session, by, at):
    session.answered_by, session.answered_at = by, at
    session.save(update_fields=["state", "reason", "answered_by", "answered_at"])


@transaction.atomic
def withdraw_session(session, reason, *, by, at):
    """The centre takes its request back, before the draw."""
    require_main(by)
    session = locked(session)
    REMOTE.apply(session, "withdraw")
    session.reason = given(reason, "撤回的理由")
    session.save(update_fields=["state", "reason"])
    tell_members(
        session.host, f"异地评标申请已撤回：{session.number}", session.reason, link=host_link(session), key=f"remote/{session.pk}/withdrawn"
    )
    record(RemoteWithdrawn(**about(session)), by=by, role="staff", private={"reason": session.reason})
    return session


def given(text, what, field="reason", most=300):
    if not text.strip():
        raise Refused("no_reason", f"请写明{what}。", field=field, status=400)
    return text.strip()[:most]
