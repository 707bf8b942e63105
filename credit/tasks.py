from celery import shared_task

from accounts.models import Organisation
from credit.actions import rescore
from credit.models import CreditEntry
from rulebook.clock import city_day, database_now


@shared_task(ignore_result=True)
def rescore_expired():
    """Entries end by themselves: whoever has one ending around today is scored anew every night."""
    now = database_now()
    ended = CreditEntry.objects.filter(state=CreditEntry.State.EFFECTIVE, expires_on__lt=city_day(now))
    for organisation in Organisation.objects.filter(pk__in=ended.values("organisation")):
        rescore(organisation, at=now)
