"""How points are made: price formulas, combination of members' marks, committee composition, low-price checks.

Pure functions over Decimal yuan. Ratios keep full precision; each scored item is rounded half up to two places and
then added. Parameters come from the tender document's `method_settings`; bounds of law come from the rules.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")


def points(value) -> Decimal:
    """A Fraction or Decimal as points with two places, half up."""
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class PricePoints:
    """Points of each bid for its price, with what a reader needs to recompute them."""

    points: dict
    workings: dict = field(default_factory=dict)


def lowest_price_points(prices: dict, full: Decimal) -> PricePoints:
    """Low price first (87号令第五十五条): points = lowest / price x full; the lowest price gets them all."""
    lowest = min(prices.values())
    return PricePoints(
        {key: points(Fraction(lowest) / Fraction(price) * Fraction(full)) for key, price in prices.items()},
        {"method": "LOWEST", "lowest": str(lowest), "full": str(full)},
    )


def trimmed(values: list, trim_from: int) -> tuple[list, list]:
    """Drop one highest and one lowest when there are at least `trim_from` values (0: never)."""
    ordered = sorted(values)
    if not trim_from or len(ordered) < max(trim_from, 3):
        return ordered, []
    return ordered[1:-1], [ordered[0], ordered[-1]]


def benchmark_points(
    prices: dict,
    full: Decimal,
    *,
    above: Decimal,
    below: Decimal,
    coefficient: Decimal = Decimal(1),
    trim_from: int = 5,
    floor: Decimal = Decimal(0),
) -> PricePoints:
    """Distance from a benchmark: mean of the (trimmed) prices x coefficient.

    Each percent above costs `above` points, each percent below costs `below`; never under `floor`.
    """
    kept, dropped = trimmed(list(prices.values()), trim_from)
    mean = sum(map(Fraction, kept), Fraction(0)) / len(kept)
    benchmark = mean * Fraction(coefficient)
    found, deviations = {}, {}
    for key, price in prices.items():
        deviation = (Fraction(price) - benchmark) / benchmark * 100
        rate = above if deviation > 0 else below
        found[key] = max(points(Fraction(full) - abs(deviation) * Fraction(rate)), floor)
        deviations[str(key)] = str((Decimal(deviation.numerator) / Decimal(deviation.denominator)).quantize(Decimal("0.0001")))
    return PricePoints(
        found,
        {
            "method": "BENCHMARK",
            "mean": str(points(mean)),
            "dropped": [str(value) for value in dropped],
            "coefficient": str(coefficient),
            "benchmark": str(points(benchmark)),
            "above": str(above),
            "below": str(below),
            "full": str(full),
            "deviations": deviations,
        },
    )


def price_points(prices: dict, full: Decimal, settings: dict) -> PricePoints:
    """Points for price by the document's settings: formula LOWEST, or BENCHMARK with its parameters as strings."""
    if not prices:
        return PricePoints({})
    if settings.get("formula") == "LOWEST":
        return lowest_price_points(prices, full)
    return benchmark_points(
        prices,
        full,
        above=Decimal(settings.get("above", "1")),
        below=Decimal(settings.get("below", "0.5")),
        coefficient=Decimal(settings.get("coefficient", "1")),
        trim_from=int(settings.get("trim_from", 5)),
    )


def credit_points(scores: dict, full: Decimal, *, relative: bool = False) -> PricePoints:
    """Credit's share: score / 100 x full, never more than full; or against the best score when relative."""
    base = max(scores.values()) if relative and scores else Decimal(100)
    return PricePoints(
        {key: min(points(Fraction(score) / Fraction(base) * Fraction(full)), Decimal(full)) for key, score in scores.items()},
        {
            "method": "RELATIVE" if relative else "ABSOLUTE",
            "base": str(base),
            "scores": {str(key): str(score) for key, score in scores.items()},
            "full": str(full),
        },
    )


def combined_mark(marks: list, *, trim_from: int = 7) -> Decimal:
    """Members' marks of one item: their mean, without the highest and lowest from `trim_from` members on."""
    kept, _ = trimmed(list(marks), trim_from)
    return points(sum(map(Fraction, kept), Fraction(0)) / len(kept))


def is_outlier(mark, marks, *, share=Decimal("0.20")) -> bool:
    """畸高畸低: a mark further from the members' mean than the share of it; its author must explain."""
    mean = sum(map(Fraction, marks), Fraction(0)) / len(marks)
    return mean != 0 and abs(Fraction(mark) - mean) / mean > Fraction(share)


def ranked(rows: list[dict]) -> list[dict]:
    """Rows {"total", "price", "technical", …} best first: total, then lower price, then technical points.

    The document names this order; rows still equal keep their given (reading-out) order.
    """
    return sorted(rows, key=lambda row: (-row["total"], row["price"], -row["technical"]))


def low_price_alarms(prices: dict, limit: Decimal | None, *, mean_share=Decimal("0.85"), limit_share=Decimal("0.80")):
    """Bids whose price asks for an explanation (never for rejection by itself), with the reason in Chinese."""
    if not prices:
        return {}
    mean = sum(map(Fraction, prices.values()), Fraction(0)) / len(prices)
    found = {}
    for key, price in prices.items():
        if Fraction(price) < mean * Fraction(mean_share):
            found[key] = f"低于有效投标平均价的 {mean_share:.0%}"
        elif limit is not None and price < limit * limit_share:
            found[key] = f"低于最高投标限价的 {limit_share:.0%}"
    return found
