from celery import shared_task

from accounts.models import Person
from rulebook.clock import city_day, database_now
from supervision.alerts.offices import watch_offices as look_at_offices
from supervision.clocks.actions import watch_clocks


@shared_task(ignore_result=True)
def watch_limits():
    """Remind of what is near, raise an alert for what was missed."""
    now = database_now()
    watch_clocks(by=Person.objects.platform(), on=city_day(now), at=now)


@shared_task(ignore_result=True)
def watch_offices():
    """Raise an alert for corrections, complaints and spot checks that are overdue."""
    look_at_offices(by=Person.objects.platform(), at=database_now())
