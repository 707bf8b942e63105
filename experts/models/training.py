"""Courses, attendance, the question bank and examinations."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from experts.models.pool import Expert


class Stage(models.TextChoices):
    PRE_JOB = "pre_job", "岗前培训"
    YEARLY = "yearly", "年度培训"


class Topic(models.TextChoices):
    LAW = "law", "法律法规"
    INTEGRITY = "integrity", "廉洁纪律"
    BUSINESS = "business", "评审业务"


class Course(models.Model):
    """One round of training: who may join, what it teaches, how many hours."""

    title = models.CharField("培训名称", max_length=120)
    stage = models.CharField("类别", max_length=8, choices=Stage.choices)
    pool = models.CharField("对象", max_length=8, choices=Expert.Pool.choices, default=Expert.Pool.CITY)
    batch = models.PositiveSmallIntegerField("批次", default=1)
    topics = ArrayField(models.CharField(max_length=10, choices=Topic.choices), verbose_name="内容")
    hours = models.DecimalField("学时", max_digits=4, decimal_places=1)
    place = models.CharField("地点", max_length=120)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    organiser = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="course_ends_after_it_began")]


class Enrolment(models.Model):
    """A person in a course, and the hours they attended; final once the course is closed."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert_trainings")
    hours = models.DecimalField("出勤学时", max_digits=4, decimal_places=1, default=Decimal(0))
    completed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["course", "pk"]
        constraints = [models.UniqueConstraint(fields=["course", "person"], name="enrolled_once")]


class Question(models.Model):
    """One question of the bank. A question that was used is retired, never changed: papers hold their own copy."""

    class Kind(models.TextChoices):
        SINGLE = "single", "单选"
        MULTIPLE = "multiple", "多选"
        JUDGE = "judge", "判断"

    kind = models.CharField("题型", max_length=8, choices=Kind.choices)
    topic = models.CharField("内容", max_length=10, choices=Topic.choices)
    text = models.CharField("题目", max_length=400)
    options = models.JSONField("选项")
    # Places of the right options, in order.
    answer = ArrayField(models.PositiveSmallIntegerField())
    active = models.BooleanField("启用", default=True)

    class Meta:
        ordering = ["kind", "pk"]


class Exam(models.Model):
    """An examination that is open for a time; each attempt draws a paper of its own from the bank."""

    title = models.CharField("考试名称", max_length=120)
    stage = models.CharField("类别", max_length=8, choices=Stage.choices)
    single = models.PositiveSmallIntegerField("单选题数")
    multiple = models.PositiveSmallIntegerField("多选题数")
    judge = models.PositiveSmallIntegerField("判断题数")
    minutes = models.PositiveSmallIntegerField("考试时长（分钟）")
    opens_at = models.DateTimeField("开放时间")
    closes_at = models.DateTimeField("截止时间")
    organiser = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-opens_at"]
        constraints = [models.CheckConstraint(condition=Q(closes_at__gt=models.F("opens_at")), name="exam_closes_after_it_opens")]

    def is_open(self, at):
        return self.opens_at <= at < self.closes_at


class ExamAttempt(models.Model):
    """One sitting of one examination. What was handed in, and its mark, stand."""

    exam = models.ForeignKey(Exam, models.PROTECT, related_name="attempts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert_exams")
    # [{"question", "kind", "text", "options", "answer"}] as drawn, in order.
    paper = models.JSONField()
    answers = models.JSONField(default=list)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    mark = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["exam", "person"], condition=Q(submitted_at=None), name="one_running_attempt"),
            models.CheckConstraint(
                condition=Q(submitted_at=None, mark=None, passed=None) | Q(submitted_at__isnull=False, mark__isnull=False, passed__isnull=False),
                name="a_submitted_attempt_has_a_mark",
            ),
        ]  # fmt: skip
