"""What the clock sets off around committees. Each round finds what is due, so that nothing is lost with a worker."""

import logging

from celery import shared_task
from django.db.models import Q

from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation.actions import advance
from trading.evaluation.committee import give_up, unanswered
from trading.evaluation.models import Evaluation

log = logging.getLogger(__name__)
S = Evaluation.State


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


@shared_task(ignore_result=True)
def advance_inquiries():
    """Go on with every evaluation that has waited for a bidder's answer longer than there was time, or for its lot to run again."""
    now = database_now()
    overdue = Q(state=S.REVIEWING, questions__answered_at=None, questions__due_at__lt=now)
    for evaluation in Evaluation.objects.filter(Q(state__in=[S.SCORING, S.PRICING]) | overdue).distinct():
        try:
            advance(evaluation, at=now)
        except Refused as refusal:
            log.info("advance_inquiries: %s", refusal.code)
