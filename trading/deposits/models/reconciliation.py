"""The bank's statement of a day held against our own entries."""

from django.conf import settings
from django.db import models


class Reconciliation(models.Model):
    """One comparison of one day."""

    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]


class ReconciliationDifference(models.Model):
    """Something that one side has and the other has not, or has otherwise; open until somebody has looked into it."""

    class Kind(models.TextChoices):
        NOT_HERE = "not_here", "银行有、平台无"
        NOT_AT_BANK = "not_at_bank", "平台有、银行无"
        AMOUNT = "amount", "金额不一致"

    reconciliation = models.ForeignKey(Reconciliation, models.PROTECT, related_name="differences")
    reference = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    ours = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    theirs = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    conclusion = models.CharField("处理结论", max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reference", "kind"], condition=models.Q(settled_at=None), name="one_open_difference_each")
        ]
