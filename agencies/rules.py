"""What law and city ask of agencies and of those who use them."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from agencies.models import Rating, Service
from rulebook.limits import MinimumShare
from rulebook.periods import WORKING, MaximumPeriod, MinimumPeriod
from rulebook.provisions import Consequence as Then
from rulebook.provisions import Rule, in_force

CITY_RULES = "本市代理机构管理办法（地方做法，可调整）"
DESIGN = "本市代理机构管理办法（设计值，可调整）"
SINCE = date(2018, 1, 1)

FREE_CHOICE = Rule(
    code="DL-01", says="招标人有权自行选择招标代理机构，任何单位和个人不得以任何方式为招标人指定招标代理机构",
    source="《招标投标法》第十二条", since=date(2000, 1, 1), consequence=Then.NOTE,
)  # fmt: skip
FREE_CHOICE_PURCHASES = Rule(
    code="DL-02", says="采购人有权自行选择采购代理机构，任何单位和个人不得以任何方式为采购人指定采购代理机构",
    source="《政府采购代理机构管理暂行办法》（财库〔2018〕2号）", since=date(2018, 3, 1), confidence="H", consequence=Then.NOTE,
)  # fmt: skip
NO_LICENCE = Rule(
    code="DL-03", says="招标代理机构资格认定已经取消，从事代理业务不需要资格证书，实行事中事后监管",
    source="《招标投标法》（2017年修正）第十三条、第十四条", since=date(2017, 12, 28), confidence="H", consequence=Then.NOTE,
)  # fmt: skip
WRITTEN_MANDATE = Rule(
    code="DL-04", says="招标人应当与被委托的招标代理机构签订书面委托合同", source="《招标投标法实施条例》第十四条", since=date(2012, 2, 1),
)  # fmt: skip
WITHIN_MANDATE = Rule(
    code="DL-05", says="招标代理机构应当在招标人委托的范围内办理招标事宜", source="《招标投标法》第十五条", since=date(2000, 1, 1),
    consequence=Then.NOTE,
)  # fmt: skip
RESTRICTED = Rule(
    code="DL-06", says="被责令停业整改或者年度检查不合格的，在解除前不得承接新的代理业务，正在办理的业务依法办结", source=CITY_RULES, since=SINCE,
    confidence="S",
)  # fmt: skip
# The yearly inspection takes at least this part of the year's business, rounded up, and never nothing.
INSPECTED_SHARE = MinimumShare(
    code="DL-07", says="行政监督部门每年随机抽查代理机构当年代理业务的比例不低于百分之二十五", source=CITY_RULES, since=SINCE, confidence="S",
    numerator=25, denominator=100,
)  # fmt: skip
LONGEST_CORRECTION = MaximumPeriod(
    code="DL-08", says="整改期限最长六十日", source=DESIGN, since=SINCE, confidence="D", days=60,
)  # fmt: skip
RATING_PERIOD = MaximumPeriod(
    code="T-ZC-57", says="项目结束后五个工作日内对代理机构进行评价", source="《政府采购代理机构管理暂行办法》（财库〔2018〕2号）", since=date(2018, 3, 1),
    confidence="V2", days=5, unit=WORKING, consequence=Then.NOTE,
)  # fmt: skip
STATEMENT_PERIOD = MaximumPeriod(
    code="DL-09", says="评价结果告知后五个工作日内可以说明情况", source=DESIGN, since=SINCE, confidence="D", days=5, unit=WORKING,
)  # fmt: skip
PROPOSAL_PERIOD = MinimumPeriod(
    code="DL-10", says="竞争性遴选自发出邀请至方案提交截止不少于三日", source=DESIGN, since=SINCE, confidence="D", days=3,
)  # fmt: skip

COMPLAINT_ACCEPTANCE = MaximumPeriod(
    code="DL-13", says="自收到对代理机构的投诉之日起三个工作日内决定是否受理", source=f"参照《招标投标法实施条例》第六十一条；{DESIGN}", since=SINCE,
    confidence="D", days=3, unit=WORKING, consequence=Then.ALERT,
)  # fmt: skip
COMPLAINT_HEARING = MaximumPeriod(
    code="DL-14", says="受理后代理机构可以在五个工作日内说明情况", source=DESIGN, since=SINCE, confidence="D", days=5, unit=WORKING,
)  # fmt: skip
COMPLAINT_DECISION = MaximumPeriod(
    code="DL-15", says="自受理之日起三十个工作日内作出处理", source=f"参照《招标投标法实施条例》第六十一条；{DESIGN}", since=SINCE, confidence="D",
    days=30, unit=WORKING, consequence=Then.ALERT,
)  # fmt: skip

SELECTION_PERIOD = MinimumPeriod(
    code="DL-16", says="公开遴选自公布至报名截止不少于七日", source=DESIGN, since=SINCE, confidence="D", days=7,
)  # fmt: skip


def inspected(total, on):
    """How many of `total` tenders an inspection must look into at least: ceil(25 %), and one where there is any."""
    return in_force(INSPECTED_SHARE, on).least_of(total)


@dataclass(frozen=True, kw_only=True)
class FeeBasis(Rule):
    """On which ground a fee stands in a contract."""

    services: tuple[str, ...]


FEE_BASES = {
    row.code: row
    for row in (
        FeeBasis(
            code="market", says="市场调节价，由双方协商确定", source="《国家发展改革委关于进一步放开建设项目专业服务价格的通知》（发改价格〔2015〕299号）",
            since=date(2015, 3, 1), confidence="H", services=(Service.WORKS, Service.COST, Service.SURVEY, Service.AUCTION),
        ),
        FeeBasis(
            code="purchase", says="由采购人与代理机构约定，收费方式和标准在采购文件中载明，随结果公告公开",
            source="《政府采购代理机构管理暂行办法》（财库〔2018〕2号）", since=date(2018, 3, 1), confidence="H", services=(Service.PROCUREMENT,),
        ),
        FeeBasis(
            code="quoted", says="竞争性遴选中的报价", source="委托人公布的遴选标准和代理机构的报价", since=SINCE, confidence="S",
            services=tuple(Service),
        ),
    )
}  # fmt: skip


def fee_bases(contract):
    """(code, words) of the grounds that fit a contract."""
    quoted = contract.request.way == contract.request.Way.COMPETITION
    return [
        (row.code, f"{row.says}（{row.source}）")
        for row in FEE_BASES.values()
        if contract.service in row.services and (row.code != "quoted" or quoted)
    ]


# What must stand in a contract before it is offered: field and words.
CONTRACT_ASKED = (("scope", "委托范围"), ("powers", "代理权限"), ("fee", "服务费"), ("starts_on", "委托期限自"), ("ends_on", "委托期限至"))
POWERS = "编制招标（采购）文件，发布公告，组织开标、评标，办理异议答复的事务性工作，整理移交档案。确定中标人、签订合同由委托人自行办理。"

# A category of trade and the services that an agency must be mandated for in it; others may be done under either.
SERVICE_OF = {"GC": (Service.WORKS,), "ZC": (Service.PROCUREMENT,)}
AGENCY_SERVICES = (Service.WORKS, Service.PROCUREMENT, Service.AUCTION)


def services_for(category):
    return SERVICE_OF.get(category, AGENCY_SERVICES)


def category_of(service):
    """The category of trade that a service belongs to; empty for one that serves all of them."""
    return next((category for category, services in SERVICE_OF.items() if service in services), "")


# A regulator of works may have single classes of them as its sector (A03, highways).
WORKS_CLASSES = tuple(f"A{number:02d}" for number in range(1, 100))


def sectors_of(category):
    """The sectors whose regulators bind a category; none where every regulator does."""
    if not category:
        return ()
    return ("GC", *WORKS_CLASSES) if category == "GC" else (category,)


@dataclass(frozen=True)
class Item:
    """One thing that raters judge, with its weight of a hundred."""

    label: str
    weight: int


# The dimensions of an agency's conduct, and what each side's judgement weighs.
ITEMS = {
    "staff": Item("机构与人员", 10),
    "documents": Item("文件质量", 30),
    "procedure": Item("程序规范", 40),
    "service": Item("服务质量", 20),
}
SIDES = {Rating.Side.TENDEREE: 50, Rating.Side.CENTRE: 30, Rating.Side.BIDDER: 20}
RATING = Rule(
    code="DL-11", says="一标一评：招标人占 50%、交易中心占 30%、投标人占 20%；有一方未评的，按已评各方的权重折算", source=DESIGN, since=SINCE,
    confidence="D", consequence=Then.NOTE,
)  # fmt: skip
CENT = Decimal("0.01")


def rounded(value):
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def total_of(marks):
    """A rater's total from the marks of the items."""
    return rounded(sum((Decimal(marks[name]) * item.weight for name, item in ITEMS.items()), Decimal(0)) / 100)


def combined(totals):
    """(score, lines) from {side: totals of its raters}; sides that have not rated do not count. None without any."""
    present = {side: rows for side, rows in totals.items() if rows}
    weights = sum(SIDES[side] for side in present)
    if not weights:
        return None, []
    lines, score = [], Decimal(0)
    for side, rows in present.items():
        mean = sum(rows, Decimal(0)) / len(rows)
        score += mean * SIDES[side] / weights
        lines.append({"side": Rating.Side(side).label, "raters": len(rows), "mean": str(rounded(mean)), "weight": SIDES[side]})
    return rounded(score), lines


RANKING = Rule(
    code="DL-12", says="排名分 = 近两年一标一评得分的平均值；少于三次评价的不参加排名；限制期内的列在最后", source=DESIGN, since=SINCE, confidence="D",
    consequence=Then.NOTE,
)  # fmt: skip
RANKED_FROM = 3
RANKED_MONTHS = 24
