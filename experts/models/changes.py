"""What changes about experts: their own requests, the year's one adjustment, batches taken over and shared."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from experts.models.applications import ExpertApplication, Proof
from experts.models.pool import Expert


class ChangeRequest(models.Model):
    """An expert reports a change; it holds from the regulator's approval on."""

    class Kind(models.TextChoices):
        EMPLOYER = "employer", "工作单位"
        TITLE = "title", "职称"
        SPECIALTY = "specialty", "评标专业"
        AVOIDANCE = "avoidance", "回避信息"

    class State(models.TextChoices):
        WAITING = "waiting", "待审核"
        APPROVED = "approved", "已同意"
        REFUSED = "refused", "未同意"

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="changes")
    kind = models.CharField("变更事项", max_length=10, choices=Kind.choices)
    data = models.JSONField()
    reason = models.CharField("说明", max_length=300)
    proof = models.ForeignKey(Proof, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField("审核意见", max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["expert", "kind"], condition=Q(state="waiting"), name="one_waiting_change_of_a_kind")
        ]


class AdjustmentBatch(models.Model):
    """The one adjustment of a year (年度集中调整): gathered by the regulator, decided at once."""

    year = models.PositiveSmallIntegerField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["year", "organisation"], name="one_adjustment_per_year")]


class AdjustmentLine(models.Model):
    """One person of the year's adjustment: taken in, given other specialties, or removed."""

    class Kind(models.TextChoices):
        ADD = "add", "增补"
        SPECIALTY = "specialty", "调整专业"
        REMOVE = "remove", "出库"

    batch = models.ForeignKey(AdjustmentBatch, models.PROTECT, related_name="lines")
    kind = models.CharField("调整", max_length=10, choices=Kind.choices)
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+")
    application = models.ForeignKey(ExpertApplication, models.PROTECT, null=True, blank=True, related_name="+")
    specialties = ArrayField(models.CharField(max_length=11), default=list, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "expert"], condition=Q(expert__isnull=False), name="one_line_per_expert"),
            models.UniqueConstraint(fields=["batch", "application"], condition=Q(application__isnull=False), name="one_line_per_application"),
            models.CheckConstraint(
                condition=Q(kind="add", application__isnull=False, expert=None) | ~Q(kind="add") & Q(application=None, expert__isnull=False),
                name="a_line_names_one_person",
            ),
        ]  # fmt: skip


class PoolExchange(models.Model):
    """A batch of experts taken over from a file, or shared in one, with what became of each row."""

    class Kind(models.TextChoices):
        IMPORT = "import", "导入"
        EXPORT = "export", "共享导出"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField("文件", max_length=255)
    partner = models.CharField("来源或接收方", max_length=120)
    sha256 = models.CharField(max_length=64)
    taken = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    # [[row number, name, "taken" | "renewed" | "refused", what was said]]
    rows = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
