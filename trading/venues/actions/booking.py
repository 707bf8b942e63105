"""Booking, moving, giving back and closing rooms. Whether a room is free is decided by the database, not by a look before."""

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, errors

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from ledger.acts import record
from ledger.canonical import instant
from postbox.actions import tell
from rulebook.refusals import Refused
from trading.projects.permissions import require_handler
from trading.projects.queries import handlers_of
from trading.venues.events import OpeningPlaced, VenueBooked, VenueMoved, VenueReleased
from trading.venues.models import ONLINE, UNPLACED, Venue, VenueBooking
from trading.venues.queries import opening_period, opening_place_of
from trading.venues.terms import check_use, refuse_taken, shown

Purpose, State = VenueBooking.Purpose, VenueBooking.State


def require_keeper(by):
    """The centre's people of the opening and witnessing post keep the rooms."""
    return require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)


def hold(venue, start, end, *, inside, previous=None, field="venue", **facts):
    """A new row that holds the room; Refused when another does, even if that one was written in this very moment."""
    # One after the other: two rows that exclude each other, written at once, would each wait for the other.
    if venue is not None:
        Venue.objects.select_for_update().get(pk=venue.pk)
    booking = VenueBooking(venue=venue, period=DateTimeTZRange(start, end), previous=previous, **facts)
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError as clash:
        if not isinstance(clash.__cause__, errors.ExclusionViolation):
            raise
        refuse_taken(venue, start, end, inside=inside, field=field)
    return booking


def privately(booking):
    return {
        "venue": booking.place, "purpose": booking.purpose, "tender": booking.tender.number if booking.tender else "",
        "lot": booking.lot.key if booking.lot else "", "from": instant(booking.starts_at), "until": instant(booking.ends_at),
        "note": booking.note,
    }  # fmt: skip


def place_in_words(booking):
    return OpeningPlaced(
        tender=booking.tender.number, booking=booking.pk, place=booking.place,
        starts=instant(booking.starts_at), ends=instant(booking.ends_at),
    )  # fmt: skip


def enter(booking, *, by):
    """The entry of a new booking: an opening's place is public, everything else is not."""
    if booking.purpose == Purpose.OPENING and booking.state != State.REQUESTED:
        record(place_in_words(booking), by=by)
    else:
        record(VenueBooked(booking=booking.pk), by=by, private=privately(booking))


@transaction.atomic
def book_venue(venue, purpose, start, end, *, by, at, tender=None, lot=None, note=""):
    """The centre gives a room to a tender (or one of its lots) for a time, or closes it for maintenance."""
    require_keeper(by)
    check_use(venue, purpose, start, end, at)
    tender = lot.tender if lot else tender
    if purpose == Purpose.CLOSED:
        tender = lot = None
    elif tender is None:
        raise Refused("no_tender", "请选择使用场地的项目。", field="tender")
    elif purpose == Purpose.OPENING:
        raise Refused(
            "opening_is_placed", "开标场地随公告安排，不在此预约。", field="purpose",
            next_step="招标文件发布时自动安排；需要换场地的，请在场地日历中打开该项目的开标安排后调整。",
        )  # fmt: skip
    booking = hold(
        venue, start, end, inside=True, tender=tender, lot=lot, purpose=purpose, place=venue.words, note=note, booked_by=by, booked_at=at
    )
    record(VenueBooked(booking=booking.pk), by=by, private=privately(booking))
    return booking


@transaction.atomic
def request_venue(venue, purpose, start, end, *, tender, by, at, lot=None, note=""):
    """The side that runs a tender asks for a room; it is held for them until the centre decides."""
    require_handler(by, tender)
    if purpose in (Purpose.OPENING, Purpose.CLOSED):
        raise Refused("not_asked", "开标场地随公告自动安排，不需另行申请。", field="purpose")
    check_use(venue, purpose, start, end, at)
    booking = hold(
        venue, start, end, inside=False, tender=tender, lot=lot, purpose=purpose, state=State.REQUESTED, place=venue.words, note=note,
        booked_by=by, booked_at=at,
    )  # fmt: skip
    record(VenueBooked(booking=booking.pk), by=by, private=privately(booking))
    tell_keepers(venue.centre, f"场地申请：{tender.name}", f"{venue.name}，{shown(start, end)}。", booking)
    return booking


