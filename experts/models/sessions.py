"""Calls to sessions, what came of them, what was paid, and how each expert was rated afterwards (一标一考)."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from experts.models.pool import Expert
from sealing.vault import revealed


class DrawRequest(models.Model):
    """How many experts of which specialties a session asked for: what the gap report measures the pool against."""

    key = models.CharField(max_length=80, unique=True)
    specialties = ArrayField(models.CharField(max_length=11))
    wanted = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_index=True)


class Sitting(models.Model):
    """One call of one expert to one session, kept by the caller's key: the answer, attendance, times and the fee.

    Tender and lot are named by number: the pool knows nothing of the rooms that draw from it.
    """

    class Answer(models.TextChoices):
        WAITING = "waiting", "待答复"
        ACCEPTED = "accepted", "参加"
        REFUSED = "refused", "不参加"
        NO_ANSWER = "no_answer", "未应答"
        RECUSED = "recused", "需要回避"

    class Outcome(models.TextChoices):
        OPEN = "open", "未结束"
        SERVED = "served", "已参加"
        ABSENT = "absent", "缺席"
        RECUSED = "recused", "回避"
        NOT_HELD = "not_held", "未评审即终止"

    # What counts as not coming when called.
    TURNED_DOWN = (Answer.REFUSED, Answer.NO_ANSWER)

    key = models.CharField(max_length=80, unique=True)
    request = models.ForeignKey(DrawRequest, models.PROTECT, null=True, blank=True, related_name="sittings")
    # Who was called is a secret of the session until it is over: till then `sealed` alone knows.
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="sittings")
    sealed = models.BinaryField(null=True, blank=True)
    tender_number = models.CharField(max_length=64)
    lot_key = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    owner_uscc = models.CharField(max_length=18, blank=True)
    starts_at = models.DateTimeField()
    called_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    chair = models.BooleanField(default=False)
    # Minutes after the appointed time, as far as they count as late.
    late = models.PositiveSmallIntegerField("迟到（分钟）", default=0)
    fee = models.DecimalField("劳务报酬", max_digits=8, decimal_places=2, null=True, blank=True)
    # How the fee came about: [[label, amount]], and the rule it was computed by.
    fee_lines = models.JSONField(default=list, blank=True)
    fee_rule = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["-called_at"]
        indexes = [
            models.Index(fields=["owner_uscc", "starts_at"], name="sitting_owner"),
            models.Index(fields=["starts_at"], name="sitting_start"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=models.F("began_at")), name="sitting_ends_after_it_began"),
            models.CheckConstraint(condition=Q(expert=None) | Q(sealed=None), name="sitting_is_sealed_or_named"),
            models.CheckConstraint(condition=~Q(expert=None) | ~Q(sealed=None), name="sitting_knows_its_expert"),
        ]

    @property
    def who(self):
        """The primary key of the expert who was called, sealed or not."""
        return self.expert_id or revealed("experts/sitting", self.sealed, bound=self.key)

    def name(self):
        """No longer a secret: the row says whose sitting it was. The caller saves."""
        if self.sealed is not None:
            self.expert_id, self.sealed = self.who, None


class SessionAssessment(models.Model):
    """The rating of one expert after one session by three sides; it closes with its score when all have rated or time is up."""

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="assessments")
    tender_number = models.CharField(max_length=64)
    lot_key = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField("得分", max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [models.UniqueConstraint(fields=["expert", "tender_number", "lot_key"], name="one_assessment_per_session")]


class SessionRating(models.Model):
    """What one side has to say of one expert: open until handed in, then it stands."""

    class Role(models.TextChoices):
        CENTRE = "centre", "交易中心"
        OWNER = "owner", "招标人（代理机构）"
        REGULATOR = "regulator", "行政监督部门"

    assessment = models.ForeignKey(SessionAssessment, models.PROTECT, related_name="ratings")
    role = models.CharField(max_length=10, choices=Role.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    # {item: points}, each up to what the rule gives it.
    points = models.JSONField(default=dict)
    total = models.DecimalField("合计", max_digits=5, decimal_places=2, null=True, blank=True)
    remark = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["assessment", "role"]
        constraints = [models.UniqueConstraint(fields=["assessment", "role"], name="one_expert_rating_per_side")]


class YearlyAssessment(models.Model):
    """The year's score of an expert with every line that made it, decided by the regulator."""

    class Grade(models.TextChoices):
        EXCELLENT = "excellent", "优秀"
        GOOD = "good", "良好"
        PASS = "pass", "合格"
        FAIL = "fail", "不合格"

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="yearly_assessments")
    year = models.PositiveSmallIntegerField()
    score = models.DecimalField(max_digits=5, decimal_places=2)
    grade = models.CharField(max_length=10, choices=Grade.choices)
    # [[what, when, points]]
    lines = models.JSONField(default=list)
    consequence = models.CharField("处理", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "expert"]
        constraints = [models.UniqueConstraint(fields=["expert", "year"], name="one_assessment_per_year")]


class ConductRecord(models.Model):
    """Conduct the expert answers for (专家违规及良好行为). It stays when the expert leaves: liability is for life."""

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="conduct")
    code = models.CharField(max_length=8)
    says = models.CharField("行为", max_length=120)
    severity = models.PositiveSmallIntegerField()
    points = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    facts = models.TextField("事实")
    decision_number = models.CharField("决定文书号", max_length=80, blank=True)
    tender_number = models.CharField("相关项目编号", max_length=64, blank=True)
    regulator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    on = models.DateField()
    decision = models.ForeignKey("documents.OfficialDocument", models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_until = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
