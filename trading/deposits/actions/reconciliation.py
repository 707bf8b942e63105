"""Every night the bank's statement is held against the books; what differs is an alarm and a row for people."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from ledger.acts import record
from ledger.alarms import raise_alarm
from rulebook.clock import CITY
from rulebook.refusals import Refused
from trading.deposits.events import BooksReconciled, DifferenceSettled
from trading.deposits.gateways import GatewayFailed, bank
from trading.deposits.models import BankNotice, Reconciliation, ReconciliationDifference

KIND = ReconciliationDifference.Kind


def reconcile(day, *, by, at):
    """Compare a day; answers the reconciliation. Refused while the bank does not answer."""
    try:
        lines = bank().statement(day)
    except GatewayFailed as wrong:
        raise Refused("bank_away", "银行系统暂时没有应答，没有取到对账单。", next_step="请稍后再试。", status=503) from wrong
    run = keep_comparison(day, {str(line["reference"]): signed_sum(line) for line in lines}, by=by, at=at)
    if found := run.differences.count():
        raise_alarm("deposits.reconciliation", day.isoformat(), f"{day:%Y-%m-%d} 的银行对账单与平台账目有 {found} 处不一致。")
    return run


def signed_sum(line):
    return Decimal(line["amount"]) * (1 if line["direction"] == "in" else -1)


def our_lines(day):
    """What our books say moved at the bank that day: {bank's reference: sum, in positive}."""
    start = datetime.combine(day, time(), tzinfo=CITY)
    notices = BankNotice.objects.filter(source=BankNotice.Source.BANK, value_at__gte=start, value_at__lt=start + timedelta(days=1))
    found = {}
    for notice in notices.prefetch_related("entries__postings"):
        moved = [row.amount for entry in notice.entries.all() for row in entry.postings.all() if row.ledger == "bank"]
        if moved:
            found[notice.reference] = sum(moved)
    return found


@transaction.atomic
def keep_comparison(day, theirs, *, by, at):
    ours = our_lines(day)
    run = Reconciliation.objects.create(day=day, at=at)
    for reference in sorted({*ours, *theirs}):
        mine, its = ours.get(reference), theirs.get(reference)
        if mine != its:
            kind = KIND.NOT_HERE if mine is None else KIND.NOT_AT_BANK if its is None else KIND.AMOUNT
            # One that is open already moves on to the newest comparison.
            ReconciliationDifference.objects.update_or_create(
                reference=reference, kind=kind, settled_at=None, defaults={"reconciliation": run, "ours": mine, "theirs": its}
            )
    same = [reference for reference in theirs if ours.get(reference) == theirs[reference]]
    ReconciliationDifference.objects.filter(reference__in=same, settled_at=None).update(settled_at=at, conclusion="再次核对已一致")
    record(BooksReconciled(day=day.isoformat(), differences=run.differences.count()), by=by, role="staff")
    return run


@transaction.atomic
def settle_difference(difference, conclusion, *, by, at):
    """Somebody has looked into it and says what it was."""
    difference = ReconciliationDifference.objects.select_for_update().get(pk=difference.pk)
    if difference.settled_at is not None:
        raise Refused("settled", "这条差异已经处理。")
    if not conclusion.strip():
        raise Refused("no_conclusion", "请写明处理结论。", field="conclusion", status=400)
    difference.settled_at, difference.settled_by, difference.conclusion = at, by, conclusion.strip()[:300]
    difference.save()
    record(
        DifferenceSettled(reference=difference.reference, difference=str(difference.kind), conclusion=difference.conclusion),
        by=by,
        role="staff",
    )
