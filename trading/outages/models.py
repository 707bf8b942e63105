"""Whether the platform was there: what was measured minute by minute, the outages, and the deadlines they moved."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from disclosure.models import Notice
from documents.models import OfficialDocument, StoredFile
from trading.projects.models import Lot


class Component(models.TextChoices):
    """What must work for somebody to hand in a bid."""

    PLATFORM = "platform", "平台（数据库与后台任务）"
    WEB = "web", "网站与投标入口"
    CA = "ca", "数字证书与签名服务"
    NETWORK = "network", "网络接入"


class Heartbeat(models.Model):
    """One minute in which a component was looked at. A minute without a row of the platform's own is one in which it was down.

    `offset` is how far official time stands from the machine's: where a demonstration has moved the clock, the minutes
    between are no outage.
    """

    component = models.CharField(max_length=12, choices=Component.choices)
    minute = models.DateTimeField()
    ok = models.BooleanField()
    detail = models.CharField(max_length=200, blank=True)
    offset = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["component", "minute"], name="one_heartbeat_per_minute")]


class Outage(models.Model):
    """故障: the platform could not be used from one moment to another; measured by itself, or declared by its operator."""

    class Source(models.TextChoices):
        MEASURED = "measured", "平台自动监测"
        DECLARED = "declared", "运行人员报告"

    class State(models.TextChoices):
        OPEN = "open", "故障中"
        DECLARED = "declared", "待复核"
        CONFIRMED = "confirmed", "已确认"
        REFUSED = "refused", "不予认定"

    number = models.CharField(max_length=32, unique=True)
    component = models.CharField("故障部位", max_length=12, choices=Component.choices)
    source = models.CharField(max_length=12, choices=Source.choices)
    state = models.CharField(max_length=12, choices=State.choices)
    began_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("恢复", null=True, blank=True)
    reason = models.TextField("情况说明", blank=True)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    declared_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["component", "began_at"], condition=Q(source="measured"), name="one_measured_outage_per_beginning"
            ),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gt=F("began_at")), name="outage_ends_after_it_began"),
            models.CheckConstraint(condition=~Q(state="confirmed") | Q(ended_at__isnull=False), name="confirmed_outage_has_ended"),
            models.CheckConstraint(
                condition=Q(declared_by=None) | Q(confirmed_by=None) | ~Q(declared_by=F("confirmed_by")), name="outage_confirmed_by_another"
            ),
        ]

    @property
    def minutes(self):
        return int((self.ended_at - self.began_at).total_seconds() // 60) if self.ended_at else None


class LotExtension(models.Model):
    """What an outage did to the deadline of a lot: looked at once, and moved (`new` after `old`) or found already made good."""

    outage = models.ForeignKey(Outage, models.PROTECT, related_name="extensions")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="extensions")
    old = models.DateTimeField()
    new = models.DateTimeField()
    at = models.DateTimeField()
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    certificate = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["outage", "lot"], name="outage_moves_a_deadline_once"),
            models.CheckConstraint(condition=Q(new__gte=F("old")), name="outage_never_shortens"),
        ]

    @property
    def moved(self):
        return self.new > self.old
