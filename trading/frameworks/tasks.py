import logging

from celery import shared_task

from accounts.models import Person
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.frameworks import actions
from trading.frameworks.models import FrameworkOrder, OrderOffer

log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def advance_orders():
    """Quotes whose deadline has passed are opened, offers that nobody answered lapse; what is refused now is tried again."""
    now, platform = database_now(), Person.objects.platform()
    due = FrameworkOrder.objects.filter(state=FrameworkOrder.State.COMPETING, quote_due_at__lte=now)
    late = FrameworkOrder.objects.filter(state=FrameworkOrder.State.ASKED, offers__state=OrderOffer.State.OPEN, offers__due_at__lt=now)
    for action, orders in ((actions.open_quotes, due), (actions.lapse_offer, late)):
        for order in orders:
            try:
                action(order, by=platform, at=now)
            except Refused as refusal:
                log.warning("order %s: %s", order.number, refusal.message)
