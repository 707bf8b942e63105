"""The calendars: of the rooms for the centre, of the openings for everybody, and that one as an iCalendar feed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from rulebook.clock import CITY, city_day
from trading.venues.models import Venue, VenueBooking
from trading.venues.queries import day_bounds, public_openings
from trading.venues.rules import LENDING

WEEK = 7
# The feed reaches so far back and ahead.
FEED = (timedelta(days=7), timedelta(days=90))


def monday_of(day):
    return day - timedelta(days=day.weekday())


@dataclass
class Day:
    """One day of a calendar, with what happens on it."""

    day: object
    rows: list = field(default_factory=list)


def openings_by_day(first, days):
    """Every day from `first` on, with the openings that the public may know of."""
    start, end = day_bounds(first, days)
    found = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range(days)}
    for lot in public_openings(start, end):
        found[city_day(lot.bids_due_at)].rows.append(lot)
    return list(found.values())


def standing_bookings(first, days):
    rows = VenueBooking.objects.filter(state__in=VenueBooking.HOLDING, venue__isnull=False).within(*day_bounds(first, days))
    return list(rows.select_related("tender", "lot", "venue").order_by("period"))


def week_of_rooms(first, kind=""):
    """(room, [Day × 7]) for each room in use: which bookings it has on which day."""
    rooms = Venue.objects.filter(active=True, **({"kind": kind} if kind else {}))
    grid = {room.pk: (room, [Day(first + timedelta(days=n)) for n in range(WEEK)]) for room in rooms}
    for booking in standing_bookings(first, WEEK):
        if booking.venue_id not in grid:
            continue
        for day in grid[booking.venue_id][1]:
            start, end = day_bounds(day.day)
            if booking.starts_at < end and booking.ends_at > start:
                day.rows.append(booking)
    return list(grid.values())


@dataclass
class Cell:
    """A piece of a room's day: so many steps wide, taken by a booking or free from `starts` on."""

    width: int
    starts: datetime
    booking: VenueBooking | None = None


def day_of_rooms(day, kind=""):
    """(room, cells) for each room in use; the cells of a row fill the hours the rooms are lent in."""
    opens, closes = (datetime.combine(day, moment, tzinfo=CITY) for moment in (LENDING.opens, LENDING.closes))
    taken = {}
    for booking in standing_bookings(day, 1):
        taken.setdefault(booking.venue_id, []).append(booking)
    rooms = Venue.objects.filter(active=True, **({"kind": kind} if kind else {}))
    return [(room, list(cells_of(taken.get(room.pk, []), opens, closes))) for room in rooms]


def cells_of(bookings, opens, closes):
    """Free steps one by one, so that each is a link of its own; a booking as wide as it lasts."""
    moment = opens
    while moment < closes:
        step_end = moment + LENDING.step
        booking = next((row for row in bookings if row.starts_at < step_end and row.ends_at > moment), None)
        width = 1
        while booking and step_end < closes and booking.ends_at > step_end:
            step_end, width = step_end + LENDING.step, width + 1
        yield Cell(width, moment, booking)
        moment = step_end


def hours():
    """The heads of the day's columns: each full or half hour with how many steps it spans."""
    moment = datetime.combine(datetime(2000, 1, 1), LENDING.opens)
    while moment.time() < LENDING.closes:
        yield f"{moment:%H:%M}"
        moment += LENDING.step


def openings_feed(now):
    """The openings of the days around now as an iCalendar file (RFC 5545), for a phone to subscribe to."""
    calendar = Calendar()
    calendar.add("prodid", "-//清江市公共资源交易平台//开标日程//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "清江市公共资源交易开标日程")
    for lot in public_openings(now - FEED[0], now + FEED[1]):
        event = Event()
        event.add("uid", f"opening-{lot.tender.number}-{lot.no}@{settings.ETP_ORIGIN.split('//')[-1]}")
        event.add("dtstamp", now)
        event.add("dtstart", lot.bids_due_at)
        event.add("dtend", lot.bids_due_at + LENDING.opening_takes)
        event.add("summary", f"开标：{lot.tender.name} {lot.name}")
        event.add("location", lot.place)
        event.add("url", f"{settings.ETP_ORIGIN}{reverse('trading:tender', args=[lot.tender.number])}")
        calendar.add_component(event)
    return calendar.to_ical()
