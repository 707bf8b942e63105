"""Projects split to stay below a line of the catalogue: found on submission, shown side by side, judged with a reason."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from postbox.models import Message
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from supervision.alerts.actions import handle_alert
from supervision.alerts.models import Alert
from supervision.alerts.splitting import SPLITTING
from tests.factories.trading import city, organisation, submitted_project
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
    assert Alert.objects.filter(kind="splitting").count() == alerts


def test_a_single_project_above_the_line_and_one_of_another_class_raise_none(where, deliver):
    project(where, COMPULSORY_WORKS.least)
    project(where, HALF, classification="A03")
    project(where, HALF, classification="A07")
    deliver()
    assert not Alert.objects.exists()


@pytest.mark.parametrize(("later", "alerts"), [(-1, 1), (1, 0)])
def test_only_projects_within_the_window_are_added_up(where, deliver, later, alerts):
    project(where, HALF, ago=timedelta(days=SPLITTING.days, minutes=later))
    project(where, HALF)
    deliver()
    assert Alert.objects.filter(kind="splitting").count() == alerts


def test_the_projects_stand_side_by_side_and_are_judged_with_a_reason(client, where, deliver):
    project(where, HALF, name="道路一期")
    project(where, HALF, name="道路二期")
    deliver()
    alert = Alert.objects.get()
    with pytest.raises(Forbidden):
        handle_alert(alert, "不同路段", by=where.handler, at=database_now())
    with pytest.raises(Refused):
        handle_alert(alert, " ", by=where.supervisor, at=database_now())
    client.force_login(where.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    assert "合计 4,000,000.00 元" in client.get(reverse("supervision:alerts")).content.decode()
    address = reverse("supervision:alert", args=[alert.number])
    page = client.get(address).content.decode()
    assert page.index("道路一期") < page.index("道路二期") < page.index("合计（万元）") < page.index("400.00")
    assert client.post(address, {"conclusion": "同一道路分段登记"}).status_code == 302
    alert.refresh_from_db()
    assert (alert.state, alert.conclusion, alert.handled_by) == ("handled", "同一道路分段登记", where.supervisor)


def test_the_centre_is_told_before_it_decides_on_the_intake(where, deliver):
    project(where, HALF)
    second = project(where, HALF)
    deliver()
    told = Message.objects.filter(person=where.staff, link=f"/staff/intake/{second.pk}/", subject__startswith="疑似拆分项目")
    assert told.count() == 1


def test_a_regulator_of_another_category_sees_nothing(client, where, deliver):
    stranger = organisation("regulator").somebody
    project(where, HALF)
    project(where, HALF)
    deliver()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("supervision:alert", args=[Alert.objects.get().number])).status_code == 404
