"""The terms on which a room is lent, as refusals that name who has it and when it is next free."""

from django.db.models import Q

from rulebook.clock import CITY, city_day
from rulebook.refusals import Refused
from trading.venues.models import VenueBooking
from trading.venues.queries import holder_words, next_free, opening_period, taken_by
from trading.venues.rules import SERVES

Purpose = VenueBooking.Purpose


def shown(start, end):
    start, end = start.astimezone(CITY), end.astimezone(CITY)
    return f"{start:%Y-%m-%d %H:%M} 至 {end:%H:%M}" if start.date() == end.date() else f"{start:%Y-%m-%d %H:%M} 至 {end:%Y-%m-%d %H:%M}"


def refuse_taken(venue, start, end, *, inside, except_for=None, field="venue"):
    """Refuse, naming who has the room (as far as the asker may know) and when it is next free."""
    other = taken_by(venue, start, end, except_for=except_for)
    who = f"（{holder_words(other, inside=inside)}，{shown(other.starts_at, other.ends_at)}）" if other else ""
    free = next_free(venue, end - start, start)
    raise Refused(
        "venue_taken", f"{venue.name}在 {shown(start, end)} 已被占用{who}。", field=field,
        next_step=f"最近的空闲时段从 {free.astimezone(CITY):%Y-%m-%d %H:%M} 开始；也可以另选场地。" if free else "请另选场地或时间。",
    )  # fmt: skip


def check_use(venue, purpose, start, end, at, field="venue"):
    if not venue.active:
        raise Refused("venue_closed", f"{venue.name}已经停用。", next_step="请另选场地。", field=field)
    if venue.kind not in SERVES[purpose]:
        raise Refused("wrong_venue", f"{venue.name}是{venue.get_kind_display()}，不用于{Purpose(purpose).label}。", field=field)
    if end <= start:
        raise Refused("no_period", "结束时间应在开始时间之后。", field="ends")
    # A fault that was to be gone by now, and is not, blocks until it is.
    still = Q(expected_on__gte=city_day(start)) | Q(expected_on__lt=city_day(at))
    if fault := venue.faults.filter(still, blocks=True, repaired_at=None).order_by("-expected_on").first():
        raise Refused(
            "venue_faulty", f"{venue.name}有故障未排除（{fault.what}），预计 {fault.expected_on:%Y-%m-%d} 修复。", field=field,
            next_step="请另选场地，或安排在修复之后。",
        )  # fmt: skip
    if start < at:
        raise Refused("past", "开始时间已经过去。", next_step="请改为以后的时间。", field="starts")


def hall_problems(hall, bids_due_at, at):
    """Why a tender could not be opened in this hall then, as refusals; asked by the editor, decided by the booking."""
    start, end = opening_period(bids_due_at)
    try:
        check_use(hall, Purpose.OPENING, start, end, at, field="hall")
        if taken_by(hall, start, end):
            refuse_taken(hall, start, end, inside=False, field="hall")
    except Refused as refusal:
        return [refusal]
    return []
