"""Credit's share of the points."""

from decimal import Decimal
from fractions import Fraction

from trading.evaluation.methods.points import Points, points


def credit_points(scores: dict, full: Decimal, *, relative: bool = False) -> Points:
    """Score / 100 x full, never more than full; or against the best score when relative."""
    base = max(scores.values()) if relative and scores else Decimal(100)
    return Points(
        {key: min(points(Fraction(score) / Fraction(base) * Fraction(full)), Decimal(full)) if base else Decimal("0.00") for key, score in scores.items()},
        {
            "method": "RELATIVE" if relative else "ABSOLUTE",
            "base": str(base),
            "scores": {str(key): str(score) for key, score in scores.items()},
            "full": str(full),
        },
    )  # fmt: skip


def consortium_credit(scores: list[Decimal]) -> Decimal:
    """A consortium has the credit of its weakest member."""
    return min(scores)
