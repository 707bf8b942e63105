"""A remote evaluation through its doors: asked for, confirmed, drawn in two cities, signed in, broken, resumed, finished and settled."""

from datetime import timedelta

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import CITY, database_now
from tests.factories.evaluation import confirm_all, formed, members, parties, worked
from tests.factories.remote import a_host, off_site, pool, shown
from trading.evaluation import actions, offsite
from trading.evaluation.models import Evaluation
from trading.remote.models import HostStatement, RemoteSession

S = RemoteSession.State


def local(moment):
    return f"{moment.astimezone(CITY):%Y-%m-%dT%H:%M}"


def state():
    return RemoteSession.objects.get().state


@pytest.mark.requirement("R100")
@pytest.mark.requirement("R167")
def test_a_committee_of_two_cities_from_the_request_to_the_settlement(lot, client):
    host, now = a_host(), database_now()
    staff, number, no = lot.city.staff, lot.tender.number, lot.no
    ours, theirs = pool()
    desk = reverse("trading:remote", args=[number, no])

    client.force_login(staff)
    assert "还没有申请副场" in client.get(desk).content.decode()
    asked = client.post(
        desk,
        {"move": "request", "request-host": host.pk, "request-seats": 2, "request-purpose": "工程施工评标",
         "request-starts_at": local(now + timedelta(minutes=30)), "request-ends_at": local(now + timedelta(hours=9))},
    )  # fmt: skip
    assert asked.status_code == 302, asked.content.decode()
    session = RemoteSession.objects.get()
    committee = reverse("trading:committee", args=[number, no])
    assert "待副场确认" in client.get(committee).content.decode()

    client.force_login(host.somebody)
    assert "工程施工评标" in client.get(reverse("trading:host_desk")).content.decode()
    own = reverse("trading:host_session", args=[session.pk])
    chosen = list(host.shared_desks.values_list("pk", flat=True))[:2]
    assert client.post(own, {"move": "confirm", "confirm-desks": chosen}).status_code == 302
    assert state() == S.CONFIRMED

    client.force_login(staff)
    parties(lot.city)
    evaluation = formed(lot)
    assert state() == S.DRAWN
    confirm_all(evaluation)
    seats = off_site(evaluation)
    assert len(seats) == 2 and {seat.expert for seat in seats} <= set(theirs)
    assert {seat.expert for seat in evaluation.members.all()} - set(theirs) <= set(ours)
    assert client.get(committee).content.decode().count(f'<span class="kind">{host.name}</span>') == 2

    # Nobody starts before all have signed in, each at their own venue.
    start = reverse("trading:committee_move", args=[number, no])
    assert "号席还没有签到" in client.post(start, {"move": "start"}).content.decode()
    client.force_login(host.somebody)
    gate = reverse("trading:host_arrivals", args=[session.pk])
    page = client.get(gate).content.decode()
    assert not any(each.person.name in page or each.number in page for each in theirs)
    for seat in seats:
        assert client.post(gate, shown(seat)).status_code == 302
    assert state() == S.CHECKED_IN
    client.force_login(staff)
    near = reverse("trading:attendance", args=[number, no])
    assert "已签到" in client.post(near, shown(seats[0])).content.decode()
    for seat in offsite.main_seats(evaluation):
        assert client.post(near, shown(seat)).status_code == 302
    assert client.post(start, {"move": "start"}).status_code == 302
    assert state() == S.RUNNING

    for seat in members(evaluation):
        actions.make_pledge(evaluation, by=seat.person, at=database_now())
        actions.elect_chair(evaluation, members(evaluation)[0], by=seat.person, at=database_now())
    talk = reverse("trading:discussion", args=[evaluation.pk])
    client.force_login(seats[0].person)
    room = client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
    assert talk in room and reverse("trading:meeting", args=[evaluation.pk]) in room
    assert client.post(talk, {"text": "请各位核对第二份投标文件的工期"}).status_code == 302
    evaluation = worked(Evaluation.objects.get())
    for seat in members(evaluation):
        actions.sign_report(evaluation, by=seat.person, at=database_now())
    assert state() == S.FINISHED
    report = Evaluation.objects.get().report.context
    assert report["venues"][1].startswith(f"副场 {host.name}") and f"{seats[0].order}、{seats[1].order} 号席" in report["venues"][1]
    assert [(line["seat"], line["text"]) for line in report["discussion"]] == [(seats[0].order, "请各位核对第二份投标文件的工期")]

    client.force_login(host.somebody)
    assert client.post(own, {"move": "statement", "statement-meals": "60", "statement-note": "两份工作餐"}).status_code == 302
    bill = HostStatement.objects.get()
    assert (bill.half_days, bill.desk_fee, bill.total) == (1, 300, 360)
    client.force_login(staff)
    back = client.post(desk, {"move": "return", "session": session.pk, f"return-{session.pk}-reason": "餐费请按人列明"})
    assert back.status_code == 302 and state() == S.FINISHED
    client.force_login(host.somebody)
    assert "餐费请按人列明" in client.get(own).content.decode()
    client.post(own, {"move": "statement", "statement-meals": "60", "statement-note": "两人，每人 30 元"})
    client.force_login(staff)
    assert client.post(desk, {"move": "accept", "session": session.pk}).status_code == 302
    assert state() == S.SETTLED
    kinds = list(LedgerEntry.objects.filter(kind__startswith="remote.").order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "remote.requested", "remote.answered", "remote.discussed", "remote.stated", "remote.stated", "remote.stated", "remote.stated",
    ]  # fmt: skip
