from celery import shared_task
from django.db.models import F

from rulebook.clock import database_now
from trading.archive.actions import finish_archive, verify_archive
from trading.archive.models import LotArchive

# Archives hold gigabytes: each comes round in turn.
VERIFIED_EACH_NIGHT = 200


@shared_task(ignore_result=True)
def build_archive(pk):
    finish_archive(LotArchive.objects.get(pk=pk), at=database_now())


@shared_task(ignore_result=True)
def build_waiting_archives():
    """Archives whose packing was lost with a worker or the queue."""
    for pk in LotArchive.objects.filter(finished_at=None).order_by("requested_at").values_list("pk", flat=True)[:20]:
        build_archive.delay(pk)


@shared_task(ignore_result=True)
def verify_archives():
    """The volumes that were not held against their manifests for longest."""
    kept = LotArchive.objects.exclude(vault=None).exclude(finished_at=None).select_related("lot__tender", "vault")
    for archive in kept.order_by(F("verified_at").asc(nulls_first=True))[:VERIFIED_EACH_NIGHT]:
        verify_archive(archive, at=database_now())
