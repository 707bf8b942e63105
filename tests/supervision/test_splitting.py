"""Projects split to stay below a line of the catalogue: found on submission, shown side by side, judged with a reason."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from supervision.alerts.actions import judge_splitting
from supervision.alerts.models import SplittingAlert
from supervision.alerts.rules import SPLITTING
from tests.factories.trading import city, submitted_project
from trading.procedures.rules.works import COMPULSORY_WORKS

pytestmark = pytest.mark.django_db

HALF = COMPULSORY_WORKS.least / 2


def project(where, estimate, *, ago=timedelta(0), **fields):
    at = database_now() - ago
    return submitted_project(where, at=at, estimate=estimate, lots=({"estimate": estimate},), **fields)


@pytest.fixture
def where(db):
    return city(bidders=0)


@pytest.mark.parametrize(("less", "alerts"), [(Decimal(0), 1), (Decimal("0.01"), 0)])
def test_projects_that_together_reach_the_compulsory_scale_raise_an_alert(where, deliver, less, alerts):
    project(where, HALF, name="道路一期")
    project(where, HALF - less, name="道路二期")
    deliver()
    assert SplittingAlert.objects.count() == alerts


def test_a_single_project_above_the_line_and_one_of_another_class_raise_none(where, deliver):
    project(where, COMPULSORY_WORKS.least)
    project(where, HALF, classification="A03")
    project(where, HALF, classification="A07")
    deliver()
    assert not SplittingAlert.objects.exists()


@pytest.mark.parametrize(("later", "alerts"), [(-1, 1), (1, 0)])
def test_only_projects_within_the_window_are_added_up(where, deliver, later, alerts):
    project(where, HALF, ago=timedelta(days=SPLITTING.days, minutes=later))
    project(where, HALF)
    deliver()
    assert SplittingAlert.objects.count() == alerts


def test_the_projects_stand_side_by_side_and_are_judged_with_a_reason(client, where, deliver):
    project(where, HALF, name="道路一期")
    project(where, HALF, name="道路二期")
    deliver()
    alert = SplittingAlert.objects.get()
    with pytest.raises(Forbidden):
        judge_splitting(alert, "explained", "不同路段", by=where.handler, at=database_now())
    with pytest.raises(Refused):
        judge_splitting(alert, "explained", " ", by=where.supervisor, at=database_now())
    client.force_login(where.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    assert "合计 400.00 万元" in client.get(reverse("supervision:splitting")).content.decode()
    address = reverse("supervision:splitting_alert", args=[alert.pk])
    page = client.get(address).content.decode()
    assert page.index("道路一期") < page.index("道路二期") < page.index("合计")
    assert client.post(address, {"state": "confirmed", "opinion": "同一道路分段登记"}).status_code == 302
    alert.refresh_from_db()
    assert (alert.state, alert.opinion, alert.judged_by) == ("confirmed", "同一道路分段登记", where.supervisor)


def test_a_regulator_of_another_category_sees_nothing(client, where, deliver):
    project(where, HALF)
    project(where, HALF)
    deliver()
    where.regulator.sectors = ["ZC"]
    where.regulator.save()
    client.force_login(where.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("supervision:splitting_alert", args=[SplittingAlert.objects.get().pk])
    assert client.get(address).status_code == 404
