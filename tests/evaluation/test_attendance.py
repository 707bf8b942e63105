"""From the call to the gate: answers with reasons, calls nobody answers, codes and cards, late comers, signatures that do not come."""

from datetime import timedelta

import pytest
from django.urls import reverse

from experts.models import Sitting
from ledger.models import LedgerEntry
from postbox.actions import answer_call
from postbox.models import Dispatch
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.evaluation import (
    arrive,
    at_work,
    code_of,
    confirm_all,
    expert,
    formed,
    identity_of,
    members,
    worked,
)
from tests.factories.trading import member as member_of
from tests.factories.venues import venue
from trading.evaluation import actions, attendance, committee
from trading.evaluation.bounds import ARRIVAL, CALL, UNSIGNED
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.evaluation.tasks import give_up_calls
from trading.venues.models import Admission, VenueBooking

State = CommitteeMember.State


@pytest.fixture(autouse=True)
def pool(lot):
    for number in range(9):
        expert(number)


def seat_of(evaluation, order):
    return CommitteeMember.called.get(evaluation=evaluation, order=order)


def call_of(seat):
    return Dispatch.objects.get(key=f"committee/{seat.pk}")


def confirmed(lot):
    evaluation = formed(lot)
    confirm_all(evaluation)
    return evaluation


def show(evaluation, seat, lot, **other):
    given = {"code": code_of(seat), "identity": identity_of(seat.person), "matched": True, "locker": "", "at": database_now(), **other}
    return attendance.sign_in(evaluation, **given, by=lot.city.staff)


@pytest.mark.requirement("R168")
def test_a_call_that_nobody_answers_in_time_goes_to_the_next_without_staff(lot):
    evaluation = formed(lot)
    first = seat_of(evaluation, 1)
    assert first.answer_by == first.called_at + CALL.within
    give_up_calls()
    assert seat_of(evaluation, 1).state == State.CALLED
    CommitteeMember.objects.filter(pk=first.pk).update(answer_by=database_now())
    give_up_calls()
    assert [seat_of(evaluation, order).state for order in (1, 6)] == [State.NO_ANSWER, State.CALLED]
    assert call_of(first).state == Dispatch.State.UNANSWERED
    assert Sitting.objects.get(key=f"committee/{first.pk}").answer == Sitting.Answer.NO_ANSWER
    with pytest.raises(Refused) as refused:
        committee.answer_call(first, None, at=database_now())
    assert CALL.says in refused.value.rule


def test_a_gateway_that_rings_in_vain_reports_it(lot):
    evaluation = formed(lot)
    answer_call(call_of(seat_of(evaluation, 2)), "")
    assert [seat_of(evaluation, order).state for order in (2, 6)] == [State.NO_ANSWER, State.CALLED]


def test_a_refusal_says_why_and_who_must_step_aside_has_turned_nobody_down(lot, client):
    evaluation = formed(lot)
    ill, aside = seat_of(evaluation, 1), seat_of(evaluation, 2)
    with pytest.raises(Refused, match="只能按"):
        answer_call(call_of(ill), "9")
    answer_call(call_of(ill), "3")
    client.force_login(aside.person)
    url = reverse("trading:answer_invitation", args=[aside.pk])
    assert client.post(url, {"answer": ""}).status_code == 400
    client.post(url, {"answer": "4"})
    ill.refresh_from_db()
    aside.refresh_from_db()
    assert (ill.state, ill.refusal, aside.state, aside.refusal) == (State.REFUSED, "ill", State.RECUSED, "interest")
    assert call_of(aside).state == Dispatch.State.ANSWERED
    answers = dict(Sitting.objects.values_list("key", "answer"))
    assert answers[f"committee/{aside.pk}"] not in Sitting.TURNED_DOWN and answers[f"committee/{ill.pk}"] in Sitting.TURNED_DOWN
    client.force_login(lot.city.staff)
    page = client.get(reverse("trading:committee", args=[lot.tender.number, lot.no])).content.decode()
    assert "身体原因" in page and "需要回避" in page and ill.person.name not in page


def test_staff_cannot_pass_over_who_may_still_answer(lot):
    evaluation = formed(lot)
    with pytest.raises(Refused, match="只能更换已确认的专家"):
        committee.replace_member(seat_of(evaluation, 1), State.ABSENT, by=lot.city.staff, at=database_now())


