"""一标一记录, 一标一评估: what the centre's people saw at each stage of a lot, and what they checked for risks."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from trading.projects.models import Lot


class LotWitness(models.Model):
    """Who witnesses a lot for the centre (一标一人一卡); a change leaves the row of the one before."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="witnesses")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="witnessed_lots")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-since"]
        constraints = [models.UniqueConstraint(fields=["lot"], condition=Q(until=None), name="one_witness_per_lot")]


class WitnessRecord(models.Model):
    """The record of one stage of one lot. Once signed it never changes; the database sees to that, too.

    `stage` is the first state of the stage in the lot's procedure (trading.witness.stages).
    """

    class State(models.TextChoices):
        OPEN = "open", "记录中"
        SIGNED = "signed", "已签署"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="witness_records")
    stage = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    # What the signature is under: numbers of the ledger's entries that were shown as lines, and the digest of the whole.
    entries = models.JSONField(default=list)
    digest = models.CharField(max_length=43, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "stage"], name="one_witness_record_per_stage"),
            models.CheckConstraint(
                condition=Q(state="open", signed_at=None, signed_by=None, digest="") | Q(state="signed", signed_at__isnull=False, signed_by__isnull=False),
                name="a_signed_record_says_by_whom",
            ),
        ]  # fmt: skip

    @property
    def is_signed(self):
        return self.state == self.State.SIGNED


class WitnessLine(models.Model):
    """One thing that staff saw. Lines are only ever added; what was wrong is corrected by a further line."""

    record = models.ForeignKey(WitnessRecord, models.PROTECT, related_name="lines")
    seen_at = models.DateTimeField("发生时间")
    place = models.CharField("地点", max_length=120)
    present = models.CharField("在场人员（按身份）", max_length=300, blank=True)
    text = models.TextField("见证情况")
    irregular = models.BooleanField("异常情况", default=False)
    # A line written after the signature.
    correction = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]


class RiskAnswer(models.Model):
    """What a check of a risk point found; the newest answer to a point holds, the earlier ones stay."""

    class Verdict(models.TextChoices):
        OK = "ok", "正常"
        CONCERN = "concern", "有疑点"
        NOT_APPLICABLE = "none", "不适用"

    record = models.ForeignKey(WitnessRecord, models.PROTECT, related_name="answers")
    point = models.CharField(max_length=8)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    note = models.CharField("说明", max_length=300, blank=True)
    # Answered by the platform from its own data.
    computed = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(verdict="ok") | ~Q(note=""), name="a_doubt_is_explained")]
