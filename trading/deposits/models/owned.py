"""What a bidder puts up for a lot. Whose it is stays hidden until the bids are shown."""

from django.db import models

from accounts.models import Organisation
from trading.projects.models import Lot


class DepositDisclosure(models.Model):
    """From this moment, that of the opening, everybody concerned may know who put up a deposit for the lot."""

    lot = models.OneToOneField(Lot, models.PROTECT, related_name="deposit_disclosure")
    at = models.DateTimeField()


class Owned(models.Model):
    """Belongs to a bidder: `tag` finds it for who knows the bidder, `hidden` names the bidder to the platform's key alone."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="%(class)ss")
    tag = models.CharField(max_length=43)
    hidden = models.BinaryField()
    # Empty until the deposits of the lot are disclosed.
    bidder = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="%(class)ss")

    class Meta:
        abstract = True


class DepositAccount(Owned):
    """The bank's virtual sub-account for one bidder's deposit of one lot; its number cannot be guessed."""

    number = models.CharField("缴款账号", max_length=32, unique=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag"], name="one_deposit_account_per_bidder")]

    @property
    def tail(self):
        return f"尾号 {self.number[-4:]}"


class GuaranteeQuerySet(models.QuerySet):
    def valid(self):
        """Those that stood at the deadline: found good, and ended, if at all, by the ordinary way."""
        return self.filter(state__in=["issued", "released", "claimed"])


class Guarantee(Owned):
    """A letter of guarantee or an insurance in place of cash; only its issuer's signed notice makes it count."""

    class Kind(models.TextChoices):
        BANK = "bank", "银行保函"
        INSURANCE = "insurance", "保证保险"
        GUARANTOR = "guarantor", "担保公司保函"

    class State(models.TextChoices):
        APPLIED = "applied", "待出具"
        ISSUED = "issued", "已验真"
        INSUFFICIENT = "insufficient", "不符合要求"
        REVOKED = "revoked", "已被撤销"
        RELEASED = "released", "已退保"
        CLAIMED = "claimed", "已索赔"

    kind = models.CharField("保函种类", max_length=12, choices=Kind.choices)
    # Under what the issuer knows our application.
    reference = models.CharField(max_length=40, unique=True)
    amount = models.DecimalField("担保金额（元）", max_digits=18, decimal_places=2)
    valid_until = models.DateField("有效期至")
    state = models.CharField(max_length=12, choices=State.choices, default=State.APPLIED)
    issuer = models.CharField("出具机构", max_length=120, blank=True)
    number = models.CharField("保函编号", max_length=80, unique=True, null=True, blank=True)
    code = models.CharField("验真码", max_length=40, blank=True)
    # Why an issued guarantee does not do, in Chinese.
    shortfall = models.CharField(max_length=300, blank=True)
    applied_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    release_told_at = models.DateTimeField(null=True, blank=True)

    objects = GuaranteeQuerySet.as_manager()

    class Meta:
        ordering = ["-applied_at"]
        indexes = [models.Index(fields=["tag"])]
