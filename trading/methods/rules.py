"""What law and city ask of evaluation methods beside the shares of the price, which stand with procurement."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from rulebook.limits import MinimumCount, ShareAbove, ShareBelow, ShareRange
from rulebook.provisions import Consequence as Then
from rulebook.provisions import Rule

CITY = "本市评标办法规则（地方做法，可调整）"
DESIGN = "本市评标办法规则（设计值，可调整）"
SINCE = date(2020, 1, 1)
NOTICE, NOTICE_SINCE = "财库〔2026〕2号", date(2026, 2, 1)


@dataclass(frozen=True, kw_only=True)
class Trimming(Rule):
    """How many of the highest and of the lowest prices leave the mean: from so many bids on, a count or a share of them."""

    steps: tuple[tuple[int, int | Fraction], ...]


CREDIT_BUSINESS = ShareRange(
    code="E-01", says="商务诚信法的信用分占总分的百分之二十五至百分之三十", source=CITY, since=SINCE, confidence="S", least=Decimal(25), most=Decimal(30),
)  # fmt: skip
CREDIT_MARK = ShareRange(
    code="E-02", says="其他办法设信用标的，信用分占总分的百分之五至百分之十五", source=CITY, since=SINCE, confidence="S", least=Decimal(5), most=Decimal(15),
)  # fmt: skip

# `least` holds where the document says nothing; the purchaser may set more, up to `most`.
LOW_BY_MEAN = ShareRange(
    code="E-03", says="报价低于通过符合性审查的报价平均值的百分之五十（可以约定至百分之六十五）的，应当启动异常低价审查", source=NOTICE,
    since=NOTICE_SINCE, confidence="V2", consequence=Then.WARN, least=Decimal(50), most=Decimal(65),
)  # fmt: skip
LOW_BY_SECOND = ShareRange(
    code="E-04", says="报价低于次低报价的百分之五十（可以约定至百分之六十五）的，应当启动异常低价审查", source=NOTICE, since=NOTICE_SINCE,
    confidence="V2", consequence=Then.WARN, least=Decimal(50), most=Decimal(65),
)  # fmt: skip
LOW_BY_LIMIT = ShareRange(
    code="E-05", says="报价低于最高限价的百分之四十五（可以约定至百分之六十五）的，应当启动异常低价审查", source=NOTICE, since=NOTICE_SINCE,
    confidence="V2", consequence=Then.WARN, least=Decimal(45), most=Decimal(65),
)  # fmt: skip
WORKS_LOW_BY_MEAN = ShareBelow(
    code="E-06", says="工程报价低于有效报价平均值百分之八十五的，请投标人说明是否低于成本", source=f"《评标委员会和评标方法暂行规定》第二十一条；{DESIGN}",
    since=SINCE, confidence="D", consequence=Then.WARN, numerator=85, denominator=100,
)  # fmt: skip
WORKS_LOW_BY_LIMIT = ShareBelow(
    code="E-07", says="工程报价低于最高投标限价百分之八十的，请投标人说明是否低于成本", source=f"《评标委员会和评标方法暂行规定》第二十一条；{DESIGN}",
    since=SINCE, confidence="D", consequence=Then.WARN, numerator=80, denominator=100,
)  # fmt: skip

OUTLIER = ShareAbove(
    code="E-08", says="评分偏离全体成员平均分百分之二十以上的，成员应当说明理由", source=DESIGN, since=SINCE, confidence="D",
    consequence=Then.WARN, numerator=20, denominator=100,
)  # fmt: skip
MARKS_TRIMMED = MinimumCount(
    code="E-09", says="评委七人以上的，每个评分项去掉一个最高分和一个最低分后平均", source=DESIGN, since=SINCE, confidence="M", minimum=7,
)  # fmt: skip
ONE_EACH = Trimming(
    code="E-10", says="有效报价五家以上的，去掉一个最高价和一个最低价后平均", source="公路工程合理低价法的通行做法", since=SINCE, confidence="M",
    steps=((5, 1),),
)  # fmt: skip
TIERED = Trimming(
    code="E-11", says="有效报价不足七家不去，七至九家去掉最高、最低各一家，十家以上最高、最低各去掉百分之二十（四舍五入）",
    source="省级基准价规则的通行做法", since=SINCE, confidence="M", steps=((7, 1), (10, Fraction(1, 5))),
)  # fmt: skip
PRICE_RANGE = ShareRange(
    code="E-12", says="中标价区间取同类项目中标价与最高限价之比的百分之十至百分之九十分位，低于区间的请投标人说明，不作为否决依据",
    source=f"《招标投标法实施条例》第二十七条；{DESIGN}", since=SINCE, confidence="D", consequence=Then.WARN, least=Decimal(10), most=Decimal(90),
)  # fmt: skip
PRICE_RANGE_SAMPLE = MinimumCount(
    code="E-13", says="同类中标项目不少于十个时才提示中标价区间", source=DESIGN, since=SINCE, confidence="D", consequence=Then.NOTE, minimum=10,
)  # fmt: skip
PASS_MARK = ShareRange(
    code="E-14", says="双信封第一信封的通过线为技术商务满分的百分之五十至百分之八十", source=DESIGN, since=SINCE, confidence="D", least=Decimal(50), most=Decimal(80),
)  # fmt: skip

ORDER_46, SMALL = "财库〔2020〕46号", date(2021, 1, 1)
SAME_BRAND = Rule(
    code="E-15",
    says="同品牌产品的不同投标人，综合评分的按一家计算、得分最高者获得中标人推荐资格，最低评标价的以报价最低者参加评标；"
    "非单一产品采购项目应当在招标文件中载明核心产品，以核心产品品牌认定",
    source="《政府采购货物和服务招标投标管理办法》第三十一条", since=date(2017, 10, 1),
)  # fmt: skip
DECLARED = Rule(
    code="E-16", says="中小企业参加政府采购活动应当出具《中小企业声明函》，否则不得享受中小企业扶持政策；货物须由中小企业制造，工程由其承建，服务由其承接",
    source=f"{ORDER_46}第四条、第十一条", since=SMALL, confidence="H",
)  # fmt: skip
DECLARATION_PUBLIC = Rule(
    code="E-17", says="中标供应商享受中小企业扶持政策的，随中标结果公开其《中小企业声明函》", source=f"{ORDER_46}第十三条", since=SMALL, confidence="H",
)  # fmt: skip
DECLARED_FALSELY = Rule(
    code="E-18", says="声明函内容不实的，属于提供虚假材料谋取中标", source=f"{ORDER_46}第二十条", since=SMALL, confidence="H", consequence=Then.NOTE,
)  # fmt: skip
LIKE_SMALL = Rule(
    code="E-19", says="监狱企业、残疾人福利性单位视同小型、微型企业", source="财库〔2014〕68号、财库〔2017〕141号", since=date(2017, 10, 1), confidence="H",
)  # fmt: skip

RULES = (
    CREDIT_BUSINESS, CREDIT_MARK, LOW_BY_MEAN, LOW_BY_SECOND, LOW_BY_LIMIT, WORKS_LOW_BY_MEAN, WORKS_LOW_BY_LIMIT, OUTLIER, MARKS_TRIMMED,
    ONE_EACH, TIERED, PRICE_RANGE, PRICE_RANGE_SAMPLE, PASS_MARK, SAME_BRAND, DECLARED, DECLARATION_PUBLIC, DECLARED_FALSELY, LIKE_SMALL,
)  # fmt: skip
