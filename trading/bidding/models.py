"""Sealed bids: every revision with its signed manifest, its place in the ledger and its receipt."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from ledger.models import LedgerEntry
from sealing.models import Upload
from trading.projects.models import Lot
from trading.tenders.models import Envelope


class BidPreparation(models.Model):
    """How far a bidder has come with the task list. Holds no price and no file: those stay with the bidder."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="preparations")
    bidder = models.ForeignKey(Organisation, models.PROTECT, related_name="preparations")
    done = models.JSONField(default=list)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "bidder"], name="one_preparation_per_bidder")]


class BidQuerySet(models.QuerySet):
    def heads(self):
        """The newest revision of each bidder, whatever it says."""
        return self.filter(state__in=[Bid.State.SUBMITTED, Bid.State.LOCKED])

    def of(self, organisation):
        return self.filter(bidder=organisation)


class Bid(models.Model):
    """One revision of a bidder's sealed bid, or its withdrawal. Only ciphertext and digests: unreadable to all."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "已递交"
        SUPERSEDED = "superseded", "已被替换"
        WITHDRAWN = "withdrawn", "已撤回"
        LOCKED = "locked", "已锁定"

    class Action(models.TextChoices):
        SUBMIT = "submit", "递交"
        WITHDRAW = "withdraw", "撤回"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="bids")
    bidder = models.ForeignKey(Organisation, models.PROTECT, related_name="bids")
    rev = models.PositiveIntegerField()
    action = models.CharField(max_length=8, choices=Action.choices)
    manifest = models.JSONField()
    manifest_hash = models.CharField(max_length=43, unique=True)
    # Room for RSA of 4096 bits.
    signature = models.CharField(max_length=700)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    deadline = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices)
    entry = models.OneToOneField(LedgerEntry, models.PROTECT, related_name="+")
    # Made once the sequencer has placed the entry; then never changed.
    receipt = models.JSONField(null=True)

    objects = BidQuerySet.as_manager()

    class Meta:
        ordering = ["lot", "bidder", "rev"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "bidder", "rev"], name="one_revision_per_number"),
            models.UniqueConstraint(
                fields=["lot", "bidder"],
                condition=models.Q(state__in=["submitted", "locked"]),
                name="one_head_per_bidder",
            ),
            models.CheckConstraint(condition=models.Q(received_at__lt=models.F("deadline")), name="bid_not_late"),
        ]


class BidEnvelope(models.Model):
    """One sealed file of a revision, as its manifest lists it. It is opened by itself, with a key of its own."""

    bid = models.ForeignKey(Bid, models.PROTECT, related_name="envelopes")
    name = models.CharField(max_length=16, choices=Envelope.choices)
    seal = models.CharField(max_length=22, unique=True)
    upload = models.OneToOneField(Upload, models.PROTECT, related_name="handed_in")
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=43)
    # A second envelope that is not opened, because its bid did not pass the first, goes back sealed; its file is deleted.
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["bid", "name"], name="one_envelope_of_a_name")]


class BidPreflight(models.Model):
    """What a bidder's trial found out about its own key, browser and line, days before the deadline; nobody else sees it."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    bidder = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # Names of PREFLIGHT_CHECKS that were passed.
    passed = models.JSONField(default=list)
    size = models.BigIntegerField("试传大小（字节）")
    seal_ms = models.PositiveIntegerField("封存用时（毫秒）")
    upload_ms = models.PositiveIntegerField("上传用时（毫秒）")

    class Meta:
        ordering = ["-at"]
