"""What the clock sets off: instructions to the bank, the nightly comparison, alarms about what is overdue."""

from datetime import timedelta

from celery import shared_task

from accounts.models import Person
from ledger.alarms import raise_alarm
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.deposits import actions
from trading.deposits.gateways import GatewayFailed, issuer
from trading.deposits.models import CallbackNonce, DepositRefund, Guarantee, Reconciliation
from trading.deposits.signing import WINDOW

LOOK_BACK = timedelta(days=30)


@shared_task(ignore_result=True)
def send_refunds():
    """Instruct the bank about every refund that waits, and tell issuers which guarantees are free."""
    now = database_now()
    for refund in DepositRefund.objects.filter(state=DepositRefund.State.ORDERED).order_by("due_at")[:200]:
        actions.send_refund(refund, at=now)
    for guarantee in Guarantee.objects.filter(state=Guarantee.State.RELEASED, release_told_at=None)[:200]:
        try:
            issuer().release(f"{guarantee.reference}-release", number=guarantee.number)
        except GatewayFailed:
            continue
        Guarantee.objects.filter(pk=guarantee.pk).update(release_told_at=now)


@shared_task(ignore_result=True)
def compare_books():
    """The statements up to yesterday against the books; before that what is overdue, and nonces that no longer matter."""
    now = database_now()
    CallbackNonce.objects.filter(at__lt=now - 2 * WINDOW).delete()
    watch_refunds()
    for day in days_to_compare(city_day(now)):
        try:
            actions.reconcile(day, by=Person.objects.platform(), at=now)
        except Refused as away:
            raise_alarm("deposits.reconciliation", day.isoformat(), f"{day:%Y-%m-%d} 的银行对账没有完成：{away.message}")
            return


def days_to_compare(today):
    """Yesterday, and before it what was left out in the last month: a day counts once it was compared after its end."""
    compared = {row.day for row in Reconciliation.objects.filter(day__gte=today - LOOK_BACK) if city_day(row.at) > row.day}
    first = min(compared, default=today - timedelta(days=1))
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    return [day for day in days if day not in compared]


@shared_task(ignore_result=True)
def watch_refunds():
    """A refund not paid in time is an alarm, once a day."""
    now = database_now()
    overdue = DepositRefund.objects.exclude(state=DepositRefund.State.PAID).filter(due_at__lt=now).count()
    if overdue:
        raise_alarm("deposits.overdue", "refunds", f"有 {overdue} 笔保证金退付超过法定或规定期限，请立即处理。")
