"""The month's attendance of a contract's key persons, held against the days the city asks for."""

import calendar
import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from rulebook.clock import CITY, city_day
from rulebook.periods import add_months
from trading.performance.models import Custody
from trading.performance.rules import MONTHLY_DAYS, MONTHLY_SHARE, values_on


@dataclass(frozen=True)
class MonthRow:
    """One person's month: days asked for, days present, and those that are missing."""

    custody: Custody
    required: int
    present: int

    @property
    def missing(self) -> int:
        return max(self.required - self.present, 0)


def required_days(days_bound: int, values: dict) -> int:
    """Days to be present of so many days bound: the smaller of the monthly days and the share, a part day counted whole."""
    share = values[MONTHLY_SHARE].value / 100
    return min(int(values[MONTHLY_DAYS].value), math.ceil(Decimal(days_bound) * share))


def bound_days(custody: Custody, month: date, first: date | None = None, until: date | None = None) -> int:
    """Days of the month on which the person was bound, the days of taking and release included; within the time of the works."""
    start, end = month.replace(day=1), month.replace(day=calendar.monthrange(month.year, month.month)[1])
    start = max(start, city_day(custody.since), first or start)
    end = min(end, city_day(custody.released_at) if custody.released_at else end, until or end)
    return max((end - start).days + 1, 0)


def month_of(contract, month: date, until: date | None = None, values: dict | None = None) -> list[MonthRow]:
    """Every key person's month; with `until`, only as far as that day. `values` are the city's of the month's last day."""
    month, following = month.replace(day=1), add_months(month.replace(day=1), 1)
    start, end = (datetime.combine(day, time(), tzinfo=CITY) for day in (month, following))
    values, rows = values or values_on(following - timedelta(days=1)), []
    for custody in contract.lot.custodies.all():
        if custody.was_held_on(start, end):
            bound = bound_days(custody, month, begins_on(contract), until or ends_on(contract))
            present = sum(1 for row in custody.check_ins.all() if month <= row.day < following)
            rows.append(MonthRow(custody, required_days(bound, values), present))
    return rows


def begins_on(contract) -> date:
    """From which day presence is asked: the planned start, or the signing."""
    draft = getattr(contract.award, "draft", None)
    return draft.starts_on if draft and draft.starts_on else contract.signed_on


def ends_on(contract) -> date | None:
    """The day on which the works were finished, once acceptance has been applied for and not failed."""
    return next((row.finished_on for row in contract.acceptances.all() if row.state != row.State.FAILED), None)
