"""Provisions on challenges that are no periods."""

from datetime import date

from rulebook.provisions import Rule

REDO = "《政府采购质疑和投诉办法》"
CONTRACT_WAITS = Rule(
    code="W-12", says="质疑事项可能影响中标、成交结果的，采购人应当暂停签订合同，已经签订合同的，应当中止履行合同",
    source="《政府采购法实施条例》第五十四条", since=date(2015, 3, 1), confidence="H",
)  # fmt: skip
