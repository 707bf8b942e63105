"""The conduct of agencies that the credit room may be told of: (code, family, title, severity, points, source, confidence)."""

from datetime import date
from decimal import Decimal

from credit.models import CreditRule
from credit.rules_data import DESIGN, PUBLICATION, VALIDITY

SINCE = date(2025, 1, 1)
AGENCY = (
    ("AG01", "M", "泄露应当保密的情况和资料，或者与他人串通", 4, -30, "《招标投标法》第五十条", "V"),
    ("AG02", "M", "在所代理的项目中投标、代理投标或者向投标人提供咨询", 4, -30, "《招标投标法实施条例》第十三条、第六十五条", "V"),
    ("AG03", "M", "公告发布后发现限制、排斥潜在投标人的条款", 3, -6, "《招标投标法实施条例》第三十二条", "V"),
    ("AG04", "M", "招标文件差错导致更正", 1, -2, DESIGN, "D"),
    ("AG05", "M", "法定时限设置错误", 2, -4, "《招标投标法实施条例》第六十四条", "V"),
    ("AG06", "M", "逾期退还投标保证金", 2, -3, "《招标投标法实施条例》第六十六条", "V"),
    ("AG07", "M", "缺席开标、评标，或者从业人员未经培训", 1, -2, DESIGN, "D"),
    ("AG08", "M", "向评标专家作倾向性提示", 3, -10, DESIGN, "M"),
    ("AG09", "M", "收费与公布的标准不符", 3, -6, "《政府采购代理机构管理暂行办法》（财库〔2018〕2号）", "H"),
    ("AG10", "M", "因代理机构原因异议、质疑成立", 2, -4, DESIGN, "D"),
    ("AG11", "M", "档案移交逾期或者不完整", 1, -2, DESIGN, "M"),
    ("AG12", "M", "拒绝检查或者提供虚假情况", 3, -8, DESIGN, "D"),
    ("AG14", "M", "业务能力不足，影响交易活动，经投诉查实", 2, -4, DESIGN, "D"),
    ("AG15", "M", "服务态度差、推诿拖延，经投诉查实", 1, -2, DESIGN, "D"),
    ("AG13", "G", "一年代理十个以上项目且评价不低于 95 分", 0, 3, DESIGN, "S"),
)


def load_conduct():
    """Put the agencies' part of the catalogue in place where it is missing."""
    known = set(CreditRule.objects.filter(party="agency").values_list("code", flat=True))
    CreditRule.objects.bulk_create(
        CreditRule(
            code=code, party="agency", family=family, title=title, severity=severity, points=Decimal(points), source=source, since=SINCE,
            confidence=confidence, validity_months=VALIDITY[severity], publication_months=PUBLICATION[severity],
        )
        for code, family, title, severity, points, source, confidence in AGENCY if code not in known
    )  # fmt: skip
