"""Faults of rooms are reported, keep the room from being lent while they block it, and are repaired on record."""

from datetime import timedelta

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import city, published_lot
from tests.factories.venues import hour, venue
from trading.venues import actions
from trading.venues.models import VenueFault

pytestmark = pytest.mark.django_db


def report(room, where, **fields):
    given = {"what": "投影停机", "blocks": True, "expected_on": city_day(hour(9)), "by": where.staff, "at": database_now(), **fields}
    return actions.report_fault(room, **given)


def book(room, lot, start, end):
    return actions.book_venue(room, "evaluation", start, end, lot=lot, by=lot.city.staff, at=database_now())


@pytest.mark.requirement("R062")
@pytest.mark.parametrize(("days", "allowed"), [(-1, True), (0, False), (1, False)])
def test_a_blocked_room_is_not_lent_before_its_repair(days, allowed):
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    report(room, lot.city, expected_on=city_day(hour(9)) + timedelta(days=days))
    if allowed:
        assert book(room, lot, hour(9), hour(11))
        return
    with pytest.raises(Refused) as refused:
        book(room, lot, hour(9), hour(11))
    assert refused.value.code == "venue_faulty" and "投影停机" in refused.value.message


@pytest.mark.requirement("R062")
def test_a_fault_is_reported_and_repaired_on_the_page(client):
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    booking = book(room, lot, hour(9), hour(11))
    client.force_login(lot.city.staff)
    page = reverse("trading:faults")
    refused = client.post(page, {"venue": room.pk, "what": "空调停机", "blocks": "on", "expected_on": ""}).content.decode()
    assert "请写明预计修复日期" in refused and "空调停机" in refused and not VenueFault.objects.exists()
    client.post(page, {"venue": room.pk, "what": "空调停机", "blocks": "on", "expected_on": f"{city_day(hour(9)):%Y-%m-%d}"})
    fault = VenueFault.objects.get()
    text = client.get(page).content.decode()
    assert "空调停机" in text and reverse("trading:booking", args=[booking.pk]) in text
    assert "有故障" in client.get(reverse("trading:venues")).content.decode()
    assert Message.objects.filter(person=lot.city.staff, subject=f"场地故障：{room.name}", body__contains="受影响的安排 1 项").exists()
    client.post(reverse("trading:repair_fault", args=[fault.pk]), {"repair": "更换压缩机"})
    fault.refresh_from_db()
    assert (fault.repair, fault.repaired_by) == ("更换压缩机", lot.city.staff)
    assert list(LedgerEntry.objects.filter(kind__startswith="venue.fault").values_list("kind", flat=True)) == [
        "venue.fault_reported", "venue.fault_repaired",
    ]  # fmt: skip
    assert book(room, lot, hour(14), hour(16))


def test_a_fault_that_outlasts_its_expected_day_blocks_on_and_its_page_still_opens(client):
    lot = published_lot()
    room = venue(lot.city, "evaluation")
    booking = book(room, lot, hour(9), hour(11))
    fault = report(room, lot.city)
    fault.expected_on = city_day(database_now()) - timedelta(days=1)
    fault.save()
    with pytest.raises(Refused, match="故障未排除"):
        book(room, lot, hour(14), hour(16))
    client.force_login(lot.city.staff)
    page = client.get(reverse("trading:faults"))
    assert page.status_code == 200 and "已过预计修复日" in page.content.decode()
    assert booking.pk


def test_faults_are_the_centres_business():
    where = city()
    room = venue(where, "evaluation")
    with pytest.raises(Forbidden):
        report(room, where, by=where.handler)
    fault = report(room, where, blocks=False, expected_on=None)
    with pytest.raises(Refused):
        actions.repair_fault(fault, repair=" ", by=where.staff, at=database_now())
    actions.repair_fault(fault, repair="换线", by=where.staff, at=database_now())
    with pytest.raises(Refused, match="已经登记排除"):
        actions.repair_fault(fault, repair="再换", by=where.staff, at=database_now())
