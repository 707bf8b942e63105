"""The score of a party: a base, plus active good points, minus active bad points, line by line.

The numbers are a default of this city (design, editable as data), not law; `SCALES` names them with their mark.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True)
class Scale:
    """How one kind of party is scored: base points, range, ceiling of good points, a newcomer's score."""

    party: str
    base: Decimal
    lowest: Decimal
    highest: Decimal
    good_ceiling: Decimal
    newcomer: Decimal
    source: str


SCALES = {
    "bidder": Scale("bidder", Decimal(100), Decimal(0), Decimal(120), Decimal(20), Decimal(85), "本市信用评价办法（设计值，可调整）"),
    "agency": Scale("agency", Decimal(100), Decimal(0), Decimal(110), Decimal(10), Decimal(85), "本市信用评价办法（设计值，可调整）"),
}

GRADES = ((Decimal(100), "A"), (Decimal(85), "B"), (Decimal(70), "C"))


def grade_of(score: Decimal, *, listed: bool = False) -> str:
    """A from 100, B from 85, C from 70, otherwise D; who stands on the list of the barred is D."""
    if listed:
        return "D"
    return next((grade for least, grade in GRADES if score >= least), "D")


def expiry(effective_on: date, months: int) -> date:
    """The last day an entry counts: the same day of the month, `months` later."""
    return effective_on + relativedelta(months=months)


@dataclass(frozen=True)
class Line:
    """One entry's part in a score."""

    code: str
    title: str
    points: Decimal
    effective_on: date
    expires_on: date

    def is_active(self, on: date) -> bool:
        return self.effective_on <= on <= self.expires_on


def compute(lines: list[Line], on: date, scale: Scale, *, newcomer: bool) -> tuple[Decimal, list[dict]]:
    """The score on a day and the lines that make it, base first, each with its points and last day."""
    base = scale.newcomer if newcomer else scale.base
    shown = [{"title": "新入库主体基准分" if newcomer else "基准分", "points": str(base), "code": "", "until": ""}]
    active = [line for line in lines if line.is_active(on)]
    good = sum((line.points for line in active if line.points > 0), Decimal(0))
    bad = sum((line.points for line in active if line.points < 0), Decimal(0))
    for line in sorted(active, key=lambda line: line.effective_on):
        shown.append(
            {
                "title": line.title,
                "points": f"{line.points:+}",
                "code": line.code,
                "until": line.expires_on.isoformat(),
            }
        )
    if good > scale.good_ceiling:
        shown.append(
            {"title": f"良好行为加分以 {scale.good_ceiling} 分为限", "points": f"{scale.good_ceiling - good:+}", "code": "", "until": ""}
        )
        good = scale.good_ceiling
    score = min(max(base + good + bad, scale.lowest), scale.highest)
    return score, shown
