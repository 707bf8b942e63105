"""Rooms are never booked twice; openings take their halls with the notice and keep them as far as they are free."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from ledger.audit import CHECKS
from ledger.canonical import parse_jcs
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from rulebook.workdays import is_workday
from tests.factories.trading import city, make_workday, published_lot, published_tender
from tests.factories.venues import hour, venue
from trading.projects.models import Tender
from trading.tenders.actions import obtain_document, publish_clarification, terminate_tender
from trading.venues import actions
from trading.venues.models import ONLINE, UNPLACED, Venue, VenueBooking
from trading.venues.queries import next_free, opening_place_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
State = VenueBooking.State


def book(room, lot, start, end, purpose="evaluation"):
    return actions.book_venue(room, purpose, start, end, lot=lot, by=lot.city.staff, at=database_now())


def held_tender(where, hall, due_at):
    """A published tender that is opened in the hall."""
    make_workday(due_at.date())
    tender = published_tender(where, due_in=due_at - database_now(), document={"hall": hall})
    return Tender.objects.select_related("document__notice", "project").get(pk=tender.pk)


@pytest.mark.django_db
@pytest.mark.requirement("R058")
@pytest.mark.parametrize(("start", "end", "allowed"), [(9, 11, False), (10, 12, False), (7, 12, False), (11, 12, True), (8, 9, True)])
def test_a_room_is_held_by_one_at_a_time(start, end, allowed):
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    book(room, lot, hour(9), hour(11))
    if allowed:
        assert book(room, lot, hour(start), hour(end)).state == State.BOOKED
        return
    with pytest.raises(Refused) as refusal:
        book(room, lot, hour(start), hour(end))
    assert refusal.value.code == "venue_taken"
    # Who has it, and when it is next free.
    assert lot.tender.name in refusal.value.message
    assert f"{next_free(room, hour(end) - hour(start), hour(start)):%H:%M}" in refusal.value.next_step


@pytest.mark.django_db
@pytest.mark.requirement("R058")
def test_the_database_itself_refuses_an_overlap():
    lot = published_lot()
    room, staff = venue(lot.city, "evaluation"), lot.city.staff
    facts = {
        "venue": room,
        "tender": lot.tender,
        "purpose": "evaluation",
        "place": room.words,
        "booked_by": staff,
        "booked_at": database_now(),
    }
    VenueBooking.objects.create(period=DateTimeTZRange(hour(9), hour(11)), **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        VenueBooking.objects.create(period=DateTimeTZRange(hour(10), hour(12)), **facts)


@pytest.mark.requirement("R058")
def test_two_transactions_at_once_do_not_both_get_the_room(committed):
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    gate, outcomes = threading.Barrier(2), []

    def compete():
        gate.wait()
        try:
            book(room, lot, hour(9), hour(11))
            outcomes.append("booked")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    make_workday(hour(9).date())
    rivals = [threading.Thread(target=compete) for _ in range(2)]
    for each in rivals:
        each.start()
    for each in rivals:
        each.join()
    assert sorted(outcomes) == ["booked", "venue_taken"]
    assert VenueBooking.objects.filter(venue=room).count() == 1


@pytest.mark.django_db
def test_a_closed_room_is_lent_to_nobody_until_it_is_given_back():
    lot = published_lot()
    room, staff = venue(lot.city, "evaluation"), lot.city.staff
    closed = actions.book_venue(room, "closed", hour(9), hour(17), note="设备检修", by=staff, at=database_now())
    with pytest.raises(Refused) as refusal:
        book(room, lot, hour(9), hour(10))
    assert "设备检修" in refusal.value.message
    actions.cancel_booking(closed, reason="检修提前完成", by=staff, at=database_now())
    assert book(room, lot, hour(9), hour(10)).state == State.BOOKED


@pytest.mark.django_db
def test_moving_a_booking_keeps_what_it_was():
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    first = book(room, lot, hour(9), hour(11))
    # Overlapping its own old time is no clash.
    second = actions.move_booking(first, room, hour(10), hour(12), reason="专家晚到", by=lot.city.staff, at=database_now())
    first.refresh_from_db()
    assert (first.state, first.reason, second.previous, second.state) == (State.MOVED, "专家晚到", first, State.BOOKED)
    with pytest.raises(Refused) as refusal:
        actions.move_booking(first, room, hour(13), hour(14), reason="再改", by=lot.city.staff, at=database_now())
    assert refusal.value.code == "not_standing"


@pytest.mark.django_db
def test_only_the_opening_post_of_the_centre_lends_rooms():
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    for person in (lot.city.handler, lot.city.supervisor, lot.city.bidders[0].somebody):
        with pytest.raises(Forbidden):
            actions.book_venue(room, "evaluation", hour(9), hour(11), lot=lot, by=person, at=database_now())


@pytest.mark.django_db
def test_a_room_serves_what_it_is_made_for():
    lot = published_lot()
    with pytest.raises(Refused) as refusal:
        book(venue(lot.city, "opening"), lot, hour(9), hour(11), "evaluation")
    assert refusal.value.code == "wrong_venue"


@pytest.mark.django_db
def test_a_side_asks_for_a_room_and_it_is_held_until_the_centre_answers():
    lot = published_lot()
    where, room = lot.city, venue(lot.city, "negotiation")
    asked = actions.request_venue(room, "negotiation", hour(9), hour(11), tender=lot.tender, lot=lot, by=where.handler, at=database_now())
    with pytest.raises(Refused):
        book(room, lot, hour(10), hour(12), "negotiation")
    with pytest.raises(Refused) as refusal:
        actions.decide_request(asked, False, by=where.staff, at=database_now())
    assert refusal.value.field == "reason"
    actions.decide_request(asked, False, reason="当日有保密会议", by=where.staff, at=database_now())
    assert Message.objects.filter(person=where.handler, body="当日有保密会议").exists()
    assert book(room, lot, hour(10), hour(12), "negotiation").state == State.BOOKED


@pytest.mark.django_db
def test_an_opening_takes_its_hall_with_the_notice():
    where = city()
    hall = venue(where)
    tender = held_tender(where, hall, hour(9, days=25))
    booking = opening_place_of(tender)
    assert (booking.venue, booking.starts_at, booking.state) == (hall, tender.document.bids_due_at, State.BOOKED)
    assert tender.document.opening_place == hall.words
    assert ["开标地点", hall.words] in [list(row) for row in tender.document.notice.facts]


@pytest.mark.django_db
def test_a_tender_is_not_published_into_a_taken_hall():
    where = city()
    hall = venue(where)
    first = held_tender(where, hall, hour(9, days=25))
    with pytest.raises(Refused) as refusal:
        held_tender(where, hall, hour(10, days=25))
    assert (refusal.value.code, refusal.value.field) == ("venue_taken", "hall")
    assert first.name in refusal.value.message


@pytest.mark.django_db
def test_an_online_opening_needs_no_hall_but_has_its_record():
    where = city()
    due = hour(9, days=25)
    for _ in range(2):
        booking = opening_place_of(held_tender(where, None, due))
        assert (booking.venue, booking.place, booking.state) == (None, ONLINE, State.BOOKED)


def clarified(tender, deadline, **more):
    make_workday(deadline.date())
    return publish_clarification(
        tender, text="推迟开标。", answers={}, affects_bids=False, new_bids_due_at=deadline, by=more.pop("by"), at=database_now(), **more
    )


@pytest.mark.django_db
def test_a_moved_deadline_takes_the_hall_along():
    where = city()
    hall = venue(where)
    tender = held_tender(where, hall, hour(9, days=25))
    clarified(tender, hour(14, days=27), by=where.handler)
    booking = opening_place_of(tender)
    assert (booking.venue, booking.starts_at, booking.previous.state) == (hall, hour(14, days=27), State.MOVED)


@pytest.mark.django_db
def test_a_moved_deadline_whose_hall_is_taken_waits_for_another_and_the_centre_is_told(deliver):
    where = city()
    hall, other = venue(where), venue(where)
    tender = held_tender(where, hall, hour(9, days=25))
    held_tender(where, hall, hour(9, days=27))
    # The law's act is not held up by a room.
    clarified(tender, hour(9, days=27), by=where.handler)
    booking = opening_place_of(tender)
    assert (booking.venue, booking.place, booking.state) == (None, UNPLACED, State.UNPLACED)
    assert Message.objects.filter(person=where.staff, subject__startswith="开标场地待安排").exists()
    holder = where.bidders[0]
    obtain_document(tender, holder, by=holder.somebody, at=database_now())
    actions.move_booking(booking, other, booking.starts_at, booking.ends_at, reason="改用另一厅", by=where.staff, at=database_now())
    deliver()
    tender.document.refresh_from_db()
    assert tender.document.opening_place == other.words
    assert Message.objects.filter(person=holder.somebody, body__contains=other.words).exists()


@pytest.mark.django_db
def test_a_clarification_may_choose_another_hall():
    where = city()
    hall, other = venue(where), venue(where)
    tender = held_tender(where, hall, hour(9, days=25))
    held_tender(where, hall, hour(9, days=27))
    clarification = clarified(tender, hour(9, days=27), by=where.handler, hall=other)
    assert opening_place_of(tender).venue == other
    assert ["开标地点", other.words] in [list(row) for row in clarification.notice.facts]


@pytest.mark.django_db
def test_an_opening_keeps_its_time_and_ends_only_with_its_tender():
    where = city()
    hall = venue(where)
    tender = held_tender(where, hall, hour(9, days=25))
    booking = opening_place_of(tender)
    with pytest.raises(Refused) as refusal:
        actions.move_booking(booking, hall, hour(10, days=25), hour(12, days=25), reason="推迟", by=where.staff, at=database_now())
    assert refusal.value.code == "opening_time"
    with pytest.raises(Refused) as refusal:
        actions.cancel_booking(booking, reason="不开了", by=where.staff, at=database_now())
    assert refusal.value.code == "opening_stays"
    terminate_tender(tender, reason="项目取消", by=where.handler, at=database_now())
    booking.refresh_from_db()
    assert booking.state == State.CANCELLED
    assert held_tender(where, hall, hour(9, days=25)).published_at


@pytest.mark.django_db
def test_where_a_committee_sits_stands_in_no_public_part_of_the_ledger():
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    made = book(room, lot, hour(9), hour(11))
    entry = LedgerEntry.objects.get(kind="venue.booked")
    assert parse_jcs(bytes(entry.data))["d"] == {"booking": made.pk}
    assert entry.private["venue"] == room.words


@pytest.mark.django_db
def test_the_audit_sees_a_changed_opening_place():
    where = city()
    tender = held_tender(where, venue(where), hour(9, days=25))
    body = parse_jcs(bytes(LedgerEntry.objects.get(kind="opening.placed").data))
    assert [check(body) for check in CHECKS["opening.placed"]] == [None]
    VenueBooking.objects.filter(tender=tender).update(place="另一处")
    assert [check(body) for check in CHECKS["opening.placed"]] == ["开标场地安排与存证不符"]


@pytest.mark.django_db
def test_the_next_free_time_is_on_a_working_day_within_the_hours():
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    book(room, lot, hour(8), hour(18))
    found = next_free(room, timedelta(hours=2), hour(8))
    assert found > hour(18) and is_workday(found.date()) and 8 <= found.hour <= 16


@pytest.mark.django_db
def test_staff_book_at_the_desk_and_a_clash_stands_beside_the_field(client):
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    client.force_login(lot.city.staff, backend=BACKEND)
    posted = {
        "purpose": "evaluation",
        "lot": lot.pk,
        "venue": room.pk,
        "day": f"{hour(9):%Y-%m-%d}",
        "starts": "09:00",
        "ends": "11:00",
        "note": "",
    }
    answer = client.post(reverse("trading:new_booking"), posted)
    made = VenueBooking.objects.get(venue=room)
    assert answer.url == reverse("trading:booking", args=[made.pk])
    page = client.post(reverse("trading:new_booking"), {**posted, "starts": "10:00", "ends": "12:00"})
    assert "已被占用" in page.context["form"].errors["venue"][0] and "10:00" in page.content.decode()
    for view in ("", "day"):
        page = client.get(reverse("trading:venue_calendar"), {"view": view, "day": f"{hour(9):%Y-%m-%d}"}).content.decode()
        assert lot.tender.name in page and room.name in page
    page = client.post(reverse("trading:booking", args=[made.pk]), {"move": "cancel", "c-reason": "评标改期"}, follow=True)
    assert "已取消" in page.content.decode()


@pytest.mark.django_db
def test_a_side_sees_its_own_rooms_and_nobody_elses(client):
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    other = city()
    theirs = published_lot(other)
    book(room, lot, hour(9), hour(11))
    actions.book_venue(room, "evaluation", hour(13), hour(15), lot=theirs, by=other.staff, at=database_now())
    client.force_login(lot.city.handler, backend=BACKEND)
    page = client.get(reverse("trading:own_bookings")).content.decode()
    assert lot.tender.number in page and theirs.tender.number not in page
    posted = {
        "purpose": "evaluation",
        "lot": lot.pk,
        "venue": room.pk,
        "day": f"{hour(9):%Y-%m-%d}",
        "starts": "14:00",
        "ends": "16:00",
        "note": "",
    }
    page = client.post(reverse("trading:request_booking"), posted).content.decode()
    assert "其他安排" in page and theirs.tender.name not in page.replace(lot.tender.name, "")
    posted |= {"starts": "16:00", "ends": "17:00"}
    client.post(reverse("trading:request_booking"), posted)
    asked = VenueBooking.objects.get(state=State.REQUESTED)
    client.post(reverse("trading:withdraw_request", args=[asked.pk]))
    asked.refresh_from_db()
    assert asked.state == State.CANCELLED


@pytest.mark.django_db
@pytest.mark.requirement("R058")
def test_staff_keep_the_rooms_by_type_with_their_equipment(client):
    lot = published_lot()
    client.force_login(lot.city.staff, backend=BACKEND)
    facts = {
        "name": "第九评标室",
        "kind": "evaluation",
        "level": "city",
        "place": "五楼 509 室",
        "seats": 7,
        "equipment": "录音录像、通信屏蔽",
        "active": "on",
    }
    client.post(reverse("trading:new_venue"), facts)
    room = Venue.objects.get()
    assert (room.centre, room.kind, room.equipment) == (lot.city.centre, "evaluation", "录音录像、通信屏蔽")
    assert "通信屏蔽" in client.get(reverse("trading:venues")).content.decode()
    assert "已有同名的场地" in client.post(reverse("trading:new_venue"), facts).content.decode()
    booking = book(room, lot, hour(9), hour(11))
    closing = {**facts, "active": ""}
    assert "还有安排，不能停用" in client.post(reverse("trading:edit_venue", args=[room.pk]), closing).content.decode()
    actions.cancel_booking(booking, reason="改期", by=lot.city.staff, at=database_now())
    client.post(reverse("trading:edit_venue", args=[room.pk]), closing)
    room.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        book(room, lot, hour(9), hour(11))
    assert refusal.value.code == "venue_closed"
