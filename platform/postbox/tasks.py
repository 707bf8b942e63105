from celery import shared_task
from django.db import transaction

from postbox.gateways import GatewayFailed, gateway
from postbox.models import Dispatch
from rulebook.clock import database_now

MOST_ATTEMPTS = 8


@shared_task(ignore_result=True)
def send(pk: int) -> None:
    """Hand one dispatch to the gateway; a failure leaves it queued for the sweep."""
    with transaction.atomic():
        row = Dispatch.objects.select_for_update(skip_locked=True).filter(pk=pk, state=Dispatch.State.QUEUED).first()
        if row is None:
            return
        row.attempts += 1
        try:
            row.gateway_id = hand_over(row)
            row.state, row.sent_at = Dispatch.State.SENT, database_now()
        except GatewayFailed:
            if row.attempts >= MOST_ATTEMPTS:
                row.state = Dispatch.State.FAILED
        row.save()


def hand_over(row: Dispatch) -> str:
    if row.channel == Dispatch.Channel.SMS:
        return gateway().send_sms(row.number, row.words, reference=row.key)
    return gateway().place_call(row.number, row.words, keys=list(row.keys), reference=row.key)


@shared_task(ignore_result=True)
def sweep() -> None:
    for pk in Dispatch.objects.filter(state=Dispatch.State.QUEUED).values_list("pk", flat=True)[:200]:
        send.delay(pk)
