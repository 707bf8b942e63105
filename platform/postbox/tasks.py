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
        deliver = gateway().send_sms if row.channel == Dispatch.Channel.SMS else gateway().place_call
        try:
            row.gateway_id = deliver(row.number, row.text, reference=row.key)
            row.state, row.sent_at = Dispatch.State.SENT, database_now()
        except GatewayFailed:
            if row.attempts >= MOST_ATTEMPTS:
                row.state = Dispatch.State.FAILED
        row.save()


@shared_task(ignore_result=True)
def sweep() -> None:
    for pk in Dispatch.objects.filter(state=Dispatch.State.QUEUED).values_list("pk", flat=True)[:200]:
        send.delay(pk)
