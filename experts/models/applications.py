"""How a person comes into the pool: the call, the application with its proofs, the review."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from experts.models.pool import Expert, Sector
from sealing.models import VaultFile


class ApplicationCall(models.Model):
    """A public call for applications (征集公告): the specialties that are short, and until when."""

    number = models.CharField(max_length=30, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    title = models.CharField("标题", max_length=120)
    specialties = ArrayField(models.CharField(max_length=11), verbose_name="征集专业")
    text = models.TextField("征集说明")
    opened_at = models.DateTimeField()
    until = models.DateField("报名截止")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-opened_at"]


class ExpertApplication(models.Model):
    """One person's application, from the first saved draft to appointment or rejection."""

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "待单位推荐"
        RECOMMENDED = "recommended", "待行业主管部门审核"
        RETURNED = "returned", "退回补正"
        ACCEPTED = "accepted", "审核通过，待培训考试"
        APPOINTED = "appointed", "已聘任"
        REJECTED = "rejected", "不予通过"

    class Level(models.TextChoices):
        SENIOR = "senior", "高级职称"
        EQUAL = "equal", "同等专业水平"
        INTERMEDIATE = "intermediate", "中级职称"

    class Education(models.TextChoices):
        COLLEGE = "college", "大学专科"
        BACHELOR = "bachelor", "大学本科"
        MASTER = "master", "硕士研究生"
        DOCTOR = "doctor", "博士研究生"
        OTHER = "other", "其他"

    EDITABLE = (State.DRAFT, State.RETURNED)
    CLOSED = (State.APPOINTED, State.REJECTED)

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert_applications")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    sector = models.CharField("申请行业", max_length=2, choices=Sector.choices, blank=True)
    title = models.CharField("职称", max_length=60, blank=True)
    level = models.CharField("职称等级", max_length=12, choices=Level.choices, blank=True)
    education = models.CharField("学历", max_length=10, choices=Education.choices, blank=True)
    school = models.CharField("毕业院校", max_length=80, blank=True)
    major = models.CharField("所学专业", max_length=80, blank=True)
    working_since = models.DateField("从事本专业工作起始日期", null=True, blank=True)
    # The first is the main one.
    specialties = ArrayField(models.CharField(max_length=11), default=list, blank=True)
    regions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    shared = models.BooleanField("同意共享到区域和联盟", default=False)
    # What is to be avoided: [{"kind", "organisation", "uscc", "reason"}]; rows of the expert from the appointment on.
    interests = models.JSONField(default=list, blank=True)
    pledged_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    recommender = models.CharField("推荐单位经办人", max_length=60, blank=True)
    unit_opinion = models.CharField("单位推荐意见", max_length=500, blank=True)
    recommended_at = models.DateTimeField(null=True, blank=True)
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="applications")

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=~Q(state__in=["appointed", "rejected"]), name="one_running_expert_application"
            )
        ]

    @property
    def is_editable(self):
        return self.state in self.EDITABLE


class Proof(models.Model):
    """A paper that proves what a person says; it stands encrypted on disk, and others' looks at it are recorded."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", "身份证件"
        TITLE = "title", "职称证明"
        EDUCATION = "education", "学历证明"
        CERTIFICATE = "certificate", "执业资格等证书"
        EMPLOYMENT = "employment", "工作经历证明"
        RECOMMENDATION = "recommendation", "单位推荐表"
        CHANGE = "change", "变更证明"

    REQUIRED = (Kind.IDENTITY, Kind.TITLE, Kind.EDUCATION, Kind.EMPLOYMENT)

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert_proofs")
    application = models.ForeignKey(ExpertApplication, models.PROTECT, null=True, blank=True, related_name="proofs")
    kind = models.CharField("材料类型", max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    kept = models.OneToOneField(VaultFile, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "added_at"]


class ApplicationReview(models.Model):
    """What the sector's regulator said about one submission, and why."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "通过"
        RETURNED = "returned", "退回补正"
        REJECTED = "rejected", "不予通过"

    application = models.ForeignKey(ExpertApplication, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reasons = models.TextField("审核意见", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
