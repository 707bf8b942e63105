"""What can go wrong when state property is transferred (国有产权交易)."""

from trading.projects.models import Category
from trading.witness.points.point import LOCAL, G, H, W, points

ORDER = "《企业国有资产交易监督管理办法》"
DISCLOSURE, SESSION, DEAL = ("disclosure",), ("session",), ("deal_contract",)

POINTS = points(
    (Category.PROPERTY,),
    (
        ("CQ0102", ("decision",), G, "未经决策、批准而转让", "决议和批准文件", f"{ORDER}第七条、第八条", "H"),
        ("CQ0107", ("registration",), G, "标的权属有争议或者被查封", "权属和查封、抵押情况", LOCAL, "S"),
        ("CQ0111", ("appraisal",), G, "没有审计、评估，或者评估没有核准备案", "审计报告、评估报告和核准（备案）文件", f"{ORDER}第十一条、第十二条", "H"),
        ("CQ0301", ("pre_disclosure",), H, "实际控制权转移而没有预披露", "是否致使控制权转移，预披露的工作日", f"{ORDER}第十三条", "H"),
        ("CQ0202", DISCLOSURE, H, "受让条件有明确指向性", "受让方资格条件", f"{ORDER}第十四条", "H"),
        ("CQ0206", DISCLOSURE, G, "低于评估结果百分之九十而没有批准", "转让底价与评估结果之比，书面批准", f"{ORDER}第十八条", "V2"),
        ("CQ0302", DISCLOSURE, G, "信息披露时间不足", "披露的工作日", f"{ORDER}第十三条", "V2"),
        ("CQ0501", DISCLOSURE, H, "意向受让方的名单或者家数泄露", "有无无关人员打听登记情况", LOCAL, "S"),
        ("CQ0505", ("qualification",), G, "保证金未按时到账而取得受让资格", "到账时间与资格确认", LOCAL, "S"),
        ("CQ0701", SESSION, H, "没有按披露的方式和时间竞价", "竞价方式、时间与信息披露公告", LOCAL, "S"),
        ("CQ0705", SESSION, G, "竞价人串通", "报价有无异常规律", LOCAL, "S"),
        ("CQ0709", SESSION, W, "竞价记录不完整", "竞价记录和成交确认书", LOCAL, "S"),
        ("CQ0904", DEAL, G, "合同价款低于成交价，或者成交后调整价格", "合同价款与成交价", LOCAL, "S"),
        ("CQ1007", ("settlement",), H, "价款没有通过交易机构结算或者逾期", "结算凭证和付款时间", f"{ORDER}第二十八条", "V2"),
        ("CQ0901", ("result_notice",), H, "交易结果没有公告", "公告的时间和天数", f"{ORDER}第三十一条", "V2"),
        ("CQ1003", ("certificate",), G, "价款没有付清而出具交易凭证", "结算凭证与交易凭证的时间", LOCAL, "S"),
    ),
)  # fmt: skip
