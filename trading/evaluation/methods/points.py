"""Points: exact fractions inside, rounded half up to two places when they are given."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
TEN_THOUSANDTH = Decimal("0.0001")


def exact(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def rounded(value: Fraction | Decimal | int, step: Decimal = CENT) -> Decimal:
    """Half up, from the exact value: a fraction is never rounded twice."""
    whole = Fraction(value) / Fraction(step)
    sign = -1 if whole < 0 else 1
    return (sign * Decimal((abs(whole) + Fraction(1, 2)).__floor__()) * step).quantize(step, rounding=ROUND_HALF_UP)


def points(value: Fraction | Decimal | int) -> Decimal:
    """A Fraction or Decimal as points with two places, half up."""
    return rounded(value)


def mean(values: Iterable) -> Fraction:
    found = [Fraction(value) for value in values]
    return sum(found, Fraction(0)) / len(found)


@dataclass(frozen=True)
class Points:
    """Points of each bid for one thing, with what a reader needs to recompute them."""

    points: dict
    workings: dict = field(default_factory=dict)
