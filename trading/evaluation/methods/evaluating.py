"""From prices, marks and credit to points and ranks, by the method that the document states.

The evaluation, its recomputation and the public calculator all go through `evaluate`.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from trading.evaluation.methods.alarms import LowPrices, low_price_reasons
from trading.evaluation.methods.credit import credit_points
from trading.evaluation.methods.drawing import drawn_coefficient, drawn_lot
from trading.evaluation.methods.evaluated import deducted_price, evaluated_price, value_ratio
from trading.evaluation.methods.points import TEN_THOUSANDTH, Points, rounded
from trading.evaluation.methods.pricing import Benchmark, combined_benchmark, deviation_points, lowest_price_points, mean_benchmark
from trading.evaluation.methods.ranking import Ranking, Row, first_of_brand, ranked, ranked_by_price
from trading.evaluation.methods.trimming import Steps
from trading.methods.choosing import candidates, settled
from trading.methods.registry import COMBINED, DEDUCT, LOWEST, METHODS, NO_BRAND, Method
from trading.methods.rules import TIERED

EVALUATED = "评标价（元）"


@dataclass(frozen=True)
class Item:
    """One scored factor of the document: its part of the criteria, its title and its full points."""

    part: str
    title: str
    full: Decimal


@dataclass(frozen=True)
class Offer:
    """What is known of one valid bid. `days` and `months` are later completion and earlier payment, as bid.

    `small`: its declaration as a small firm was accepted. `brand`: of the product that makes bids one bidder, "" for none.
    """

    key: object
    price: Decimal
    marks: dict[str, Decimal] = field(default_factory=dict)
    credit: Decimal = Decimal(0)
    days: int = 0
    months: int = 0
    small: bool = False
    code: str = ""
    brand: str = ""


@dataclass(frozen=True)
class Placed:
    """A bid's points, part by part, or its evaluated price, and its rank; `aside`: another of its brand stands for it."""

    key: object
    parts: dict[str, str]
    total: Decimal
    price: Decimal
    rank: int
    aside: bool = False


@dataclass(frozen=True)
class Outcome:
    """`unevaluated` maps bids that take no part, because a cheaper one of their brand does, to that one."""

    rows: list[Placed]
    workings: dict[str, Any]
    unevaluated: dict[object, object] = field(default_factory=dict)


def evaluate(
    code: str,
    settings: dict,
    items: list[Item],
    offers: list[Offer],
    *,
    limit: Decimal | None = None,
    seed: str = "",
    low: LowPrices | None = None,
) -> Outcome:
    """Points, evaluated prices and ranks of the offers, with everything a reader needs to do the same."""
    method = METHODS[code]
    values = settled(method, settings)
    workings: dict[str, Any] = {"low_prices": alarms_of(offers, limit, low)}
    counted = {offer.key: counted_price(method, values, offer) for offer in offers}
    if any(counted[offer.key] != offer.price for offer in offers):
        workings["evaluated"] = {str(key): str(price) for key, price in counted.items()}
    if small := [str(offer.key) for offer in offers if deducts(values, offer)]:
        workings["deduction"] = {"percent": str(values["deduction"]), "bids": small}
    if method.by == "lot":
        return by_lot(offers, seed, workings)
    if method.by != "points":
        return by_price(method, values, offers, counted, seed, workings)
    return by_points(method, values, items, offers, counted, limit, seed, workings)


def alarms_of(offers: list[Offer], limit: Decimal | None, low: LowPrices | None) -> dict[str, str]:
    if low is None:
        return {}
    found = low_price_reasons({offer.key: offer.price for offer in offers}, limit, low)
    return {str(key): "，".join(reasons) for key, reasons in found.items()}


def counted_price(method: Method, values: dict, offer: Offer) -> Decimal:
    """What a price counts as in this method."""
    if "day_value" in values:
        return evaluated_price(
            offer.price, days=offer.days, day_value=Decimal(values["day_value"]), months=offer.months, month_share=Decimal(values["month_share"])
        )  # fmt: skip
    if deducts(values, offer):
        return deducted_price(offer.price, Decimal(values["deduction"]))
    return offer.price


def deducts(values: dict, offer: Offer) -> bool:
    """Whether the document's deduction is due to a bid."""
    return offer.small and "deduction" in values and values.get("policy", DEDUCT) == DEDUCT


def brands_of(values: dict, offers: list[Offer]) -> dict:
    """{bid: brand} where the document makes bids of one brand one bidder."""
    return {offer.key: offer.brand for offer in offers if offer.brand} if values.get("same_brand", NO_BRAND) != NO_BRAND else {}


def note_brands(workings: dict, brands: dict, aside: dict) -> None:
    """Whose brand was whose, and which bid stands for those set aside."""
    if aside:
        workings["brands"] = {
            "names": {str(key): brands[key] for pair in aside.items() for key in pair}, "aside": {str(key): str(first) for key, first in aside.items()},
        }  # fmt: skip


def by_lot(offers: list[Offer], seed: str, workings: dict) -> Outcome:
    codes = [offer.code or str(offer.key) for offer in offers]
    index = drawn_lot(codes, seed)
    ordered = [offers[index], *(offer for place, offer in enumerate(offers) if place != index)]
    workings["lot"] = {"text": f"{seed}|{','.join(codes)}", "index": index, "count": len(codes)}
    return Outcome([Placed(offer.key, {}, Decimal(0), offer.price, rank) for rank, offer in enumerate(ordered, start=1)], workings)


