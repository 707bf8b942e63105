"""Members' marks of one item: their combination, and marks that stand apart."""

from decimal import Decimal
from fractions import Fraction

from rulebook.limits import ShareAbove
from trading.evaluation.methods.points import exact, mean, points
from trading.evaluation.methods.trimming import trimmed
from trading.methods.rules import MARKS_TRIMMED, OUTLIER


def combined_mark(marks: list, *, trim_from: int = MARKS_TRIMMED.minimum) -> Decimal:
    """Their mean, without the highest and lowest from `trim_from` members on (0: never)."""
    kept, _ = trimmed(list(marks), ((trim_from, 1),))
    return points(mean(kept))


def deviation_share(mark, marks) -> Decimal:
    """How far a mark is from the members' mean, in percent of it."""
    average = mean(marks)
    return points(abs(Fraction(mark) - average) / average * 100) if average else Decimal(0)


def is_outlier(mark, marks, *, rule: ShareAbove = OUTLIER) -> bool:
    """畸高畸低: a mark further from the members' mean than the share of it; its author must explain."""
    average = mean(marks)
    return average != 0 and rule.applies_to(exact(abs(Fraction(mark) - average)), base=exact(average))
