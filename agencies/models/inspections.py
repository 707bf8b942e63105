"""The yearly inspection of an agency's business, and what keeps an agency from new business."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from disclosure.models import Notice
from draws.models import Draw


class Inspection(models.Model):
    """A regulator looks into at least a quarter of an agency's tenders of a year, drawn at random."""

    class State(models.TextChoices):
        DRAWING = "drawing", "正在抽取"
        INSPECTING = "inspecting", "正在检查"
        CONCLUDED = "concluded", "已有结果"

    class Result(models.TextChoices):
        PASSED = "passed", "合格"
        CORRECT = "correct", "限期整改"
        FAILED = "failed", "不合格"

    class Correction(models.TextChoices):
        NONE = "", "无须整改"
        DUE = "due", "待整改"
        REPORTED = "reported", "已报告，待复查"
        ACCEPTED = "accepted", "复查通过"

    number = models.CharField(max_length=16, unique=True)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="agency_inspections")
    regulator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    # How much business there was when the list was fixed, and how much of it is drawn.
    total = models.PositiveIntegerField()
    wanted = models.PositiveIntegerField()
    draw = models.OneToOneField(Draw, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAWING)
    result = models.CharField("检查结果", max_length=8, choices=Result.choices, blank=True)
    opinion = models.TextField("检查意见", blank=True)
    correct_by = models.DateField("整改期限", null=True, blank=True)
    correction = models.CharField(max_length=8, choices=Correction.choices, blank=True)
    report = models.TextField("整改报告", blank=True)
    recheck = models.TextField("复查意见", blank=True)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begun_at"]
        constraints = [models.UniqueConstraint(fields=["agency", "year", "regulator"], name="one_inspection_per_agency_and_year")]


class InspectedTender(models.Model):
    """A tender that the draw has chosen, and what was found in it."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="tenders")
    tender_number = models.CharField(max_length=32)
    tender_name = models.CharField(max_length=200)
    place = models.PositiveIntegerField()
    clean = models.BooleanField("未发现问题", null=True, blank=True)
    findings = models.TextField("检查情况", blank=True)
    inspected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    inspected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["inspection", "tender_number"], name="one_record_per_drawn_tender")]


class RestrictionQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on, lifted_at=None)

    def binding(self, on, sectors):
        """In force for what lies in these sectors; without any, for everything. A comprehensive regulator binds all."""
        rows = self.in_force(on)
        return rows.filter(Q(regulator__sectors__overlap=list(sectors)) | Q(regulator__sectors=[])) if sectors else rows


class Restriction(models.Model):
    """An agency may take on nothing new, by a regulator's order or after a failed inspection; running tenders go on."""

    class Kind(models.TextChoices):
        ORDER = "order", "停业整改决定"
        INSPECTION = "inspection", "年度检查不合格"

    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="restrictions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    inspection = models.ForeignKey(Inspection, models.PROTECT, null=True, blank=True, related_name="restrictions")
    order_number = models.CharField("决定文书号", max_length=80)
    basis = models.CharField("依据", max_length=200)
    reason = models.TextField("事由")
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    regulator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_reason = models.TextField(blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
