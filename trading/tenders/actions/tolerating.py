"""What follows from a promise of papers: handed in, it lets go on what was stopped; broken, it stops the tender."""

from django.db import transaction

from accounts.permissions import require_member
from ledger.acts import record
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.projects.events import ToleranceBroken, ToleranceFulfilled
from trading.projects.models import ProjectPaper, Tender, ToleratedPaper
from trading.projects.queries import registrant
from trading.projects.rules import TOLERANCE
from trading.tenders.actions.stopping import STOPPABLE, resume_lot, suspend_lot
from trading.tenders.models import Suspension

S = ToleratedPaper.State
REMIND_DAYS = 3


def locked(tolerance):
    return ToleratedPaper.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tolerance.pk)


def reference_of(tolerance):
    return f"容缺/{tolerance.pk}"


@transaction.atomic
def supply_paper(tolerance, file, *, by, at):
    """The promised paper comes in, in time or late; what was stopped for want of it goes on."""
    tolerance = locked(tolerance)
    require_member(by, registrant(tolerance.project))
    if tolerance.state not in (S.GRANTED, S.BROKEN):
        raise Refused("not_waiting", f"这项材料当前为“{tolerance.get_state_display()}”，不需要补交。")
    ProjectPaper.objects.create(project=tolerance.project, kind=tolerance.kind, file=file)
    tolerance.state, tolerance.supplied_at = S.SUPPLIED, at
    tolerance.save(update_fields=["state", "supplied_at"])
    for stop in Suspension.objects.filter(reference=reference_of(tolerance), until=None):
        resume_lot(stop, by=by, at=at, reason=f"容缺材料“{tolerance.get_kind_display()}”已经补齐")
    record(ToleranceFulfilled(project=tolerance.project_id, paper=tolerance.kind), by=by)
    return tolerance


@transaction.atomic
def lapse_tolerance(tolerance, *, by, at):
    """The promised day has passed without the paper: the running lots stop, and what is not published yet cannot be."""
    tolerance = locked(tolerance)
    if tolerance.state != S.GRANTED or city_day(at) <= tolerance.due_on:
        return tolerance
    tolerance.state, tolerance.broken_at = S.BROKEN, at
    tolerance.save(update_fields=["state", "broken_at"])
    label = tolerance.get_kind_display()
    for tender in Tender.objects.filter(project=tolerance.project, state=Tender.State.PUBLISHED):
        for lot in tender.lots.filter(state__in=STOPPABLE):
            suspend_lot(
                lot, cause=Suspension.Cause.TOLERANCE, reference=reference_of(tolerance), by=by, at=at,
                reason=f"容缺受理的材料“{label}”未在承诺的 {tolerance.due_on:%Y-%m-%d} 前补齐",
            )  # fmt: skip
    tell(tolerance, f"容缺材料逾期未补，交易暂停：{label}", "补交后自动恢复。", key="broken")
    record(ToleranceBroken(project=tolerance.project_id, paper=tolerance.kind, due_on=tolerance.due_on.isoformat()), by=by)
    return tolerance


def tell(tolerance, subject, body, *, key):
    link = f"/work/projects/{tolerance.project_id}/"
    tell_members(registrant(tolerance.project), subject, body, link=link, key=f"tolerance/{tolerance.pk}/{key}")


def watch_tolerances(*, by, at):
    """Remind of promised papers before their day, and let those that did not come lapse."""
    day = city_day(at)
    for row in ToleratedPaper.objects.filter(state=S.GRANTED).select_related("project__owner", "project__agency"):
        if day > row.due_on:
            lapse_tolerance(row, by=by, at=at)
        elif (row.due_on - day).days <= REMIND_DAYS:
            tell(row, f"请在 {row.due_on:%Y-%m-%d} 前补交“{row.get_kind_display()}”", f"{TOLERANCE.says}。", key="reminder")
