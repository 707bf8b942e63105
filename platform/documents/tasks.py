from datetime import timedelta

from celery import shared_task
from django.db.models import F, Q

from documents.actions import ensure_sealed
from documents.models import OfficialDocument
from rulebook.clock import database_now
from rulebook.refusals import Refused

# How long a worker waits for the sequencer before it leaves the seal to the sweep.
PATIENCE = 3


@shared_task(ignore_result=True)
def print_document(pk: int, patience: float = PATIENCE) -> None:
    """Print, enter in the ledger and seal; what cannot be sealed now is found by the sweep."""
    try:
        ensure_sealed(OfficialDocument.objects.get(pk=pk), patience)
    except Refused as refusal:
        if refusal.code != "awaiting_seal":
            raise


@shared_task(ignore_result=True)
def print_forgotten() -> None:
    """Documents whose printing was lost with the queue, and those that wait for ledger, signer or their next try."""
    now = database_now()
    late = OfficialDocument.objects.filter(
        Q(seal_due_at=None) | Q(seal_due_at__lte=now), sealed=None, issued_at__lt=now - timedelta(seconds=15)
    )
    for pk in late.order_by(F("seal_due_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:50]:
        print_document.delay(pk, 0)
