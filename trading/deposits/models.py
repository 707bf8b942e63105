"""Bid deposits and guarantees: what a bidder puts up for one lot, and how it went back."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from documents.models import StoredFile
from trading.projects.models import Lot


class BidDeposit(models.Model):
    """A transfer or guarantee put up by a bidder; like the list of bidders, secret until the bids are opened."""

    class Form(models.TextChoices):
        TRANSFER = "transfer", "银行转账"
        GUARANTEE = "guarantee", "银行保函"
        INSURANCE = "insurance", "保证保险"

    class State(models.TextChoices):
        REGISTERED = "registered", "已登记"
        CONFIRMED = "confirmed", "已核对"
        REFUNDED = "refunded", "已退还"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="deposits")
    bidder = models.ForeignKey(Organisation, models.PROTECT, related_name="deposits")
    form = models.CharField("缴纳方式", max_length=12, choices=Form.choices)
    amount = models.DecimalField("金额（元）", max_digits=18, decimal_places=2)
    reference = models.CharField("流水号或保函编号", max_length=80)
    payer_account = models.CharField("付款账号", max_length=40, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.REGISTERED)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    refunded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "bidder"], name="one_deposit_per_bidder")]
