"""Sums of a price table and their corrections by rule. The browser checks by the same rules (static/src/lib/pricetable.js).

Line sum = quantity × unit price, rounded half up to the fen; total = sum of the line sums. All numbers are decimals.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rulebook.provisions import Rule
from rulebook.refusals import Refused

FEN = Decimal("0.01")

UNIT_PRICE = Rule(
    code="A-PT-1", says="单价与工程量的乘积与总价不一致的，以单价为准", since=date(2001, 7, 5),
    source="《评标委员会和评标方法暂行规定》第十九条",
)  # fmt: skip
MISPLACED_POINT = Rule(
    code="A-PT-2", says="单价有明显的小数点错误的，以总价为准并修改单价", since=date(2001, 7, 5),
    source="《评标委员会和评标方法暂行规定》第十九条",
)  # fmt: skip
OPENING_LIST = Rule(
    code="A-PT-3", says="报价明细与开标一览表不一致的，以开标一览表为准", since=date(2017, 10, 1),
    source="《政府采购货物和服务招标投标管理办法》第五十九条第一款第（一）项",
)  # fmt: skip
SUM_OF_LINES = Rule(
    code="A-PT-4", says="总价金额与按单价汇总金额不一致的，以单价金额计算结果为准", since=date(2017, 10, 1),
    source="《政府采购货物和服务招标投标管理办法》第五十九条第一款第（四）项",
)  # fmt: skip
MISSING = Rule(code="A-PT-5", says="报价表缺项的，由评标委员会按招标文件处理", since=date(2001, 7, 5), source="招标文件")


@dataclass(frozen=True)
class Correction:
    """One number of a bid that contradicts another: where, what stood, what counts, by which rule."""

    place: str
    found: str
    counts: str
    rule: Rule


def line_sum(quantity: Decimal, price: Decimal) -> Decimal:
    return (quantity * price).quantize(FEN, ROUND_HALF_UP)


def is_misplaced(written: Decimal, right: Decimal) -> bool:
    """Whether a sum is the right one with its decimal point one to three places off."""
    return right != 0 and any(written == (right * Decimal(10) ** shift).quantize(FEN, ROUND_HALF_UP) for shift in (-3, -2, -1, 1, 2, 3))


def corrections(bill: list, table: dict | None, price: Decimal, *, category: str) -> tuple[list[Correction], Decimal]:
    """What does not add up in an opened bid, and the price by rule.

    `bill` are BillItems, `table` is {"items": [[code, unit price, sum], …], "total"} of decimal strings, `price` the bid's own.
    """
    found: list[Correction] = []
    if table is None:
        return [Correction("报价表", "没有提交", "由评标委员会处理", MISSING)], price
    lines = {code: (Decimal(unit), Decimal(total)) for code, unit, total in table["items"]}
    total = Decimal(0)
    for item in bill:
        if item.code not in lines:
            found.append(Correction(f"{item.code} {item.name}", "缺项", "由评标委员会处理", MISSING))
            continue
        unit, written = lines[item.code]
        right = line_sum(item.quantity, unit)
        if written == right:
            total += right
        elif is_misplaced(written, right):
            total += written
            counted = (written / item.quantity).quantize(FEN, ROUND_HALF_UP)
            found.append(Correction(f"{item.code} {item.name} 单价", f"{unit:,.2f}", f"{counted:,.2f}", MISPLACED_POINT))
        else:
            total += right
            found.append(Correction(f"{item.code} {item.name} 合价", f"{written:,.2f}", f"{right:,.2f}", UNIT_PRICE))
    written = Decimal(table["total"])
    if written != total:
        found.append(Correction("报价表合计", f"{written:,.2f}", f"{total:,.2f}", SUM_OF_LINES if category == "ZC" else UNIT_PRICE))
    if price == total:
        return found, price
    # In procurement the opening list stands before the details; in works what the unit prices give stands before the total.
    if category == "ZC":
        return [*found, Correction("开标一览表与报价明细", f"{total:,.2f}", f"{price:,.2f}", OPENING_LIST)], price
    return [*found, Correction("投标报价", f"{price:,.2f}", f"{total:,.2f}", UNIT_PRICE)], total


def read_table(value: object) -> dict:
    """A price table of a bid's form, as it must be written; Refused (for the opening: not readable) otherwise."""
    try:
        if not isinstance(value, dict) or set(value) != {"items", "total"} or len(value["items"]) > 5000:
            raise ValueError
        for code, price, total in value["items"]:
            if not isinstance(code, str) or not (is_amount(price) and is_amount(total)):
                raise ValueError
        codes = [row[0] for row in value["items"]]
        if len(set(codes)) != len(codes) or not is_amount(value["total"]):
            raise ValueError
    except (ValueError, TypeError) as wrong:
        raise Refused("bad_table", "报价表的写法不对。") from wrong
    return value


def is_amount(text: object) -> bool:
    """A sum as canonical JSON carries it: digits, a point, two digits."""
    whole, point, rest = text.partition(".") if isinstance(text, str) else ("", "", "")
    return (
        point == "." and len(rest) == 2 and rest.isascii() and rest.isdigit() and whole.isascii() and whole.isdigit()
        and len(whole) <= 14 and (whole == "0" or whole[0] != "0")
    )  # fmt: skip
