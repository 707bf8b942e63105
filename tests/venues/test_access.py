"""Openings and evaluations lie apart, and nobody comes in who is not on the session's list."""

from datetime import timedelta

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import database_now, pretend
from rulebook.refusals import Forbidden, Refused
from tests.factories.bids import jump_to
from tests.factories.trading import published_lot
from tests.factories.venues import hour, venue
from trading.venues import actions
from trading.venues.models import Zone
from trading.venues.rules import ACCESS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def session(kind="evaluation"):
    lot = published_lot()
    room = venue(lot.city, kind)
    booking = actions.book_venue(
        room, "evaluation" if kind == "evaluation" else "meeting", hour(9), hour(12), lot=lot, by=lot.city.staff, at=database_now()
    )
    booking.city = lot.city
    return booking


def listed(booking, capacity="supervisor", name="监督员", unit="市住建局", **act):
    given = {"by": booking.city.staff, "at": database_now(), **act}
    return actions.list_visitor(booking, capacity=capacity, name=name, unit=unit, **given)


@pytest.mark.requirement("R059")
@pytest.mark.parametrize(
    ("kind", "capacity", "allowed"),
    [
        ("evaluation", "bidder", False), ("evaluation", "guest", False), ("evaluation", "agency", True), ("evaluation", "supervisor", True),
        ("opening", "bidder", True), ("opening", "guest", True), ("opening", "expert", False),
    ],
)  # fmt: skip
def test_each_area_has_its_own_people(kind, capacity, allowed):
    booking = session(kind)
    assert booking.venue.zone == (Zone.EVALUATION if kind == "evaluation" else Zone.OPENING)
    if allowed:
        assert listed(booking, capacity).no == 1
        return
    with pytest.raises(Refused) as refused:
        listed(booking, capacity)
    assert (refused.value.code, refused.value.field) == ("venue-access", "capacity")
    assert "第三十八条" in refused.value.rule and not booking.admissions.exists()


@pytest.mark.requirement("R059")
def test_people_come_in_by_the_list_and_every_coming_and_going_is_on_record():
    booking = session()
    row = listed(booking)
    act = {"by": booking.city.staff}
    with pytest.raises(Refused, match="开始前一小时起进场"):
        actions.admit(row, at=booking.starts_at - ACCESS.opens_before - timedelta(seconds=1), **act)
    came = actions.admit(row, at=booking.starts_at - ACCESS.opens_before, **act)
    assert came.is_inside
    with pytest.raises(Refused, match="已经进场"):
        actions.admit(row, at=booking.starts_at, **act)
    with pytest.raises(Refused, match="不能从名单中划去"):
        actions.strike_visitor(row, at=booking.starts_at, **act)
    assert actions.let_out(row, at=booking.ends_at, **act).left_at == booking.ends_at
    again = actions.admit(row, at=booking.ends_at, **act)
    row.refresh_from_db()
    assert (again.no, again.name, row.left_at) == (2, row.name, booking.ends_at)
    actions.turn_away(booking, name="某人", unit="某公司", reason="不在名单上", at=booking.starts_at, **act)
    assert list(booking.turned_away.values_list("name", "reason")) == [("某人", "不在名单上")]
    entries = "".join(
        bytes(each.data).decode() for each in LedgerEntry.objects.filter(kind__in=["venue.admitted", "venue.left", "venue.turned_away"])
    )
    assert entries.count("venue.") == 4 and "监督员" not in entries and "某人" not in entries


def test_the_list_moves_with_the_session():
    booking = session()
    row = actions.admit(listed(booking), by=booking.city.staff, at=booking.starts_at)
    moved = actions.move_booking(
        booking,
        booking.venue,
        booking.starts_at,
        booking.ends_at + timedelta(hours=1),
        reason="评审延长",
        by=booking.city.staff,
        at=database_now(),
    )
    assert actions.let_out(row, by=booking.city.staff, at=moved.ends_at).booking_id == moved.pk


def test_experts_are_listed_by_their_badges_alone():
    booking = session()
    with pytest.raises(Refused, match="名单保密"):
        listed(booking, "expert", "张专家", "")
    assert listed(booking, "expert", "", "").name == ""


def test_who_was_struck_off_does_not_come_in():
    booking = session()
    row = listed(booking)
    actions.strike_visitor(row, by=booking.city.staff, at=database_now())
    with pytest.raises(Refused, match="划去"):
        actions.admit(row, by=booking.city.staff, at=booking.starts_at)


def test_only_the_keepers_of_rooms_work_on_the_list():
    booking = session()
    with pytest.raises(Forbidden):
        listed(booking, by=booking.city.handler)


@pytest.mark.requirement("R060")
def test_the_list_says_who_wears_what_and_takes_people_in(client):
    booking = session()
    client.force_login(booking.city.staff)
    page = reverse("trading:access", args=[booking.pk])
    for capacity, name in (("expert", ""), ("agency", "何经办")):
        client.post(page, {"move": "list", "v-capacity": capacity, "v-name": name, "v-unit": ""})
    text = client.get(page).content.decode()
    assert all(words in text for words in ("评标区（封闭）", "红色马甲", "黄色马甲", "何经办", "名单保密"))
    refused = client.post(page, {"move": "list", "v-capacity": "supervisor", "v-name": "", "v-unit": "市住建局"})
    assert "请填写姓名" in refused.content.decode() and 'value="市住建局"' in refused.content.decode()
    jump_to(booking.starts_at)
    client.post(page, {"move": "admit", "visitor": booking.admissions.get(no=1).pk})
    assert [row.is_inside for row in booking.admissions.all()] == [True, False]