def tell_keepers(centre, subject, body, booking):
    for row in centre.memberships.filter(until=None, duties__overlap=[Duty.OPENING, Duty.MANAGER]).select_related("person"):
        tell(row.person, subject, body, link=f"/staff/venues/bookings/{booking.pk}/", key=f"venue/{booking.pk}/{booking.state}")


def tell_sides(booking, subject, body):
    for person in handlers_of(booking.tender) if booking.tender else ():
        tell(person, subject, body, link="/work/venues/", key=f"venue/{booking.pk}/{booking.state}")


def locked(booking):
    row = VenueBooking.objects.select_for_update(of=["self"]).select_related("tender", "lot", "venue").get(pk=booking.pk)
    if not row.is_standing:
        raise Refused("not_standing", f"这项安排当前为“{row.get_state_display()}”，不能再更改。")
    return row


@transaction.atomic
def decide_request(booking, granted, *, reason="", by, at):
    """The centre answers a request for a room."""
    require_keeper(by)
    booking = locked(booking)
    if booking.state != State.REQUESTED:
        raise Refused("not_requested", "这项安排不是待确认的申请。")
    if not granted and not reason.strip():
        raise Refused("no_reason", "请写明不同意的理由。", field="reason")
    booking.state = State.BOOKED if granted else State.REFUSED
    if not granted:
        booking.ended_by, booking.ended_at, booking.reason = by, at, reason
    booking.save()
    happened = VenueBooked(booking=booking.pk) if granted else VenueReleased(booking=booking.pk)
    tell_sides(
        booking, f"场地申请{'已同意' if granted else '未同意'}：{booking.venue.name}", reason or shown(booking.starts_at, booking.ends_at)
    )
    record(happened, by=by, private=privately(booking))
    return booking


@transaction.atomic
def move_booking(booking, venue, start, end, *, reason, by, at):
    """Another room or time. An opening keeps its time: only a clarification may move the deadline of bids."""
    require_keeper(by)
    booking = locked(booking)
    if booking.purpose == Purpose.OPENING and start != booking.starts_at:
        raise Refused(
            "opening_time", "开标时间就是投标截止时间，不能在此更改。", rule="《招标投标法》第三十四条", field="starts",
            next_step="需要推迟的，请由招标人或代理机构发布澄清与修改。",
        )  # fmt: skip
    if not reason.strip():
        raise Refused("no_reason", "请写明调整的事由。", field="reason")
    check_use(venue, booking.purpose, start, end, at)
    return replace(booking, venue, start, end, reason=reason, inside=True, by=by, at=at)


def replace(booking, venue, start, end, *, reason, inside, by, at, state=None):
    """End a locked booking and begin its successor with the same facts."""
    place = UNPLACED if state == State.UNPLACED else venue.words if venue else ONLINE
    state = state or (State.REQUESTED if booking.state == State.REQUESTED else State.BOOKED)
    booking.state, booking.reason, booking.ended_by, booking.ended_at = State.MOVED, reason[:200], by, at
    booking.save()
    made = hold(
        venue, start, end, inside=inside, previous=booking, tender=booking.tender, lot=booking.lot, purpose=booking.purpose,
        state=state, place=place, note=booking.note, booked_by=booking.booked_by, booked_at=at,
    )  # fmt: skip
    # The session's list, and who is inside, move with it.
    booking.admissions.update(booking=made)
    booking.turned_away.update(booking=made)
    tell_sides(made, f"场地调整：{made.place}", f"{made.subject}：{shown(start, end)}。{reason}")
    if made.purpose == Purpose.OPENING:
        record(place_in_words(made), by=by)
    else:
        record(VenueMoved(booking=booking.pk, successor=made.pk), by=by, private=privately(made))
    return made


