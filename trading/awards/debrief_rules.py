"""What the law lets a loser be shown, what it withholds, why a bid fell, and when a result may be contested."""

from dataclasses import dataclass
from datetime import date

from rulebook.provisions import Rule
from trading.procedures.rules import procurement, works


@dataclass(frozen=True, kw_only=True)
class TradeRule(Rule):
    """A provision of the law of one trade; what another trade's law says of the same matter is a rule with a code of its own."""

    trade: str


ORDER_87 = "《政府采购货物和服务招标投标管理办法》"

OWN_SCORE = Rule(
    code="W-01", says="采用综合评分法评审的，应当告知未中标人本人的评审得分与排序；未通过资格审查的，应当告知其未通过的原因",
    source=f"{ORDER_87}第六十九条", since=procurement.TENDER, confidence="V2",
)  # fmt: skip
CANDIDATES_EXPLAINED = Rule(
    code="W-02", says="中标候选人公示应当载明中标候选人的排序、名称、投标报价、质量、工期以及评标情况",
    source="《招标公告和公示信息发布管理办法》第六条", since=works.MEDIA, confidence="H",
)  # fmt: skip
WINNER_TOTAL = Rule(
    code="W-03", says="采用综合评分法的，结果公告公布中标、成交供应商的评审总得分；其他评审情况应当保密",
    source=f"财办库〔2023〕243号、{ORDER_87}第六十六条", since=date(2023, 12, 8), confidence="M",
)  # fmt: skip
MEMBERS_SECRET = TradeRule(
    code="W-04", trade="GC", says="评标委员会成员和参与评标的有关工作人员不得透露对投标文件的评审和比较以及与评标有关的其他情况",
    source="《招标投标法》第四十四条", since=works.LAW, confidence="H",
)  # fmt: skip
MEMBERS_SECRET_IN_PROCUREMENT = TradeRule(
    code="W-11", trade="ZC", says="政府采购评审专家应当遵守评审工作纪律，不得泄露评审文件、评审情况和评审中获悉的商业秘密",
    source="《政府采购法实施条例》第四十条", since=procurement.REGULATION, confidence="H",
)  # fmt: skip

REJECTED = TradeRule(
    code="W-05", trade="GC", says="有法定情形之一或者不响应招标文件实质性要求的，评标委员会应当否决其投标",
    source="《招标投标法实施条例》第五十一条", since=works.REGULATION,
)  # fmt: skip
INVALID_IN_PROCUREMENT = TradeRule(
    code="W-12", trade="ZC", says="不具备资格、报价超过预算或者最高限价、含有不能接受的附加条件等情形的，投标无效",
    source=f"{ORDER_87}第六十三条", since=procurement.TENDER,
)  # fmt: skip
BY_THE_DOCUMENT = Rule(
    code="W-06", says="评标委员会应当按照招标文件确定的评标标准和方法，对投标文件进行评审和比较",
    source="《招标投标法》第四十条", since=works.LAW, confidence="H",
)  # fmt: skip
UNOPENED = Rule(
    code="W-07", says="因投标人原因造成投标文件未解密的，视为撤销其投标文件；因投标人之外的原因未解密的，视为撤回其投标文件",
    source="《电子招标投标办法》第三十一条", since=date(2013, 5, 1), confidence="H",
)  # fmt: skip

RESULT_OBJECTION = Rule(
    code="W-08", says="投标人对依法必须招标项目的评标结果有异议的，应当在中标候选人公示期间提出",
    source="《招标投标法实施条例》第五十四条", since=works.REGULATION,
)  # fmt: skip
OBJECTION_FIRST = Rule(
    code="W-09", says="就评标结果投诉的，应当先向招标人提出异议", source="《招标投标法实施条例》第六十条", since=works.REGULATION,
)  # fmt: skip

# The groups of negotiation and consultation tell whom they shut out (by procedure).
RESPONSE_INVALID = {
    "ZC-TP": Rule(
        code="W-10", says="未实质性响应谈判文件的响应文件按无效处理，谈判小组应当告知有关供应商",
        source="《政府采购非招标采购方式管理办法》第三十条", since=procurement.OTHER, confidence="H",
    ),
    "ZC-CS": Rule(
        code="W-13", says="未实质性响应磋商文件的响应文件按无效响应处理，磋商小组应当告知提交响应文件的供应商",
        source="财库〔2014〕214号第十六条", since=procurement.CONSULTATION, confidence="H",
    ),
}  # fmt: skip
