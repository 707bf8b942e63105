"""Evaluated prices: what a price counts as in the evaluation. The contract is always made at the price bid."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from trading.evaluation.methods.points import points


def deducted_price(price: Decimal, percent: Decimal) -> Decimal:
    """政策性价格扣除: P x (1 - d), for small firms."""
    return points(Fraction(price) * (1 - Fraction(percent) / 100))


def evaluated_price(
    price: Decimal,
    *,
    days: int = 0,
    day_value: Decimal = Decimal(0),
    months: int = 0,
    month_share: Decimal = Decimal(0),
    others: Sequence[Decimal] = (),
) -> Decimal:
    """经评审的最低投标价: P + days later x value + months of earlier payment x percent of P + what was left out."""
    sooner = Fraction(price) * months * Fraction(month_share) / 100
    return points(Fraction(price) + days * Fraction(day_value) + sooner + sum(map(Fraction, others), Fraction(0)))


def value_ratio(score: Decimal, price: Decimal) -> Fraction:
    """性价比: points without those for price, per unit of price."""
    return Fraction(score) / Fraction(price)
