"""The administrator keeps the table of working days; what has passed stays as it was counted."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from reception.calendar_pages import set_days
from rulebook.clock import city_day, database_now
from rulebook.models import Holiday
from rulebook.refusals import Forbidden
from rulebook.workdays import is_announced, is_workday
from tests.factories.trading import city, person

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
NATIONAL_DAY = {"first": "2027-10-01", "last": "2027-10-07", "kind": "off", "name": "国庆节", "source": "国务院办公厅通知"}


def test_a_year_is_announced_once_its_arrangement_is_entered(client):
    client.force_login(person(is_administrator=True), backend=BACKEND)
    page = reverse("accounts:calendar")
    assert "2027 年的放假安排还没有公布" in client.get(page).content.decode()
    answer = client.post(page, NATIONAL_DAY, follow=True).content.decode()
    assert "国务院办公厅通知" in answer and "2027 年的放假安排还没有公布" not in answer
    assert is_announced(2027) and Holiday.objects.count() == 7 and not is_workday(date(2027, 10, 7))
    assert LedgerEntry.objects.filter(kind="calendar.changed").count() == 1
    client.post(reverse("accounts:remove_holiday", args=[Holiday.objects.get(date=date(2027, 10, 7)).pk]))
    assert is_workday(date(2027, 10, 7))


@pytest.mark.parametrize(("shift", "allowed"), [(0, False), (1, True)])
def test_only_days_to_come_are_changed(client, shift, allowed):
    client.force_login(person(is_administrator=True), backend=BACKEND)
    day = city_day(database_now()) + timedelta(days=shift)
    client.post(reverse("accounts:calendar"), {**NATIONAL_DAY, "first": day, "last": ""})
    assert Holiday.objects.filter(date=day).exists() is allowed


def test_only_an_administrator_changes_the_calendar():
    with pytest.raises(Forbidden):
        set_days(first=date(2027, 10, 1), last=None, kind="off", name="x", source="x", by=city().staff, at=database_now())
