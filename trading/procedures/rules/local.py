"""What this city asks where no law does: small works by lot, village and town collective resources."""

from datetime import date

from rulebook.periods import WORKING, MinimumPeriod, ShowingPeriod

SINCE = date(2018, 6, 1)
SMALL_WORKS = "本市小额工程办法（地方做法，可调整）"
VILLAGE = "本市村级集体资源交易办法（地方做法，可调整）"

SMALL_NOTICE = MinimumPeriod(
    code="L-01", says="小额工程摇号公告和报名时间不少于三个工作日", source=SMALL_WORKS, since=SINCE, confidence="D",
    days=3, unit=WORKING, start="notice_published", end="sign_up_end",
)  # fmt: skip
SMALL_RESULT = ShowingPeriod(
    code="L-02", says="小额工程摇号结果公示不少于三日", source=SMALL_WORKS, since=SINCE, confidence="S",
    days=3, start="result_published", end="result_publicity_end",
)  # fmt: skip
VILLAGE_NOTICE = MinimumPeriod(
    code="L-03", says="村级交易公告和报名时间不少于五日", source=VILLAGE, since=SINCE, confidence="M",
    days=5, start="notice_published", end="sign_up_end",
)  # fmt: skip
VILLAGE_RESULT = ShowingPeriod(
    code="L-04", says="村级成交结果公示不少于三日", source=VILLAGE, since=SINCE, confidence="M",
    days=3, start="result_published", end="result_publicity_end",
)  # fmt: skip
