"""Bid deposits: who need put up none, when and with what interest each goes back, and the rate of demand deposits."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rulebook.periods import WORKING, MaximumPeriod
from rulebook.provisions import Consequence as Then
from rulebook.provisions import Rule, in_force
from trading.procedures.rules import land, mining, procurement, works

REGULATION = date(2012, 2, 1)


@dataclass(frozen=True, kw_only=True)
class Exemption(Rule):
    """In these ways of trading no deposit may be asked for."""

    procedures: frozenset[str]

    def check(self, amount: Decimal, *, procedure: str, field: str = "", subject: str = "投标保证金") -> None:
        if amount > 0 and procedure in self.procedures:
            self.refuse(f"{subject}应为零（{self.says}）", field=field, next_step="请改为 0。")


@dataclass(frozen=True, kw_only=True)
class DemandRate(Rule):
    """What banks pay a year, in per cent, for money on demand."""

    percent: Decimal


# The days of a year by which demand deposits earn interest (人民币存款计结息规则：日利率＝年利率÷360).
YEAR = 360
EXEMPT = Exemption(
    code="B-01", says="框架协议采购的征集阶段和第二阶段不收取保证金", source="《政府采购框架协议采购方式管理暂行办法》（条款待核）",
    since=date(2022, 3, 1), confidence="L", procedures=frozenset({"ZC-KJ"}),
)  # fmt: skip
TERMINATED_REFUND = MaximumPeriod(
    code="B-02", says="招标人终止招标的，及时退还所收取的投标保证金及银行同期存款利息；“及时”按五日掌握",
    source="《招标投标法实施条例》第三十一条（日数为平台设计值，可调整）", since=REGULATION, confidence="D", consequence=Then.ALERT, days=5,
    start="terminated", end="termination_refunded",
)  # fmt: skip
OTHER_REFUND = MaximumPeriod(
    code="B-03", says="招标失败、未递交投标文件等法规没有写明日数的，五个工作日内退还保证金", source="本市平台退付规则（平台设计值，可调整）",
    since=REGULATION, confidence="D", consequence=Then.ALERT, days=5, unit=WORKING,
    start="bid_deadline", end="bid_deposit_refunded",
)  # fmt: skip
AT_ONCE_REFUND = MaximumPeriod(
    code="B-04", says="多付、迟付、非基本账户转出等不能计入保证金的款项，次一工作日内原路退回", source="本市平台退付规则（平台设计值，可调整）",
    since=REGULATION, confidence="D", consequence=Then.ALERT, days=1, unit=WORKING,
    start="bid_deadline", end="bid_deposit_refunded",
)  # fmt: skip
WITHHOLDING_ANSWER = MaximumPeriod(
    code="B-05", says="投标人对不予退还保证金的决定有异议的，可在收到决定之日起五个工作日内提出", source="本市平台退付规则（平台设计值，可调整）",
    since=REGULATION, confidence="D", consequence=Then.REFUSE, days=5, unit=WORKING,
    start="violation_decided", end="violation_published",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Ground(Rule):
    """A case in which a deposit need not go back; `key` names it in records."""

    key: str


GROUNDS = (
    Ground(
        code="B-07", key="revoked", says="投标截止后投标人撤销投标文件的，招标人可以不退还投标保证金",
        source="《招标投标法实施条例》第三十五条", since=REGULATION,
    ),
    Ground(
        code="B-07", key="no_contract",
        says="中标人无正当理由不订立合同、订立时提出附加条件或者不按要求提交履约保证金的，取消其中标资格，投标保证金不予退还",
        source="《招标投标法实施条例》第七十四条", since=REGULATION,
    ),
    Ground(
        code="B-07", key="document", says="招标文件载明的不予退还投标保证金的其他情形", source="招标文件（条款待核，由招标人写明条款号）",
        since=REGULATION, confidence="L",
    ),
)  # fmt: skip


def rate(since: date, until: date | None, percent: str, source: str, confidence: str) -> DemandRate:
    return DemandRate(
        code="B-06", says="活期存款年利率（百分比），用于计算银行同期存款利息", source=source, since=since, until=until,
        confidence=confidence, percent=Decimal(percent),
    )  # fmt: skip


CENTRAL, LISTED = "中国人民银行活期存款基准利率（待核公告文号）", "国有大型商业银行挂牌活期存款利率（待核挂牌公告）"
DEMAND_RATES = (
    rate(date(2011, 7, 7), date(2012, 6, 7), "0.50", CENTRAL, "H"),
    rate(date(2012, 6, 8), date(2012, 7, 5), "0.40", CENTRAL, "H"),
    rate(date(2012, 7, 6), date(2022, 9, 14), "0.35", CENTRAL, "H"),
    rate(date(2022, 9, 15), date(2023, 6, 7), "0.25", LISTED, "M"),
    rate(date(2023, 6, 8), date(2024, 7, 24), "0.20", LISTED, "M"),
    rate(date(2024, 7, 25), date(2024, 10, 17), "0.15", LISTED, "M"),
    rate(date(2024, 10, 18), date(2025, 5, 19), "0.10", LISTED, "M"),
    rate(date(2025, 5, 20), None, "0.05", LISTED, "M"),
)


class Occasion(StrEnum):
    """Why a deposit goes back when a tender takes its lawful course."""

    WITHDRAWN = "withdrawn"
    NOT_BID = "not_bid"
    LOST = "lost"
    WON = "won"
    TERMINATED = "terminated"
    FAILED = "failed"


@dataclass(frozen=True)
class Return:
    """Within which time a deposit goes back on an occasion, and whether the law adds the bank's interest."""

    period: MaximumPeriod
    interest: bool


OTHERS = {occasion: Return(OTHER_REFUND, interest=True) for occasion in Occasion}
AFTER_CONTRACT = Return(works.DEPOSIT_REFUND, interest=True)
# Article 35 and order 87 speak of the deposit alone when a bid is withdrawn; a session of land leaves no interest either.
RETURNS = {
    "GC": {
        **OTHERS,
        Occasion.WITHDRAWN: Return(works.WITHDRAWN_DEPOSIT_REFUND, interest=False),
        Occasion.LOST: AFTER_CONTRACT,
        Occasion.WON: AFTER_CONTRACT,
        Occasion.TERMINATED: Return(TERMINATED_REFUND, interest=True),
    },
    "ZC": {
        **OTHERS,
        Occasion.WITHDRAWN: Return(procurement.WITHDRAWN_REFUND, interest=False),
        Occasion.LOST: Return(procurement.LOSER_REFUND, interest=False),
        Occasion.WON: Return(procurement.WINNER_REFUND, interest=False),
        Occasion.TERMINATED: Return(procurement.TERMINATION_REFUND, interest=True),
    },
    "TD": {**OTHERS, Occasion.LOST: Return(land.LOSER_REFUND, interest=False)},
    "KY": {**OTHERS, Occasion.LOST: Return(mining.DEPOSIT_REFUND, interest=False)},
}


def return_of(category: str, occasion: Occasion) -> Return:
    """How a deposit goes back on an occasion, in a category of trade."""
    return RETURNS.get(category, OTHERS)[occasion]


def demand_rate(day: date) -> Decimal:
    """The yearly rate in per cent that money on demand earned on that day."""
    return in_force(DEMAND_RATES, day).percent


def ceiling_of(category: str, kind: str):
    """The ceiling of bid deposits: works know a fixed sum beside the share, goods and services do not (30号令第三十七条)."""
    if category == "ZC":
        return procurement.BID_DEPOSIT
    return works.BID_DEPOSIT if kind in ("works", "epc") else works.BID_DEPOSIT_SHARE
