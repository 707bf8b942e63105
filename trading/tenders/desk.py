"""What waits for the people who work on tenders, the nearest deadline first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q
from django.urls import reverse

from trading.procedures.versions import procedure_of
from trading.projects.models import Lot, Tender
from trading.tenders.models import Suspension, TenderDocument

STAGE_TASKS = {
    Lot.State.OPENING: "参加开标",
    Lot.State.EVALUATED: "公示中标候选人",
    Lot.State.CANDIDATES_PUBLIC: "公示期满后定标",
    Lot.State.AWARD_DECIDED: "公告中标结果",
    Lot.State.RESULT_PUBLIC: "订立并备案合同",
    Lot.State.FAILED: "重新招标",
}


@dataclass(frozen=True)
class Task:
    """One thing to do, for which tender, where, and by when (None: no fixed day)."""

    label: str
    tender: Tender
    url: str
    due_at: datetime | None = None


def desk_tasks(tenders, now):
    """The tasks of these tenders; those with a deadline first."""
    found = []
    waiting = Count("questions", filter=Q(questions__answered_at=None))
    standing = Prefetch("lots__suspensions", Suspension.objects.in_force(now), to_attr="stops")
    rows = tenders.select_related("document", "next_round").prefetch_related("lots", standing).annotate(waiting=waiting)
    for tender in rows:
        found += tasks_of(tender, now)
    return sorted(found, key=lambda task: (task.due_at is None, task.due_at or now, task.tender.pk))


def tasks_of(tender, now):
    document = getattr(tender, "document", None)
    work = reverse("trading:tender_work", args=[tender.number])
    if not procedure_of(tender).is_sealed:
        going = [lot for lot in tender.lots.all() if lot.state not in (Lot.State.FAILED, Lot.State.TERMINATED, Lot.State.ARCHIVED)]
        return [Task(f"{lot.name}：办理交易流程", tender, reverse("trading:steps", args=[tender.number, lot.no])) for lot in going]
    if tender.state == Tender.State.REGISTERED:
        if document is not None and document.state == TenderDocument.State.SCHEDULED:
            return [Task("等待定时发布", tender, reverse("trading:publish", args=[tender.number]), document.publish_at)]
        return [Task("编制并发布招标文件", tender, work)]
    found = []
    if tender.waiting and any(lot.is_open_for_bids(now) for lot in tender.lots.all()):
        url = reverse("trading:clarify", args=[tender.number])
        found.append(Task(f"答复 {tender.waiting} 个提问", tender, url, document.bids_due_at))
    if hasattr(tender, "next_round"):
        return found
    for lot in tender.lots.all():
        if any(stop.cause == Suspension.Cause.OBJECTION for stop in lot.stops):
            found.append(Task(f"{lot.name}：答复异议（招标活动已暂停）", tender, reverse("supervision:objections")))
        elif lot.stops:
            found.append(Task(f"{lot.name}：已暂停（{lot.stops[0].get_cause_display()}）", tender, work))
        elif lot.state in STAGE_TASKS:
            due = lot.bids_due_at if lot.state == Lot.State.OPENING else None
            found.append(Task(f"{lot.name}：{STAGE_TASKS[lot.state]}", tender, work, due))
    return found
