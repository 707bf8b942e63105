"""Working days: the announced calendar, corrected by the administrator's table.

Beyond the announced years a day is judged by its weekday and by the holidays that the decree fixes to dates of the
solar calendar; pages that show such a day say that it is provisional.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta

import chinese_calendar

from rulebook.models import Holiday

ONE_DAY = timedelta(days=1)
# 《全国年节及纪念日放假办法》第二条: New Year, Labour Day and National Day stand on fixed dates.
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


_kept: ContextVar[dict | None] = ContextVar("kept", default=None)


@contextmanager
def one_calendar() -> Iterator[None]:
    """Within this block the administrator's table is read once: for whoever counts many periods in one go."""
    token = _kept.set(dict(Holiday.objects.values_list("date", "kind")))
    try:
        yield
    finally:
        _kept.reset(token)


def is_announced(year: int) -> bool:
    """Whether the State Council's arrangement of that year is known, to the library or from the table.

    The arrangement always names 1 October; a single day that the administrator adds is not yet an arrangement.
    """
    try:
        chinese_calendar.is_workday(date(year, 6, 15))
    except NotImplementedError:
        return Holiday.objects.filter(date=date(year, 10, 1), kind=Holiday.Kind.OFF).exists()
    return True


def library_workday(day: date) -> bool:
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS


def is_workday(day: date) -> bool:
    return day in _workdays(day, day)


def _workdays(first: date, last: date) -> set[date]:
    """The working days from `first` to `last`, both included, with one look into the table."""
    kept = _kept.get()
    if kept is None:
        kept = dict(Holiday.objects.filter(date__range=(first, last)).values_list("date", "kind"))
    days = (first + n * ONE_DAY for n in range((last - first).days + 1))
    return {day for day in days if (kept[day] == Holiday.Kind.WORK if day in kept else library_workday(day))}


def _walk(day: date, step: timedelta) -> Iterator[date]:
    """The working days after (or before) a day, nearest first, fetched month by month."""
    while True:
        near, far = day + step, day + 31 * step
        yield from sorted(_workdays(min(near, far), max(near, far)), reverse=far < near)
        day = far


def add_workdays(day: date, count: int) -> date:
    """The day on which the `count`-th working day after `day` falls; the start day is not counted."""
    days = _walk(day, ONE_DAY)
    for _ in range(count):
        day = next(days)
    return day


def take_workdays(day: date, count: int) -> date:
    """The last day that has `count` working days after it, up to and including `day`."""
    days = _walk(day + ONE_DAY, -ONE_DAY)
    for _ in range(count):
        day = next(days) - ONE_DAY
    return day


def workdays_between(first: date, last: date) -> int:
    """How many working days follow `first` up to and including `last`."""
    return len(_workdays(first + ONE_DAY, last)) if last > first else 0


def next_workday(day: date) -> date:
    """The day itself, or the first working day after it."""
    return next(_walk(day - ONE_DAY, ONE_DAY))


def end_of_days(day: date, count: int) -> date:
    """The last day of a period of calendar days: the start is not counted, a holiday end moves to the next workday.

    Basis: 87号令第八十五条, 94号令第四十二条; applied alike in works tenders.
    """
    return next_workday(day + count * ONE_DAY)
