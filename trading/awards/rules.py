"""What the law and the city ask of the contract after an award, by category of trade."""

import re
from dataclasses import dataclass
from datetime import date

from rulebook.limits import MaximumCount
from rulebook.periods import MaximumPeriod
from rulebook.provisions import Consequence as Then
from rulebook.provisions import Rule
from trading.procedures.rules import procurement, works
from trading.projects.models import Category

LOCAL = "本市合同备案公开办法（设计值，可调整）"

WORKS_CONTRACT_PUBLISHED = MaximumPeriod(
    code="D-GC-01", says="自合同订立之日起十五日内公开合同订立信息", source=LOCAL, since=date(2020, 1, 1), confidence="D",
    consequence=Then.ALERT, days=15, start="contract_signed", end="contract_published",
)  # fmt: skip
WORKS_CONTRACT_FILED = MaximumPeriod(
    code="D-GC-02", says="自合同订立之日起十五日内将合同报行政监督部门备案", source=LOCAL, since=date(2020, 1, 1), confidence="D",
    consequence=Then.ALERT, days=15, start="contract_signed", end="contract_copy_filed",
)  # fmt: skip
LONGEST_AGREED_PAYMENT = MaximumCount(
    code="T-ZC-55", says="合同另有约定的，付款期限最长不得超过六十日", source="《保障中小企业款项支付条例》第九条",
    since=date(2020, 9, 1), maximum=60,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SideDeals(Rule):
    """Words that change price or risk behind the tender's back; one that is denied ("不得…") is no such word."""

    words: tuple[str, ...]

    def found_in(self, text: str) -> str:
        """The first such phrase of a text, or ""; each clause is read by itself."""
        for clause in re.split(r"[。；，,;\n]", text):
            for word in self.words:
                before, found, _ = clause.partition(word)
                if found and not re.search("不得|不应|禁止|严禁|无需", before):
                    return word
        return ""


NO_SIDE_DEALS = SideDeals(
    code="GC-46", says="不得再行订立背离合同实质性内容的其他协议；主要条款应当与招标文件和投标文件的内容一致",
    source="《招标投标法》第四十六条、《招标投标法实施条例》第五十七条", since=date(2012, 2, 1),
    words=("让利", "下浮", "垫资", "垫款", "另行签订协议", "私下", "返还工程款", "以审计结果下调"),
)  # fmt: skip


@dataclass(frozen=True)
class ContractRules:
    """The periods of one category: signing from the award notice, publication and filing from the signing."""

    due: MaximumPeriod
    published: MaximumPeriod
    filed: MaximumPeriod


WORKS_RULES = ContractRules(works.CONTRACT_DUE, WORKS_CONTRACT_PUBLISHED, WORKS_CONTRACT_FILED)
BY_CATEGORY = {
    Category.PROCUREMENT: ContractRules(procurement.CONTRACT_DUE, procurement.CONTRACT_PUBLISHED, procurement.CONTRACT_FILED),
}


def contract_rules(category: str) -> ContractRules:
    """The rules of a category; where none are its own, those of works."""
    return BY_CATEGORY.get(Category(category), WORKS_RULES)
