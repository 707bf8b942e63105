"""Who can open bids in an emergency: the signed opening policy of a lot, its holders, and their drills."""

from django.conf import settings
from django.db import models

from sealing.models import EncryptionKey
from trading.projects.models import Lot


class OpeningPolicy(models.Model):
    """An opening policy with emergency holders, as the tenderee's handler signed it (docs/trust.md §3.1).

    The newest before the deadline is the one that new bids are sealed under; older bids keep theirs.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="policies")
    body = models.JSONField()
    hash = models.CharField(max_length=43, unique=True)
    signature = models.CharField(max_length=700)
    # The public key that the signature is checked with, as it was enrolled then.
    spki = models.CharField(max_length=1000)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    entry = models.ForeignKey("ledger.LedgerEntry", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-signed_at", "-pk"]


class PolicyHolder(models.Model):
    """One place in a policy: whose key a share of each bid is sealed to."""

    class Role(models.TextChoices):
        OPENER = "opener", "交易中心"
        SUPERVISOR = "supervisor", "监督部门"
        TENDEREE = "tenderee", "招标人"

    policy = models.ForeignKey(OpeningPolicy, models.CASCADE, related_name="holders")
    place = models.PositiveSmallIntegerField()
    key = models.ForeignKey(EncryptionKey, models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role.choices)
    # The last drill: what the holder has to open, and when it was opened.
    drill_digest = models.CharField(max_length=43, blank=True)
    drilled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["policy", "key"], name="one_place_per_key")]
