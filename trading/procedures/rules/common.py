"""What holds for every kind of trade: penalties, remedies against them, disclosure, reports."""

from datetime import date

from rulebook.periods import WORKING, MaximumPeriod, MinimumPeriod, MonthDay
from rulebook.provisions import Consequence as Then

PENALTY, PENALTY_SINCE = "《行政处罚法》", date(2021, 7, 15)

PENALTY_DECISION = MaximumPeriod(
    code="T-ALL-01", says="自行政处罚案件立案之日起九十日内作出行政处罚决定", source=f"{PENALTY}第六十条", since=PENALTY_SINCE,
    consequence=Then.ALERT, days=90, start="case_filed", end="penalty_decided",
)  # fmt: skip
HEARING_REQUEST = MaximumPeriod(
    code="T-ALL-02", says="当事人要求听证的，应当在行政机关告知后五个工作日内提出", source=f"{PENALTY}第六十三条、第六十四条",
    since=PENALTY_SINCE, consequence=Then.REFUSE, days=5, unit=WORKING, start="hearing_right_told", end="hearing_requested",
)  # fmt: skip
HEARING_NOTICE = MinimumPeriod(
    code="T-ALL-03", says="应当在举行听证的七个工作日前通知当事人及有关人员", source=f"{PENALTY}第六十四条", since=PENALTY_SINCE,
    days=7, unit=WORKING, start="hearing_notified", end="hearing",
)  # fmt: skip
FINE_PAYMENT = MaximumPeriod(
    code="T-ALL-04", says="自收到行政处罚决定书之日起十五日内缴纳罚款；逾期每日按百分之三加处罚款",
    source=f"{PENALTY}第六十七条、第七十二条", since=PENALTY_SINCE, confidence="H", consequence=Then.ALERT, days=15,
    start="penalty_served", end="fine_paid",
)  # fmt: skip
RECONSIDERATION = MaximumPeriod(
    code="T-ALL-05", says="自知道或者应当知道行政行为之日起六十日内可以申请行政复议", source="《行政复议法》第二十条",
    since=date(2024, 1, 1), confidence="H", consequence=Then.NOTE, days=60,
    start="decision_known", end="reconsideration_filed",
)  # fmt: skip
INFORMATION_PUBLISHED = MaximumPeriod(
    code="T-ALL-06", says="自政府信息形成或者变更之日起二十个工作日内公开", source="《政府信息公开条例》第二十六条",
    since=date(2019, 5, 15), confidence="V2", consequence=Then.ALERT, days=20, unit=WORKING,
    start="information_formed", end="information_published",
)  # fmt: skip
DOUBLE_PUBLICITY = MaximumPeriod(
    code="T-ALL-07", says="行政许可和行政处罚决定自作出之日起七个工作日内公示", source="国办发〔2017〕97号",
    since=date(2017, 12, 1), confidence="V2", consequence=Then.ALERT, days=7, unit=WORKING,
    start="administrative_decision_made", end="administrative_decision_published",
)  # fmt: skip
PRESCRIPTION = MaximumPeriod(
    code="T-ALL-08", says="违法行为在二年内未被发现的，不再给予行政处罚", source=f"{PENALTY}第三十六条", since=PENALTY_SINCE,
    consequence=Then.NOTE, months=24, start="violation_done", end="violation_found",
)  # fmt: skip
LONG_PRESCRIPTION = MaximumPeriod(
    code="T-ALL-08", says="涉及公民生命健康安全、金融安全且有危害后果的，上述期限延长至五年", source=f"{PENALTY}第三十六条",
    since=PENALTY_SINCE, consequence=Then.NOTE, months=60, start="violation_done", end="violation_found",
)  # fmt: skip
MONTHLY_REPORT = MonthDay(
    code="T-ALL-09", says="每月二十五日前报送月度情况", source="本市平台考核办法（地方做法，可调整）", since=date(2018, 1, 1),
    confidence="S", consequence=Then.ALERT, day=25,
)  # fmt: skip
