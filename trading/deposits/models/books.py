"""The books of the deposit account: entries are only ever added, and each sums to zero (triggers in the database)."""

from django.db import models

from trading.deposits.models.notices import BankNotice
from trading.deposits.models.owned import DepositAccount
from trading.deposits.models.refunds import DepositRefund


class DepositEntry(models.Model):
    """One booking. `value_at` is when the money moved by the bank's clock: deadlines and interest go by it."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "收到款项"
        UNIDENTIFIED = "unidentified", "收到款项（未识别）"
        REVERSED = "reversed", "银行冲正"
        CLAIMED = "claimed", "认领款项"
        ORDERED = "ordered", "安排退付"
        PAID = "paid", "退付到账"
        WITHHELD = "withheld", "不予退还"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    account = models.ForeignKey(DepositAccount, models.PROTECT, null=True, blank=True, related_name="entries")
    notice = models.ForeignKey(BankNotice, models.PROTECT, null=True, blank=True, related_name="entries")
    refund = models.ForeignKey(DepositRefund, models.PROTECT, null=True, blank=True, related_name="entries")
    value_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]


class DepositPosting(models.Model):
    """One side of an entry: what comes to us is positive, what we owe is negative."""

    class Ledger(models.TextChoices):
        BANK = "bank", "银行存款"
        HELD = "held", "应退保证金（在押）"
        PAYABLE = "payable", "待退付"
        INTEREST = "interest", "应付利息（由银行结付）"
        WITHHELD = "withheld", "不予退还（应付招标人）"
        SUSPENSE = "suspense", "未识别款项"

    entry = models.ForeignKey(DepositEntry, models.PROTECT, related_name="postings")
    ledger = models.CharField(max_length=10, choices=Ledger.choices)
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="deposit_posting_moves_money")]
