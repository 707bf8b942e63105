"""一标一评估: the risk points that staff check at each stage of a works tender, as dated data with their basis."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from rulebook.provisions import Consequence, Rule


class Severity(StrEnum):
    HINT = "提示"
    WARN = "一般"
    HIGH = "较高"
    GRAVE = "重大"


@dataclass(frozen=True, kw_only=True)
class RiskPoint(Rule):
    """`says` is the risk, `look` what to look at, `stage` the key of the stage; `limit` what the signal is measured by, if it is."""

    stage: str
    look: str
    severity: Severity
    limit: Decimal | timedelta | int | None = None
    consequence: Consequence = Consequence.ALERT


SINCE = date(2024, 1, 1)
LAW, RULES, ELECTRONIC = "《招标投标法》", "《招标投标法实施条例》", "《电子招标投标办法》"
LOCAL = "平台内部控制要求（地方做法，可调整）"
H, W, G, I = Severity.HIGH, Severity.WARN, Severity.GRAVE, Severity.HINT  # noqa: E741 - one letter each, as in the table


def point(code, stage, severity, says, look, source, confidence="V", limit=None):
    return RiskPoint(
        code=code, stage=stage, severity=severity, says=says, look=look, source=source, confidence=confidence, limit=limit, since=SINCE
    )


# Without what only other kinds of trade know, and what no person and no record of the platform could tell.
RISK_POINTS = (
    point("RP0101", "registered", H, "化整为零规避招标", "同一招标人近期有无拆分的同类项目", f"{LAW}第四条"),
    point("RP0102", "registered", G, "招标方式与核准不一致", "登记的招标方式与核准文件是否一致", f"{RULES}第七条"),
    point("RP0103", "registered", G, "批准、资金材料缺失或过期", "要求的登记材料是否齐全", f"{LAW}第九条"),
    point("RP0105", "registered", G, "代理机构没有委托合同", "委托代理协议是否上传", f"{RULES}第十四条"),
    point("RP0106", "registered", H, "招标人与代理机构有利害关系", "有无共同负责人或者股权关系", f"{LAW}第十四条"),
    point("RP0108", "registered", W, "没有集体决策记录", "“三重一大”决策材料是否上传", LOCAL, "S"),
    point("RP0201", "bidding", G, "固定版块被改动", "招标文件固定版块与范本是否一致", LOCAL, "S"),
    point("RP0202", "bidding", H, "含有限制竞争的条件", "保留的可疑条款及其理由是否成立", f"{RULES}第三十二条"),
    point("RP0206", "bidding", G, "投标保证金超过上限", "保证金与估算价之比", f"{RULES}第二十六条"),
    point("RP0302", "bidding", G, "公告和投标准备时间不足", "文件发出到投标截止的天数", f"{LAW}第二十四条"),
    point("RP0303", "bidding", H, "不同媒介公告内容不一致", "各媒介公告内容是否一致", f"{RULES}第十五条"),
    point("RP0308", "bidding", W, "投标截止多次推迟", "推迟次数", LOCAL, "D", limit=2),
    point("RP0401", "bidding", G, "澄清影响投标而未顺延", "影响投标的澄清距投标截止的天数", f"{RULES}第二十一条"),
    point("RP0402", "bidding", H, "澄清没有送达全部获取人", "送达回执是否齐全", f"{RULES}第二十一条"),
    point("RP0501", "bidding", H, "获取文件的名单泄露", "有无无关人员查看或打听获取人名单", f"{LAW}第二十二条、第五十二条"),
    point("RP0503", "bidding", H, "保证金不从基本账户转出", "保证金来款账户", f"{RULES}第二十六条"),
    point("RP0701", "opening", H, "未按时开标", "开标时间与公告时间之差", f"{LAW}第三十四条", limit=timedelta(minutes=5)),
    point("RP0702", "opening", G, "投标人不足三家而开标", "投标人家数", f"{RULES}第四十四条"),
    point("RP0703", "opening", G, "接收了迟到的投标", "投标接收时间与截止时间", f"{LAW}第二十八条"),
    point("RP0704", "opening", W, "大量投标文件未能解密", "未解密的份数占比", f"{ELECTRONIC}第三十一条", limit=Decimal("0.30")),
    point("RP0705", "opening", H, "投标文件制作机器相同", "有无机器特征码相同的提示", f"{RULES}第四十条"),
    point("RP0707", "opening", H, "开标现场异议没有当场答复", "现场异议与答复", f"{RULES}第四十四条"),
    point("RP0708", "opening", W, "开标记录没有公布", "开标记录是否生成并公布", f"{ELECTRONIC}第三十二条"),
    point("RP0602", "evaluating", G, "评标委员会组成不合规", "成员人数与专家占比", f"{LAW}第三十七条"),
    point("RP0603", "evaluating", G, "评委应当回避而没有回避", "评委与投标人有无利害关系", f"{RULES}第四十六条"),
    point("RP0606", "evaluating", H, "评委名单提前泄露", "有无提前查看或打听评委名单", f"{LAW}第三十七条"),
    point("RP0801", "evaluating", H, "评标现场无录音录像或有无关人员", "录音录像与进出人员", f"{LAW}第三十八条"),
    point("RP0803", "evaluating", W, "评分畸高畸低", "主观分是否明显偏离", LOCAL, "D"),
    point("RP0806", "evaluating", G, "否决投标没有理由", "否决的理由是否写明", f"{RULES}第五十一条"),
    point("RP0808", "evaluating", W, "评标时间过短或过夜", "评标所用时间与投标数量", LOCAL, "D"),
    point("RP0901", "candidates_public", H, "逾期公示中标候选人", "报告签署到公示的天数", f"{RULES}第五十四条"),
    point("RP0902", "candidates_public", G, "公示期不足", "公示的天数", f"{RULES}第五十四条"),
    point("RP0903", "candidates_public", H, "公示内容不完整", "公示内容是否齐全", "《招标公告和公示信息发布管理办法》第六条"),
    point("RP0904", "award_decided", G, "不按排名定标", "中标人是否排名第一，或者前者已依法放弃", f"{RULES}第五十五条"),
    point("RP0906", "award_decided", G, "暂停期间定标", "定标时有无未解除的暂停", f"{RULES}第六十二条"),
    point("RP0907", "award_decided", G, "中标人被限制或者项目经理在建", "中标人信用和项目经理锁定情况", LOCAL, "S"),
    point("RP0908", "award_decided", H, "候选人接连放弃", "放弃的候选人及理由", f"{RULES}第四十条"),
    point("RP1001", "contracted", H, "逾期订立合同", "中标通知书到合同签订的天数", f"{LAW}第四十六条"),
    point("RP1002", "contracted", G, "合同与投标文件不一致", "合同价款、工期、项目经理", f"{RULES}第五十七条"),
    point("RP1003", "contracted", H, "合同没有公布", "合同订立信息是否公布", f"{RULES}第五十七条", "S"),
)
BY_CODE = {row.code: row for row in RISK_POINTS}


def points_of(stage, day):
    """The points of a stage that are in force on a day."""
    return [row for row in RISK_POINTS if row.stage == stage and row.holds_on(day)]
