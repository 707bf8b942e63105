from celery import shared_task

from accounts.models import Person
from postbox.actions import tell
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.projects.queries import handlers_of
from trading.tenders.actions import publish_tender, watch_tolerances
from trading.tenders.models import TenderDocument


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
