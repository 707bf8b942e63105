"""What the law asks when mining rights are granted (矿业权出让)."""

from datetime import date

from rulebook.periods import WORKING, MaximumPeriod, MinimumPeriod, ShowingPeriod
from rulebook.provisions import Consequence as Then

TERMS = "《矿业权出让交易规则》（国土资规〔2017〕7号、自然资规〔2023〕1号）"
SINCE = date(2017, 9, 6)

NOTICE = MinimumPeriod(
    code="T-KY-01", says="出让公告应当在挂牌、拍卖开始二十个工作日前发布", days=20, unit=WORKING,
    start="transfer_notice_published", end="session_start", source=TERMS, since=SINCE, confidence="M",
)  # fmt: skip
LISTING = MinimumPeriod(
    code="T-KY-02", says="挂牌期限不得少于十个工作日", days=10, unit=WORKING, start="listing_start", end="listing_end",
    source=TERMS, since=SINCE, confidence="M",
)  # fmt: skip
RESULT_SHOWN = ShowingPeriod(
    code="T-KY-03", says="成交结果公示不得少于十个工作日", days=10, unit=WORKING,
    start="confirmation_letter", end="result_publicity_end", source=TERMS, since=SINCE, confidence="M",
)  # fmt: skip
DEPOSIT_REFUND = MaximumPeriod(
    code="T-KY-04", says="活动结束后五个工作日内退还未竞得人的保证金", consequence=Then.ALERT, days=5, unit=WORKING,
    start="session_end", end="loser_deposit_refunded", source=TERMS, since=SINCE, confidence="M",
)  # fmt: skip
