"""What the law asks when land use rights are granted (国有建设用地使用权出让)."""

from datetime import date

from rulebook.limits import MinimumCount, MinimumShare
from rulebook.periods import WORKING, MaximumPeriod, MinimumPeriod
from rulebook.provisions import Consequence as Then

ORDER_39 = "《招标拍卖挂牌出让国有建设用地使用权规定》"
SINCE = date(2007, 11, 1)
NOTICE_34, NOTICE_SINCE = "国土资发〔2010〕34号", date(2010, 3, 8)

NOTICE = MinimumPeriod(
    code="T-TD-01", says="至少在投标、拍卖或者挂牌开始日前二十日发布公告", source=f"{ORDER_39}第八条", since=SINCE, confidence="V2",
    days=20, start="transfer_notice_published", end="session_start",
)  # fmt: skip
LISTING = MinimumPeriod(
    code="T-TD-02", says="挂牌时间不得少于十日", source=f"{ORDER_39}第十八条", since=SINCE, confidence="H", days=10,
    start="listing_start", end="listing_end",
)  # fmt: skip
LOSER_REFUND = MaximumPeriod(
    code="T-TD-03", says="活动结束后五个工作日内退还未竞得人的保证金，不计利息", source=f"{ORDER_39}第二十一条", since=SINCE,
    confidence="H", consequence=Then.ALERT, days=5, unit=WORKING, start="session_end", end="loser_deposit_refunded",
)  # fmt: skip
RESULT_PUBLISHED = MaximumPeriod(
    code="T-TD-04", says="活动结束后十个工作日内公布出让结果", source=f"{ORDER_39}第二十二条", since=SINCE, confidence="V2",
    consequence=Then.ALERT, days=10, unit=WORKING, start="session_end", end="result_published",
)  # fmt: skip
CONTRACT_DUE = MaximumPeriod(
    code="T-TD-05", says="成交后十个工作日内签订出让合同", source=NOTICE_34, since=NOTICE_SINCE, confidence="H",
    waivable=True, consequence=Then.ALERT, days=10, unit=WORKING, start="confirmation_letter", end="contract_signed",
)  # fmt: skip
FIRST_PAYMENT = MaximumPeriod(
    code="T-TD-06", says="合同签订后一个月内缴纳出让价款百分之五十的首付款", source=f"{NOTICE_34}、财综〔2009〕74号",
    since=NOTICE_SINCE, confidence="H", consequence=Then.ALERT, months=1, start="contract_signed", end="first_payment",
)  # fmt: skip
FULL_PAYMENT = MaximumPeriod(
    code="T-TD-07", says="余款按合同约定缴纳，最迟不得超过一年", source=f"{NOTICE_34}、财综〔2009〕74号", since=NOTICE_SINCE,
    confidence="H", consequence=Then.ALERT, months=12, start="contract_signed", end="full_payment",
)  # fmt: skip
DEPOSIT = MinimumShare(
    code="T-TD-08", says="竞买保证金不得低于出让最低价的百分之二十", source=NOTICE_34, since=NOTICE_SINCE, confidence="H",
    numerator=20, denominator=100,
)  # fmt: skip
LISTING_BIDDERS = MinimumCount(
    code="C-12", says="挂牌期限内只有一个竞买人报价，且报价不低于底价并符合其他条件的，挂牌成交", source=f"{ORDER_39}第十九条",
    since=SINCE, confidence="H", consequence=Then.NOTE, minimum=1,
)  # fmt: skip
