"""The kinds of alerts, with the words for them. A room that raises its own adds it here."""

KINDS = {
    "limit": "超过法定时限",
    "tolerance": "容缺承诺未兑现",
    "outage": "平台故障影响交易",
    "splitting": "疑似拆分项目",
    "off_platform": "举报场外交易",
}
