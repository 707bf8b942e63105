"""What law and city ask of experts, as data with its basis."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from rulebook.limits import MaximumCount, MinimumCount, MinimumShare
from rulebook.periods import WORKING, MaximumPeriod, Period, add_months
from rulebook.provisions import Consequence, Rule

LAW = "《招标投标法》第三十七条"
MEASURES = "《评标专家和评标专家库管理办法》（国家发展改革委令第26号）"
PROCUREMENT = "《政府采购评审专家管理办法》（财库〔2016〕198号）"
DESIGN = "本市评标专家管理办法（设计值，可调整）"
LOCAL = "本市评标专家管理办法（地方做法，可调整）"
SINCE = date(2025, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Share(Rule):
    """Parts of a whole, by name."""

    parts: dict[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class Standing(Rule):
    """How many refusals within so many months lead to a reminder, and how many to a suspension of so many months."""

    months: int
    remind_above: int
    suspend_from: int
    suspend_months: int


@dataclass(frozen=True, kw_only=True)
class Frequency(Rule):
    """At most so many sessions for one owner within so many days."""

    most: int
    days: int


@dataclass(frozen=True, kw_only=True)
class Grades(Rule):
    """The least score of each grade, the best first; below the last is a fail."""

    steps: tuple[tuple[str, Decimal], ...]

    def grade(self, score: Decimal) -> str:
        return next((name for name, least in self.steps if score >= least), "fail")


@dataclass(frozen=True, kw_only=True)
class Mark(Rule):
    least: Decimal

    def is_met(self, mark: Decimal) -> bool:
        return mark >= self.least


@dataclass(frozen=True, kw_only=True)
class Need(Rule):
    """A specialty is short when its fill rate is below `fill`, or its active experts fewer than so many times the largest request."""

    fill: Decimal
    times: int


@dataclass(frozen=True, kw_only=True)
class Points(Rule):
    """One kind of conduct and what it costs or earns; `removes` leads out of the pool at once, `for_good` for life."""

    severity: int
    points: Decimal
    removes: bool = False
    for_good: bool = False
    display_months: int = 0


WORK_YEARS = MinimumCount(code="E-01", says="从事相关领域工作满八年", source=LAW, since=date(2000, 1, 1), minimum=8)
SENIOR_TITLE = Rule(code="E-02", says="具有高级职称或者同等专业水平", source=LAW, since=date(2000, 1, 1))
PROCUREMENT_TITLE = Rule(
    code="E-03", says="具有中级职称或同等专业水平且从事相关领域工作满八年，或者具有高级职称", source=PROCUREMENT, since=date(2017, 1, 1), confidence="V2",
)  # fmt: skip
AGE = MaximumCount(
    code="E-04", says="不满七十周岁，身体健康，能够承担评审工作", source=PROCUREMENT, since=date(2017, 1, 1), confidence="M", maximum=69
)
UNIT_RECOMMENDATION = Rule(code="E-05", says="入库采取个人申请和单位推荐相结合的方式", source=MEASURES, since=SINCE, confidence="V2")
SPECIALTIES = MaximumCount(code="E-06", says="每人选报的评标专业不超过五个", source=DESIGN, since=SINCE, confidence="D", maximum=5)
TERM = Period(code="E-07", says="评标专家聘期为三年", source=DESIGN, since=SINCE, confidence="D", months=36)
LIABILITY = Rule(
    code="E-08", says="评标专家对评标行为终身负责，不因退休或者退出专家库等免予追责", source=MEASURES, since=SINCE, confidence="V2",
    consequence=Consequence.KEEP,
)  # fmt: skip
NOT_ADMITTED = Rule(code="E-09", says="被取消评标资格的，不得再入库", source=MEASURES, since=SINCE, confidence="M")

TRAINING_HOURS = MinimumCount(
    code="E-10", says="每年参加一轮培训或者培训不少于二十四学时", source=DESIGN, since=SINCE, confidence="D", minimum=24
)
TRAINING_LIFE = Period(code="E-11", says="培训考试合格的，十二个月内有效", source=DESIGN, since=SINCE, confidence="D", months=12)
PASS_MARK = Mark(code="E-12", says="考试成绩六十分以上为合格", source=DESIGN, since=SINCE, confidence="D", least=Decimal(60))
ATTEMPTS = MaximumCount(code="E-13", says="每次考试最多参加三次，合格后不再重考", source=DESIGN, since=SINCE, confidence="D", maximum=3)
VILLAGE_TRAINING = Rule(
    code="E-14", says="村级评审人员须经法律法规、廉洁纪律、评审业务岗前培训后方可参加评审", source=LOCAL, since=SINCE, confidence="S",
)  # fmt: skip

RATING_DUE = MaximumPeriod(
    code="E-20", says="评审活动结束后五个工作日内完成一标一考", source=PROCUREMENT, since=date(2017, 1, 1), confidence="V2", days=5, unit=WORKING,
    consequence=Consequence.ALERT,
)  # fmt: skip
RATING_ITEMS = Share(
    code="E-21", says="一标一考按出勤、纪律、专业水平、独立公正、效率、配合六项记分", source=DESIGN, since=SINCE, confidence="D",
    parts={
        "attendance": Decimal(10), "discipline": Decimal(20), "professional": Decimal(30), "fairness": Decimal(25), "efficiency": Decimal(10),
        "cooperation": Decimal(5),
    },
)  # fmt: skip
RATING_SHARES = Share(
    code="E-22", says="交易中心占 40%，招标人或代理机构占 40%，行政监督部门占 20%", source=LOCAL, since=SINCE, confidence="S",
    parts={"centre": Decimal("0.4"), "owner": Decimal("0.4"), "regulator": Decimal("0.2")},
)  # fmt: skip
ITEM_NAMES = {
    "attendance": "出勤", "discipline": "评审纪律", "professional": "专业水平", "fairness": "独立公正", "efficiency": "工作效率",
    "cooperation": "配合",
}  # fmt: skip
GRADES = Grades(
    code="E-23", says="年度考核九十分以上为优秀，七十五分以上为良好，六十分以上为合格", source=DESIGN, since=SINCE, confidence="D",
    steps=(("excellent", Decimal(90)), ("good", Decimal(75)), ("pass", Decimal(60))),
)  # fmt: skip
YEARLY_BASE, YEARLY_MOST = Decimal(100), Decimal(110)
FAILED = Period(code="E-24", says="年度考核不合格的，限期改正并暂停评标三个月", source=LOCAL, since=SINCE, confidence="S", months=3)
FAILED_AGAIN = Rule(code="E-25", says="再次考核不合格的，解聘出库", source=LOCAL, since=SINCE, confidence="S")
UNTRAINED = Rule(code="E-26", says="年度培训、考试未达标的，暂停评标直至达标", source=LOCAL, since=SINCE, confidence="S")
ONE_BATCH = Rule(code="E-27", says="专家库每年集中调整一次", source=LOCAL, since=SINCE, confidence="S")

SPOT_SHARE = MinimumShare(
    code="E-28", says="行业主管部门每年随机抽查上一年度的评标活动，按专家场次计不低于百分之十", source=DESIGN, since=SINCE, confidence="D",
    numerator=10, denominator=100,
)  # fmt: skip
SPOT_LOW = Mark(
    code="E-29", says="一标一考有一次低于七十五分的专家，至少抽查其一场", source=DESIGN, since=SINCE, confidence="D", least=Decimal(75)
)
SPOT_DUE = MaximumPeriod(
    code="E-34", says="抽查自抽取之日起六十日内办结", source=DESIGN, since=SINCE, confidence="D", days=60, consequence=Consequence.ALERT
)
SPOT_HEARING = MaximumPeriod(
    code="E-35", says="抽查发现问题的，专家可以在五个工作日内说明情况，听取意见后再作结论", source=DESIGN, since=SINCE, confidence="D", days=5, unit=WORKING,
)  # fmt: skip
SPOT_CORRECTION = MaximumPeriod(code="E-36", says="限期改正最长三十日", source=DESIGN, since=SINCE, confidence="D", days=30)
# The conduct that a praise enters.
PRAISE = "EX14"
# What a spot check looks into.
SPOT_ITEMS = {
    "attendance": "出勤：按时到场、全程参加", "discipline": "评审纪律：保密、回避、不作倾向性发言", "marking": "评分：按标准评审，与其他成员差异有理由",
    "rating": "一标一考：各方评价及理由", "fee": "劳务报酬：按标准领取",
}  # fmt: skip

REFUSALS = Standing(
    code="E-30", says="六个月内拒绝或者不应答超过三次的提醒，达到五次的暂停三个月", source=DESIGN, since=SINCE, confidence="D", months=6, remind_above=3,
    suspend_from=5, suspend_months=3,
)  # fmt: skip
FREQUENCY = Frequency(
    code="E-31", says="同一专家九十日内为同一招标人评标不超过三次", source=DESIGN, since=SINCE, confidence="D", most=3, days=90
)
FORMER_EMPLOYER = Period(
    code="E-32", says="三年内曾在利害关系单位任职的，应当回避", source=PROCUREMENT, since=date(2017, 1, 1), confidence="V2", months=36,
)  # fmt: skip
INTEREST = Rule(code="E-33", says="与投标人有利害关系的人不得进入相关项目的评标委员会", source=LAW, since=date(2000, 1, 1))
APART = timedelta(hours=4)
SHORT = Need(
    code="E-40", says="到位率低于 80%，或者在库人数不足最大一次需求的三倍的专业，应当征集", source=DESIGN, since=SINCE, confidence="D",
    fill=Decimal("0.8"), times=3,
)  # fmt: skip


def conduct(code, says, severity, points, source, *, confidence="D", removes=False, for_good=False, display_months=0):
    return Points(
        code=code, says=says, source=source, since=SINCE, confidence=confidence, severity=severity, points=Decimal(points), removes=removes,
        for_good=for_good, display_months=display_months,
    )  # fmt: skip


ORDINANCE = "《招标投标法实施条例》第七十一条"
CONDUCT = {
    rule.code: rule
    for rule in (
        conduct("EX01", "收受财物或者泄露评审秘密", 4, -100, "《招标投标法》第五十六条", confidence="V", removes=True, for_good=True, display_months=36),
        conduct("EX02", "应当回避而不回避", 4, -50, ORDINANCE, confidence="V", removes=True, display_months=12),
        conduct("EX03", "确认参加后缺席", 2, -5, DESIGN),
        conduct("EX04", "迟到", 1, -1, DESIGN),
        conduct("EX05", "擅离职守", 3, -10, ORDINANCE, confidence="V", display_months=6),
        conduct("EX06", "不按评标标准和方法评标，客观分错误", 3, -8, ORDINANCE, confidence="V", display_months=6),
        conduct("EX07", "私下接触投标人", 4, -30, ORDINANCE, confidence="V", removes=True, display_months=12),
        conduct("EX08", "发表倾向性意见，暗示或者诱导投标人", 3, -10, ORDINANCE, confidence="V", display_months=6),
        conduct("EX09", "评审期间携带、使用通讯工具", 2, -5, DESIGN),
        conduct("EX10", "拒绝协助处理质疑、投诉", 2, -5, PROCUREMENT, confidence="V2"),
        conduct("EX11", "超标准索要报酬", 2, -5, "发改法规〔2022〕1117号", confidence="V"),
        conduct("EX12", "年度培训学时或者考试未达标", 2, -5, LOCAL, confidence="S"),
        conduct("EX13", "发现串通投标、报告干预评标行为", 0, 5, DESIGN),
        conduct("EX14", "年度抽查评审质量突出，受到表扬", 0, 3, DESIGN),
    )
}  # fmt: skip


def years_between(since: date, until: date) -> int:
    """Whole years from one day to another."""
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def months_later(rule: Period, day: date) -> date:
    """The day on which a period of months that began on `day` is over."""
    return add_months(day, rule.months)
