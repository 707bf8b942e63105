from celery import shared_task

from accounts.models import Person
from experts.actions.appointment import restore_if_over, suspended_and_over
from experts.actions.ratings import close_overdue
from experts.models import SessionAssessment
from rulebook.clock import city_day, database_now


@shared_task(ignore_result=True)
def restore_experts():
    """Suspensions end by themselves on the night after their last day."""
    now = database_now()
    for expert in suspended_and_over(city_day(now)):
        restore_if_over(expert, by=Person.objects.platform(), at=now)


@shared_task(ignore_result=True)
def close_ratings():
    """Assessments whose time is up close with what was handed in."""
    now = database_now()
    for assessment in SessionAssessment.objects.filter(closed_at=None, due_at__lt=now):
        close_overdue(assessment, by=Person.objects.platform(), at=now)
