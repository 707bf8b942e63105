"""What this city and its centre ask beside national law: published, and changed by adding a version."""

from datetime import date, time, timedelta

from rulebook.extensions import OutageExtension
from rulebook.periods import WORKING, MaximumPeriod, MinimumPeriod, ShowingPeriod
from rulebook.provisions import Consequence as Then
from rulebook.provisions import Rule

PLATFORM = "本市公共资源交易平台服务规则（地方做法，可调整）"
SINCE = date(2018, 1, 1)

OPENING_DAY = Rule(
    code="L-01", says="交易中心开标场地只在工作日安排，投标截止（开标）时间应为工作日", source=PLATFORM, since=SINCE,
    confidence="S", waivable=True,
)  # fmt: skip
NOTICE_AFTER_ENTRY = MaximumPeriod(
    code="L-03", says="项目受理进场后九十日内发布公告；逾期未启动且经督促仍不办理的，可以终止", source="本市公共资源交易管理办法（地方做法，可调整）",
    since=SINCE, confidence="S", consequence=Then.ALERT, waivable=True, days=90, start="project_accepted", end="notice_published",
)  # fmt: skip
NOTICE_AFTER_URGING = MaximumPeriod(
    code="L-04", says="经督促后七日内启动交易", source="本市公共资源交易管理办法（地方做法，可调整）", since=SINCE, confidence="S",
    consequence=Then.ALERT, waivable=True, days=7, start="owner_urged", end="notice_published",
)  # fmt: skip
OUTAGE_EXTENSION = (
    OutageExtension(
        code="L-02",
        says="投标截止前二十四小时内平台故障持续五分钟以上的，截止时间自动顺延：故障不超过二小时的顺延二小时，超过二小时的顺延二十四小时",
        source=PLATFORM, since=SINCE, confidence="S", consequence=Then.POSTPONE, within=timedelta(hours=24),
        shortest=timedelta(minutes=5), short=timedelta(hours=2), after_short=timedelta(hours=2), after_long=timedelta(hours=24),
        first_hour=time(9, 0), last_hour=time(17, 0),
    ),
)  # fmt: skip
# How long an outage that the operator has declared holds back the locking of bids while a second person looks at it.
DECLARATION_GRACE = timedelta(hours=1)

# Small works by lot, village and town collective resources: no law asks anything of them.
SMALL_SINCE = date(2018, 6, 1)
SMALL_WORKS = "本市小额工程办法（地方做法，可调整）"
VILLAGE = "本市村级集体资源交易办法（地方做法，可调整）"

SMALL_NOTICE = MinimumPeriod(
    code="L-11", says="小额工程摇号公告和报名时间不少于三个工作日", source=SMALL_WORKS, since=SMALL_SINCE, confidence="D",
    days=3, unit=WORKING, start="notice_published", end="sign_up_end",
)  # fmt: skip
SMALL_RESULT = ShowingPeriod(
    code="L-12", says="小额工程摇号结果公示不少于三日", source=SMALL_WORKS, since=SMALL_SINCE, confidence="S",
    days=3, start="result_published", end="result_publicity_end",
)  # fmt: skip
VILLAGE_NOTICE = MinimumPeriod(
    code="L-13", says="村级交易公告和报名时间不少于五日", source=VILLAGE, since=SMALL_SINCE, confidence="M",
    days=5, start="notice_published", end="sign_up_end",
)  # fmt: skip
VILLAGE_RESULT = ShowingPeriod(
    code="L-14", says="村级成交结果公示不少于三日", source=VILLAGE, since=SMALL_SINCE, confidence="M",
    days=3, start="result_published", end="result_publicity_end",
)  # fmt: skip
