"""On the site: who was there, what inspectors found, and what absence costs."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from documents.models import OfficialDocument, StoredFile
from trading.awards.models import Contract
from trading.performance.models.staff import Custody

PERSON = settings.AUTH_USER_MODEL


class SiteCheckIn(models.Model):
    """到岗: a key person was on the site that day, and how that is known."""

    class Way(models.TextChoices):
        QR = "qr", "现场二维码"
        FACE = "face", "人脸识别闸机"
        PHONE = "phone", "手机定位"
        MANUAL = "manual", "监督人员核实"

    custody = models.ForeignKey(Custody, models.PROTECT, related_name="check_ins")
    day = models.DateField()
    at = models.DateTimeField()
    way = models.CharField(max_length=8, choices=Way.choices)
    site = models.CharField("地点", max_length=120, blank=True)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["custody", "day"], name="one_site_check_in_a_day")]


class SiteInspection(models.Model):
    """标后检查: planned, unannounced (飞检) or joint; what was seen, who was absent, what must be put right."""

    class Kind(models.TextChoices):
        PLANNED = "planned", "计划检查"
        FLIGHT = "flight", "飞行检查"
        JOINT = "joint", "联合检查"

    number = models.CharField(max_length=32, unique=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="inspections")
    kind = models.CharField("检查方式", max_length=8, choices=Kind.choices)
    # How an unannounced check was picked: the root it was computed from and the number of contracts to choose from.
    pick = models.JSONField(default=dict, blank=True)
    planned_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True, blank=True)
    inspectors = models.CharField("检查人员", max_length=200, blank=True)
    units = models.CharField("参加单位", max_length=200, blank=True)
    record = models.TextField("检查记录", blank=True)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    absent = models.ManyToManyField(Custody, blank=True, related_name="+")
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-planned_at"]


class Finding(models.Model):
    """A problem found on the site, with what is suggested and the day by which it must be put right."""

    class State(models.TextChoices):
        ORDERED = "ordered", "整改中"
        REPORTED = "reported", "待复查"
        CLOSED = "closed", "整改合格"

    inspection = models.ForeignKey(SiteInspection, models.PROTECT, related_name="findings")
    problem = models.TextField("发现的问题")
    suggestion = models.TextField("整改要求")
    due_on = models.DateField("整改期限")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ORDERED)
    reply = models.TextField("整改情况", blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)
    recheck = models.TextField("复查意见", blank=True)
    rechecked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]


class Deduction(models.Model):
    """缺岗扣款: absent key persons by the city's amounts, served on the contractor, who may object before it is decided."""

    class State(models.TextChoices):
        SERVED = "served", "已送达，可陈述"
        CONFIRMED = "confirmed", "已确认"
        REVOKED = "revoked", "已撤销"

    number = models.CharField(max_length=32, unique=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="deductions")
    # Either the month whose attendance fell short, or the inspection that found people absent.
    month = models.DateField(null=True, blank=True)
    inspection = models.OneToOneField(SiteInspection, models.PROTECT, null=True, blank=True, related_name="deduction")
    # One line per absent person: post, name, amount, required, present, basis.
    lines = models.JSONField()
    amount = models.DecimalField("扣款金额（元）", max_digits=18, decimal_places=2)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    document = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    issued_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    reply_until = models.DateTimeField()
    reply = models.TextField("陈述申辩", blank=True)
    reply_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SERVED)
    decision = models.TextField("处理意见", blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    payment = models.ForeignKey("trading.PaymentRequest", models.PROTECT, null=True, blank=True, related_name="deductions")

    class Meta:
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "month"], condition=Q(month__isnull=False), name="one_deduction_a_month"),
            models.CheckConstraint(condition=Q(month=None) ^ Q(inspection=None), name="deduction_for_month_or_inspection"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="deduction_positive"),
        ]
