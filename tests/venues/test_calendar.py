"""What the public sees of the rooms: openings, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from rulebook.clock import database_now
from tests.factories.trading import city, published_lot
from tests.factories.venues import hour, venue
from tests.venues.test_bookings import book, held_tender
from trading.tenders.actions import terminate_tender
from trading.venues.calendars import monday_of

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_the_week_of_openings_names_time_lot_hall_and_notice(client):
    where = city()
    hall = venue(where)
    tender = held_tender(where, hall, hour(9, days=25))
    page = client.get(reverse("trading:openings"), {"day": f"{monday_of(hour(9, days=25).date()):%Y-%m-%d}"}).content.decode()
    notice = reverse("disclosure:notice", args=[tender.document.notice.number])
    for part in (tender.name, "09:00", hall.words, notice, where.owner.name):
        assert part in page
    other_day = hour(9, days=25).date() + timedelta(days=1)
    page = client.get(reverse("trading:openings"), {"day": f"{other_day:%Y-%m-%d}", "view": "day"}).content.decode()
    assert hall.words not in page


def test_the_public_never_sees_where_or_when_a_committee_sits(client):
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    book(room, lot, hour(13), hour(15))
    day = {"day": f"{hour(13):%Y-%m-%d}"}
    pages = [client.get(reverse("trading:openings"), {**day, "view": view}).content.decode() for view in ("", "day")]
    pages.append(client.get(reverse("trading:openings_ics")).content.decode())
    assert not [page for page in pages if room.name in page or "评标室" in page or "13:00" in page]
    for url in (reverse("trading:venue_calendar"), reverse("trading:own_bookings")):
        assert client.get(url).status_code == 302


def test_a_terminated_tender_leaves_the_calendar(client):
    where = city()
    tender = held_tender(where, venue(where), hour(9, days=25))
    terminate_tender(tender, reason="项目取消", by=where.handler, at=database_now())
    page = client.get(reverse("trading:openings"), {"day": f"{hour(9, days=25):%Y-%m-%d}"}).content.decode()
    assert tender.name not in page


def test_the_feed_is_an_icalendar_file_with_every_opening(client):
    where = city()
    hall = venue(where)
    tender = held_tender(where, hall, hour(9, days=25))
    answer = client.get(reverse("trading:openings_ics"))
    assert answer["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("dtstart") == tender.document.bids_due_at.replace(microsecond=0)
    assert (str(event["location"]), str(event["summary"])) == (hall.words, f"开标：{tender.name} 一标段")


def test_an_empty_week_leads_to_the_next_opening(client):
    where = city()
    held_tender(where, venue(where), hour(9, days=25))
    page = client.get(reverse("trading:openings")).content.decode()
    assert "查看下一场" in page and f"?day={hour(9, days=25):%Y-%m-%d}" in page


def test_the_calendars_ask_no_more_for_three_openings_than_for_one(client):
    where = city()
    day = {"day": f"{hour(9, days=25):%Y-%m-%d}"}
    client.force_login(where.staff, backend=BACKEND)
    pages, asked = (reverse("trading:openings"), reverse("trading:venue_calendar")), []
    for url in pages:
        # The first page of a process also fills what it keeps in memory.
        client.get(url, day)
    for number in (1, 2):
        for _ in range(number):
            held_tender(where, venue(where), hour(9, days=25))
        for url in pages:
            with CaptureQueriesContext(connection) as queries:
                client.get(url, day)
            asked.append(len(queries))
    assert asked[:2] == asked[2:]
