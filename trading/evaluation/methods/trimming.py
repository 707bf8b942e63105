"""Leaving out the highest and the lowest before a mean is taken."""

from fractions import Fraction

# From so many values on, so many (or such a share of them, half up) leave at each end.
Steps = tuple[tuple[int, int | Fraction], ...]


def cut_of(count: int, steps: Steps) -> int:
    """How many leave at each end; never so many that nothing is left."""
    reached = [cut for start, cut in steps if start and count >= start]
    if not reached:
        return 0
    cut = reached[-1]
    wanted = (count * cut + Fraction(1, 2)).__floor__() if isinstance(cut, Fraction) else cut
    return min(wanted, (count - 1) // 2)


def trimmed(values: list, steps: Steps) -> tuple[list, list]:
    """(what stays, what is left out), both in ascending order."""
    ordered = sorted(values)
    cut = cut_of(len(ordered), steps)
    if not cut:
        return ordered, []
    return ordered[cut:-cut], [*ordered[:cut], *ordered[-cut:]]
