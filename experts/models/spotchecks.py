"""The yearly spot check of experts' work (年度抽查): which sessions were drawn, what was found, what followed."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from disclosure.models import Notice
from draws.models import Draw
from experts.models.sessions import ConductRecord, Sitting


class SpotCheck(models.Model):
    """A regulator's draw among the sessions that its sectors' experts served in a year that is over."""

    class State(models.TextChoices):
        DRAWING = "drawing", "正在抽取"
        CHECKING = "checking", "正在抽查"
        PUBLISHED = "published", "已公布"

    number = models.CharField(max_length=16, unique=True)
    regulator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    # How many sittings were on the list, how many are drawn, and of how many experts with low ratings.
    total = models.PositiveIntegerField()
    wanted = models.PositiveIntegerField()
    low = models.PositiveIntegerField()
    draw = models.OneToOneField(Draw, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAWING)
    due_at = models.DateTimeField("办结期限", null=True, blank=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-begun_at"]
        constraints = [models.UniqueConstraint(fields=["regulator", "year"], name="one_spot_check_per_year")]


class CheckedSitting(models.Model):
    """One drawn sitting: what was found by each item, what the expert says to it, and the conclusion."""

    class Outcome(models.TextChoices):
        CLEAN = "clean", "未发现问题"
        PRAISED = "praised", "表扬"
        CORRECT = "correct", "限期改正"
        CONDUCT = "conduct", "记入行为档案"
        SUSPENDED = "suspended", "暂停评标资格"

    class Correction(models.TextChoices):
        NONE = "", "无须改正"
        DUE = "due", "待改正"
        REPORTED = "reported", "已报告，待复核"
        ACCEPTED = "accepted", "已改正"

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="sittings")
    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="spot_checks")
    place = models.PositiveIntegerField()
    # {item: {"ok": bool, "note": text}} of rules.SPOT_ITEMS.
    findings = models.JSONField(default=dict)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    # Until when the expert may be heard; set with the first findings that name a problem.
    hear_until = models.DateTimeField(null=True, blank=True)
    statement = models.TextField("专家意见", blank=True)
    stated_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField("结论", max_length=10, choices=Outcome.choices, blank=True)
    opinion = models.TextField("抽查意见", blank=True)
    conduct = models.ForeignKey(ConductRecord, models.PROTECT, null=True, blank=True, related_name="+")
    concluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    concluded_at = models.DateTimeField(null=True, blank=True)
    correct_by = models.DateField("改正期限", null=True, blank=True)
    correction = models.CharField(max_length=8, choices=Correction.choices, blank=True)
    report = models.TextField("改正情况", blank=True)
    recheck = models.TextField("复核意见", blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["check_of", "sitting"], name="one_form_per_drawn_sitting")]

    @property
    def problems(self):
        return [name for name, each in self.findings.items() if not each["ok"]]
