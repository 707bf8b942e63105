"""The evaluation is cut off from outside: phones lie in lockers, and members' accounts send nothing out but the committee's questions."""

from datetime import timedelta

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.evaluation import arrive, confirm_all, expert, formed, marks, members, review, started
from tests.factories.venues import venue
from trading.evaluation import actions
from trading.evaluation.models import BidQuestion, Evaluation
from trading.venues import actions as gate
from trading.venues.models import VenueBooking
from trading.venues.rules import PHONES

ROW = pytest.mark.requirement("R107")


@pytest.fixture
def ready(lot):
    """A committee that has confirmed, and its room, booked for now; `booking` is the room's."""
    for number in range(9):
        expert(number)
    evaluation = formed(lot)
    confirm_all(evaluation)
    now = database_now()
    evaluation.booking = VenueBooking.objects.create(
        venue=venue(lot.city, "evaluation"), tender=lot.tender, lot=lot, purpose="evaluation", period=(now, now + timedelta(hours=8)),
        place="评标室", booked_by=lot.city.staff, booked_at=now,
    )  # fmt: skip
    return evaluation


def start(evaluation, lot):
    arrive(evaluation, lot.city.staff)
    actions.start_evaluation(evaluation, by=lot.city.staff, at=database_now())


def act(lot):
    return {"by": lot.city.staff, "at": database_now()}


def admitted(evaluation, lot, capacity="expert", name=""):
    row = gate.list_visitor(evaluation.booking, capacity=capacity, name=name, unit="", **act(lot))
    return gate.admit(row, **act(lot))


@ROW
def test_the_desk_opens_only_when_the_phones_of_all_experts_inside_lie_in_lockers(ready, lot, client):
    evaluation = ready
    one, two = admitted(evaluation, lot), admitted(evaluation, lot)
    admitted(evaluation, lot, "staff", "服务员")
    gate.keep_phone(one, locker="A01", **act(lot))
    with pytest.raises(Refused) as refused:
        start(evaluation, lot)
    assert (refused.value.code, refused.value.field) == (PHONES.code, "phones")
    assert "2 号专家" in refused.value.message and "1 号专家" not in refused.value.message and refused.value.next_step
    # Staff write it down at the gate.
    client.force_login(lot.city.staff)
    door = reverse("trading:access", args=[evaluation.booking.pk])
    assert client.post(door, {"move": "phone", "visitor": two.pk, "locker": ""}).status_code == 400
    taken = client.post(door, {"move": "phone", "visitor": two.pk, "locker": "A01"})
    assert "A01 号柜已经占用" in taken.content.decode()
    assert client.post(door, {"move": "phone", "visitor": two.pk, "locker": "A02"}).status_code == 302
    assert "A02 号柜" in client.get(door).content.decode()
    start(evaluation, lot)
    assert Evaluation.objects.get().state == Evaluation.State.REVIEWING


