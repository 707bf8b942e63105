"""What is free, what is taken and by whom, and what the public may see of it."""

from datetime import datetime, timedelta

from rulebook.clock import CITY, city_day
from rulebook.workdays import is_workday
from trading.projects.models import Lot
from trading.venues.models import Admission, Capacity, Venue, VenueBooking, VenueFault
from trading.venues.rules import LENDING, SERVES


def day_bounds(day, days=1):
    """The first moment of a day in the city, and of the day so many days later."""
    start = datetime.combine(day, datetime.min.time(), tzinfo=CITY)
    return start, datetime.combine(day + timedelta(days=days), datetime.min.time(), tzinfo=CITY)


def opening_period(starts_at):
    return starts_at, starts_at + LENDING.opening_takes


def venues_for(purpose):
    return Venue.objects.filter(active=True, kind__in=SERVES[purpose])


def bookings_of(venue, start, end):
    """What holds a room in that time, the earliest first."""
    rows = venue.bookings.filter(state__in=VenueBooking.HOLDING).within(start, end)
    return rows.select_related("tender", "lot").order_by("period")


def taken_by(venue, start, end, *, except_for=None):
    """The booking in the way of these times, or None."""
    rows = bookings_of(venue, start, end)
    return (rows.exclude(pk=except_for.pk) if except_for else rows).first()


def free_venues(purpose, start, end):
    """The rooms of a purpose that nobody holds in that time."""
    taken = VenueBooking.objects.filter(state__in=VenueBooking.HOLDING, venue__isnull=False).within(start, end)
    return venues_for(purpose).exclude(pk__in=taken.values("venue"))


def next_free(venue, length, after):
    """When the room is next free for so long, within the hours and days it is lent; None if not soon."""
    until = after + LENDING.looks_ahead
    taken = [(row.starts_at, row.ends_at) for row in bookings_of(venue, after, until)]
    day = city_day(after)
    while day <= city_day(until):
        if is_workday(day):
            start = datetime.combine(day, LENDING.opens, tzinfo=CITY)
            closes = datetime.combine(day, LENDING.closes, tzinfo=CITY)
            while start + length <= closes:
                if start >= after and not any(begun < start + length and start < ended for begun, ended in taken):
                    return start
                start += LENDING.step
        day += timedelta(days=1)
    return None


def holder_words(booking, *, inside):
    """Who has a room. Outside the centre only a public opening is named: nobody learns when a committee sits."""
    if inside:
        return f"{booking.get_purpose_display()}：{booking.subject}"
    if booking.purpose == VenueBooking.Purpose.OPENING and booking.tender.published_at and not booking.tender.private:
        return f"开标：{booking.tender.name}"
    return "其他安排"


def opening_place_of(tender):
    """The standing booking of a tender's opening, or None before its publication."""
    rows = VenueBooking.objects.standing().filter(tender=tender, purpose=VenueBooking.Purpose.OPENING)
    return rows.select_related("venue").first()


def public_openings(start, end):
    """The lots that are opened in that time, each with `place` in words. Nothing but openings: committees sit in secret."""
    rows = list(
        Lot.objects.filter(bids_due_at__gte=start, bids_due_at__lt=end, tender__published_at__isnull=False, tender__private=False)
        .exclude(state=Lot.State.TERMINATED)
        .select_related("tender__project__owner", "tender__document__notice")
        .order_by("bids_due_at", "tender__number", "no")
    )
    standing = VenueBooking.objects.standing().filter(tender__in={row.tender_id for row in rows}, purpose=VenueBooking.Purpose.OPENING)
    places = dict(standing.values_list("tender", "place"))
    for row in rows:
        row.place = places.get(row.tender_id) or row.tender.document.opening_place
    return rows


def evaluation_room(lot):
    """The standing booking of a lot's evaluation room, or None."""
    return lot.bookings.filter(purpose=VenueBooking.Purpose.EVALUATION, state=VenueBooking.State.BOOKED).order_by("-period").first()


def phones_at_large(lot):
    """The badges of experts inside a lot's evaluation room whose phone the gate has not taken."""
    inside = Admission.objects.filter(
        booking__lot=lot, booking__purpose=VenueBooking.Purpose.EVALUATION, booking__state=VenueBooking.State.BOOKED,
        capacity=Capacity.EXPERT, struck_at=None, entered_at__isnull=False, left_at=None,
    )  # fmt: skip
    return [row.no for row in inside.order_by("no") if not row.phone_is_kept]


def waiting_bookings(request):
    """How many requests and openings without a hall wait for the centre."""
    return VenueBooking.objects.filter(state__in=[VenueBooking.State.REQUESTED, VenueBooking.State.UNPLACED]).count()


def troubled_by(fault, at):
    """The bookings that a blocking fault leaves without their room, the earliest first."""
    if not fault.blocks or fault.repaired_at:
        return []
    until = day_bounds(max(fault.expected_on, city_day(at)))[1]
    rows = fault.venue.bookings.filter(state__in=VenueBooking.HOLDING).within(at, until)
    return list(rows.select_related("tender", "lot").order_by("period"))


def open_faults(request):
    """How many faults wait for repair."""
    return VenueFault.objects.filter(repaired_at=None).count()