def test_the_desk_opens_only_to_who_has_come(lot):
    evaluation = confirmed(lot)
    with pytest.raises(Refused, match="1、2、3、4、5 号席还没有签到"):
        actions.start_evaluation(evaluation, by=lot.city.staff, at=database_now())
    assert show(evaluation, seat_of(evaluation, 3), lot).order == 3
    with pytest.raises(Refused, match="1、2、4、5 号席还没有签到"):
        actions.start_evaluation(evaluation, by=lot.city.staff, at=database_now())
    with pytest.raises(Refused) as twice:
        show(evaluation, seat_of(evaluation, 3), lot)
    assert twice.value.code == "arrived"
    arrive(evaluation, lot.city.staff)
    actions.start_evaluation(evaluation, by=lot.city.staff, at=database_now())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"code": "strange"}, "code"), ({"identity": "420101198001019999"}, "identity"), ({"matched": False}, "matched")],
)
def test_a_strange_code_card_or_face_is_not_let_in(lot, wrong, field):
    evaluation = confirmed(lot)
    with pytest.raises(Refused) as refused:
        show(evaluation, seat_of(evaluation, 1), lot, **wrong)
    assert refused.value.field == field and ARRIVAL.says in refused.value.rule
    assert seat_of(evaluation, 1).arrived_at is None


def test_the_code_of_one_committee_opens_no_other(lot):
    evaluation, other = confirmed(lot), Evaluation.objects.create(lot=lot, round=2)
    with pytest.raises(Refused, match="不在本次评标的名单上"):
        show(other, seat_of(evaluation, 1), lot)


def test_late_comers_are_noted_and_after_half_an_hour_replaced(lot):
    evaluation = confirmed(lot)
    late, too_late = (evaluation.starts_at + timedelta(minutes=each) for each in (20, 31))
    show(evaluation, seat_of(evaluation, 1), lot, at=evaluation.starts_at + timedelta(minutes=15))
    show(evaluation, seat_of(evaluation, 2), lot, at=late)
    with pytest.raises(Refused, match="迟到 31 分钟，应当更换"):
        show(evaluation, seat_of(evaluation, 3), lot, at=too_late)
    # Who was called in place of the other is not late.
    committee.replace_member(seat_of(evaluation, 3), State.ABSENT, by=lot.city.staff, at=too_late)
    committee.answer_call(seat_of(evaluation, 6), None, at=too_late)
    show(evaluation, seat_of(evaluation, 6), lot, at=too_late + timedelta(hours=1))
    late_of = {order: Sitting.objects.get(key=f"committee/{seat_of(evaluation, order).pk}").late for order in (1, 2, 6)}
    assert late_of == {1: 0, 2: 20, 6: 0}
    assert LedgerEntry.objects.filter(kind="committee.arrived").count() == 3


@pytest.mark.requirement("R107")
def test_who_signs_in_gets_a_badge_and_leaves_the_phone_at_the_gate(lot):
    evaluation = confirmed(lot)
    now = database_now()
    VenueBooking.objects.create(
        venue=venue(lot.city, "evaluation"), tender=lot.tender, lot=lot, purpose="evaluation", period=(now, now + timedelta(hours=8)),
        place="评标室", booked_by=lot.city.staff, booked_at=now,
    )  # fmt: skip
    show(evaluation, seat_of(evaluation, 1), lot, locker="A1")
    with pytest.raises(Refused, match="A1 号柜已经占用"):
        show(evaluation, seat_of(evaluation, 2), lot, locker="A1")
    assert seat_of(evaluation, 2).arrived_at is None
    row = Admission.objects.get()
    assert (row.capacity, row.name, row.locker, row.is_inside, row.phone_is_kept) == ("expert", "", "A1", True, True)


def test_who_finds_an_interest_steps_aside_at_the_desk_and_the_next_is_called(lot, client):
    evaluation = confirmed(lot)
    arrive(evaluation, lot.city.staff)
    actions.start_evaluation(evaluation, by=lot.city.staff, at=database_now())
    seat = members(evaluation)[0]
    client.force_login(seat.person)
    url = reverse("trading:evaluation_desk", args=[evaluation.pk])
    assert "我有上述关系，需要回避" in client.get(url).content.decode()
    assert client.post(url, {"move": "recuse"}).status_code == 302
    seat.refresh_from_db()
    assert seat.state == State.RECUSED and seat_of(evaluation, 6).state == State.CALLED
    assert client.get(url).status_code == 404