@transaction.atomic
def cancel_booking(booking, *, reason, by, at):
    """Give a room back: the centre any booking, a side its own request. An opening ends only with its tender."""
    booking = locked(booking)
    if booking.state == State.REQUESTED and booking.booked_by_id == by.pk:
        require_handler(by, booking.tender)
    else:
        require_keeper(by)
    if booking.purpose == Purpose.OPENING:
        raise Refused("opening_stays", "开标安排随项目存续，不能单独取消。", next_step="可以调整场地；终止招标后自动释放。")
    if not reason.strip():
        raise Refused("no_reason", "请写明取消的事由。", field="reason")
    return end_booking(booking, reason=reason, by=by, at=at)


def end_booking(booking, *, reason, by, at):
    booking.state, booking.reason, booking.ended_by, booking.ended_at = State.CANCELLED, reason[:200], by, at
    booking.save()
    tell_sides(booking, f"场地安排已取消：{booking.place}", f"{booking.subject}：{reason}")
    record(VenueReleased(booking=booking.pk), by=by, private=privately(booking))
    return booking


# What the room of tenders calls: an opening's place stands and falls with the tender's publication.


def place_opening(tender, venue, starts_at, *, by, at):
    """The place of a tender's opening from its publication on: a free hall, or (None) online."""
    start, end = opening_period(starts_at)
    if venue is not None:
        check_use(venue, Purpose.OPENING, start, end, at, field="hall")
    booking = hold(
        venue, start, end, inside=False, field="hall", tender=tender, purpose=Purpose.OPENING, place=venue.words if venue else ONLINE,
        booked_by=by, booked_at=at,
    )  # fmt: skip
    record(place_in_words(booking), by=by)
    return booking


def move_opening(tender, starts_at, *, by, at, venue=None):
    """The deadline has moved: the opening keeps its hall (or takes `venue`) if that is free then.

    If not, the deadline moves all the same; the opening waits for a hall, and the centre is told at once.
    """
    booking = opening_place_of(tender)
    if booking is None:
        return place_opening(tender, venue, starts_at, by=by, at=at)
    booking = locked(booking)
    start, end = opening_period(starts_at)
    wanted = venue or booking.venue
    facts = {"reason": "投标截止时间变更", "inside": False, "by": by, "at": at}
    if wanted is None and booking.state == State.BOOKED:
        return replace(booking, None, start, end, **facts)
    if wanted is not None:
        try:
            with transaction.atomic():
                check_use(wanted, Purpose.OPENING, start, end, at, field="hall")
                return replace(booking, wanted, start, end, **facts)
        except Refused as refusal:
            if venue is not None or refusal.code not in ("venue_taken", "venue_closed", "venue_faulty"):
                raise
            booking.refresh_from_db()
    made = replace(booking, None, start, end, state=State.UNPLACED, **facts)
    centre = wanted.centre if wanted else Organisation.objects.of_kind(Organisation.Kind.CENTRE).active().first()
    tell_keepers(centre, f"开标场地待安排：{tender.name}", f"开标改到 {shown(start, end)}，原定场地已被占用，请另行安排。", made)
    return made


def release_bookings(tender, *, reason, by, at, lot=None):
    """What is still to come for a tender (or one lot) that has ended is given back."""
    rows = VenueBooking.objects.standing().filter(tender=tender, period__endswith__gt=at)
    if lot is not None:
        rows = rows.filter(lot=lot)
    for booking in rows.select_for_update(of=["self"]).select_related("tender", "lot", "venue"):
        end_booking(booking, reason=reason, by=by, at=at)


@transaction.atomic
def save_venue(venue, *, by):
    """Keep what was entered about a room; a room with bookings to come is not put out of use."""
    centre = require_keeper(by)
    if venue.pk is None:
        venue.centre = centre
    elif not venue.active and Venue.objects.get(pk=venue.pk).active and venue.bookings.standing().exists():
        raise Refused("booked", f"{venue.name}还有安排，不能停用。", next_step="请先调整或取消这些安排。", field="active")
    if Venue.objects.filter(centre=venue.centre, name=venue.name).exclude(pk=venue.pk).exists():
        raise Refused("same_name", "已有同名的场地。", field="name")
    venue.save()
    return venue
