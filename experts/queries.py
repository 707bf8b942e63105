"""Who may be drawn and why others may not, who has been trained, where the pool is short."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Sum, Value, When

from accounts.models import Membership
from experts import rules
from experts.classification import words_of
from experts.models import (
    Absence,
    AvoidedOrganisation,
    DrawRequest,
    Employment,
    Enrolment,
    ExamAttempt,
    Expert,
    ExpertApplication,
    Sitting,
    Stage,
    Suspension,
    Topic,
)
from rulebook.clock import city_day
from rulebook.periods import add_months


@dataclass(frozen=True)
class Need:
    """What a session asks of its experts. `interested` are the 统一社会信用代码 of tenderee, agency, bidders and their affiliates."""

    specialties: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None = None
    interested: frozenset[str] = frozenset()
    # Their names: an employer was not always entered with its code.
    names: frozenset[str] = frozenset()
    owner: str = ""
    trade: str = ""
    pool: str = Expert.Pool.CITY
    region: str = ""
    # The first digits of the region in which they must live, where a session sits in several cities.
    home: str = ""
    # Numbers of experts who are not to be drawn for a reason of the caller's own.
    without: frozenset[str] = field(default_factory=frozenset)

    @property
    def day(self) -> date:
        return city_day(self.starts_at)

    @property
    def over_at(self) -> datetime:
        return self.ends_at or self.starts_at + rules.APART


# Why somebody is not in the list of a draw, the first that applies.
BARRIERS = {
    "not_active": "不在库或者已暂停",
    "wrong_pool": "不属于本次使用的专家库",
    "wrong_specialty": "专业不符",
    "other_trade": "不适用于这类交易",
    "other_region": "地区不符",
    "suspended": "暂停期内",
    "term_over": "聘期届满",
    "untrained": "培训考试已过有效期",
    "absent": "请假或者有事",
    "elsewhere": "同一时间已受邀或者参加其他评审",
    "employed": "在利害关系单位任职",
    "formerly_employed": "三年内曾在利害关系单位任职",
    "declared": "本人申报的回避单位",
    "too_frequent": "为同一招标人评标次数已达上限",
    "set_aside": "按要求回避",
}

# Who was never meant by the draw, as against those who cannot come or must stand aside.
UNFIT = ("not_active", "wrong_pool", "wrong_specialty")


def barriers(need: Need) -> dict[str, Q | Exists]:
    """{reason: who is kept out by it}, each a condition of its own in SQL."""
    mine = OuterRef("pk")
    coming = Sitting.objects.exclude(answer__in=(*Sitting.TURNED_DOWN, Sitting.Answer.RECUSED)).exclude(
        outcome__in=(Sitting.Outcome.ABSENT, Sitting.Outcome.RECUSED)
    )
    meanwhile = coming.filter(starts_at__gt=need.starts_at - rules.APART, starts_at__lt=need.over_at, outcome=Sitting.Outcome.OPEN)
    interested = list(need.interested)
    since = add_months(need.day, -rules.FORMER_EMPLOYER.months)
    found = {
        "not_active": ~Q(state=Expert.State.ACTIVE),
        "wrong_pool": ~Q(pool=need.pool),
        "wrong_specialty": ~Q(specialty_keys__overlap=list(need.specialties)),
        "suspended": Exists(Suspension.objects.in_force(need.day).filter(expert=mine)),
        "term_over": Q(term_until__lt=need.day),
        "untrained": Q(trained_until__lt=need.day),
        "absent": Exists(Absence.objects.filter(expert=mine, since__lt=need.over_at, until__gt=need.starts_at)),
        "elsewhere": Exists(meanwhile.filter(expert=mine)) | Q(pk__in=concealed(meanwhile)),
    }
    if need.trade:
        found["other_trade"] = ~(Q(trades=[]) | Q(trades__contains=[need.trade]))
    if need.region:
        found["other_region"] = ~(Q(region_code__startswith=need.region) | Q(regions__contains=[need.region]))
    if need.home:
        found["other_region"] = ~Q(region_code__startswith=need.home) | found.get("other_region", Q(pk__in=[]))
    if interested:
        names = list(need.names)
        acts_for = Membership.objects.filter(person=OuterRef("person_id"), until=None, organisation__uscc__in=interested)
        found["employed"] = Q(employer_uscc__in=interested) | Q(employer__in=names) | Exists(acts_for)
        found["formerly_employed"] = Exists(
            Employment.objects.filter(
                Q(until=None) | Q(until__gt=since), Q(uscc__in=interested) | Q(employer__in=names), person=OuterRef("person_id")
            )
        )
        found["declared"] = Exists(AvoidedOrganisation.objects.filter(expert=mine, uscc__in=interested))
    if need.owner:
        window = timedelta(days=rules.FREQUENCY.days)
        recent = coming.filter(owner_uscc=need.owner, starts_at__gt=need.starts_at - window, starts_at__lte=need.starts_at + window)
        busy = recent.exclude(expert=None).order_by().values("expert").annotate(times=Count("pk"))
        found["too_frequent"] = Q(pk__in=busy.filter(times__gte=rules.FREQUENCY.most).values("expert"))
        if coming := Counter(concealed(recent)):
            known = dict(busy.filter(expert__in=coming).values_list("expert", "times"))
            often = [pk for pk, times in coming.items() if times + known.get(pk, 0) >= rules.FREQUENCY.most]
            found["too_frequent"] |= Q(pk__in=often)
    if need.without:
        found["set_aside"] = Q(number__in=list(need.without))
    return {code: found[code] for code in BARRIERS if code in found}


def concealed(rows) -> list[int]:
    """Whose the sittings are that do not say so yet: few, for they are those of sessions that are not over."""
    return [row.who for row in rows.filter(expert=None)]


def eligible(need: Need):
    """Everybody who may be drawn; of one employer at most one is taken, which the order of the draw decides."""
    rows = Expert.objects.all()
    for barrier in barriers(need).values():
        rows = rows.filter(~barrier)
    return rows


def with_reasons(need: Need):
    """All experts, each with `reason`: the first barrier that keeps them out of this draw, or an empty text."""
    cases = [When(barrier, then=Value(code)) for code, barrier in barriers(need).items()]
    return Expert.objects.annotate(reason=Case(*cases, default=Value(""), output_field=CharField()))


def kept_out(need: Need) -> list[dict]:
    """How many each reason keeps out, in the words of the page that draws."""
    rows = with_reasons(need).exclude(reason="").order_by().values("reason").annotate(count=Count("pk"))
    counts = {row["reason"]: row["count"] for row in rows}
    return [{"code": code, "words": words, "count": counts[code]} for code, words in BARRIERS.items() if code in counts]


def candidates(need: Need) -> list[dict]:
    """The list of a draw, in order of numbers: who, and of which employer (of whom one alone is taken)."""
    rows = eligible(need).order_by("number").values_list("number", "employer_uscc", "employer")
    return [{"expert": number, "employer": code or name} for number, code, name in rows]


@dataclass(frozen=True)
class Training:
    is_met: bool
    missing: str
    valid_until: date | None


def training_of(person, day: date, *, pool: str = Expert.Pool.CITY) -> Training:
    """Whether the training asked of a person is met on a day, until when, or what is missing.

    First admission: the pre-job course and its exam. Later: a round or 24 hours, and an exam, within twelve months.
    Village pool: courses in law, integrity and business.
    """
    since = add_months(day, -rules.TRAINING_LIFE.months)
    courses = Enrolment.objects.filter(person=person, completed_on__gte=since).select_related("course")
    if pool == Expert.Pool.VILLAGE:
        return village_training(courses)
    exams = ExamAttempt.objects.filter(person=person, passed=True, submitted_at__date__gte=since).order_by("-submitted_at")
    if is_newcomer(person):
        courses, exams = courses.filter(course__stage=Stage.PRE_JOB), exams.filter(exam__stage=Stage.PRE_JOB)
        course_words, exam_words = "没有完成岗前培训", "没有通过岗前考试"
    else:
        course_words, exam_words = "培训不足一轮或者二十四学时", "没有通过考试"
    attended = [row.completed_on for row in courses]
    if not attended and course_words.startswith("培训"):
        attended = attended_by_hours(person, since)
    exam = exams.first()
    missing = "，".join(words for words, there in ((course_words, attended), (exam_words, exam)) if not there)
    if missing:
        return Training(False, missing, None)
    until = rules.months_later(rules.TRAINING_LIFE, min(max(attended), city_day(exam.submitted_at)))
    return Training(True, "", until)


def is_newcomer(person) -> bool:
    """Whoever was never appointed and is not at work in the pool: people taken over from elsewhere have no day of appointment."""
    at_work = Q(pool=Expert.Pool.CITY, state__in=(Expert.State.ACTIVE, Expert.State.SUSPENDED))
    return not Expert.objects.filter(Q(appointed_on__isnull=False) | at_work, person=person).exists()


def attended_by_hours(person, since: date) -> list[date]:
    """The last day of courses that only together make the hours of a year."""
    rows = Enrolment.objects.filter(person=person, course__closed_at__isnull=False, course__ends_at__date__gte=since, hours__gt=0)
    total = rows.aggregate(sum=Sum("hours"))["sum"] or Decimal(0)
    return [city_day(row.course.ends_at) for row in rows.select_related("course")] if total >= rules.TRAINING_HOURS.minimum else []


def village_training(courses) -> Training:
    newest: dict[str, date] = {}
    for row in courses:
        for topic in row.course.topics:
            newest[topic] = max(newest.get(topic, row.completed_on), row.completed_on)
    missing = "、".join(topic.label for topic in Topic if topic not in newest)
    if missing:
        return Training(False, f"没有完成{missing}培训", None)
    return Training(True, "", rules.months_later(rules.TRAINING_LIFE, min(newest.values())))


@dataclass
class Gap:
    """One specialty: how many there are, what was asked, how it was answered, and whether it is short."""

    code: str
    active: int = 0
    requests: int = 0
    wanted: int = 0
    largest: int = 0
    calls: int = 0
    refused: int = 0
    accepted: int = 0

    @property
    def words(self) -> str:
        return words_of(self.code)

    @property
    def fill(self) -> Decimal | None:
        return min(Decimal(1), Decimal(self.accepted) / self.wanted).quantize(Decimal("0.01")) if self.wanted else None

    @property
    def percent(self) -> str:
        return "—" if self.fill is None else f"{self.fill * 100:.0f}%"

    @property
    def calls_each(self) -> Decimal | None:
        """How many calls a seat took."""
        return (Decimal(self.calls) / self.accepted).quantize(Decimal("0.1")) if self.accepted else None

    @property
    def is_short(self) -> bool:
        return (self.fill is not None and self.fill < rules.SHORT.fill) or self.active < rules.SHORT.times * self.largest


def gaps(at: datetime) -> list[Gap]:
    """Every specialty with experts or requests of twelve months, the short ones first. A second level counts what lies below it."""
    found: dict[str, Gap] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, count(*) FROM experts_expert, unnest(specialty_keys) AS code WHERE state = 'active' AND length(code) >= 3 GROUP BY code"
        )
        for code, count in cursor.fetchall():
            found[code] = Gap(code, active=count)
    since = add_months(city_day(at), -12)
    turned_down = Q(sittings__answer__in=Sitting.TURNED_DOWN)
    rows = DrawRequest.objects.filter(at__date__gte=since).annotate(
        calls=Count("sittings"), down=Count("sittings", filter=turned_down),
        came=Count("sittings", filter=Q(sittings__answer=Sitting.Answer.ACCEPTED)),
    )  # fmt: skip
    for row in rows:
        for code in {code[:length] for code in row.specialties for length in (3, 5, 7) if len(code) >= length}:
            gap = found.setdefault(code, Gap(code))
            gap.requests += 1
            gap.wanted += row.wanted
            gap.largest = max(gap.largest, row.wanted)
            gap.calls, gap.refused, gap.accepted = gap.calls + row.calls, gap.refused + row.down, gap.accepted + row.came
    return sorted(found.values(), key=lambda gap: (not gap.is_short, gap.code))


def applications_for(organisation):
    """The applications that a regulator reviews or may appoint."""
    return (
        ExpertApplication.objects.filter(sector__in=organisation.sectors)
        .exclude(state=ExpertApplication.State.DRAFT)
        .select_related("person")
    )
