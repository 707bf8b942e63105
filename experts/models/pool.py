"""The pool itself: who is in it, since when, and what keeps them from a draw. An expert is a person, apart from any organisation."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from accounts.models import Organisation
from documents.models import OfficialDocument
from rulebook.clock import city_day


class Sector(models.TextChoices):
    """The trades by whose regulators experts are reviewed, as regulators bear them in `Organisation.sectors`."""

    WORKS = "GC", "工程建设"
    PROCUREMENT = "ZC", "政府采购"
    LAND = "TD", "土地使用权"
    MINING = "KY", "矿业权"
    PROPERTY = "CQ", "国有产权"
    VILLAGE = "CJ", "村级集体"
    OTHER = "QT", "其他交易"


def a_year_from_today():
    return city_day(timezone.now()) + timedelta(days=365)


class ExpertQuerySet(models.QuerySet):
    def active(self):
        return self.filter(state=Expert.State.ACTIVE)

    def in_pool(self):
        """Those who belong to the base now, whether or not they may be drawn."""
        return self.filter(state__in=Expert.STANDING)


class Expert(models.Model):
    """One base for all trades and regions; pool, sector, trades, regions and source say where a person belongs."""

    class State(models.TextChoices):
        TRAINING = "training", "待岗前培训"
        ACTIVE = "active", "在库"
        SUSPENDED = "suspended", "暂停"
        DISMISSED = "dismissed", "出库"
        EXITED = "exited", "已退出"
        DECEASED = "deceased", "已故"

    class Pool(models.TextChoices):
        CITY = "city", "综合评标专家库"
        VILLAGE = "village", "村级评审人员库"

    STANDING = (State.TRAINING, State.ACTIVE, State.SUSPENDED)

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert")
    number = models.CharField("专家编号", max_length=20, unique=True)
    specialties = ArrayField(models.CharField(max_length=11))
    main_specialty = models.CharField("主专业", max_length=11, blank=True)
    # Every prefix of every specialty, so that a draw by A08 finds A0830 through an index.
    specialty_keys = models.GeneratedField(
        expression=Func(F("specialties"), function="expert_specialty_keys"),
        output_field=ArrayField(models.CharField(max_length=11)),
        db_persist=True,
    )
    title = models.CharField("职称", max_length=60, blank=True)
    employer = models.CharField("工作单位", max_length=200, blank=True)
    # Compared with bidders, tenderee and agency when a committee is drawn.
    employer_uscc = models.CharField(max_length=18, blank=True, db_index=True)
    region_code = models.CharField(max_length=6, default="429900")
    regions = ArrayField(models.CharField(max_length=6), default=list, blank=True, verbose_name="可参加评标的地区")
    pool = models.CharField("库别", max_length=8, choices=Pool.choices, default=Pool.CITY)
    # Whose regulator answers for the expert; the trades they may be drawn for (none named: all).
    sector = models.CharField("行业", max_length=2, choices=Sector.choices, default=Sector.WORKS)
    trades = ArrayField(models.CharField(max_length=2, choices=Sector.choices), default=list, blank=True, verbose_name="适用交易")
    source = models.CharField("来源", max_length=120, blank=True)
    shared = models.BooleanField("同意共享到区域和联盟", default=False)
    appointed_on = models.DateField("聘任日期", null=True, blank=True)
    term_until = models.DateField("聘期至", null=True, blank=True)
    trained_until = models.DateField("培训合格有效期至", default=a_year_from_today)
    certificate = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)

    objects = ExpertQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [GinIndex(fields=["specialty_keys"], name="expert_keys"), models.Index(fields=["state", "sector"], name="expert_state")]

    def __str__(self):
        return self.person.name

    @property
    def is_standing(self):
        return self.state in self.STANDING


class AvoidedOrganisation(models.Model):
    """An organisation the expert declared an interest in (work within three years, relatives, shares)."""

    class Kind(models.TextChoices):
        RELATIVE = "relative", "近亲属任职"
        SHARES = "shares", "持股或出资"
        OTHER = "other", "其他需回避"

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="avoided")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.OTHER)
    organisation = models.CharField("单位名称", max_length=200, blank=True)
    uscc = models.CharField(max_length=18, db_index=True)
    reason = models.CharField(max_length=200)


class Employment(models.Model):
    """One place of work of a person, past or present; former employers are avoided for three years."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="employments")
    employer = models.CharField("工作单位", max_length=200)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    duty = models.CharField("职务或岗位", max_length=80, blank=True)
    since = models.DateField("开始日期")
    until = models.DateField("结束日期", null=True, blank=True)

    class Meta:
        ordering = [F("until").desc(nulls_first=True), "-since"]
        constraints = [models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="employment_ends_after_it_began")]


class ProfessionalCertificate(models.Model):
    """A title or practice certificate of a person, as they named it; its scan is a proof of the application."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="professional_certificates")
    name = models.CharField("证书名称", max_length=80)
    number = models.CharField("证书编号", max_length=60)
    issued_on = models.DateField("发证日期", null=True, blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)

    class Meta:
        ordering = ["name"]


class PersonalRecord(models.Model):
    """What only those may read whose task needs it: one encrypted object per person (`experts.privacy`)."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="personal_record")
    sealed = models.BinaryField()
    # Keyed, so that the same identity number is found again without anybody being able to try numbers out.
    identity_digest = models.CharField(max_length=43, null=True, blank=True, unique=True)


class PersonalDataLook(models.Model):
    """Somebody looked at a person's protected data: who, when, at what, why. The person sees every one of them."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="looks_at_me")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    what = models.CharField("内容", max_length=200)
    why = models.CharField("事由", max_length=200)

    class Meta:
        ordering = ["-at", "-pk"]


class Absence(models.Model):
    """A time in which the expert cannot come; kept by the expert."""

    class Kind(models.TextChoices):
        BUSY = "busy", "有事"
        LEAVE = "leave", "请假"

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="absences")
    kind = models.CharField("类型", max_length=8, choices=Kind.choices, default=Kind.BUSY)
    since = models.DateTimeField("开始时间")
    until = models.DateTimeField("结束时间", db_index=True)
    note = models.CharField("说明", max_length=100, blank=True)

    class Meta:
        ordering = ["since"]
        constraints = [models.CheckConstraint(condition=Q(until__gt=F("since")), name="absence_ends_after_it_began")]


class SuspensionQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on, lifted_at=None)


class Suspension(models.Model):
    """The expert is not drawn from one day to another (or until further notice), by whose order and why."""

    class Cause(models.TextChoices):
        TRAINING = "training", "年度培训考核未达标"
        ASSESSMENT = "assessment", "年度考核不合格"
        REFUSALS = "refusals", "多次拒绝或不应答"
        CONDUCT = "conduct", "违规处理"
        OTHER = "other", "其他"

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="suspensions")
    cause = models.CharField("原因", max_length=12, choices=Cause.choices)
    reason = models.CharField("事由", max_length=300)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_reason = models.CharField(max_length=300, blank=True)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]


class Departure(models.Model):
    """How and why an expert left the pool. What they answer for stays with them."""

    class Kind(models.TextChoices):
        DISMISSED = "dismissed", "解聘出库"
        EXITED = "exited", "本人退出"
        DECEASED = "deceased", "去世"

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="departures")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField("事由", max_length=300)
    decision_number = models.CharField("决定文书号", max_length=80, blank=True)
    # 取消评标资格: whoever was removed for good is never appointed again.
    for_good = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
