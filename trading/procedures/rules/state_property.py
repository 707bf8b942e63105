"""What the law asks when state property is sold (国有产权交易)."""

from datetime import date
from decimal import Decimal

from rulebook.limits import AmountAbove, Ceiling, MinimumCount, MinimumShare, ShareBelow
from rulebook.periods import WORKING, MaximumPeriod, MinimumPeriod, ShowingPeriod
from rulebook.provisions import Consequence as Then

ORDER_32 = "《企业国有资产交易监督管理办法》"
SINCE = date(2016, 6, 24)

PRE_DISCLOSURE = MinimumPeriod(
    code="T-CQ-01", says="因产权转让致使实际控制权转移的，预披露不得少于二十个工作日", source=f"{ORDER_32}第十三条", since=SINCE,
    confidence="H", days=20, unit=WORKING, start="pre_disclosure_start", end="pre_disclosure_end",
)  # fmt: skip
PRE_DISCLOSURE_DUE = MaximumPeriod(
    code="T-CQ-02", says="转让行为获批后十个工作日内预披露", source=f"{ORDER_32}第十三条", since=SINCE, confidence="V2",
    consequence=Then.ALERT, days=10, unit=WORKING, start="transfer_approved", end="pre_disclosure_start",
)  # fmt: skip
FORMAL_DISCLOSURE = MinimumPeriod(
    code="T-CQ-03", says="正式披露信息时间不得少于二十个工作日", source=f"{ORDER_32}第十三条", since=SINCE, confidence="V2",
    days=20, unit=WORKING, start="formal_disclosure_start", end="formal_disclosure_end",
)  # fmt: skip
LOW_PRICE = ShareBelow(
    code="T-CQ-04", says="新的转让底价低于评估结果百分之九十的，应当经转让行为批准单位书面同意", source=f"{ORDER_32}第十八条",
    since=SINCE, confidence="V2", numerator=90, denominator=100,
)  # fmt: skip
NO_BUYER = MaximumPeriod(
    code="T-CQ-05", says="自首次正式披露之日起超过十二个月未征集到合格受让方的，应当重新履行审计、评估和披露程序",
    source=f"{ORDER_32}第十九条", since=SINCE, confidence="H", months=12, start="formal_disclosure_start", end="buyer_found",
)  # fmt: skip
PAYMENT = MaximumPeriod(
    code="T-CQ-06", says="交易价款原则上应当自合同生效之日起五个工作日内一次付清", source=f"{ORDER_32}第二十八条", since=SINCE,
    confidence="V2", consequence=Then.ALERT, days=5, unit=WORKING, start="contract_effective", end="full_payment",
)  # fmt: skip
FIRST_INSTALMENT = MinimumShare(
    code="T-CQ-07", says="分期付款的首期付款不得低于总价款的百分之三十，并在合同生效之日起五个工作日内支付",
    source=f"{ORDER_32}第二十八条", since=SINCE, confidence="V2", numerator=30, denominator=100,
)  # fmt: skip
INSTALMENTS_END = MaximumPeriod(
    code="T-CQ-07", says="其余款项应当提供担保并支付延期付款利息，付款期限不得超过一年", source=f"{ORDER_32}第二十八条", since=SINCE,
    confidence="V2", consequence=Then.ALERT, months=12, start="contract_effective", end="last_instalment",
)  # fmt: skip
RESULT_SHOWN = ShowingPeriod(
    code="T-CQ-08", says="交易结果公告期不少于五个工作日", source=f"{ORDER_32}第三十一条", since=SINCE, confidence="V2",
    consequence=Then.ALERT, days=5, unit=WORKING, start="result_published", end="result_notice_end",
)  # fmt: skip
CAPITAL_INCREASE = MinimumPeriod(
    code="T-CQ-09", says="企业增资信息披露时间不得少于四十个工作日", source=f"{ORDER_32}第三十九条", since=SINCE, confidence="H",
    days=40, unit=WORKING, start="increase_disclosure_start", end="increase_disclosure_end",
)  # fmt: skip
ASSET_NOTICE = MinimumPeriod(
    code="T-CQ-10", says="转让底价高于一百万元、低于一千万元的资产，信息公告期不少于十个工作日", source=f"{ORDER_32}第五十条",
    since=SINCE, confidence="V2", days=10, unit=WORKING, start="asset_notice_published", end="asset_notice_end",
)  # fmt: skip
ASSET_NOTICE_FROM = AmountAbove(
    code="T-CQ-10", says="转让底价高于一百万元的资产适用十个工作日的公告期", source=f"{ORDER_32}第五十条", since=SINCE,
    confidence="V2", consequence=Then.NOTE, floor=Decimal(1_000_000),
)  # fmt: skip
LARGE_ASSET_NOTICE = MinimumPeriod(
    code="T-CQ-11", says="转让底价高于一千万元的资产，信息公告期不少于二十个工作日", source=f"{ORDER_32}第五十条",
    since=SINCE, confidence="V2", days=20, unit=WORKING, start="asset_notice_published", end="asset_notice_end",
)  # fmt: skip
LARGE_ASSET_FROM = AmountAbove(
    code="T-CQ-11", says="转让底价高于一千万元的资产适用二十个工作日的公告期", source=f"{ORDER_32}第五十条", since=SINCE,
    confidence="V2", consequence=Then.NOTE, floor=Decimal(10_000_000),
)  # fmt: skip
EXTENSION = MinimumPeriod(
    code="T-CQ-12", says="信息披露期满未征集到受让方的，可以延长，每次不少于五个工作日", source=f"{ORDER_32}第十七条", since=SINCE,
    confidence="M", days=5, unit=WORKING, start="formal_disclosure_end", end="extension_end",
)  # fmt: skip
DEPOSIT = Ceiling(
    code="T-CQ-13", says="交易保证金一般不超过转让底价的百分之三十", source="《企业国有产权交易操作规则》", since=date(2009, 7, 1),
    confidence="M", consequence=Then.WARN, share=Decimal("0.30"),
)  # fmt: skip
BUYERS = MinimumCount(
    code="C-13", says="只产生一个符合条件的意向受让方的，可以协议成交，成交价不低于挂牌价", source=ORDER_32, since=SINCE,
    confidence="H", consequence=Then.NOTE, minimum=1,
)  # fmt: skip
