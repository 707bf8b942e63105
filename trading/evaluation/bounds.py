"""What bounds the committee's questions and rejections, with the articles."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from rulebook.limits import MaximumCount, MinimumCount
from rulebook.provisions import Rule


@dataclass(frozen=True, kw_only=True)
class AnswerTime(Rule):
    """How long a bidder has at least, and at most, to answer the committee."""

    least: timedelta
    most: timedelta


@dataclass(frozen=True, kw_only=True)
class MonitorAbove(Rule):
    """From which estimate on, and for whose money, a supervising expert is drawn beside the committee."""

    above: Decimal

    def asks(self, project):
        return project.state_funded and project.estimate is not None and project.estimate > self.above


@dataclass(frozen=True, kw_only=True)
class CallTime(Rule):
    """How long a called expert has to answer."""

    within: timedelta


@dataclass(frozen=True, kw_only=True)
class Waiting(Rule):
    """How long is waited before something is taken for refused."""

    after: timedelta


@dataclass(frozen=True, kw_only=True)
class ArrivalTime(Rule):
    """From how long after the appointed time on somebody counts as late, and when the seat goes to the next."""

    late: timedelta
    replaced: timedelta


@dataclass(frozen=True, kw_only=True)
class Tries(Rule):
    """How often a sheet may differ from the others' before each further try must wait."""

    free: int
    pause: timedelta


CLARITY = AnswerTime(
    code="E-Q-01",
    says="评标委员会可以书面要求投标人对含义不明确的内容作必要的澄清、说明，澄清、说明不得超出投标文件的范围或者改变投标文件的实质性内容；"
    "评标委员会不得暗示或者诱导投标人作出澄清、说明，不得接受投标人主动提出的澄清、说明",
    source="《招标投标法》第三十九条、《招标投标法实施条例》第五十二条（答复时间为平台设计值，可调整）",
    since=date(2012, 2, 1), confidence="V", least=timedelta(minutes=10), most=timedelta(hours=24),
)  # fmt: skip
LOW_PRICE = AnswerTime(
    code="E-Q-02", says="报价异常低的，评标委员会应当要求投标人在合理的时间内提供书面说明和证明材料，不能证明报价合理的，否决其投标",
    source="《评标委员会和评标方法暂行规定》第二十一条、财库〔2026〕2号（答复时间为平台设计值，可调整）",
    since=date(2013, 5, 1), confidence="V2", least=timedelta(minutes=30), most=timedelta(hours=24),
)  # fmt: skip
CORRECTION = AnswerTime(
    code="E-Q-04",
    says="报价前后不一致的，按规定修正，修正后的报价经投标人确认后产生约束力；投标人不确认或者逾期不答复的，其投标无效（否决其投标）",
    source="《评标委员会和评标方法暂行规定》第十九条、《政府采购货物和服务招标投标管理办法》第五十九条（答复时间为平台设计值，可调整）",
    since=date(2013, 5, 1), confidence="V2", least=timedelta(minutes=30), most=timedelta(hours=24),
)  # fmt: skip
TRIES = Tries(
    code="E-Q-05", says="评分因与其他成员不一致被退回三次以后，每次再提交应当间隔十分钟，退回次数载入评标报告",
    source="平台设计值，可调整（防止以反复试填的方式探知其他成员的评分）", since=date(2013, 5, 1), confidence="D", free=3,
    pause=timedelta(minutes=10),
)  # fmt: skip
# Why a bid may be rejected (条例第五十一条, 12号令第二十五条, 87号令第六十三条); the platform's own reasons are not for the committee.
REASONS = {
    "FORM_SIGNATURE": "投标文件未按要求签字、盖章",
    "FORM_CONSORTIUM": "联合体没有提交共同投标协议",
    "QUALIFICATION": "不符合资格条件",
    "MULTIPLE_BIDS": "提交两个以上不同的投标文件或者报价",
    "PRICE_BELOW_COST": "报价低于成本或者不能证明异常低价合理",
    "NON_RESPONSIVE": "没有响应招标文件的实质性要求和条件",
    "COLLUSION": "串通投标",
    "FRAUD": "弄虚作假",
    "BRIBERY": "行贿",
    "RELATED_PARTY": "与招标人或者其他投标人有影响公正的关联",
    "CONDITION": "附有不能接受的条件",
    "BLIND_BREACH": "暗标部分违反匿名要求",
}
REJECTION = Rule(
    code="E-Q-03", says="否决投标应当有招标文件载明的情形和理由，由评标委员会集体表决，少数服从多数",
    source="《招标投标法实施条例》第四十九条、第五十一条、第五十三条", since=date(2012, 2, 1),
)  # fmt: skip
CHAIR = Rule(
    code="E-C-01", says="评标委员会设负责人的，由评标委员会成员推举产生，与其他成员有同等的表决权",
    source="《评标委员会和评标方法暂行规定》第九条（得票相同时席位在前的担任，为平台设计，可调整）", since=date(2013, 5, 1), confidence="M",
)  # fmt: skip
OWNER_NEVER_CHAIRS = Rule(
    code="E-C-02", says="采购人代表不得担任组长", source="《政府采购货物和服务招标投标管理办法》第四十五条", since=date(2017, 10, 1),
)  # fmt: skip
ONE_REPRESENTATIVE = MaximumCount(
    code="E-C-03", says="招标人参加评标委员会的代表不超过一人，在抽取专家之前确定", source="本市公共资源交易规则（可调整）",
    since=date(2013, 5, 1), confidence="S", maximum=1,
)  # fmt: skip
# From this budget (yuan) on, a procurement is judged by seven or more.
LARGE_BUDGET = Decimal(10_000_000)
LARGE_COMMITTEE = MinimumCount(
    code="M-05", says="采购预算金额在一千万元以上的，评标委员会成员人数应当为七人以上单数",
    source="《政府采购货物和服务招标投标管理办法》第四十七条", since=date(2017, 10, 1), minimum=7,
)  # fmt: skip
MONITOR = MonitorAbove(
    code="E-C-03", says="使用国有资金、估算价超过三千万元的项目，另行随机抽取一名监标专家，监督评标过程并提交监标报告，不参加评审",
    source="本市评标现场管理办法（地方做法，可调整）", since=date(2018, 1, 1), confidence="S", above=Decimal(30_000_000),
)  # fmt: skip
CALL = CallTime(
    code="E-C-05", says="被抽中的专家应当在接到通知后三十分钟内答复；逾期未答复的，由候补依次替换", source="平台设计值（可调整）",
    since=date(2018, 1, 1), confidence="D", within=timedelta(minutes=30),
)  # fmt: skip
ARRIVAL = ArrivalTime(
    code="E-C-06", says="评标专家凭确认短信中的签到码和身份证件在评标区签到，人、证、名单相符后方可进场；迟到超过十五分钟的记录，超过三十分钟的更换",
    source="《评标专家和评标专家库管理办法》第七条、第二十一条（身份核验；时间为平台设计值，可调整）", since=date(2018, 1, 1), confidence="D",
    late=timedelta(minutes=15), replaced=timedelta(minutes=30),
)  # fmt: skip
UNSIGNED = Waiting(
    code="E-C-07", says="评标委员会成员拒绝在评标报告上签字又不书面说明其不同意见和理由的，视为同意评标结果，由评标委员会书面说明并记录在案",
    source="《招标投标法实施条例》第五十三条、《评标委员会和评标方法暂行规定》第四十三条（等候时间为平台设计值，可调整）",
    since=date(2012, 2, 1), confidence="V", after=timedelta(hours=1),
)  # fmt: skip
