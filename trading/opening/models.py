"""The opening hall: lock, keys, decryption, reading out, objections on the spot, the signed record."""

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property

from accounts.models import Organisation
from documents.models import OfficialDocument
from trading.bidding.models import Bid
from trading.projects.models import Lot
from trading.tenders.models import Envelope


class Opening(models.Model):
    """One opening of one lot: of all bids, or with two envelopes of one of them. Nothing is shown before every bid is settled."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待开标"
        KEYS = "keys", "解密中"
        DECRYPTING = "decrypting", "正在读取投标文件"
        REVEALED = "revealed", "唱标与异议"
        CLOSED = "closed", "开标结束"
        FAILED = "failed", "投标人不足，不予开标"
        STOPPED = "stopped", "招标已终止，停止开标"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="openings")
    envelope = models.CharField(max_length=16, choices=Envelope.choices, default=Envelope.WHOLE)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    locked_at = models.DateTimeField(null=True, blank=True)
    count = models.PositiveIntegerField(default=0)
    bids_root = models.CharField(max_length=43, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    keys_until = models.DateTimeField(null=True, blank=True)
    extensions = models.PositiveSmallIntegerField(default=0)
    # An extension that the host proposes and a supervisor has yet to agree to.
    proposed_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    proposed_reason = models.CharField(max_length=200, blank=True)
    revealed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Grows with every change that a watcher of the hall could see; pages poll by it.
    version = models.PositiveIntegerField(default=1)
    record = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "envelope"], name="one_opening_per_envelope")]

    @property
    def is_second(self):
        """Whether this opens what stayed sealed while the first envelope was judged."""
        return self.envelope == Envelope.COMMERCIAL

    @property
    def shows_prices(self):
        return self.envelope != Envelope.TECHNICAL

    @property
    def name(self):
        """What it is called beside the lot's name; nothing where it opens the bids whole."""
        return "" if self.envelope == Envelope.WHOLE else self.get_envelope_display()


class OpenedBid(models.Model):
    """A locked bid on its way through the opening, and what was read out of it."""

    class State(models.TextChoices):
        PENDING = "pending", "待解密"
        KEY_OK = "key_ok", "密钥已核对"
        FALLBACK_OK = "fallback_ok", "应急解密已核对"
        OPENED = "opened", "已解密"
        UNOPENED_BIDDER = "unopened_bidder", "未解密（投标人原因）"
        UNOPENED_PLATFORM = "unopened_platform", "未解密（平台原因）"
        CORRUPT = "corrupt", "文件损坏"

    opening = models.ForeignKey(Opening, models.PROTECT, related_name="bids")
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="opened")
    # The order in which prices are read out; drawn from the manifest hash so that nobody chooses it.
    order = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.PENDING)
    failed_keys = models.PositiveSmallIntegerField(default=0)
    key_released_at = models.DateTimeField(null=True, blank=True)
    key_digest = models.CharField(max_length=43, blank=True)
    # The released file key, wrapped by the storage key, until decryption is done; then empty.
    wrapped_key = models.BinaryField(null=True, blank=True)
    price = models.DecimalField("投标报价（元）", max_digits=18, decimal_places=2, null=True, blank=True)
    term_days = models.PositiveIntegerField("工期（日历天）", null=True, blank=True)
    quality = models.CharField("质量承诺", max_length=120, blank=True)
    manager = models.CharField("项目经理", max_length=60, blank=True)
    form = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    # The bidder's credit as it stood at the deadline: score, grade, the lines that make it, the day. Never computed again.
    credit = models.JSONField(default=dict)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["opening", "bid"], name="one_place_per_bid")]

    @property
    def bidder(self):
        return self.bid.bidder

    @cached_property
    def sealed(self):
        """The envelope of the bid that this opening opens."""
        return self.bid.envelopes.select_related("upload").get(name=self.opening.envelope)


# States in which a bid's file key is known to be right and the bid waits to be read.
READY = (OpenedBid.State.KEY_OK, OpenedBid.State.FALLBACK_OK)


class Fallback(models.Model):
    """The emergency opening of one bid: asked for, approved by a supervisor, carried out by the holders of shares."""

    class State(models.TextChoices):
        REQUESTED = "requested", "待监督人员批准"
        APPROVED = "approved", "等待持钥人"
        REFUSED = "refused", "未批准"
        OPENED = "opened", "已应急解密"
        FAILED = "failed", "应急解密失败"

    class AskedBy(models.TextChoices):
        BIDDER = "bidder", "投标人"
        HOST = "host", "主持人"

    opened = models.OneToOneField(OpenedBid, models.PROTECT, related_name="fallback")
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    asked_by = models.CharField(max_length=8, choices=AskedBy.choices)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=200, blank=True)


class FallbackShare(models.Model):
    """What one holder handed in. A right share is kept wrapped until enough are there, and then forgotten."""

    fallback = models.ForeignKey(Fallback, models.PROTECT, related_name="shares")
    kid = models.CharField(max_length=11)
    org = models.CharField(max_length=18)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    right = models.BooleanField()
    wrapped = models.BinaryField(null=True, blank=True)
    at = models.DateTimeField()


class OpenedFile(models.Model):
    """A file of an opened bid, kept encrypted at rest."""

    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="files")
    path = models.CharField(max_length=12)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=43)
    content_type = models.CharField(max_length=100)
    vault = models.ForeignKey("sealing.VaultFile", models.PROTECT, related_name="+")


class CheckIn(models.Model):
    opening = models.ForeignKey(Opening, models.PROTECT, related_name="check_ins")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opening", "organisation"], name="one_check_in_each")]


class OpeningObjection(models.Model):
    """An objection raised in the hall; it must be answered before the opening can end."""

    opening = models.ForeignKey(Opening, models.PROTECT, related_name="objections")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField("异议内容")
    at = models.DateTimeField()
    answer = models.TextField("答复", blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)


class OpeningConfirmation(models.Model):
    """A participant signs the opening record."""

    opening = models.ForeignKey(Opening, models.PROTECT, related_name="confirmations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opening", "organisation"], name="one_confirmation_each")]


class HallLine(models.Model):
    """A line of the hall's running record, as everybody present sees it."""

    opening = models.ForeignKey(Opening, models.PROTECT, related_name="lines")
    at = models.DateTimeField()
    text = models.CharField(max_length=300)
    official = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-id"]
