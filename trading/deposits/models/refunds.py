"""Money on its way out: back to bidders or, where a deposit is withheld, to the tenderee."""

from django.db import models
from django.db.models import Q

from trading.deposits.models.owned import DepositAccount


class DepositRefund(models.Model):
    """One instruction to the bank: why, how much, by when, and what the bank made of it."""

    class Reason(models.TextChoices):
        EXCESS = "excess", "多付"
        LATE = "late", "迟付"
        WRONG_ACCOUNT = "wrong_account", "非基本账户转出"
        CLOSED = "closed", "项目已结束"
        UNIDENTIFIED = "unidentified", "未识别款项"
        WITHDRAWN = "withdrawn", "撤回投标"
        NOT_BID = "not_bid", "未投标"
        LOST = "lost", "未中标"
        WON = "won", "中标后签约"
        TERMINATED = "terminated", "终止招标"
        FAILED = "failed", "招标失败"
        WITHHELD = "withheld", "不予退还，划付招标人"

    class State(models.TextChoices):
        ORDERED = "ordered", "待发送银行"
        INSTRUCTED = "instructed", "银行已受理"
        PAID = "paid", "已到账"
        FAILED = "failed", "退汇"

    # Empty for money that belongs to no account of ours.
    account = models.ForeignKey(DepositAccount, models.PROTECT, null=True, blank=True, related_name="refunds")
    reason = models.CharField("退付原因", max_length=16, choices=Reason.choices)
    amount = models.DecimalField("本金（元）", max_digits=18, decimal_places=2)
    interest = models.DecimalField("利息（元）", max_digits=18, decimal_places=2, default=0)
    # To whom: {"name", "account", "bank"}, sealed, since before the opening it would tell who put up a deposit.
    payee = models.BinaryField()
    # Our idempotency key towards the bank.
    reference = models.CharField(max_length=40, unique=True)
    basis = models.CharField("依据", max_length=300)
    ordered_at = models.DateTimeField()
    due_at = models.DateTimeField("最迟退付")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ORDERED)
    bank_reference = models.CharField(max_length=64, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(interest__gte=0), name="refund_pays_something"),
            models.CheckConstraint(condition=Q(state="paid", paid_at__isnull=False) | ~Q(state="paid"), name="paid_refund_has_its_moment"),
        ]

    @property
    def total(self):
        return self.amount + self.interest

    def is_overdue(self, at):
        return self.state != self.State.PAID and at > self.due_at
