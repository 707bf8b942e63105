"""The catalogue of conduct this city starts with: (code, family, title, severity, points, source, confidence)."""

from datetime import date
from decimal import Decimal

from credit.models import CreditRule

DESIGN = "本市信用评价细则（设计值，可调整）"
# Months that points and publication last, by severity; good conduct lasts twelve.
VALIDITY = {0: 12, 1: 3, 2: 6, 3: 12, 4: 24}
PUBLICATION = {0: 12, 1: 0, 2: 3, 3: 6, 4: 12}

BIDDER = (
    ("CR01", "M", "经查实与其他投标人串通投标", 4, -30, "《招标投标法》第五十三条", "V"),
    ("CR02", "M", "经查实与招标人或代理机构串通", 4, -30, "《招标投标法》第五十三条", "V"),
    ("CR03", "M", "以行贿谋取中标", 4, -30, "《招标投标法实施条例》第六十七条", "V"),
    ("CR04", "M", "伪造资质、业绩、人员或信用材料", 4, -25, "《招标投标法实施条例》第六十八条", "V"),
    ("CR05", "M", "以他人名义投标或出借资质", 4, -25, "《招标投标法实施条例》第六十九条", "V"),
    ("CR07", "M", "捏造事实或恶意投诉", 3, -10, "《政府采购质疑和投诉办法》第三十七条", "V"),
    ("CR09", "M", "无正当理由放弃中标", 3, -10, "《招标投标法实施条例》第七十四条", "V"),
    ("CR10", "M", "中标后三十日内不签订合同或附加条件", 3, -10, "《招标投标法实施条例》第七十四条", "V"),
    ("CR11", "M", "投标截止后撤销投标文件", 2, -5, "《招标投标法实施条例》第三十五条", "V"),
    ("CR13", "M", "因自身原因未按时解密", 1, -1, "《电子招标投标办法》第三十一条", "V"),
    ("CR14", "M", "扰乱开标现场秩序", 2, -3, DESIGN, "S"),
    ("CR15", "M", "拒绝检查或提供虚假情况", 3, -8, "《政府采购法》第七十七条", "V"),
    ("CR16", "P", "转包", 4, -25, "《招标投标法》第五十八条", "V"),
    ("CR17", "P", "违法分包", 4, -20, "《招标投标法》第五十八条", "V"),
    ("CR18", "P", "项目经理检查时不在岗", 2, -2, DESIGN, "S"),
    ("CR20", "P", "未经批准更换项目经理", 3, -8, DESIGN, "S"),
    ("CR21", "P", "因自身原因违约被解除合同", 4, -20, "《招标投标法》第六十条", "V"),
    ("CR22", "P", "因自身原因工期延误超过百分之十", 2, -4, DESIGN, "D"),
    ("CR23", "P", "经查实拖欠农民工工资", 3, -10, DESIGN, "D"),
    ("CR24", "Q", "一般质量事故", 3, -10, DESIGN, "D"),
    ("CR25", "Q", "较大及以上质量安全事故", 4, -30, DESIGN, "D"),
    ("CR26", "Q", "安全整改通知未按期完成", 2, -3, DESIGN, "D"),
    ("CR27", "Q", "被责令停工整改", 3, -6, DESIGN, "D"),
    ("CR28", "Q", "材料或结构检测不合格", 3, -6, DESIGN, "D"),
    ("CR29", "Q", "扬尘、文明施工不达标", 1, -2, DESIGN, "D"),
    ("CR33", "G", "获市级以上质量奖", 0, 3, DESIGN, "D"),
    ("CR34", "G", "按期履约并一次验收合格", 0, 2, DESIGN, "D"),
    ("CR35", "G", "参与应急抢险受表彰", 0, 2, DESIGN, "D"),
    ("CR36", "G", "纳税信用 A 级", 0, 2, DESIGN, "D"),
)


def load_rules():
    """Put the first version of the catalogue in place where there is none."""
    if CreditRule.objects.exists():
        return
    CreditRule.objects.bulk_create(
        CreditRule(
            code=code, family=family, title=title, severity=severity, points=Decimal(points), source=source,
            confidence=confidence, validity_months=VALIDITY[severity], publication_months=PUBLICATION[severity],
            since=date(2025, 1, 1),
        )
        for code, family, title, severity, points, source, confidence in BIDDER
    )  # fmt: skip
