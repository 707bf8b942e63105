"""The register: what an agency says of itself, its people, their training, its internal control."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Organisation
from documents.models import StoredFile


class Service(models.TextChoices):
    """What an intermediary does for a tenderee; procurement and works are the two kinds of agencies."""

    WORKS = "works", "工程招标代理"
    PROCUREMENT = "procurement", "政府采购代理"
    COST = "cost", "造价咨询"
    SURVEY = "survey", "测绘、勘测"
    AUCTION = "auction", "拍卖服务"


class AgencyProfileQuerySet(models.QuerySet):
    def listed(self):
        return self.filter(state=AgencyProfile.State.LISTED, agency__state=Organisation.State.ACTIVE)


class AgencyProfile(models.Model):
    """An agency's page in the register. No qualification is asked for: the register informs, it licenses nobody."""

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "待核对"
        RETURNED = "returned", "退回补正"
        LISTED = "listed", "已公示"
        LEFT = "left", "已退出"

    class Grade(models.TextChoices):
        A = "A", "甲级"
        B = "B", "乙级"
        PROVISIONAL = "P", "暂定级"

    agency = models.OneToOneField(Organisation, models.PROTECT, related_name="agency_profile")
    services = ArrayField(models.CharField(max_length=12, choices=Service.choices), verbose_name="业务类型")
    historic_grade = models.CharField("历史资格等级", max_length=1, choices=Grade.choices, blank=True)
    introduction = models.TextField("业务简介", blank=True)
    takes_draws = models.BooleanField("愿意参加随机抽取", default=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    # Its people have read the rules of entry and signed them.
    rules_signed_at = models.DateTimeField(null=True, blank=True)
    opinion = models.TextField("核对意见", blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_reason = models.CharField("退出原因", max_length=300, blank=True)

    objects = AgencyProfileQuerySet.as_manager()

    class Meta:
        ordering = ["agency__name"]

    def service_names(self):
        return "、".join(Service(each).label for each in self.services)


class AgencyStaff(models.Model):
    """A person of an agency who may conduct tenders, with the training the centre requires."""

    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="agency_staff")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    title = models.CharField("职务", max_length=60, blank=True)
    trained_until = models.DateField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "person"], name="one_row_per_agency_person")]
        ordering = ["pk"]

    def is_trained(self, on):
        return self.trained_until is not None and on <= self.trained_until


class ControlPaper(models.Model):
    """A paper about the agency's internal control, declared by itself and looked at by the centre."""

    class Kind(models.TextChoices):
        SYSTEM = "system", "内部管理制度"
        SEPARATION = "separation", "不相容岗位分离"
        SECRECY = "secrecy", "保密管理"
        ARCHIVES = "archives", "档案管理"
        INTEGRITY = "integrity", "廉洁从业"

    class State(models.TextChoices):
        DECLARED = "declared", "待核查"
        ACCEPTED = "accepted", "已核查"
        RETURNED = "returned", "要求补正"

    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="control_papers")
    kind = models.CharField("内控事项", max_length=12, choices=Kind.choices)
    statement = models.TextField("执行情况")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DECLARED)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    opinion = models.TextField("核查意见", blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-declared_at"]


class Course(models.Model):
    """A training of the centre in the rules of trading, with an examination at its end."""

    title = models.CharField("培训名称", max_length=120)
    content = models.TextField("培训内容")
    place = models.CharField("地点", max_length=120)
    held_on = models.DateField("培训日期")
    hours = models.PositiveSmallIntegerField("学时")
    pass_mark = models.PositiveSmallIntegerField("合格分", default=60)
    valid_months = models.PositiveSmallIntegerField("合格有效期（月）", default=24)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-held_on", "-pk"]


class CourseAttendance(models.Model):
    """One person at one course: signed up, there or not, and the mark of the examination. A result is entered once."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="attendances")
    staff = models.ForeignKey(AgencyStaff, models.PROTECT, related_name="attendances")
    signed_up_at = models.DateTimeField()
    attended = models.BooleanField("到课", null=True, blank=True)
    mark = models.DecimalField("考试成绩", max_digits=5, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["course", "staff"], name="one_seat_per_course_and_person")]
