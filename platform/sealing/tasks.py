"""What the clock sets off: uploads nobody submitted do not stay."""

from celery import shared_task

from rulebook.clock import database_now
from sealing import uploads


@shared_task(ignore_result=True)
def discard_expired() -> None:
    uploads.discard_expired(at=database_now())
