"""The double-entry books: booking, balances, interest by the day."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum

from rulebook.clock import city_day
from trading.deposits.models import DepositEntry, DepositPosting
from trading.procedures.rules.deposits import DEMAND_RATES, YEAR

Ledger = DepositPosting.Ledger
CENT, ZERO = Decimal("0.01"), Decimal(0)


def book(kind, moves, *, value_at, at, account=None, notice=None, refund=None):
    """Enter {ledger: amount} in the books; the database refuses at commit what does not sum to zero."""
    entry = DepositEntry.objects.create(kind=kind, account=account, notice=notice, refund=refund, value_at=value_at, at=at)
    DepositPosting.objects.bulk_create(
        DepositPosting(entry=entry, ledger=ledger, amount=amount) for ledger, amount in moves.items() if amount
    )
    return entry


def balance(ledger, *, account=None, before=None):
    """What stands on a ledger, as we owe it (positive for debts, negative for the bank): of one account, up to a moment."""
    rows = DepositPosting.objects.filter(ledger=ledger)
    if account is not None:
        rows = rows.filter(entry__account=account)
    if before is not None:
        rows = rows.filter(entry__value_at__lt=before)
    return -(rows.aggregate(total=Sum("amount"))["total"] or ZERO)


def held(account, *, before=None):
    """The money that counts as this bidder's deposit now, or by the bank's clock before a moment."""
    return balance(Ledger.HELD, account=account, before=before)


def interest_of(account, until):
    """The bank's interest on what an account has held, up to that day."""
    rows = DepositPosting.objects.filter(ledger=Ledger.HELD, entry__account=account).order_by("entry__value_at", "entry")
    return interest([(city_day(value_at), -amount) for value_at, amount in rows.values_list("entry__value_at", "amount")], until)


def interest(movements: list[tuple[date, Decimal]], until: date) -> Decimal:
    """Interest on a balance that moved on these days: the first day counts, the last does not; rounded once, half a cent up.

    A balance that went back to nothing has been settled: what comes later earns anew.
    """
    earned, standing, since = ZERO, ZERO, None
    for day, amount in sorted(movements, key=lambda row: row[0]):
        earned += accrued(standing, since, min(day, until)) if since else ZERO
        standing, since = standing + amount, day
        if standing == 0:
            earned = ZERO
    earned += accrued(standing, since, until) if since else ZERO
    return earned.quantize(CENT, ROUND_HALF_UP)


def accrued(standing: Decimal, since: date, until: date) -> Decimal:
    """Unrounded interest on one sum from a day to another, through every change of the rate."""
    total = ZERO
    for rate in DEMAND_RATES:
        first, last = max(since, rate.since), until if rate.until is None else min(until, date.fromordinal(rate.until.toordinal() + 1))
        if first < last:
            total += standing * rate.percent / 100 * (last - first).days / YEAR
    return total


def trial_balance(lots=None):
    """[(ledger, debit, credit)] over all entries, or over those of these lots and of no lot; both columns sum to the same."""
    rows = DepositPosting.objects.all()
    if lots is not None:
        rows = rows.exclude(entry__account__isnull=False, entry__account__lot__in=lots)
    sums = dict(rows.values_list("ledger").annotate(total=Sum("amount")).order_by())
    return [(label, max(sums.get(code, ZERO), ZERO), max(-sums.get(code, ZERO), ZERO)) for code, label in Ledger.choices]
