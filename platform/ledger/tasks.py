"""Workers carry events to their listeners."""

import logging
from datetime import timedelta

from celery import shared_task
from django.db import transaction

from ledger.delivery import LISTENERS
from ledger.events import KINDS
from ledger.models import Delivery
from rulebook.clock import database_now

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(minutes=10)
# How long a delivery sent again has to get through the queue before it is sent once more.
PATIENCE = timedelta(minutes=1)


@shared_task(ignore_result=True)
def deliver(pk: int) -> None:
    """Deliver one event to one listener; what the listener writes and the mark that it has heard commit together."""
    try:
        carry(pk)
    except Exception as problem:
        log.exception("delivery %s failed", pk)
        note_failure(pk, problem)


@transaction.atomic
def carry(pk: int) -> None:
    row = Delivery.objects.select_for_update(of=["self"], skip_locked=True).select_related("event").filter(pk=pk, done_at=None).first()
    if row is None:
        return
    LISTENERS[row.listener](KINDS[row.event.kind].from_payload(row.event.payload))
    row.done_at = database_now()
    row.attempts += 1
    row.save(update_fields=["done_at", "attempts"])


@transaction.atomic
def note_failure(pk: int, problem: Exception) -> None:
    row = Delivery.objects.select_for_update().filter(pk=pk, done_at=None).first()
    if row is None:
        return
    row.attempts += 1
    row.error = f"{type(problem).__name__}: {problem}"[:2000]
    row.due_at = database_now() + min(timedelta(seconds=2 ** min(row.attempts, 16)), LONGEST_WAIT)
    row.save(update_fields=["attempts", "error", "due_at"])


@shared_task(ignore_result=True)
def sweep() -> None:
    """Send again what has not arrived: after a crash, a lost queue, or a listener's failure."""
    now = database_now()
    with transaction.atomic():
        due = Delivery.objects.filter(done_at=None, due_at__lte=now).order_by("due_at")
        late = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:500])
        Delivery.objects.filter(pk__in=late).update(due_at=now + PATIENCE)
    for pk in late:
        deliver.delay(pk)
