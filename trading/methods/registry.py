"""Each method of evaluation: where it may be used, how it ranks, and the parameters a document states, with their bounds."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from rulebook.limits import ShareRange
from rulebook.provisions import CONFIDENCE, in_force
from trading.methods import rules
from trading.procedures.rules import procurement

DECIMAL, INTEGER, CHOICE, LIST, TEXT = "decimal", "integer", "choice", "list", "text"
WORKS_SEALED = ("GC-OT", "GC-IT", "GC-PQ", "GC-2E", "GC-DESIGN", "GC-MATERIALS", "GC-SUPERVISION")
PROCUREMENT_SEALED = ("ZC-OT", "ZC-IT")
ALL_KINDS = ("works", "epc", "goods", "services")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One value that a document states. `when` names the parameter, and its values, that make this one matter.

    `rule` bounds it by law on a day; `least` and `most` are what makes sense. Without `in_documents` it is for trying
    only: the platform has no facts to apply it to. Works and goods may have bounds and beginnings of their own.
    """

    name: str
    label: str
    kind: str = DECIMAL
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    unit: str = ""
    help: str = ""
    when: tuple[str, tuple[str, ...]] | None = None
    rule: ShareRange | tuple[ShareRange, ...] | None = None
    in_documents: bool = True
    works_rule: ShareRange | None = None
    goods_default: str = ""

    def for_kind(self, kind: str) -> "Parameter":
        """As a document states it for what it buys."""
        if kind == "works" and self.works_rule:
            return replace(self, rule=self.works_rule, default=str(self.works_rule.least))
        return replace(self, default=self.goods_default) if kind == "goods" and self.goods_default else self

    def bounds(self, day: date) -> tuple[Decimal | None, Decimal | None]:
        if self.rule is None:
            return self.least, self.most
        rule = in_force(self.rule, day)
        return rule.least, rule.most

    def matters(self, settings: dict) -> bool:
        return self.when is None or str(settings.get(self.when[0], "")) in self.when[1]

    def said(self, value) -> str:
        """The value in words, with its unit."""
        if self.kind == CHOICE:
            return dict(self.choices).get(value, value)
        return f"{value}{' ' if self.unit else ''}{self.unit}"


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method. `by` says what ranks: points (the more the better) or price (the lower the better).

    `procedures` are the sealed ones whose documents may choose it, `parts` the parts of the criteria that may earn points.
    Without procedures it is carried out at a procedure's desk, or is a part of other methods, and can be tried here.
    """

    code: str
    name: str
    core: str
    where: str
    basis: str
    confidence: str
    by: str = "points"
    procedures: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ALL_KINDS
    parts: tuple[str, ...] = ("technical", "business", "credit", "price")
    two_envelopes: bool = False
    parameters: tuple[Parameter, ...] = ()

    @property
    def known(self) -> str:
        """How sure we are of its basis."""
        return CONFIDENCE[self.confidence]

    def parameter(self, name: str) -> Parameter:
        return next(each for each in self.parameters if each.name == name)

    def for_kind(self, kind: str) -> "Method":
        """The method with its parameters as they are for what is bought."""
        return replace(self, parameters=tuple(each.for_kind(kind) for each in self.parameters))

    def defaults(self) -> dict:
        return {each.name: each.default for each in self.parameters}


LOWEST, BENCHMARK, COMBINED = "LOWEST", "BENCHMARK", "COMBINED"
BY_DEVIATION = ("formula", (BENCHMARK, COMBINED))
ALONE, TOGETHER = ("formula", (BENCHMARK,)), ("formula", (COMBINED,))


FORMULAS = (
    (BENCHMARK, "平均值基准价，按偏差率扣分"),
    (COMBINED, "限价与平均值组合的基准价，按偏差率扣分"),
    (LOWEST, "低价优先，最低报价得满分"),
)


def formula(default=BENCHMARK, *, offered=(BENCHMARK, COMBINED, LOWEST)):
    choices = tuple(row for row in FORMULAS if row[0] in offered)
    return Parameter(name="formula", label="价格分公式", kind=CHOICE, default=default, choices=choices)


def deviation(above, below):
    return (
        Parameter(name="above", label="每高于基准价 1% 扣分（E1）", default=above, least=Decimal(0), most=Decimal(10), unit="分", when=BY_DEVIATION),
        Parameter(name="below", label="每低于基准价 1% 扣分（E2）", default=below, least=Decimal(0), most=Decimal(10), unit="分", when=BY_DEVIATION),
        Parameter(
            name="trimming", label="平均值的去高去低", kind=CHOICE, default="ONE_EACH", when=BY_DEVIATION,
            choices=(("ONE_EACH", "达到起点家数的，最高、最低各去掉一家"), ("TIERED", "分档：7 家起各去一家，10 家起各去 20%"), ("NONE", "不去")),
        ),
        Parameter(
            name="trim_from", label="去掉最高和最低报价的起点（家）", kind=INTEGER, default=str(rules.ONE_EACH.steps[0][0]), least=Decimal(0),
            most=Decimal(20), help="有效报价达到这个家数时，计算平均值去掉一个最高价和一个最低价；0 表示不去", when=("trimming", ("ONE_EACH",)),
        ),
        Parameter(
            name="k", label="基准价系数的来历", kind=CHOICE, default="FIXED", when=ALONE,
            choices=(("FIXED", "招标文件写定"), ("DRAWN", "开标时从备选值中抽取")),
        ),
        Parameter(
            name="coefficient", label="基准价系数", default="1", least=Decimal("0.8"), most=Decimal("1.2"), when=("k", ("FIXED",)),
            help="评标基准价 = 有效报价平均值 × 系数",
        ),
        Parameter(
            name="candidates", label="系数的备选值", kind=LIST, default="0.95 0.955 0.96 0.965 0.97 0.975 0.98", least=Decimal("0.8"),
            most=Decimal("1.2"), when=("k", ("DRAWN",)), help="用空格分开；由开标一览表的摘要算出取第几个，开标前谁也不知道，开标后人人可以核算",
        ),
        Parameter(name="discount", label="限价下浮率（%）", default="8", least=Decimal(0), most=Decimal(30), unit="%", when=TOGETHER),
        Parameter(name="k1", label="限价部分的系数 K1", default="0.96", least=Decimal("0.8"), most=Decimal("1.2"), when=TOGETHER),
        Parameter(name="q1", label="限价部分的权重 Q1", default="0.35", least=Decimal(0), most=Decimal(1), when=TOGETHER, help="平均值部分的权重 Q2 = 1 - Q1"),
        Parameter(name="k2", label="平均值部分的系数 K2", default="0.98", least=Decimal("0.8"), most=Decimal("1.2"), when=TOGETHER),
    )  # fmt: skip


def without(parameters, *names):
    return tuple(each for each in parameters if each.name not in names)


MARKS = Parameter(
    name="marks_trim_from", label="成员评分去高去低的起点（人）", kind=INTEGER, default=str(rules.MARKS_TRIMMED.minimum), least=Decimal(0),
    most=Decimal(15), help="委员会达到这个人数时，每项评分去掉一个最高分和一个最低分后平均；0 表示不去",
)  # fmt: skip
CREDIT = Parameter(
    name="credit", label="信用分的折算", kind=CHOICE, default="ABSOLUTE",
    choices=(("ABSOLUTE", "按百分制折算：信用评分 ÷ 100 × 分值"), ("RELATIVE", "与最高者相比：信用评分 ÷ 最高信用评分 × 分值")),
)  # fmt: skip
PRICE_FIRST_TIES = ("price,technical,draw", "报价低者优先；报价也相同的，技术分高者优先；仍相同的，按开标一览表的摘要抽签")
TIES = Parameter(
    name="ties", label="总分相同时", kind=CHOICE, default=PRICE_FIRST_TIES[0],
    choices=(PRICE_FIRST_TIES, ("price,technical,credit,draw", "报价低者、技术分高者、信用评分高者依次优先；仍相同的，按开标一览表的摘要抽签")),
)  # fmt: skip
PRICE_TIES = Parameter(
    name="ties", label="评标价相同时", kind=CHOICE, default="credit,draw",
    choices=(("credit,draw", "信用评分高者优先；仍相同的，按开标一览表的摘要抽签"), ("draw", "按开标一览表的摘要抽签")),
)  # fmt: skip
LAWFUL_TIES = Parameter(name="ties", label="得分相同时", kind=CHOICE, default=PRICE_FIRST_TIES[0], choices=(PRICE_FIRST_TIES,))
# The purchaser's choice for small firms, and what counts as one bidder, as documents of procurement state them.
DEDUCT, RESERVED, RESERVED_SMALL = "DEDUCTION", "RESERVED", "RESERVED_SMALL"
POLICY = Parameter(
    name="policy", label="中小企业政策", kind=CHOICE, default=DEDUCT,
    choices=(
        (DEDUCT, "不专门面向中小企业，对小微企业的报价给予价格扣除"),
        (RESERVED, "专门面向中小企业采购，不再价格扣除"),
        (RESERVED_SMALL, "专门面向小微企业采购，不再价格扣除"),
    ),
    help="投标人随投标文件填写《中小企业声明函》；监狱企业、残疾人福利性单位视同小微企业。专门面向的，声明函是资格条件",
)  # fmt: skip
DEDUCTION = Parameter(
    name="deduction", label="小微企业价格扣除（%）", default="10", rule=procurement.DEDUCTION, works_rule=procurement.DEDUCTION_WORKS, unit="%",
    when=("policy", (DEDUCT,)), help="评标价 = 报价 ×（1 - 扣除比例），只用于评审；合同价仍是报价",
)  # fmt: skip
# Where a procedure's desk carries the method out, documents have no sealed forms to declare in.
TRIED_DEDUCTION = replace(DEDUCTION, when=None, in_documents=False)
NO_BRAND, SINGLE, CORE = "NONE", "SINGLE", "CORE"
SAME_BRAND = Parameter(
    name="same_brand", label="同品牌的认定", kind=CHOICE, default=NO_BRAND, goods_default=SINGLE,
    choices=(
        (NO_BRAND, "不涉及品牌（服务、工程）"), (SINGLE, "单一产品采购，按所投产品的品牌认定"), (CORE, "非单一产品采购，按核心产品的品牌认定"),
    ),
    help="评分的，同品牌只有得分最高者可以成为候选人；最低价的，同品牌只有报价最低者参加评标。同品牌按一家投标人计算",
)  # fmt: skip
CORE_PRODUCT = Parameter(
    name="core_product", label="核心产品", kind=TEXT, when=("same_brand", (CORE,)), help="写明产品名称；几个标段不同的，逐个标段写明",
)  # fmt: skip
PREFERENCES = (POLICY, DEDUCTION, SAME_BRAND, CORE_PRODUCT)
LOW = tuple(
    Parameter(name=name, label=label, default=str(rule.least), rule=rule, unit="%", help="低于这个比例的报价须启动异常低价审查")
    for name, label, rule in (
        ("low_mean", "异常低价：平均报价的比例（%）", rules.LOW_BY_MEAN),
        ("low_second", "异常低价：次低报价的比例（%）", rules.LOW_BY_SECOND),
        ("low_limit", "异常低价：最高限价的比例（%）", rules.LOW_BY_LIMIT),
    )
)
ORDER_12, ORDER_87 = "《评标委员会和评标方法暂行规定》", "《政府采购货物和服务招标投标管理办法》"

METHODS = {
    row.code: row
    for row in (
        Method(
            code="COMPREHENSIVE_ASSESSMENT", name="综合评估法", core="各项评分加上价格分，得分高者优先", where="工程施工、货物、服务招标",
            basis=f"{ORDER_12}第三十四条至第三十七条", confidence="V", procedures=WORKS_SEALED,
            parameters=(formula(), *deviation("1", "0.5"), CREDIT, MARKS, TIES),
        ),
        Method(
            code="LOWEST_EVALUATED_PRICE", name="经评审的最低投标价法", core="报价按招标文件的量化因素调整，评标价低且不低于成本者优先",
            where="技术通用的工程施工和货物招标", basis=f"{ORDER_12}第二十九条至第三十三条", confidence="V", by="price",
            procedures=("GC-OT", "GC-IT", "GC-PQ", "GC-MATERIALS"), kinds=("works", "goods"), parts=(),
            parameters=(
                Parameter(
                    name="day_value", label="工期每晚一天加价（元）", default="0", least=Decimal(0), most=Decimal(1_000_000), unit="元/天",
                    help="与计划工期相比，早一天减同样的数；只用于评审，中标价仍是报价",
                ),
                Parameter(
                    name="month_share", label="付款每提前一月加价（报价的 %）", default="0", least=Decimal(0), most=Decimal(5), unit="%",
                    in_documents=False,
                ),
                PRICE_TIES,
            ),
        ),
        Method(
            code="COMPREHENSIVE_SCORING", name="综合评分法", core="价格分低价优先，各项得分相加，得分高者优先", where="政府采购公开、邀请招标",
            basis=f"{ORDER_87}第五十五条", confidence="V", procedures=PROCUREMENT_SEALED, parts=("technical", "business", "price"),
            parameters=(MARKS, *LOW, LAWFUL_TIES, *PREFERENCES),
        ),
        Method(
            code="LOWEST_PRICE", name="最低评标价法", core="满足全部实质性要求且报价最低者优先", where="政府采购公开、邀请招标；标准统一的货物服务应当采用",
            basis=f"{ORDER_87}第五十四条", confidence="V", by="price", procedures=PROCUREMENT_SEALED, parts=(),
            parameters=(*LOW, Parameter(
                name="ties", label="评标价相同时", kind=CHOICE, default="draw", choices=(("draw", "并列的，按开标一览表的摘要抽签"),),
            ), *PREFERENCES),
        ),
        Method(
            code="REASONABLE_LOW_PRICE", name="合理低价法", core="只评价格，满分 100 分，按与基准价的偏差扣分", where="公路等技术成熟的工程施工招标",
            basis="公路工程标准施工招标文件的通行做法", confidence="H", procedures=("GC-OT", "GC-IT", "GC-PQ"), kinds=("works",), parts=("price",),
            parameters=(formula(offered=(BENCHMARK,)), *without(deviation("2", "1"), "discount", "k1", "q1", "k2"), TIES),
        ),
        Method(
            code="BENCHMARK_K", name="基准价 K 值法", core="基准价 = 有效报价平均值 × 抽取的系数；是综合评估法价格分的一种算法", where="工程招标的价格分",
            basis="省级房屋市政工程评标规则的通行做法", confidence="M", parts=("price",),
            parameters=(formula(), *deviation("0.9", "0.6")),
        ),
        Method(
            code="DOUBLE_ENVELOPE", name="双信封评标法", core="先评技术商务，过线者再开报价，总分高者优先", where="公路、设计、工程总承包",
            basis="《电子招标投标办法》第二十六条；公路工程标准文件", confidence="H", procedures=WORKS_SEALED, two_envelopes=True,
            parameters=(
                Parameter(
                    name="pass_mark", label="第一信封通过线（满分的 %）", default="60", rule=rules.PASS_MARK, unit="%",
                    help="技术商务得分低于这个比例的，第二信封不开启、退回",
                ),
                formula(), *deviation("1", "0.5"), CREDIT, MARKS, TIES,
            ),
        ),
        Method(
            code="CREDIT_BUSINESS", name="商务诚信法", core="价格分与信用分相加，信用分占百分之二十五至三十", where="工程施工、货物、服务招标",
            basis=rules.CITY, confidence="S", procedures=WORKS_SEALED, parts=("credit", "price"),
            parameters=(formula(LOWEST), *deviation("1", "0.5"), CREDIT, TIES),
        ),
        Method(
            code="CREDIT_MARK", name="信用标", core="在其他办法中设五至十五分的信用分；分数以投标截止日零时的公示分为准", where="综合评估法、双信封评标法中的信用分",
            basis=rules.CITY, confidence="S", parts=("credit",), parameters=(CREDIT,),
        ),
        Method(
            code="VALUE_RATIO", name="性价比法", core="除价格外的得分除以报价，比值高者优先", where="法律没有规定办法的采购（原财政部令第18号，已废止）",
            basis="原《政府采购货物和服务招标投标管理办法》（2017 年废止）", confidence="H", parts=("technical", "business"),
        ),
        Method(
            code="NEGOTIATION_LOWEST", name="谈判、询价最低价", core="满足要求且最后报价最低者成交", where="竞争性谈判、询价（在交易流程中办理）",
            basis="《政府采购非招标采购方式管理办法》第三十五条、第四十八条", confidence="V", by="price", parts=(), parameters=(*LOW, TRIED_DEDUCTION),
        ),
        Method(
            code="CONSULTATION_SCORING", name="磋商综合评分", core="以最后报价按综合评分法计算", where="竞争性磋商（在交易流程中办理）",
            basis="财库〔2014〕214号第二十三条、第二十四条", confidence="V2", parts=("technical", "business", "price"),
            parameters=(*LOW, LAWFUL_TIES, TRIED_DEDUCTION),
        ),
        Method(
            code="HIGHEST_PRICE", name="价高者得", core="有效报价最高且不低于底价者竞得", where="土地、矿业权、国有产权（在交易流程中办理）",
            basis="《招标拍卖挂牌出让国有建设用地使用权规定》第十九条", confidence="H", by="highest", parts=(),
            parameters=(Parameter(name="reserve", label="底价（元，没有则填 0）", default="0", least=Decimal(0), unit="元"),),
        ),
        Method(
            code="LOT", name="摇号", core="在合格投标人中随机抽取", where="小额工程（在交易流程中办理）", basis="本市小额工程交易规则", confidence="S",
            by="lot", parts=(),
        ),
        Method(
            code="PRICE_FIRST", name="价格优先法", core="按报价由低到高排列，淘汰末位后入围", where="框架协议第一阶段（在交易流程中办理）",
            basis=f"{procurement.ORDER_110}第二十五条", confidence="V", by="price", parts=(), parameters=(*LOW, TRIED_DEDUCTION),
        ),
        Method(
            code="QUALITY_FIRST", name="质量优先法", core="按质量得分由高到低排列，淘汰末位后入围", where="框架协议第一阶段（在交易流程中办理）",
            basis=f"{procurement.ORDER_110}第二十五条", confidence="V", parts=("technical", "business"),
            parameters=(Parameter(
                name="instruments", label="采购对象", kind=CHOICE, default="NO", choices=(("NO", "一般货物、服务"), ("YES", "仪器设备")),
            ),),
        ),
    )
}  # fmt: skip


def offered_in(procedure: str, kind: str) -> list[Method]:
    """The methods that a document of a procedure may choose for what it buys, as they are for that."""
    return [row.for_kind(kind) for row in METHODS.values() if procedure in row.procedures and kind in row.kinds]


def name_of(code: str) -> str:
    return METHODS[code].name if code in METHODS else code
