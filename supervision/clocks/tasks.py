from celery import shared_task

from accounts.models import Person
from rulebook.clock import city_day, database_now
from supervision.clocks.actions import watch_clocks


@shared_task(ignore_result=True)
def watch_limits():
    """Remind of what is near, raise an alert for what was missed."""
    now = database_now()
    watch_clocks(by=Person.objects.platform(), on=city_day(now), at=now)
