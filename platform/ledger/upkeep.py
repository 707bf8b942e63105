"""What workers do for the ledger by the clock."""

from celery import shared_task
from django.conf import settings

from ledger.audit import run_audit
from ledger.clocks import check_clocks
from ledger.timestamps import stamp_checkpoint


@shared_task(ignore_result=True)
def audit() -> None:
    """The nightly audit; what it finds becomes an alarm."""
    run_audit()


@shared_task(ignore_result=True)
def watch_clocks() -> None:
    check_clocks("worker", time_server=settings.ETP_TIME_SERVER)


@shared_task(ignore_result=True)
def stamp() -> None:
    """Have the newest checkpoint time-stamped, where an authority is configured."""
    stamp_checkpoint()
