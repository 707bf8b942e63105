from celery import shared_task

from rulebook.clock import database_now
from trading.archive.actions import finish_archive
from trading.archive.models import LotArchive


@shared_task(ignore_result=True)
def build_archive(pk):
    finish_archive(LotArchive.objects.get(pk=pk), at=database_now())


@shared_task(ignore_result=True)
def build_waiting_archives():
    """Archives whose packing was lost with a worker or the queue."""
    for pk in LotArchive.objects.filter(finished_at=None).order_by("requested_at").values_list("pk", flat=True)[:20]:
        build_archive.delay(pk)
