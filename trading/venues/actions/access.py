"""Who comes into a session: a list made before, a badge for each, and a record of who came, went, or was turned away."""

from django.db import transaction
from django.db.models import Max

from ledger.acts import record
from rulebook.refusals import Refused
from trading.venues.actions.booking import require_keeper
from trading.venues.events import AccessEnded, AccessGiven, AccessRefused, PhoneKept, PhoneReturned
from trading.venues.models import Admission, Capacity, TurnedAway, VenueBooking, Zone
from trading.venues.rules import ACCESS, PHONES
from trading.venues.terms import shown


def held(booking, by):
    """The booking, locked, while it has a room; only the keepers of rooms work on its list."""
    require_keeper(by)
    row = VenueBooking.objects.select_for_update(of=["self"]).select_related("venue", "tender").get(pk=booking.pk)
    if row.state != VenueBooking.State.BOOKED or row.venue is None or row.purpose == VenueBooking.Purpose.CLOSED:
        raise Refused("no_session", "这项安排没有正在使用的场地，不设进场名单。")
    return row


@transaction.atomic
def list_visitor(booking, *, capacity, name, unit, by, at):
    """Put somebody on the session's list, with a badge; refused where their capacity has no business in the area."""
    booking = held(booking, by)
    zone = booking.venue.zone
    if zone not in ACCESS.zones[capacity]:
        ACCESS.refuse(f"{Capacity(capacity).label}不能进入{zone.label}。", field="capacity")
    if capacity == Capacity.EXPERT and (name.strip() or unit.strip()):
        raise Refused("secret", "评标委员会成员名单保密，只登记证号，不写姓名和单位。", rule="《招标投标法》第三十七条", field="name")
    if capacity != Capacity.EXPERT and not name.strip():
        raise Refused("no_name", "请填写姓名。", field="name")
    return Admission.objects.create(
        booking=booking, no=next_badge(booking), capacity=capacity, name=name.strip(), unit=unit.strip(), listed_by=by, listed_at=at
    )


def next_badge(booking):
    return (booking.admissions.aggregate(last=Max("no"))["last"] or 0) + 1


def standing(admission, by):
    # A session that was moved has taken its list along.
    row = Admission.objects.select_for_update(of=["self"]).select_related("booking").get(pk=admission.pk)
    booking = held(row.booking, by)
    if row.struck_at:
        raise Refused("struck", f"{row.no} 号已从名单中划去。")
    return booking, row


@transaction.atomic
def strike_visitor(admission, *, by, at):
    """Take somebody off the list who has not come in."""
    _, row = standing(admission, by)
    if row.entered_at:
        raise Refused("entered", "已经进场的不能从名单中划去。", next_step="离场时请登记离场。")
    row.struck_at = at
    row.save(update_fields=["struck_at"])
    return row


@transaction.atomic
def admit(admission, *, by, at):
    """Let somebody of the list in, once the list is open."""
    booking, row = standing(admission, by)
    if at < booking.starts_at - ACCESS.opens_before:
        raise Refused(
            "too_early",
            f"活动 {shown(booking.starts_at, booking.ends_at)} 进行，开始前一小时起进场。",
            rule=f"{ACCESS.source}：{ACCESS.says}",
        )
    if row.is_inside:
        raise Refused("inside", f"{row.no} 号已经进场。")
    if row.left_at:
        # Who comes back gets a badge and a line of their own: no going is ever written over.
        row = Admission(
            booking=booking, no=next_badge(booking), capacity=row.capacity, name=row.name, unit=row.unit, listed_by=by, listed_at=at
        )
    row.entered_at, row.admitted_by = at, by
    row.save()
    record(AccessGiven(booking=booking.pk, badge=row.no), by=by, private={"capacity": row.capacity, "name": row.name, "unit": row.unit})
    return row


@transaction.atomic
def admit_expert(booking, *, locker, by, at):
    """Let in somebody whom a committee's list has let sign in: a badge without a name; the phone in the locker, or none carried."""
    booking = held(booking, by)
    require_free_locker(booking, locker)
    row = Admission.objects.create(
        booking=booking, no=next_badge(booking), capacity=Capacity.EXPERT, listed_by=by, listed_at=at, entered_at=at, admitted_by=by,
        locker=locker, phone_kept_at=at,
    )  # fmt: skip
    record(AccessGiven(booking=booking.pk, badge=row.no), by=by, private={"capacity": row.capacity, "name": "", "unit": ""})
    record(PhoneKept(booking=booking.pk, badge=row.no), by=by, private={"locker": locker})
    return row


def require_free_locker(booking, locker):
    if locker and booking.admissions.filter(locker=locker, phone_returned_at=None).exists():
        raise Refused("locker_taken", f"{locker} 号柜已经占用。", field="locker", next_step="请换一个柜号。")


@transaction.atomic
def let_out(admission, *, by, at):
    """Somebody leaves the session."""
    _, row = standing(admission, by)
    if not row.is_inside:
        raise Refused("outside", f"{row.no} 号没有在场。")
    row.left_at = at
    row.save(update_fields=["left_at"])
    record(AccessEnded(booking=row.booking_id, badge=row.no), by=by)
    return row


@transaction.atomic
def keep_phone(admission, *, locker, by, at):
    """At the gate of the evaluation area: the phone goes into a locker; without a locker's number none was carried."""
    booking, row = standing(admission, by)
    if booking.venue.zone != Zone.EVALUATION:
        raise Refused("no_locker", "只有评标区登记通信工具寄存。", rule=PHONES.source)
    if row.left_at or row.phone_kept_at:
        raise Refused("phone_kept", f"{row.no} 号已经登记寄存或者已经离场。", next_step="再次进场的，请在新的证号上登记。")
    require_free_locker(booking, locker)
    row.locker, row.phone_kept_at = locker, at
    row.save(update_fields=["locker", "phone_kept_at"])
    record(PhoneKept(booking=booking.pk, badge=row.no), by=by, private={"locker": locker})
    return row


@transaction.atomic
def return_phone(admission, *, by, at):
    """Who has left takes the phone back."""
    _, row = standing(admission, by)
    if not row.phone_is_kept:
        raise Refused("no_phone", f"{row.no} 号没有寄存的通信工具。")
    if row.is_inside:
        PHONES.refuse(f"{row.no} 号还在评标区内，通信工具离场后归还。", next_step="请先登记离场。")
    row.phone_returned_at = at
    row.save(update_fields=["phone_returned_at"])
    record(PhoneReturned(booking=row.booking_id, badge=row.no), by=by)
    return row


@transaction.atomic
def turn_away(booking, *, name, unit, reason, by, at):
    """Somebody is not let in: on record, with the reason."""
    booking = held(booking, by)
    row = TurnedAway.objects.create(booking=booking, name=name, unit=unit, reason=reason, by=by, at=at)
    record(AccessRefused(booking=booking.pk), by=by, private={"name": name, "unit": unit, "reason": reason})
    return row
