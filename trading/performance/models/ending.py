"""The end of a contract: acceptance, and what both sides say of each other."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from disclosure.models import Notice
from documents.models import OfficialDocument, StoredFile
from trading.awards.models import Contract

PERSON = settings.AUTH_USER_MODEL


class Acceptance(models.Model):
    """验收: applied for by the winner, held by the tenderee with a panel; defects are put right before it is passed."""

    class State(models.TextChoices):
        ASKED = "asked", "待组织验收"
        DEFECTS = "defects", "缺陷整改中"
        RECTIFIED = "rectified", "待复验"
        PASSED = "passed", "验收合格"
        FAILED = "failed", "验收不合格"

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="acceptances")
    round = models.PositiveSmallIntegerField(default=1)
    statement = models.TextField("完成情况")
    finished_on = models.DateField("完工（交付）日期")
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    # [name, unit] of those who accept.
    panel = models.JSONField(default=list)
    opinion = models.TextField("验收意见", blank=True)
    defects = models.TextField("缺陷", blank=True)
    rectify_by = models.DateField("整改期限", null=True, blank=True)
    rectification = models.TextField("整改情况", blank=True)
    # First time without defects: what good conduct asks for.
    first_time = models.BooleanField(default=False)
    settlement = models.DecimalField("结算金额（元）", max_digits=18, decimal_places=2, null=True, blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    document = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "round"], name="one_acceptance_per_round"),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(state__in=["asked", "defects", "rectified", "passed"]), name="one_standing_acceptance"
            ),
        ]


class PerformanceRating(models.Model):
    """履约评价: one side's marks for the other, item by item, after acceptance."""

    class Side(models.TextChoices):
        TENDEREE = "tenderee", "招标人评价中标人"
        WINNER = "winner", "中标人评价招标人"

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="ratings")
    side = models.CharField(max_length=8, choices=Side.choices)
    # {item: points} by the items of rules.RATING.
    marks = models.JSONField()
    total = models.DecimalField(max_digits=5, decimal_places=2)
    remark = models.TextField("评价说明", blank=True)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "side"], name="one_rating_per_side")]
