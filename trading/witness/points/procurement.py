"""What can go wrong with government procurement (政府采购), by tender, talks, inquiry, single source or framework agreement."""

from decimal import Decimal

from trading.projects.models import Category
from trading.witness.points.point import ELECTRONIC, LOCAL, G, H, I, W, points

LAW, RULES, TENDER = "《政府采购法》", "《政府采购法实施条例》", "《政府采购货物和服务招标投标管理办法》"
OTHER_WAYS = "《政府采购非招标采购方式管理办法》"
REGISTRATION, PUBLICATION, OPENING, EVALUATION = ("registration",), ("publication",), ("opening",), ("evaluation",)
DOCUMENT = ("publication", "negotiation_notice", "consultation_notice", "inquiry_notice", "collection", "document")
REVIEW = ("evaluation", "ranking", "entrants", "talks")
AWARD = ("award", "deal_decision", "entry_notice")
CONTRACT = ("contract", "deal_contract", "call_off_start")

POINTS = points(
    (Category.PROCUREMENT,),
    (
        ("ZC0101", REGISTRATION, H, "化整为零规避公开招标", "同一预算项目下有无多次采用其他方式采购同类标的", f"{RULES}第二十八条"),
        ("ZC0102", REGISTRATION, G, "采购方式未经批准", "达到公开招标数额标准而采用其他方式的，有无批准文件", f"{LAW}第二十七条", "H"),
        ("ZC0103", ("intention",), W, "采购意向没有提前公开", "意向公开到采购开始的天数；可以不公开的，有无理由", "财库〔2020〕10号", "V2"),
        ("ZC0105", REGISTRATION, G, "代理机构没有委托协议", "采购代理协议是否上传", f"{LAW}第二十条", "H"),
        ("ZC0109", ("plan",), G, "没有预算或者超预算采购", "实施计划备案的预算", f"{LAW}第六条", "H"),
        ("ZC0110", ("uniqueness",), G, "不符合单一来源采购的情形", "论证意见、公示和异议处理情况", f"{LAW}第三十一条"),
        ("ZC0307", ("supplier_draw",), G, "邀请的供应商不是随机抽取", "抽取记录和在场人员", f"{TENDER}第十四条"),
        ("ZC0202", DOCUMENT, H, "以不合理的条件差别对待供应商", "资格条件、需求有无指向性", f"{RULES}第二十条", "H"),
        ("ZC0204", DOCUMENT, G, "把供应商规模作为资格要求或者评审因素", "注册资本、资产、营业收入、从业人员、利润、纳税额", f"{TENDER}第十七条"),
        ("ZC0206", PUBLICATION, G, "投标保证金超过上限", "保证金与预算之比", f"{RULES}第三十三条"),
        ("ZC0208", EVALUATION, H, "评审因素没有量化，或者把资格条件作为评审因素", "评审因素与分值是否对应", f"{TENDER}第五十五条"),
        ("ZC0302", PUBLICATION, G, "投标准备时间不足", "文件发出到投标截止的天数", f"{LAW}第三十五条"),
        ("ZC0308", PUBLICATION, W, "投标截止多次推迟", "推迟次数", LOCAL, "D", 2),
        ("ZC0402", PUBLICATION, H, "澄清没有送达全部获取人", "送达回执是否齐全", f"{TENDER}第二十七条"),
        ("ZC0501", DOCUMENT, H, "供应商名单泄露", "有无无关人员查看或打听供应商名单", f"{TENDER}第二十八条", "H"),
        ("ZC0702", OPENING, G, "投标人不足三家而开标", "投标人家数", f"{TENDER}第四十一条"),
        ("ZC0703", OPENING, G, "接收了迟到的投标", "投标接收时间与截止时间", f"{TENDER}第三十三条", "H"),
        ("ZC0704", OPENING, W, "大量投标文件未能解密", "未解密的份数占比", f"{ELECTRONIC}第三十一条", "V", Decimal("0.30")),
        ("ZC0705", OPENING, H, "投标文件制作机器相同", "有无机器特征码相同的提示", f"{TENDER}第三十七条"),
        ("ZC0708", OPENING, W, "开标记录没有公布", "开标记录是否生成并公布", f"{ELECTRONIC}第三十二条"),
        ("ZC0602", EVALUATION, G, "评标委员会组成不合规", "成员人数与专家占比", f"{TENDER}第四十七条", "H"),
        ("ZC0609", ("ranking", "entrants"), G, "评审小组组成不合规", "小组人数为三人以上单数，专家不少于三分之二", f"{OTHER_WAYS}第七条", "H"),
        ("ZC0603", REVIEW, G, "评审人员应当回避而没有回避", "评审人员与供应商有无利害关系", f"{RULES}第九条"),
        ("ZC0801", REVIEW, H, "评审现场无录音录像或有无关人员", "录音录像与进出人员", f"{TENDER}第三十九条、第六十六条"),
        ("ZC0802", EVALUATION, G, "客观评审因素评分不一致", "各成员对客观因素的评分", f"{TENDER}第六十四条"),
        ("ZC0803", EVALUATION, W, "评分畸高畸低", "主观分是否明显偏离", f"{TENDER}第六十四条"),
        ("ZC0805", REVIEW, H, "异常低价没有审查", "报价明显偏低的，有无要求说明", "财库〔2026〕2号"),
        ("ZC0806", EVALUATION, G, "投标无效没有理由", "无效的理由是否写明", LOCAL, "S"),
        ("ZC0810", ("talks",), H, "没有逐一谈判（磋商、协商）或者没有记录", "每家供应商的谈判机会和签字记录", f"{LAW}第三十八条", "H"),
        ("ZC0811", ("final_quote",), G, "报价在截止前泄露或者被更改", "报价的封存和开启时间", f"{LAW}第三十八条、第四十条", "H"),
        ("ZC0812", ("entrants",), H, "淘汰比例或者入围家数不合法", "评审排序与入围名单", "《政府采购框架协议采购方式管理暂行办法》第二十七条"),
        ("ZC0904", AWARD, G, "不按推荐的顺序确定供应商", "确定的供应商与推荐的名单", f"{RULES}第四十三条"),
        ("ZC0905", AWARD, H, "逾期确定供应商或者逾期公告结果", "收到报告到确定、确定到公告的工作日", f"{RULES}第四十三条"),
        ("ZC0906", ("award",), G, "暂停期间确定中标供应商", "确定时有无未解除的暂停", f"{LAW}第五十七条"),
        ("ZC0907", AWARD, G, "供应商被禁止参加采购活动", "供应商信用记录", f"{LAW}第二十二条", "H"),
        ("ZC1001", ("contract", "deal_contract"), H, "逾期签订合同", "通知书发出到合同签订的天数", f"{LAW}第四十六条"),
        ("ZC1002", CONTRACT, G, "合同与采购文件、响应文件不一致", "合同价款和实质性条款", f"{LAW}第四十六条"),
        ("ZC1003", ("contract_copy",), H, "合同没有公告或者没有备案", "合同公告和副本备案时间", f"{RULES}第五十条、{LAW}第四十七条"),
        ("ZC1006", ("contract_copy",), H, "补充合同超过百分之十", "追加采购金额与原合同金额之比", f"{LAW}第四十九条"),
        ("ZC1007", ("payment",), W, "逾期付款", "交付或者验收到付款的天数", "《保障中小企业款项支付条例》第九条"),
        ("ZC1009", ("call_off",), H, "第二阶段没有按征集文件载明的方式确定供应商", "逐笔采购的方式和顺序", "《政府采购框架协议采购方式管理暂行办法》", "H"),
        ("ZC0508", DOCUMENT, I, "获取文件的多、响应的少", "获取文件的供应商与响应的供应商家数", LOCAL, "D"),
    ),
)  # fmt: skip
