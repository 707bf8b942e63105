"""What can go wrong with a works tender (工程建设招标), and with small works given by lot (小额工程摇号)."""

from datetime import timedelta
from decimal import Decimal

from trading.projects.models import Category
from trading.witness.points.point import ELECTRONIC, LOCAL, G, H, W, points

LAW, RULES = "《招标投标法》", "《招标投标法实施条例》"
REGISTRATION, PUBLICATION, OPENING, EVALUATION = ("registration",), ("publication",), ("opening",), ("evaluation",)
CANDIDATES, AWARD, CONTRACT = ("candidates",), ("award",), ("contract",)

# Without what no person and no record of the platform could tell.
POINTS = points(
    (Category.WORKS,),
    (
        ("RP0101", REGISTRATION, H, "化整为零规避招标", "同一招标人近期有无拆分的同类项目", f"{LAW}第四条"),
        ("RP0102", REGISTRATION, G, "招标方式与核准不一致", "登记的招标方式与核准文件是否一致", f"{RULES}第七条"),
        ("RP0103", REGISTRATION, G, "批准、资金材料缺失或过期", "要求的登记材料是否齐全", f"{LAW}第九条"),
        ("RP0105", REGISTRATION, G, "代理机构没有委托合同", "委托代理协议是否上传", f"{RULES}第十四条"),
        ("RP0106", REGISTRATION, H, "招标人与代理机构有利害关系", "有无共同负责人或者股权关系", f"{LAW}第十四条"),
        ("RP0108", REGISTRATION, W, "没有集体决策记录", "“三重一大”决策材料是否上传", LOCAL, "S"),
        ("RP0201", PUBLICATION, G, "固定版块被改动", "招标文件固定版块与范本是否一致", LOCAL, "S"),
        ("RP0202", PUBLICATION, H, "含有限制竞争的条件", "保留的可疑条款及其理由是否成立", f"{RULES}第三十二条"),
        ("RP0206", PUBLICATION, G, "投标保证金超过上限", "保证金与估算价之比", f"{RULES}第二十六条"),
        ("RP0302", PUBLICATION, G, "公告和投标准备时间不足", "文件发出到投标截止的天数", f"{LAW}第二十四条"),
        ("RP0303", PUBLICATION, H, "不同媒介公告内容不一致", "各媒介公告内容是否一致", f"{RULES}第十五条"),
        ("RP0308", PUBLICATION, W, "投标截止多次推迟", "推迟次数", LOCAL, "D", 2),
        ("RP0401", PUBLICATION, G, "澄清影响投标而未顺延", "影响投标的澄清距投标截止的天数", f"{RULES}第二十一条"),
        ("RP0402", PUBLICATION, H, "澄清没有送达全部获取人", "送达回执是否齐全", f"{RULES}第二十一条"),
        ("RP0501", PUBLICATION, H, "获取文件的名单泄露", "有无无关人员查看或打听获取人名单", f"{LAW}第二十二条、第五十二条"),
        ("RP0503", PUBLICATION, H, "保证金不从基本账户转出", "保证金来款账户", f"{RULES}第二十六条"),
        ("RP0701", OPENING, H, "未按时开标", "开标时间与公告时间之差", f"{LAW}第三十四条", "V", timedelta(minutes=5)),
        ("RP0702", OPENING, G, "投标人不足三家而开标", "投标人家数", f"{RULES}第四十四条"),
        ("RP0703", OPENING, G, "接收了迟到的投标", "投标接收时间与截止时间", f"{LAW}第二十八条"),
        ("RP0704", OPENING, W, "大量投标文件未能解密", "未解密的份数占比", f"{ELECTRONIC}第三十一条", "V", Decimal("0.30")),
        ("RP0705", OPENING, H, "投标文件制作机器相同", "有无机器特征码相同的提示", f"{RULES}第四十条"),
        ("RP0707", OPENING, H, "开标现场异议没有当场答复", "现场异议与答复", f"{RULES}第四十四条"),
        ("RP0708", OPENING, W, "开标记录没有公布", "开标记录是否生成并公布", f"{ELECTRONIC}第三十二条"),
        ("RP0602", EVALUATION, G, "评标委员会组成不合规", "成员人数与专家占比", f"{LAW}第三十七条"),
        ("RP0603", EVALUATION, G, "评委应当回避而没有回避", "评委与投标人有无利害关系", f"{RULES}第四十六条"),
        ("RP0606", EVALUATION, H, "评委名单提前泄露", "有无提前查看或打听评委名单", f"{LAW}第三十七条"),
        ("RP0801", EVALUATION, H, "评标现场无录音录像或有无关人员", "录音录像与进出人员", f"{LAW}第三十八条"),
        ("RP0803", EVALUATION, W, "评分畸高畸低", "主观分是否明显偏离", LOCAL, "D"),
        ("RP0806", EVALUATION, G, "否决投标没有理由", "否决的理由是否写明", f"{RULES}第五十一条"),
        ("RP0808", EVALUATION, W, "评标时间过短或过夜", "评标所用时间与投标数量", LOCAL, "D"),
        ("RP0901", CANDIDATES, H, "逾期公示中标候选人", "报告签署到公示的天数", f"{RULES}第五十四条"),
        ("RP0902", CANDIDATES, G, "公示期不足", "公示的天数", f"{RULES}第五十四条"),
        ("RP0903", CANDIDATES, H, "公示内容不完整", "公示内容是否齐全", "《招标公告和公示信息发布管理办法》第六条"),
        ("RP0904", AWARD, G, "不按排名定标", "中标人是否排名第一，或者前者已依法放弃", f"{RULES}第五十五条"),
        ("RP0906", AWARD, G, "暂停期间定标", "定标时有无未解除的暂停", f"{RULES}第六十二条"),
        ("RP0907", AWARD, G, "中标人被限制或者项目经理在建", "中标人信用和项目经理锁定情况", LOCAL, "S"),
        ("RP0908", AWARD, H, "候选人接连放弃", "放弃的候选人及理由", f"{RULES}第四十条"),
        ("RP1001", CONTRACT, H, "逾期订立合同", "中标通知书到合同签订的天数", f"{LAW}第四十六条"),
        ("RP1002", CONTRACT, G, "合同与投标文件不一致", "合同价款、工期、项目经理", f"{RULES}第五十七条"),
        ("RP1003", CONTRACT, H, "合同没有公布", "合同订立信息是否公布", f"{RULES}第五十七条", "S"),
        ("GX0302", ("small_notice",), H, "公告时间不足", "公告发布到报名截止的天数", "本市小额工程办法（地方做法，可调整）", "D"),
        ("GX0501", ("sign_up",), H, "报名人名单泄露", "有无无关人员打听报名情况", LOCAL, "S"),
        ("GX0505", ("sign_up_check",), H, "资格、信用审查不一致", "未通过的是否逐一写明理由", LOCAL, "S"),
        ("GX0701", ("lot_session",), H, "摇号没有见证或者没有录音录像", "见证人到场和录像情况", LOCAL, "S"),
        ("GX0705", ("lot_session",), G, "名单锁定后被改动", "参加摇号的名单与公布的名单摘要", LOCAL, "S"),
        ("GX0902", ("lot_result",), G, "结果公示时间不足", "公示的天数", "本市小额工程办法（地方做法，可调整）", "S"),
        ("GX1002", ("small_contract",), G, "合同价与固定发包价不一致", "合同价款", LOCAL, "S"),
    ),
)
