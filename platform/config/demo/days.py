"""Days of the demo, counted in working days from the day on which it is loaded."""

from datetime import datetime, time, timedelta

from rulebook.clock import CITY
from rulebook.workdays import add_workdays, is_workday


def at(day, hour, minute=0):
    """That hour in the city."""
    return datetime.combine(day, time(hour, minute), tzinfo=CITY)


def workday(day, offset):
    """The working day that lies so many working days after the day, or before it."""
    if offset > 0:
        return add_workdays(day, offset)
    while offset:
        day -= timedelta(days=1)
        offset += is_workday(day)
    return day


def last_workday(day):
    """The day itself, or the last working day before it."""
    return day if is_workday(day) else workday(day, -1)
