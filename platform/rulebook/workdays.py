"""Working days: the announced calendar, corrected by the administrator's table; beyond it, Monday to Friday."""

from datetime import date, timedelta

import chinese_calendar

from rulebook.models import Holiday


def is_announced(year: int) -> bool:
    """Whether the State Council's arrangement of that year is known; if not, days are by weekday only."""
    try:
        chinese_calendar.is_workday(date(year, 6, 15))
    except NotImplementedError:
        return Holiday.objects.filter(date__year=year).exists()
    return True


def is_workday(day: date) -> bool:
    exception = Holiday.objects.filter(date=day).first()
    if exception is not None:
        return exception.kind == Holiday.Kind.WORK
    return library_workday(day)


def library_workday(day: date) -> bool:
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def add_workdays(day: date, count: int) -> date:
    """The day on which the `count`-th working day after `day` falls; the start day is not counted."""
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def workdays_between(first: date, last: date) -> int:
    """How many working days follow `first` up to and including `last`."""
    return sum(is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def end_of_days(day: date, count: int) -> date:
    """The last day of a period of calendar days: the start is not counted, a holiday end moves to the next workday.

    Basis: 87号令第八十五条, 94号令第四十二条; applied alike in works tenders.
    """
    end = day + timedelta(days=count)
    while not is_workday(end):
        end += timedelta(days=1)
    return end
