"""What the clock sets off: instructions to the bank, the nightly comparison, alarms about what is overdue."""

from datetime import timedelta

from celery import shared_task

from accounts.models import Person
from ledger.alarms import raise_alarm
from rulebook.clock import city_day, database_now
from trading.deposits import actions
from trading.deposits.gateways import GatewayFailed, issuer
from trading.deposits.models import CallbackNonce, DepositRefund, Guarantee
from trading.deposits.signing import WINDOW


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
    """Yesterday's statement against the books; then what is overdue, and nonces that no longer matter."""
    now = database_now()
    CallbackNonce.objects.filter(at__lt=now - 2 * WINDOW).delete()
    watch_refunds()
    actions.reconcile(city_day(now) - timedelta(days=1), by=Person.objects.platform(), at=now)


@shared_task(ignore_result=True)
def watch_refunds():
    """A refund not paid in time is an alarm, once a day."""
    now = database_now()
    overdue = DepositRefund.objects.exclude(state=DepositRefund.State.PAID).filter(due_at__lt=now).count()
    if overdue:
        raise_alarm("deposits.overdue", "refunds", f"有 {overdue} 笔保证金退付超过法定或规定期限，请立即处理。")
