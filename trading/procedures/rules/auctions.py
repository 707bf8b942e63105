"""What the law asks of every auction (拍卖)."""

from datetime import date

from rulebook.periods import MinimumPeriod
from rulebook.provisions import Consequence as Then

LAW = date(1997, 1, 1)  # 拍卖法 in force

NOTICE = MinimumPeriod(
    code="T-PM-01", says="拍卖人应当于拍卖日七日前发布拍卖公告", source="《拍卖法》第四十五条", since=LAW, days=7,
    start="auction_notice_published", end="auction_day",
)  # fmt: skip
EXHIBITION = MinimumPeriod(
    code="T-PM-02", says="拍卖标的的展示时间不得少于两日", source="《拍卖法》第四十八条", since=LAW, days=2,
    start="exhibition_start", end="exhibition_end",
)  # fmt: skip
RECORDS_KEPT = MinimumPeriod(
    code="T-PM-03", says="账簿、拍卖笔录和其他有关资料的保管期限，自委托拍卖合同终止之日起不得少于五年",
    source="《拍卖法》第五十四条", since=LAW, consequence=Then.KEEP, months=60,
    start="commission_ended", end="auction_records_deleted",
)  # fmt: skip
