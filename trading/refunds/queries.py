"""What the deposit desk shows. Nothing here tells, before the opening, who put up a deposit; before the deadline, not even how much."""

from django.db.models import Count, Sum

from trading.deposits.models import BankNotice, DepositRefund, ReconciliationDifference
from trading.deposits.queries import refunds_to_show
from trading.projects.models import Lot
from trading.refunds.models import DepositWithholding


def lots_past_deadline(tenders):
    """Lots of these tenders that asked for a deposit and take no bids any more, newest first."""
    over = Lot.objects.filter(tender__in=tenders, deposit__gt=0, bids_due_at__isnull=False).exclude(
        state__in=[Lot.State.BIDDING, Lot.State.REGISTERED]
    )
    return over.select_related("tender").order_by("-bids_due_at")


def refunds_of(tenders):
    """Refunds of these tenders, the most urgent first; those that belong to no tender come with all tenders only."""
    return refunds_to_show().filter(account__lot__tender__in=tenders)


def all_refunds():
    return refunds_to_show()


def waiting(refunds, at):
    """(how many are not paid yet, what they come to, how many of them are overdue)."""
    rows = refunds.exclude(state=DepositRefund.State.PAID)
    found = rows.aggregate(count=Count("pk"), amount=Sum("amount"), interest=Sum("interest"))
    return found["count"], (found["amount"] or 0) + (found["interest"] or 0), rows.filter(due_at__lt=at).count()


def unidentified():
    return BankNotice.objects.filter(state=BankNotice.State.UNIDENTIFIED)


def open_differences():
    return ReconciliationDifference.objects.filter(settled_at=None).select_related("reconciliation")


def withholdings_of(tenders):
    rows = DepositWithholding.objects.select_related(
        "account__lot__tender", "guarantee__lot__tender", "account__bidder", "guarantee__bidder", "payment"
    )
    return rows.filter(account__lot__tender__in=tenders) | rows.filter(guarantee__lot__tender__in=tenders)
