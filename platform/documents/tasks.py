from datetime import timedelta

from celery import shared_task

from documents.actions import ensure_printed
from documents.models import OfficialDocument
from rulebook.clock import database_now


@shared_task(ignore_result=True)
def print_document(pk: int) -> None:
    ensure_printed(OfficialDocument.objects.get(pk=pk))


@shared_task(ignore_result=True)
def print_forgotten() -> None:
    """Documents whose printing was lost with the queue."""
    late = OfficialDocument.objects.filter(file=None, issued_at__lt=database_now() - timedelta(seconds=30))
    for pk in late.values_list("pk", flat=True)[:20]:
        print_document.delay(pk)
