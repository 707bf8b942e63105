"""What the clock sets off around committees. Each round finds what is due, so that nothing is lost with a worker."""

import logging

from celery import shared_task

from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation.committee import give_up, unanswered

log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def give_up_calls():
    """Whoever was called and has not answered in time is replaced by the next in order."""
    now = database_now()
    for member in unanswered(now):
        try:
            give_up(member, at=now)
        except Refused as refusal:
            # The answer came while the round went on.
            log.info("give_up: %s", refusal.code)
