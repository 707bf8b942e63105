"""What a contract of some size needs of its bidder: the measure by which a requirement is found to be above need.

Amounts are the city's working values for a first look, marked as such; a finding is a question, never a verdict.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.provisions import CONFIDENCE, Consequence, Rule

ARTICLE = "《招标投标法实施条例》第三十二条第（二）项"


@dataclass(frozen=True, kw_only=True)
class GradeNeed(Rule):
    """For contracts of a specialty below an amount (yuan), the lowest grade that is enough; the last grade needs no amount."""

    specialty: str
    steps: tuple[tuple[Decimal | None, str], ...] = ()
    performances: int = 0
    suggestion: str = "按工程规模确定资质等级，采用“及以上”的最低等级。"

    def grade_for(self, amount: Decimal) -> str:
        return next(grade for limit, grade in self.steps if limit is None or amount < limit)

    @property
    def basis(self) -> str:
        return f"{self.source}（{CONFIDENCE[self.confidence]}）"


def grades(specialty: str, third: int, second: int) -> GradeNeed:
    return GradeNeed(
        code=f"N-{specialty}", specialty=specialty, says="资质要求高于项目实际需要", source=f"{ARTICLE}；建筑业企业资质标准承包范围",
        since=date(2015, 1, 1), confidence="D", consequence=Consequence.ALERT,
        steps=((Decimal(third), "三级"), (Decimal(second), "二级"), (None, "一级")),
    )  # fmt: skip


NEEDS = (
    grades("建筑工程施工总承包", 10_000_000, 100_000_000),
    grades("市政公用工程施工总承包", 10_000_000, 80_000_000),
    grades("公路工程施工总承包", 15_000_000, 100_000_000),
    grades("水利水电工程施工总承包", 15_000_000, 80_000_000),
    grades("机电工程施工总承包", 15_000_000, 30_000_000),
    GradeNeed(
        code="N-performance", specialty="业绩", says="业绩要求高于项目实际需要", source=ARTICLE, since=date(2012, 2, 1), confidence="D",
        consequence=Consequence.ALERT, performances=2, suggestion="业绩的规模不高于本项目，数量以一至两项为宜。",
    ),
)  # fmt: skip


def need_of(words: str, amount: Decimal, on: date) -> GradeNeed | None:
    """The need that the words name, on a day; words may stand for it with something before it."""
    return next((need for need in NEEDS if words.endswith(need.specialty) and need.holds_on(on)), None)


def figure(amount: Decimal) -> str:
    return f"{(amount / 10_000).quantize(Decimal('0.01')).normalize():f} 万元"