def by_price(method: Method, values: dict, offers: list[Offer], counted: dict, seed: str, workings: dict) -> Outcome:
    rows = [Row(offer.key, counted[offer.key], credit=offer.credit, code=offer.code) for offer in offers]
    ranking = ranked_by_price(rows, ties=ties_of(values), seed=seed, highest=method.by == "highest")
    note_ties(workings, ranking, values, seed)
    # The prices bid decide which of a brand is judged (87号令 31), not what they count as: the brand's firms are not compared by policy.
    brands = brands_of(values, offers)
    bid = {offer.key: offer.price for offer in offers}
    aside = first_of_brand(sorted(ranking.rows, key=lambda row: bid[row.key]), brands)
    note_brands(workings, brands, aside)
    ranking = Ranking([row for row in ranking.rows if row.key not in aside], ranking.ties)
    placed = [
        Placed(row.key, {EVALUATED: str(counted[row.key])}, Decimal(0), counted[row.key], rank) for rank, row in enumerate(ranking.rows, start=1)
    ]  # fmt: skip
    return Outcome(placed, workings, aside)


def by_points(
    method: Method, values: dict, items: list[Item], offers: list[Offer], counted: dict, limit: Decimal | None, seed: str, workings: dict
) -> Outcome:
    parts: dict[object, dict[str, Decimal]] = {offer.key: {} for offer in offers}
    for item in items:
        found = computed(method, values, item, offers, counted, limit, seed)
        if found is not None:
            workings[item.part] = found.workings
        for offer in offers:
            parts[offer.key][item.title] = offer.marks[item.title] if found is None else found.points[offer.key]
    technical = [item.title for item in items if item.part == "technical"]
    rows = [
        Row(
            offer.key, offer.price, total_of(method, parts[offer.key], offer),
            sum((parts[offer.key][title] for title in technical), Decimal(0)), offer.credit, offer.code,
        )
        for offer in offers
    ]  # fmt: skip
    ranking = ranked(rows, ties=ties_of(values), seed=seed)
    note_ties(workings, ranking, values, seed)
    brands = brands_of(values, offers)
    aside = first_of_brand(ranking.rows, brands)
    note_brands(workings, brands, aside)
    # Whoever cannot become a candidate stands behind all who can.
    ordered = sorted(ranking.rows, key=lambda row: row.key in aside)
    placed = [
        Placed(row.key, {title: str(value) for title, value in parts[row.key].items()}, row.total, counted[row.key], rank, row.key in aside)
        for rank, row in enumerate(ordered, start=1)
    ]
    return Outcome(placed, workings)


def total_of(method: Method, parts: dict[str, Decimal], offer: Offer) -> Decimal:
    total = sum(parts.values(), Decimal(0))
    if method.code == "VALUE_RATIO":
        return rounded(value_ratio(total, offer.price), TEN_THOUSANDTH)
    return total


def computed(
    method: Method, values: dict, item: Item, offers: list[Offer], counted: dict, limit: Decimal | None, seed: str
) -> Points | None:
    """Points that follow from prices or credit; None for what the members mark."""
    if item.part == "price":
        return price_points(counted, item.full, values, limit=limit, seed=seed)
    if item.part == "credit":
        return credit_points({offer.key: offer.credit for offer in offers}, item.full, relative=values.get("credit") == "RELATIVE")
    return None


def price_points(prices: dict, full: Decimal, values: dict, *, limit: Decimal | None = None, seed: str = "") -> Points:
    """Points for price by the document's settings. Methods without a choice of formula know the lowest price only."""
    if values.get("formula", LOWEST) == LOWEST:
        return lowest_price_points(prices, full)
    benchmark, drawn = benchmark_of(prices, values, limit, seed)
    found = deviation_points(prices, benchmark, full, above=Decimal(values["above"]), below=Decimal(values["below"]))
    return Points(found.points, {**found.workings, **({"drawn": drawn} if drawn else {})})


def benchmark_of(prices: dict, values: dict, limit: Decimal | None, seed: str) -> tuple[Benchmark, dict]:
    """The reference price, and how its coefficient was drawn if it was."""
    steps = steps_of(values)
    if values["formula"] == COMBINED and limit is not None:
        discount, k1, q1, k2 = (Decimal(values[name]) for name in ("discount", "k1", "q1", "k2"))
        return combined_benchmark(prices, limit, discount=discount, k1=k1, q1=q1, k2=k2, steps=steps), {}
    if values["formula"] != COMBINED and values.get("k") == "DRAWN":
        drawn = drawn_coefficient([Decimal(each) for each in candidates(values["candidates"])], seed)
        return mean_benchmark(prices, drawn.value, steps), drawn.workings
    return mean_benchmark(prices, Decimal(values["coefficient"]), steps), {}


def steps_of(values: dict) -> Steps:
    if values["trimming"] == "TIERED":
        return TIERED.steps
    return ((int(values["trim_from"]), 1),) if values["trimming"] == "ONE_EACH" else ()


def ties_of(values: dict) -> tuple[str, ...]:
    return tuple(values.get("ties", "draw").split(","))


def note_ties(workings: dict, ranking: Ranking, values: dict, seed: str) -> None:
    """What decided between equals; where it was drawn, by which text."""
    if ranking.ties:
        workings["ties"] = ranking.ties
        if any(tie["by"] == "draw" for tie in ranking.ties):
            workings["ties_text"] = f"{seed}|T|"