def test_after_the_pledge_nobody_steps_aside_alone(lot):
    evaluation = at_work(formed(lot), lot.city.staff)
    with pytest.raises(Refused, match="不能自行回避"):
        committee.step_aside(members(evaluation)[0], by=members(evaluation)[0].person, at=database_now())


def test_a_signature_that_does_not_come_counts_as_consent_once_the_committee_says_so(lot, client):
    evaluation = worked(at_work(formed(lot), lot.city.staff))
    *signers, silent = members(evaluation)
    now = database_now()
    for seat in signers:
        actions.sign_report(evaluation, by=seat.person, at=now)
    first, later = signers[0], now + UNSIGNED.after
    note = {"reason": "离席未归，电话通知两次没有答复", "by": first.person}
    with pytest.raises(Refused) as early:
        actions.note_unsigned(evaluation, silent, **note, at=now)
    assert UNSIGNED.says in early.value.rule
    with pytest.raises(Refused, match="须在过半数成员签署"):
        actions.note_unsigned(evaluation, silent, reason="本人", by=silent.person, at=later)
    with pytest.raises(Refused, match="请选择没有签署的席位"):
        actions.note_unsigned(evaluation, first, **note, at=later)
    actions.note_unsigned(evaluation, silent, **note, at=later)
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.SIGNED
    said = next(row for row in evaluation.report.context["signatures"] if row["unsigned"])
    assert said["name"] == silent.person.name and said["unsigned"] == note["reason"] and said["at"] == ""


def test_the_form_for_missing_signatures_appears_when_it_may_be_used(lot, client):
    evaluation = worked(at_work(formed(lot), lot.city.staff))
    first, *others = members(evaluation)
    for seat in (first, *others[:2]):
        actions.sign_report(evaluation, by=seat.person, at=database_now())
    client.force_login(first.person)
    url = reverse("trading:evaluation_desk", args=[evaluation.pk])
    assert "记录未签署的成员" not in client.get(url).content.decode()
    evaluation.members.exclude(signed_at=None).update(signed_at=database_now() - UNSIGNED.after)
    page = client.get(url).content.decode()
    assert "记录未签署的成员" in page and f"{others[2].order} 号席" in page


def test_nobody_signs_in_long_before(lot):
    evaluation = confirmed(lot)
    with pytest.raises(Refused) as refused:
        show(evaluation, seat_of(evaluation, 1), lot, at=evaluation.starts_at - timedelta(minutes=61))
    assert refused.value.code == "too_early"
    show(evaluation, seat_of(evaluation, 1), lot, at=evaluation.starts_at - timedelta(minutes=60))


def test_the_desk_names_nobody_before_its_seat_has_come(lot, client):
    evaluation = at_work(formed(lot), lot.city.staff)
    committee.replace_member(members(evaluation)[0], State.ABSENT, by=lot.city.staff, at=database_now())
    came = evaluation.members.get(state=State.CALLED)
    committee.answer_call(came, None, at=database_now())
    client.force_login(came.person)
    url = reverse("trading:evaluation_desk", args=[evaluation.pk])
    page = client.get(url).content.decode()
    assert "请先签到" in page and lot.tender.name not in page and lot.city.bidders[0].name not in page
    arrive(evaluation, lot.city.staff)
    assert lot.city.bidders[0].name in client.get(url).content.decode()


def test_a_representative_who_does_not_come_is_replaced_by_another_of_the_tenderee(lot, client):
    first, second = (member_of(lot.city.owner, name=name) for name in ("方代表", "圆代表"))
    evaluation = formed(lot, owner_representatives=[first])
    confirm_all(evaluation)
    seat = seat_of(evaluation, 1)
    # Late is all that a representative can be.
    late = evaluation.starts_at + timedelta(minutes=50)
    where = reverse("trading:committee_move", args=[lot.tender.number, lot.no])
    client.force_login(lot.city.staff)
    assert "更换代表" in client.get(reverse("trading:committee", args=[lot.tender.number, lot.no])).content.decode()
    client.post(where, {"move": "representative", "member": seat.pk, "person": second.pk})
    seat.refresh_from_db()
    came = evaluation.members.of(second).get()
    assert (seat.state, came.state, came.owner_representative) == (State.ABSENT, State.ACCEPTED, True)
    assert attendance.sign_in(
        evaluation, code=code_of(came), identity="420101197001011234", matched=True, locker="", by=lot.city.staff, at=late
    ).order == came.order  # fmt: skip
