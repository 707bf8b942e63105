"""Rooms of the centre, and times at which they can be booked."""

from datetime import timedelta
from itertools import count

from rulebook.clock import city_day, database_now
from tests.factories.trading import city_time, make_workday
from trading.venues.models import Venue

_serial = count(1)


def venue(where, kind="opening", **fields):
    number = next(_serial)
    given = {"name": f"第{number}{Venue.Kind(kind).label}", "place": f"三楼 {300 + number} 室", "seats": 40, **fields}
    return Venue.objects.create(centre=where.centre, kind=kind, **given)


def hour(clock, *, days=10):
    """That hour of a working day some days ahead."""
    day = city_day(database_now()) + timedelta(days=days)
    make_workday(day)
    return city_time(day, clock, 0)
