"""Reminding whoever must act before a day, and raising an alert when it was missed."""

from django.db import transaction

from accounts.models import Duty, Organisation
from postbox.actions import tell
from supervision.alerts.actions import raise_alert, settle_alert
from supervision.clocks.queries import clocks_of, running_tenders
from trading.procedures.rules.reminders import days_before
from trading.procedures.timeline import Status
from trading.projects.queries import handlers_of


def watch_clocks(*, by, on, at):
    """Look at every running period: near ones are told to who must act, missed ones become alerts; each of them once."""
    for tender in running_tenders():
        for each in clocks_of([tender], on=on):
            look_at(each, by=by, on=on, at=at)


@transaction.atomic
def look_at(each, *, by, on, at):
    row = each.row
    if row.is_running and (row.permitted - on).days <= days_before(row.rule):
        remind(each)
    elif row.status == Status.MISSED:
        report(each, by=by, at=at)


def remind(each):
    """Tell who must act, once for this day: a limit that moves is told anew."""
    row, tender = each.row, each.tender
    key = f"clock/{tender.pk}/{each.key}/{row.permitted:%Y%m%d}"[:120]
    for person in responsible(each):
        tell(
            person, f"时限提醒：{row.event_label}，{row.permitted:%Y-%m-%d} 前（{tender.name}）",
            f"{row.rule.says}。{row.rule.source}", link=f"/work/tenders/{tender.number}/clock/" if row.actor == "handler" else "", key=key,
        )  # fmt: skip


def responsible(each):
    """The people who can bring the event about; nobody for a chance that is a party's own."""
    if each.row.actor == "handler":
        return handlers_of(each.tender)
    if each.row.actor == "regulator" and each.tender.project.regulator:
        return members_with(each.tender.project.regulator, Duty.COMPLAINTS)
    if each.row.actor == "centre":
        centre = Organisation.objects.of_kind(Organisation.Kind.CENTRE).active().first()
        return members_with(centre, Duty.OPENING) if centre else []
    return []


def members_with(organisation, duty):
    rows = organisation.memberships.filter(until=None, duties__overlap=[duty, Duty.MANAGER]).select_related("person")
    return [row.person for row in rows]


def report(each, *, by, at):
    """A limit was missed: an alert for the regulator, settled when what was due is done after all."""
    row, tender = each.row, each.tender
    raise_alert(
        "limit", tender.stream, f"{row.event_label}：{row.status_label}（{tender.name}）",
        [
            ("项目", f"{tender.name} {'、'.join(lot.name for lot in each.lots)}"), ("起算", f"{row.since:%Y-%m-%d} {row.since_label}"),
            ("期限", f"{row.bound} {row.permitted:%Y-%m-%d}"), ("实际", f"{row.actual:%Y-%m-%d}" if row.actual else "尚未办理"),
        ],
        key=each.key[:120], rule=row.rule.code, link=f"/supervision/clocks/{tender.number}/", tender=tender, by=by, at=at,
    )  # fmt: skip
    if row.actual is not None:
        settle_alert("limit", tender.stream, key=each.key[:120], at=at)
