"""Corrections, complaints and spot checks that are overdue raise an alert, once each, and settle when they were done."""

from datetime import timedelta

import pytest

from accounts.models import Person
from agencies import actions
from agencies.models import AgencyComplaint, Inspection
from rulebook.clock import city_day, database_now
from supervision.alerts.models import Alert
from supervision.alerts.offices import watch_offices
from supervision.clocks.tasks import watch_offices as task
from tests.factories.agencies import concluded
from tests.factories.trading import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city(bidders=1)


def watch(at=None):
    watch_offices(by=Person.objects.platform(), at=at or database_now())


@pytest.mark.requirement("R190")
def test_a_correction_that_is_overdue_raises_an_alert_and_settles_when_reported(where):
    inspection = concluded(where, "correct")
    watch()
    assert not Alert.objects.exists()
    Inspection.objects.update(correct_by=city_day(database_now()) - timedelta(days=1))
    task()
    watch()
    alert = Alert.objects.get()
    assert (alert.kind, alert.regulator, alert.rule, alert.settled_at) == ("agency_correction", where.regulator, "DL-08", None)
    assert where.agency.name in alert.text
    actions.report_correction(inspection, "已补齐。", by=where.handler, at=database_now())
    watch()
    alert.refresh_from_db()
    assert alert.settled_at is not None and alert.state == "open"


@pytest.mark.requirement("R193")
def test_a_complaint_that_lies_too_long_raises_an_alert(where):
    row = actions.file_complaint(
        where.agency, category="GC", matter="fees", tender_number="", facts="多收费用。", evidence=None, organisation=where.bidders[0],
        by=where.bidders[0].somebody, at=database_now(),
    )  # fmt: skip
    watch(row.accept_by)
    assert not Alert.objects.exists()
    watch(row.accept_by + timedelta(seconds=1))
    assert Alert.objects.get().rule == "DL-13" and row.number in Alert.objects.get().text
    actions.take_complaint(row, True, "", by=where.supervisor, at=database_now())
    AgencyComplaint.objects.update(decide_by=database_now() - timedelta(days=1))
    watch()
    assert [each.rule for each in Alert.objects.order_by("pk")] == ["DL-13", "DL-15"]
    assert Alert.objects.order_by("pk").first().settled_at is not None
