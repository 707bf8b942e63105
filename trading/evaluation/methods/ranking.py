"""Who stands where: order, equal results, one bidder for one brand, elimination, the highest price."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from rulebook.limits import MinimumShare
from trading.evaluation.methods.drawing import drawn_order

# What decides between equals, in words; the order is the document's.
TIE_WORDS = {"price": "报价低者优先", "technical": "技术分高者优先", "credit": "信用评分高者优先", "draw": "抽签"}
OPEN = "open"


@dataclass(frozen=True)
class Row:
    """One bid as the ranking sees it: `total` counts (the more the better), or else `price` alone (the lower the better)."""

    key: object
    price: Decimal
    total: Decimal = Decimal(0)
    technical: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    # What the bidder is called in a draw, the same for everybody who repeats it.
    code: str = ""


WEIGHS: dict[str, Callable[[Row], Decimal]] = {
    "price": lambda row: row.price,
    "technical": lambda row: -row.technical,
    "credit": lambda row: -row.credit,
}


@dataclass(frozen=True)
class Ranking:
    """Rows, the best first; `ties` tells for each two equal neighbours what decided between them."""

    rows: list[Row]
    ties: list[dict]


def ranked(rows: list[Row], *, ties: tuple[str, ...], seed: str = "") -> Ranking:
    """By total, then by what the document names for equals; `draw` is by the seed, and what is left open keeps its order."""
    drawn = drawn_order([row.code or str(row.key) for row in rows], seed) if "draw" in ties else []
    place = {code: number for number, code in enumerate(drawn)}
    reasons = [name for name in ties if name != "draw"]

    def weights(row):
        return [-row.total, *(WEIGHS[name](row) for name in reasons)]

    ordered = sorted(rows, key=lambda row: [*weights(row), place.get(row.code or str(row.key), 0)])
    found = []
    for before, after in zip(ordered, ordered[1:], strict=False):
        if before.total == after.total:
            decided = next((name for name in reasons if WEIGHS[name](before) != WEIGHS[name](after)), "draw" if place else OPEN)
            found.append({"before": str(before.key), "after": str(after.key), "by": decided})
    return Ranking(ordered, found)


def ranked_by_price(rows: list[Row], *, ties: tuple[str, ...], seed: str = "", highest: bool = False) -> Ranking:
    """By price alone, the lowest (or highest) first."""
    sign = 1 if highest else -1
    return ranked([replace(row, total=sign * row.price) for row in rows], ties=ties, seed=seed)


def first_of_brand(rows: list[Row], brands: dict) -> dict:
    """同品牌, of rows in order, the best first: {each further bid of a brand: the first of that brand}."""
    first: dict = {}
    return {row.key: first[brand] for row in rows if (brand := brands.get(row.key)) and first.setdefault(brand, row.key) != row.key}


def brands_counted(keys: Iterable, brands: dict) -> int:
    """How many bidders these bids are in the eyes of the law: those of one brand are one."""
    return len({("brand", brands[key]) if brands.get(key) else ("bid", key) for key in keys})


def eliminated(count: int, share: MinimumShare, least: int) -> int:
    """框架协议第一阶段: how many leave at the end of the list, by share (rounded up) and at least so many."""
    return min(count, max(math.ceil(count * share.numerator / share.denominator), least))


def entrants(rows: list[Row], share: MinimumShare, least: int, worth: Callable[[Row], Decimal]) -> tuple[list[Row], list[Row]]:
    """(who enters, who leaves) of a ranked list; whoever equals the last entrant enters too, if anybody leaves at all."""
    stay = len(rows) - eliminated(len(rows), share, least)
    if stay <= 0:
        return [], rows
    last = worth(rows[stay - 1])
    while stay < len(rows) - least and worth(rows[stay]) == last:
        stay += 1
    return rows[:stay], rows[stay:]


def highest_bid(rows: list[Row], reserve: Decimal | None = None) -> Row | None:
    """价高者得: the highest bid, the earlier one among equals (rows are in the order of time); None below the reserve."""
    best = max(rows, key=lambda row: row.price, default=None)
    if best is None or (reserve is not None and best.price < reserve):
        return None
    return best
