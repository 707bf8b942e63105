"""What the clock sets off: assessments end when their time is over."""

from celery import shared_task

from agencies.actions import close_assessment
from agencies.models import Assessment
from rulebook.clock import database_now


@shared_task(ignore_result=True)
def close_assessments():
    now = database_now()
    for row in Assessment.objects.filter(closed_at=None, due_at__lt=now):
        close_assessment(row, at=now)
