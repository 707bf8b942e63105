"""What the clock sets off in evaluations: an answer that did not come in time."""

import logging

from celery import shared_task

from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation.actions import advance
from trading.evaluation.models import Evaluation

log = logging.getLogger(__name__)
S = Evaluation.State


@shared_task(ignore_result=True)
def advance_inquiries():
    """Go on with every evaluation that has waited for a bidder's answer longer than there was time."""
    now = database_now()
    overdue = {"questions__answered_at": None, "questions__due_at__lt": now}
    for evaluation in Evaluation.objects.filter(state__in=[S.REVIEWING, S.SCORING, S.PRICING], **overdue).distinct():
        try:
            advance(evaluation, at=now)
        except Refused as refusal:
            log.info("advance_inquiries: %s", refusal.code)
