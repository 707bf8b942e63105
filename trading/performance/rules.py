"""What law and city ask while a contract is carried out. Amounts a city sets itself may be replaced by LocalSetting rows."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from rulebook.limits import Ceiling
from rulebook.money import yuan
from rulebook.periods import WORKING, MaximumPeriod
from rulebook.provisions import Consequence as Then
from rulebook.provisions import Rule
from trading.performance.models import KeyPerson, LocalSetting, Post
from trading.procedures.rules import procurement, works
from trading.projects.models import Category

SUPERVISION_RULES = "本市标后监管办法（地方做法，可调整）"
DESIGN = "本市标后监管办法（设计值，可调整）"
SINCE = date(2020, 1, 1)


@dataclass(frozen=True, kw_only=True)
class LocalRule(Rule):
    """A value that the city sets for itself, in `unit`."""

    value: Decimal
    unit: str

    @property
    def shown(self) -> str:
        """The value with its unit, without idle zeros: 2,000,000 元."""
        return f"{self.value:,.2f}".rstrip("0").rstrip(".") + f" {self.unit}"


LOCAL = {
    rule.code: rule
    for rule in (
        LocalRule(
            code="L-PF-01", says="施工单位项目管理人员缺岗的，每人次扣款", source=SUPERVISION_RULES, since=SINCE, confidence="S",
            value=Decimal(5000), unit="元",
        ),
        LocalRule(
            code="L-PF-02", says="监理人员缺岗的，每人次扣款", source=SUPERVISION_RULES, since=SINCE, confidence="S",
            value=Decimal(2000), unit="元",
        ),
        LocalRule(
            code="L-PF-03", says="合同估算价达到此数的标段实行关键人员证书锁定（只登记，不收取证件原件）", source=SUPERVISION_RULES, since=SINCE,
            confidence="S", value=Decimal(2_000_000), unit="元",
        ),
        LocalRule(
            code="L-PF-04", says="关键人员每月在岗天数不少于", source=SUPERVISION_RULES, since=SINCE, confidence="M", value=Decimal(22), unit="天",
        ),
        LocalRule(
            code="L-PF-05", says="关键人员每月在岗天数占当月日历天数不少于（与在岗天数取其低）", source=SUPERVISION_RULES, since=SINCE, confidence="M",
            value=Decimal(80), unit="%",
        ),
        LocalRule(
            code="L-PF-06", says="工程合同累计变更金额超过原合同价的此比例时须经行政监督部门核准", source=DESIGN, since=SINCE, confidence="D",
            value=Decimal(10), unit="%",
        ),
        LocalRule(
            code="L-PF-07", says="履约评价达到此分且按期一次验收合格的，可登记为良好履约", source=DESIGN, since=SINCE, confidence="D",
            value=Decimal(85), unit="分",
        ),
    )
}  # fmt: skip
CONTRACTOR_ABSENCE, SUPERVISION_ABSENCE, CUSTODY_FROM, MONTHLY_DAYS, MONTHLY_SHARE, CHANGE_APPROVAL, GOOD_RATING = LOCAL


def values_on(day: date) -> dict[str, LocalRule]:
    """All the city's values that hold on a day: the newest setting of its own, else the one the platform came with."""
    values = dict(LOCAL)
    for own in LocalSetting.objects.filter(since__lte=day).order_by("since"):
        values[own.code] = replace(LOCAL[own.code], value=own.value, source=own.source, since=own.since, confidence="S")
    return values


def local(code: str, day: date) -> LocalRule:
    """One of them."""
    return values_on(day)[code]


STATEMENT = MaximumPeriod(
    code="D-PF-01", says="收到通知后五个工作日内可以陈述申辩", source=DESIGN, since=SINCE, confidence="D", consequence=Then.REFUSE,
    days=5, unit=WORKING,
)  # fmt: skip
EQUAL_QUALIFICATION = Rule(
    code="D-PF-03", says="更换关键人员须具备不低于原人员的资格，并经招标人同意、行政监督部门批准", source=SUPERVISION_RULES, since=SINCE, confidence="S",
)  # fmt: skip
ONE_CUSTODY = Rule(
    code="D-PF-04", says="证书锁定期间，同一人员不得在其他项目任职", source=SUPERVISION_RULES, since=SINCE, confidence="S",
)  # fmt: skip
ACCEPTANCE_FIRST = Rule(
    code="D-PF-05", says="验收合格后解除关键人员证书锁定、退还履约保证金", source=SUPERVISION_RULES, since=SINCE, confidence="S",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DailyInterest(Rule):
    """Interest for each day that a payment is late."""

    rate: Decimal

    def on(self, amount: Decimal, days: int) -> Decimal:
        return yuan(amount * self.rate * max(days, 0))


OVERDUE_INTEREST = DailyInterest(
    code="T-ZC-55", says="迟延支付中小企业款项且未约定利率的，按照每日利率万分之五支付逾期利息", source="《保障中小企业款项支付条例》第十七条",
    since=date(2020, 9, 1), rate=Decimal("0.0005"),
)  # fmt: skip


def bond_ceiling(category: str) -> Ceiling:
    return procurement.PERFORMANCE_DEPOSIT if category == Category.PROCUREMENT else works.PERFORMANCE_DEPOSIT


# Which certificate each post asks for, and whose absence costs what.
CERTIFICATES = {
    Post.MANAGER: KeyPerson.Certificate.BUILDER,
    Post.TECHNICAL: KeyPerson.Certificate.TITLE,
    Post.CONSTRUCTION: KeyPerson.Certificate.POST,
    Post.QUALITY: KeyPerson.Certificate.POST,
    Post.SAFETY: KeyPerson.Certificate.SAFETY,
    Post.MATERIALS: KeyPerson.Certificate.POST,
    Post.DOCUMENTS: KeyPerson.Certificate.POST,
    Post.CHIEF_SUPERVISOR: KeyPerson.Certificate.SUPERVISION,
    Post.SITE_SUPERVISOR: KeyPerson.Certificate.POST,
}
SUPERVISION_POSTS = (Post.CHIEF_SUPERVISOR, Post.SITE_SUPERVISOR)
HEADS = (Post.MANAGER, Post.CHIEF_SUPERVISOR)
# 项目经理和五大员: who must stand in the register, by what the lot buys.
TEAM = {
    "works": (Post.MANAGER, Post.CONSTRUCTION, Post.QUALITY, Post.SAFETY, Post.MATERIALS, Post.DOCUMENTS),
    "epc": (Post.MANAGER, Post.CONSTRUCTION, Post.QUALITY, Post.SAFETY, Post.MATERIALS, Post.DOCUMENTS),
    "services": (),
    "goods": (),
}


def absence_rule(post: str, day: date) -> LocalRule:
    """What the absence of one person of that post costs on a day."""
    return local(SUPERVISION_ABSENCE if post in SUPERVISION_POSTS else CONTRACTOR_ABSENCE, day)


@dataclass(frozen=True)
class RatingItem:
    name: str
    label: str
    most: int


RATING = {
    "tenderee": (
        RatingItem("quality", "质量与安全", 30),
        RatingItem("progress", "进度", 20),
        RatingItem("people", "人员到岗", 20),
        RatingItem("cost", "造价与变更", 15),
        RatingItem("service", "配合与保修", 15),
    ),
    "winner": (
        RatingItem("payment", "按期支付", 40),
        RatingItem("conditions", "提供履约条件", 30),
        RatingItem("conduct", "依法依约管理", 30),
    ),
}
# Credit rules that a confirmed absence, and a good performance, are entered under.
ABSENCE_CONDUCT, GOOD_CONDUCT = "CR18", "CR34"
