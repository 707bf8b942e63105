"""Prices so low that they ask for an explanation, never for rejection by themselves."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from trading.evaluation.methods.points import TEN_THOUSANDTH, mean, rounded


@dataclass(frozen=True)
class LowPrices:
    """Below which percent of the mean, of the second lowest price and of the limit a price asks for an explanation."""

    mean: Decimal | None = None
    second: Decimal | None = None
    limit: Decimal | None = None


def low_price_reasons(prices: dict, limit: Decimal | None, shares: LowPrices) -> dict[object, list[str]]:
    """Each low price with all the reasons for calling it so, in Chinese."""
    if not prices:
        return {}
    average, ordered = mean(prices.values()), sorted(prices.values())
    second = ordered[1] if len(ordered) > 1 else None
    tests = [
        (average, shares.mean, "有效投标平均价"),
        (None if second is None else Fraction(second), shares.second, "次低报价"),
        (None if limit is None else Fraction(limit), shares.limit, "最高限价"),
    ]
    found: dict[object, list[str]] = {}
    for key, price in prices.items():
        for base, share, word in tests:
            if base is not None and share is not None and Fraction(price) < base * Fraction(share) / 100:
                found.setdefault(key, []).append(f"低于{word}的 {share.normalize():f}%")
    return found


def price_range(ratios: list[Decimal], *, low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """中标价区间: the quantiles (percent) of past award / limit, interpolated, with four places."""
    ordered = sorted(map(Fraction, ratios))

    def quantile(percent: Decimal) -> Decimal:
        place = Fraction(percent) / 100 * (len(ordered) - 1)
        before, after = ordered[math.floor(place)], ordered[math.ceil(place)]
        return rounded(before + (after - before) * (place - math.floor(place)), TEN_THOUSANDTH)

    return quantile(low), quantile(high)


def below_range(prices: dict, limit: Decimal, lowest: Decimal) -> list:
    """Whose price lies under the range: a warning, and never a floor (招标投标法实施条例第二十七条)."""
    return [key for key, price in prices.items() if Fraction(price) < Fraction(limit) * Fraction(lowest)]
