"""What an OCDS release says, as a notice of historical data: in Chinese labels, with the original's own words and money."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.utils.dateparse import parse_date, parse_datetime

METHODS = {"open": "公开招标", "selective": "邀请招标", "limited": "限制性采购", "direct": "直接采购"}
STATES = {
    "planning": "计划中", "planned": "已计划", "active": "进行中", "cancelled": "已取消", "unsuccessful": "未成功", "complete": "已完成",
    "withdrawn": "已撤回", "pending": "待定", "terminated": "已终止",
}  # fmt: skip
CATEGORIES = {"works": "工程", "goods": "货物", "services": "服务"}
LONGEST_TITLE, MOST_ITEMS, MOST_AWARDS = 300, 50, 50


class Unusable(Exception):
    """Why a release can't be shown; the message goes into the report."""


@dataclass(frozen=True)
class Historical:
    """One contracting process as the board shows it."""

    ocid: str
    title: str
    buyer: str
    category: str
    at: datetime
    amount: Decimal | None
    facts: list[tuple[str, str]]
    context: dict


def historical(release: object) -> Historical:
    """The notice of a release; Unusable when it lacks what a reader must know. Whatever else is odd is left out."""
    if not isinstance(release, dict):
        raise Unusable("不是一个对象")
    ocid = words(release.get("ocid"))
    if not ocid:
        raise Unusable("没有 ocid")
    if len(ocid) > 190:
        raise Unusable("ocid 过长")
    at = moment(release.get("date"))
    if at is None:
        raise Unusable("没有发布日期" if not release.get("date") else "发布日期的格式不对")
    tender, planning = mapping(release.get("tender")), mapping(release.get("planning"))
    awards, contracts = list(mappings(release.get("awards"))), list(mappings(release.get("contracts")))
    title = next(filter(None, (words(row.get(name)) for row in (tender, *contracts, *awards) for name in ("title", "description"))), "")
    if not title:
        raise Unusable("没有标题，也没有说明")
    buyer = words(mapping(release.get("buyer")).get("name")) or words(mapping(tender.get("procuringEntity")).get("name"))
    value = tender.get("value") or mapping(planning.get("budget")).get("amount")
    period = mapping(tender.get("tenderPeriod"))
    method = METHODS.get(words(tender.get("procurementMethod")), "")
    details = words(tender.get("procurementMethodDetails"))
    facts = [
        ("原始编号", ocid), ("采购人", buyer), ("采购实施单位", words(mapping(tender.get("procuringEntity")).get("name"))),
        ("采购方式", f"{method}（{details}）" if method and details else method or details),
        ("标的类型", CATEGORIES.get(words(tender.get("mainProcurementCategory")), "")), ("状态", STATES.get(words(tender.get("status")), "")),
        ("金额", money(value)), ("投标期", span(period)), ("投标人数", words(tender.get("numberOfTenderers"))), ("数据日期", f"{at:%Y-%m-%d}"),
    ]  # fmt: skip
    items = [
        {"text": words(row.get("description")), "quantity": words(row.get("quantity")), "unit": words(mapping(row.get("unit")).get("name"))}
        for row in mappings(tender.get("items"))
    ]  # fmt: skip
    return Historical(
        ocid=ocid, title=title[:LONGEST_TITLE], buyer=buyer[:200], category="GC" if tender.get("mainProcurementCategory") == "works" else "QT",
        at=at, amount=yuan(value), facts=[(label, text) for label, text in facts if text],
        context={
            "description": words(tender.get("description")), "items": items[:MOST_ITEMS], "more_items": max(0, len(items) - MOST_ITEMS),
            "language": words(release.get("language")),
            "awards": [
                {
                    "title": words(row.get("title")), "suppliers": "、".join(filter(None, (words(who.get("name")) for who in mappings(row.get("suppliers"))))),
                    "value": money(row.get("value")), "date": day(row.get("date")), "state": STATES.get(words(row.get("status")), ""),
                }
                for row in awards[:MOST_AWARDS]
            ],
            "contracts": [
                {
                    "title": words(row.get("title")) or words(row.get("id")), "value": money(row.get("value")), "period": span(mapping(row.get("period"))),
                    "signed": day(row.get("dateSigned")), "state": STATES.get(words(row.get("status")), ""),
                }
                for row in contracts[:MOST_AWARDS]
            ],
        },
    )  # fmt: skip


def mapping(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Iterator[dict]:
    return (row for row in value if isinstance(row, dict)) if isinstance(value, list) else iter(())


def words(value: object) -> str:
    """A text or number as one line; anything else is no text."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal | float):
        return ""
    return " ".join(str(value).replace("\x00", "").split())


def number(value: object) -> Decimal | None:
    amount = value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else None
    return amount if amount is not None and amount.is_finite() and 0 <= amount < Decimal(10) ** 16 else None


def money(value: object) -> str:
    """An amount with its own currency; never taken for yuan."""
    row = mapping(value)
    amount, currency = number(row.get("amount")), words(row.get("currency"))
    if amount is None:
        return ""
    return f"{currency} {amount:,.2f}" if currency else f"{amount:,.2f}（未注明币种）"


def yuan(value: object) -> Decimal | None:
    row = mapping(value)
    amount = number(row.get("amount"))
    return amount.quantize(Decimal("0.01")) if amount is not None and row.get("currency") == "CNY" else None


def moment(value: object) -> datetime | None:
    """A date or a moment, in UTC where it names no zone; None for what is neither."""
    text = words(value)
    try:
        found = parse_datetime(text)
        if found is None and (date := parse_date(text)):
            found = datetime(date.year, date.month, date.day)
    except ValueError:
        return None
    if found is None or not 1990 <= found.year <= 2100:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(value: object) -> str:
    found = moment(value)
    return f"{found:%Y-%m-%d}" if found else ""


def span(period: dict) -> str:
    ends = [day(period.get("startDate")), day(period.get("endDate"))]
    return f"{ends[0] or '未注明'} 至 {ends[1] or '未注明'}" if any(ends) else ""
