"""The kinds of alerts, with the words for them. A room that raises its own adds it here."""

KINDS = {
    "limit": "超过法定时限",
    "tolerance": "容缺承诺未兑现",
    "outage": "平台故障影响交易",
    "splitting": "疑似拆分项目",
    "off_platform": "举报场外交易",
    "agency_correction": "代理机构整改逾期",
    "agency_complaint": "代理机构投诉逾期",
    "expert_check": "专家抽查逾期",
    "feedback": "评价反馈逾期未确认",
}
