from datetime import timedelta

from celery import shared_task

from accounts.models import Person
from postbox.actions import tell
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.projects.models import Lot
from trading.projects.queries import handlers_of
from trading.tenders.actions import publish_tender, remind_unconfirmed, watch_tolerances
from trading.tenders.models import Clarification, TenderDocument


@shared_task(ignore_result=True)
def publish_scheduled():
    """Publish what is due; what can't be published any more is told to whoever scheduled it, and stays a draft."""
    now = database_now()
    due = TenderDocument.objects.filter(state=TenderDocument.State.SCHEDULED, publish_at__lte=now).select_related("tender__project")
    for document in due:
        try:
            publish_tender(document.tender, by=Person.objects.platform(), at=now)
        except Refused as refusal:
            TenderDocument.objects.filter(pk=document.pk).update(state=TenderDocument.State.DRAFT, publish_at=None)
            for person in handlers_of(document.tender):
                tell(
                    person, f"定时发布未成功：{document.tender.name}", f"{refusal.message}{refusal.next_step}",
                    link=f"/work/tenders/{document.tender.number}/publication/",
                    key=f"unpublished/{document.pk}/{document.publish_at:%s}",
                )  # fmt: skip


@shared_task(ignore_result=True)
def watch_promises():
    """Promised papers: reminders before their day, consequences after it."""
    watch_tolerances(by=Person.objects.platform(), at=database_now())


# A holder has a day to read before it is asked again.
PATIENCE = timedelta(hours=24)


@shared_task(ignore_result=True)
def remind_holders():
    """Ask for the confirmations of clarifications that are a day old, as long as bids are taken."""
    now = database_now()
    rows = Clarification.objects.filter(
        published_at__lte=now - PATIENCE, receipts__acknowledged_at=None, receipts__isnull=False,
        tender__lots__state=Lot.State.BIDDING, tender__lots__bids_due_at__gt=now,
    )  # fmt: skip
    for clarification in rows.distinct().select_related("tender__document"):
        remind_unconfirmed(clarification, at=now)
