"""Alerts: raised once for each matter, seen by the competent regulator, closed with a conclusion."""

from datetime import timedelta

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from supervision.alerts.actions import handle_alert, raise_alert, settle_alert
from supervision.alerts.models import Alert
from tests.factories.trading import city, member, organisation, published_lot

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def raised(lot, *, key="", at=None):
    return raise_alert(
        "limit", lot.tender.stream, "公示中标候选人超过法定时限", [("期限", "2026-11-05")], key=key, rule="T-GC-11",
        tender=lot.tender, by=None, at=at or database_now(),
    )  # fmt: skip


def test_the_same_matter_is_raised_once_and_another_anew():
    lot, now = published_lot(), database_now()
    first, again, other = raised(lot, at=now), raised(lot, at=now + timedelta(hours=1)), raised(lot, key="2")
    assert first.pk == again.pk != other.pk
    first.refresh_from_db()
    assert (first.raised_at, first.last_at) == (now, now + timedelta(hours=1))
    assert LedgerEntry.objects.filter(kind="alert.raised").count() == 2
    assert Message.objects.filter(person=lot.city.supervisor, key=f"alert/{first.pk}").count() == 1


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError):
        raise_alert("other", "tender/X", "", [], by=None, at=database_now())


def test_a_handled_alert_stays_closed_when_the_matter_is_seen_again():
    lot = published_lot()
    alert = raised(lot)
    handle_alert(alert, "已约谈代理机构", by=lot.city.supervisor, at=database_now())
    assert raised(lot).state == Alert.State.HANDLED
    with pytest.raises(Refused) as refusal:
        handle_alert(alert, "再次处置", by=lot.city.supervisor, at=database_now())
    assert refusal.value.code == "handled"


def test_what_was_done_late_is_noted_and_the_alert_stays_open():
    lot, now = published_lot(), database_now()
    alert = raised(lot)
    settle_alert("limit", lot.tender.stream, at=now)
    settle_alert("limit", lot.tender.stream, at=now + timedelta(days=1))
    alert.refresh_from_db()
    assert (alert.settled_at, alert.state) == (now, Alert.State.OPEN)


def test_only_the_competent_regulator_closes_it():
    lot = published_lot()
    alert = raised(lot)
    stranger = organisation("regulator", duties=["manager", "complaints"])
    with pytest.raises(Forbidden) as refusal:
        handle_alert(alert, "无关部门", by=stranger.somebody, at=database_now())
    assert refusal.value.code == "other_regulator"
    with pytest.raises(Forbidden) as refusal:
        handle_alert(alert, "无此岗位", by=member(lot.city.regulator, duties=[]), at=database_now())
    assert refusal.value.code == "no_duty"


def test_a_supervisor_finds_it_and_writes_the_conclusion(client):
    lot = published_lot()
    alert = raised(lot)
    client.force_login(lot.city.supervisor, backend=BACKEND)
    assert alert.text in client.get(reverse("supervision:alerts")).content.decode()
    page = reverse("supervision:alert", args=[alert.number])
    assert "请填写核查情况" in client.post(page, {"conclusion": ""}).content.decode()
    assert client.post(page, {"conclusion": "已责令改正"}, follow=True).status_code == 200
    assert Alert.objects.get().conclusion == "已责令改正"
    assert alert.text not in client.get(reverse("supervision:alerts")).content.decode()
    assert alert.text in client.get(reverse("supervision:alerts") + "?state=handled&kind=limit").content.decode()


def test_another_regulator_does_not_see_it(client):
    alert = raised(published_lot())
    client.force_login(organisation("regulator").somebody, backend=BACKEND)
    assert alert.text not in client.get(reverse("supervision:alerts")).content.decode()
    assert client.get(reverse("supervision:alert", args=[alert.number])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_few_questions_however_long_it_is(client, rows, django_assert_max_num_queries):
    lot = published_lot(where=city())
    for each in range(rows):
        raised(lot, key=str(each))
    client.force_login(lot.city.supervisor, backend=BACKEND)
    client.get(reverse("supervision:alerts"))
    with django_assert_max_num_queries(19):
        client.get(reverse("supervision:alerts"))