@ROW
def test_a_phone_comes_back_only_outside_and_every_handing_over_is_on_record(ready, lot, client):
    row = admitted(ready, lot)
    gate.keep_phone(row, locker="A01", **act(lot))
    with pytest.raises(Refused) as refused:
        gate.return_phone(row, **act(lot))
    assert refused.value.code == PHONES.code and "离场" in refused.value.message
    gate.let_out(row, **act(lot))
    client.force_login(lot.city.staff)
    door = reverse("trading:access", args=[ready.booking.pk])
    assert client.post(door, {"move": "phone_back", "visitor": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.locker == "A01" and row.phone_kept_at < row.phone_returned_at
    assert "归还" in client.get(door).content.decode()
    assert [LedgerEntry.objects.filter(kind=f"venue.{kind}").count() for kind in ("phone_kept", "phone_returned")] == [1, 1]
    # The locker is free again; who comes back has a badge, and a locker, anew.
    again = gate.admit(row, **act(lot))
    with pytest.raises(Refused):
        start(ready, lot)
    gate.keep_phone(again, locker="A01", **act(lot))
    start(ready, lot)


@ROW
def test_who_carried_none_is_written_down_as_such(ready, lot, client):
    row = admitted(ready, lot)
    client.force_login(lot.city.staff)
    client.post(reverse("trading:access", args=[ready.booking.pk]), {"move": "no_phone", "visitor": row.pk})
    row.refresh_from_db()
    assert (row.locker, row.phone_is_kept) == ("", True)
    start(ready, lot)


def test_without_an_access_list_nothing_changes(ready, lot):
    start(ready, lot)
    assert Evaluation.objects.get().state == Evaluation.State.REVIEWING


def test_only_the_evaluation_area_keeps_phones(ready, lot):
    ready.booking.venue.kind = "opening"
    ready.booking.venue.save()
    row = gate.list_visitor(ready.booking, capacity="staff", name="服务员", unit="", **act(lot))
    with pytest.raises(Refused) as refused:
        gate.keep_phone(row, locker="A01", **act(lot))
    assert refused.value.code == "no_locker"


def outward(lot):
    """Doors by which words could leave the evaluation room."""
    number = lot.tender.number
    return [
        reverse("supervision:report"), reverse("supervision:new_inquiry", args=[number]), reverse("supervision:new_objection", args=[number, lot.no]),
        reverse("supervision:own_complaint", args=["TS2026-0001"]), reverse("trading:ask", args=[number]), reverse("sealing:uploads"),
        reverse("experts:new_change"), reverse("accounts:profile"), reverse("accounts:members"), reverse("agencies:new_request"),
    ]  # fmt: skip


@ROW
def test_members_at_work_send_nothing_out_but_the_committees_questions(lot, client):
    evaluation = started(lot)
    one, two, *_ = members(evaluation)
    client.force_login(one.person)
    for door in outward(lot):
        answer = client.post(door, {"text": "报价最低的是……"})
        assert answer.status_code == 403, door
        page = answer.content.decode()
        assert "评标期间与外界隔离" in page and "第三十八条" in page and "澄清与表决" in page
    told = client.post(outward(lot)[0], {}, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (403, "isolated")
    # Reading stays free, and so does the desk.
    assert client.get(reverse("accounts:profile")).status_code == 200
    desk = reverse("trading:committee_questions", args=[evaluation.pk])
    bid = actions.bids_of(evaluation).first()
    client.post(desk, {"move": "ask", "q-bid": bid.pk, "q-matter": "clarity", "q-text": "请说明工期", "q-minutes": 60})
    assert BidQuestion.objects.get().text == "请说明工期"
    client.force_login(two.person)
    assert client.post(reverse("accounts:sign_out")).status_code == 302


@ROW
def test_the_silence_begins_with_the_desk_and_ends_with_the_evaluation(lot, client):
    for number in range(9):
        expert(number)
    evaluation = formed(lot)
    confirm_all(evaluation)
    who = members(evaluation)[0].person
    client.force_login(who)
    door = reverse("accounts:profile")
    assert client.post(door, {}).status_code != 403
    start(evaluation, lot)
    assert client.post(door, {}).status_code == 403
    for member in members(evaluation):
        actions.make_pledge(evaluation, by=member.person, at=database_now())
        actions.elect_chair(evaluation, members(evaluation)[0], by=member.person, at=database_now())
    evaluation.refresh_from_db()
    for member in members(evaluation):
        review(evaluation, member)
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    assert client.post(door, {}).status_code == 403
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    assert client.post(door, {}).status_code != 403


@ROW
def test_an_owners_representative_is_cut_off_too_and_others_are_not(lot, client):
    for number in range(9):
        expert(number)
    evaluation = formed(lot, owner_representatives=[lot.city.owner.somebody])
    confirm_all(evaluation)
    start(evaluation, lot)
    client.force_login(lot.city.owner.somebody)
    assert client.post(reverse("accounts:profile"), {}).status_code == 403
    client.force_login(lot.city.bidders[0].somebody)
    assert client.post(reverse("accounts:profile"), {}).status_code != 403
