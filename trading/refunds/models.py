"""Deposits that do not go back: the tenderee's reasoned decision, the bidder's answer, the centre's execution."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from trading.deposits.models import DepositAccount, DepositRefund, Guarantee
from trading.procedures.rules.deposits import GROUNDS


class DepositWithholding(models.Model):
    """A decision not to return a deposit. It is carried out only after the time for objecting, and with every objection answered."""

    class State(models.TextChoices):
        DECIDED = "decided", "待异议期满"
        OBJECTED = "objected", "投标人有异议"
        EXECUTED = "executed", "已执行"
        REVOKED = "revoked", "已撤销"

    # Either money on a sub-account or a guarantee.
    account = models.ForeignKey(DepositAccount, models.PROTECT, null=True, blank=True, related_name="withholdings")
    guarantee = models.ForeignKey(Guarantee, models.PROTECT, null=True, blank=True, related_name="withholdings")
    ground = models.CharField("法定情形", max_length=16)
    reason = models.TextField("事实和理由")
    amount = models.DecimalField("金额（元）", max_digits=18, decimal_places=2)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DECIDED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    objections_until = models.DateTimeField("异议截止")
    objection = models.TextField("异议", blank=True)
    objected_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField("答复", blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    payment = models.OneToOneField(DepositRefund, models.PROTECT, null=True, blank=True, related_name="withholding")

    class Meta:
        ordering = ["-decided_at"]
        constraints = [
            models.CheckConstraint(condition=Q(account=None) ^ Q(guarantee=None), name="withholding_of_one_deposit"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(state__in=["decided", "objected"]), name="one_open_withholding_per_account"
            ),
            models.UniqueConstraint(
                fields=["guarantee"], condition=Q(state__in=["decided", "objected"]), name="one_open_withholding_per_guarantee"
            ),
        ]

    @property
    def deposit(self):
        """The account or the guarantee that it is about."""
        return self.account or self.guarantee

    @property
    def basis(self):
        """The provision that the decision rests on, with what it says."""
        return next(f"{ground.source}：{ground.says}" for ground in GROUNDS if ground.key == self.ground)

    @property
    def is_open(self):
        return self.state in (self.State.DECIDED, self.State.OBJECTED)
