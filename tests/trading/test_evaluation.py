"""From the draw of the committee to the signed report, through the actions."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from accounts.models import Membership, Person
from credit.models import CreditEntry, CreditRule
from credit.queries import score_of
from draws.actions import opened
from experts.models import AvoidedOrganisation, Expert, Sitting
from experts.queries import candidates
from postbox.actions import answer_call
from postbox.models import Dispatch
from rulebook.clock import CITY, city_day, database_now
from rulebook.refusals import Refused
from tests.factories.evaluation import (
    arrive,
    begun,
    code_of,
    confirm_all,
    drawn,
    expert,
    formed,
    identity_of,
    marks,
    members,
    parties,
    review,
    started,
)
from tests.factories.trading import member as member_of
from tests.factories.trading import stored
from trading.evaluation import actions
from trading.evaluation.committee import check_composition, need_of, replace_member
from trading.evaluation.models import CheckOpinion, CommitteeMember, Evaluation
from trading.projects.models import Lot
from trading.tenders.actions import suspend_lot, terminate_tender
from trading.tenders.models import Criterion, Suspension


def soon():
    """An hour from now, as a form has it."""
    return f"{(database_now() + timedelta(hours=1)).astimezone(CITY):%Y-%m-%dT%H:%M}"


def test_who_has_an_interest_is_never_in_the_pool(lot):
    for number in range(5):
        expert(number)
    bidder = lot.city.bidders[0]
    expert(10, employer_uscc=bidder.uscc)
    AvoidedOrganisation.objects.create(expert=expert(11), uscc=lot.city.owner.uscc, reason="近亲属任职")
    expert(12, state=Expert.State.SUSPENDED)
    evaluation = formed(lot)
    listed = sorted(opened(row)["candidate"]["expert"] for row in evaluation.draw.candidates.all())
    assert listed == [f"ZJ{number:05d}" for number in range(5)]


@pytest.mark.parametrize(("size", "owner", "allowed"), [(5, 1, True), (5, 2, False), (6, 1, False), (7, 2, True), (3, 0, False)])
def test_the_committee_is_odd_large_enough_and_two_thirds_experts(lot, size, owner, allowed):
    from trading.evaluation.committee import check_composition

    if allowed:
        check_composition(size, owner)
    else:
        with pytest.raises(Refused):
            check_composition(size, owner)


@pytest.mark.requirement("R168")
def test_a_refusal_by_phone_calls_the_next_in_drawn_order(lot):
    for number in range(7):
        expert(number)
    evaluation = formed(lot)
    calls = Dispatch.objects.filter(channel="voice")
    assert calls.count() == 5
    assert not any(word in call.words for call in calls for word in (lot.tender.name, lot.city.owner.name))
    answer_call(calls.order_by("pk").first(), "2")
    called = [row.expert.number for row in evaluation.members.order_by("order")]
    ordered = [opened(row)["candidate"]["expert"] for row in evaluation.draw.candidates.order_by("place")]
    assert called == ordered[:6]
    assert evaluation.members.filter(state=CommitteeMember.State.REFUSED).count() == 1


@pytest.mark.requirement("R106")
def test_the_tenderee_sends_one_representative_chosen_before_the_draw(lot, client):
    for number in range(9):
        expert(number)
    parties(lot.city)
    first, second = (member_of(lot.city.owner, name=name) for name in ("方代表", "圆代表"))
    client.force_login(lot.city.staff)
    url = reverse("trading:committee", args=[lot.tender.number, lot.no])
    asked = {
        "size": "7", "specialties": ["A08"], "starts_at": soon(), "supervisor": lot.city.supervisor.pk,
        "tenderee": lot.city.handler.pk,
    }  # fmt: skip
    page = client.post(url, {**asked, "owner_representatives": [first.pk, second.pk]})
    assert "招标人参加评标委员会的代表不超过一人" in page.content.decode() and not Evaluation.objects.exists()
    assert client.post(url, {**asked, "owner_representatives": [first.pk]}).status_code == 302
    evaluation = Evaluation.objects.get()
    seat = evaluation.members.get()
    assert seat.owner_representative and seat.person == first and evaluation.owner_seats == 1
    drawn(evaluation.draw, parties(lot.city))
    assert evaluation.members.filter(owner_representative=False).count() == 6
    with pytest.raises(Refused, match="不得重新抽取"):
        begun(lot, size=7, owner_representatives=[second])


def test_a_pool_too_small_draws_nobody(lot):
    expert(1)
    with pytest.raises(Refused) as refusal:
        formed(lot)
    assert refusal.value.code == "pool_too_small"
    assert not Evaluation.objects.exists()


def test_scores_are_combined_by_the_document_and_all_sign(lot):
    evaluation = started(lot)
    for member in members(evaluation):
        review(evaluation, member)
    assert evaluation.state == Evaluation.State.SCORING
    for member in members(evaluation):
        assert member.person.has_perm("trading.score_lot", lot)
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
        evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.COMBINED
    results = list(evaluation.results.all())
    # Four bids, benchmark is their mean 31 500 000: above costs 1 point a percent, below half a point.
    assert evaluation.workings["price"]["benchmark"] == "31500000.00"
    by_price = {str(row.bid.price): row.parts["投标报价"] for row in results}
    assert by_price == {"30000000.00": "57.62", "31000000.00": "59.21", "32000000.00": "58.41", "33000000.00": "55.24"}
    assert [row.parts["信用评价"] for row in results] == ["8.50"] * 4
    assert [str(row.bid.price) for row in results] == ["31000000.00", "32000000.00", "30000000.00", "33000000.00"]
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    lot.refresh_from_db()
    assert (evaluation.state, lot.state) == (Evaluation.State.SIGNED, Lot.State.EVALUATED)
    # The desk is closed: nobody sees the bids any more.
    from django.contrib.auth import get_user_model

    for member in members(evaluation):
        assert not get_user_model().objects.get(pk=member.person.pk).has_perm("trading.score_lot", lot)


def test_a_majority_rejects_with_reasons_and_a_minority_does_not(lot):
    evaluation = started(lot)
    first, second = list(actions.bids_of(evaluation))[:2]
    for place, member in enumerate(members(evaluation)):
        review(evaluation, member, failing=[first.pk] + ([second.pk] if place < 2 else []))
    assert [row.bid_id for row in evaluation.rejections.all()] == [first.pk]
    assert "资质证书过期" in evaluation.rejections.get().reason
    assert evaluation.state == Evaluation.State.SCORING


def test_with_two_valid_bids_the_committee_must_judge_competition(lot):
    evaluation = started(lot)
    bids = list(actions.bids_of(evaluation))
    for member in members(evaluation):
        review(evaluation, member, failing=[bids[0].pk, bids[1].pk])
    assert evaluation.state == Evaluation.State.REVIEWING
    chair = evaluation.members.get(chair=True)
    actions.judge_competition(evaluation, goes_on=False, opinion="两家报价高度接近，明显缺乏竞争。", by=chair.person, at=database_now())
    evaluation.refresh_from_db()
    lot.refresh_from_db()
    assert (evaluation.state, lot.state) == (Evaluation.State.FAILED, Lot.State.FAILED)


def test_objective_points_must_agree_and_strange_marks_need_a_reason(lot):
    evaluation = started(lot)
    for member in members(evaluation):
        review(evaluation, member)
    seats = members(evaluation)
    for member in seats[:2]:
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    odd = {key: (Decimal("10"), "") if value[0] == 5 else value for key, value in marks(evaluation).items()}
    with pytest.raises(Refused) as refusal:
        actions.submit_scores(evaluation, odd, by=seats[2].person, at=database_now())
    assert refusal.value.code == "objective_differs"
    with pytest.raises(Refused) as refusal:
        actions.submit_scores(evaluation, marks(evaluation, technical="3"), by=seats[2].person, at=database_now())
    assert refusal.value.code == "outlier"
    with pytest.raises(Refused) as refusal:
        actions.submit_scores(evaluation, marks(evaluation, technical="21"), by=seats[2].person, at=database_now())
    assert refusal.value.code == "out_of_range"


def test_nobody_works_without_a_seat_or_a_pledge(lot):
    evaluation = started(lot)
    with pytest.raises(Refused) as refusal:
        actions.submit_review(evaluation, {}, by=lot.city.staff, at=database_now())
    assert refusal.value.code == "not_seated"
    seat = members(evaluation)[0]
    CommitteeMember.objects.filter(pk=seat.pk).update(pledged_at=None)
    with pytest.raises(Refused) as refusal:
        review(evaluation, seat)
    assert refusal.value.code == "no_pledge"


def test_the_whole_evaluation_through_the_pages(client, lot):
    """Staff draw and start; each expert confirms, pledges, checks, scores and signs at their own desk."""

    for number in range(9):
        expert(number)
    where = (lot.tender.number, lot.no)
    enter = lambda somebody: client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")  # noqa: E731 - a shorthand
    enter(lot.city.staff)
    url = reverse("trading:committee", args=where)
    answer = client.post(url, {"size": "6", "specialties": ["A08"], "starts_at": soon()})
    assert answer.status_code == 200
    keys = parties(lot.city)
    client.post(
        url,
        {
            "size": "5",
            "specialties": ["A08"],
            "starts_at": soon(),
            "supervisor": lot.city.supervisor.pk,
            "tenderee": lot.city.handler.pk,
        },
    )
    evaluation = Evaluation.objects.get()
    assert not evaluation.members.exists()
    drawn(evaluation.draw, keys)
    for seat in evaluation.members.all():
        enter(seat.person)
        assert "评标邀请" in client.get(reverse("trading:expert_desk")).content.decode()
        assert client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).status_code == 404
        client.post(reverse("trading:answer_invitation", args=[seat.pk]), {"answer": "1"})
    enter(lot.city.staff)
    for seat in members(evaluation):
        shown = {"code": code_of(seat), "identity": identity_of(seat.person), "matched": "on"}
        page = client.post(reverse("trading:attendance", args=where), shown, follow=True).content.decode()
        assert f"{seat.order} 号席已签到" in page and seat.person.name not in page
    client.post(reverse("trading:committee_move", args=where), {"move": "start"})
    desk = reverse("trading:evaluation_desk", args=[evaluation.pk])
    bids = list(actions.bids_of(evaluation))
    checks = lot.tender.document.criteria.filter(part__in=Criterion.CHECKS)
    for seat in members(evaluation):
        enter(seat.person)
        assert "无利害关系承诺" in client.get(desk).content.decode()
        client.post(desk, {"move": "pledge"})
        assert "推举组长" in client.get(desk).content.decode()
        client.post(desk, {"move": "chair", "chair": members(evaluation)[0].pk})
    for seat in members(evaluation):
        enter(seat.person)
        assert "施工组织设计" not in client.get(desk).content.decode()
        client.post(desk, {"move": "review", **{f"check-{bid.pk}-{check.pk}": "1" for bid in bids for check in checks}})
    for place, seat in enumerate(members(evaluation)):
        enter(seat.person)
        if place == 0:
            assert client.post(desk, {"move": "scores"}).status_code == 400
        points = {f"points-{bid}-{row}": str(value) for (bid, row), (value, _) in marks(evaluation).items()}
        client.post(desk, {"move": "scores", **points})
    for seat in members(evaluation):
        enter(seat.person)
        page = client.get(desk).content.decode()
        assert "评标基准价 31,500,000.00 元" in page
        client.post(desk, {"move": "sign", "dissent": "对第二名的工期有保留意见" if seat.chair else ""})
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.SIGNED
    assert [row["dissent"] for row in evaluation.report.context["signatures"] if row["dissent"]] == ["对第二名的工期有保留意见"]
    outsider = expert(50)
    enter(outsider.person)
    assert client.get(desk).status_code == 404


@pytest.mark.requirement("R105")
def test_the_credit_that_held_at_the_deadline_counts(lot):
    """A conduct that takes effect, or is revoked, after the deadline changes the public score but not the evaluation."""
    evaluation = started(lot)
    bidder = lot.city.bidders[0]
    frozen = lot.openings.get().bids.get(bid__bidder=bidder).credit
    rule = CreditRule.objects.create(
        code="T1", family="M", title="虚假业绩", severity=2, points=Decimal(-20), validity_months=12, source="测试", confidence="D",
        since=city_day(database_now()),
    )  # fmt: skip
    CreditEntry.objects.create(
        organisation=bidder, rule=rule, points=rule.points, facts="事实", evidence=stored(lot.city.supervisor, lot.city.regulator, "credit"),
        reporter=lot.city.regulator, reported_by=lot.city.supervisor, reported_at=database_now(), state=CreditEntry.State.EFFECTIVE,
        effective_on=city_day(lot.bids_due_at), expires_on=city_day(lot.bids_due_at) + timedelta(days=365),
    )  # fmt: skip
    assert score_of(bidder, city_day(lot.bids_due_at))[0] != Decimal(frozen["score"])
    for member in members(evaluation):
        review(evaluation, member)
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    evaluation.refresh_from_db()
    used = evaluation.workings["credit"]
    assert used["scores"][str(lot.openings.get().bids.get(bid__bidder=bidder).pk)] == frozen["score"]
    assert used["on"] == frozen["on"]


def test_with_the_drawn_order_used_up_a_further_draw_fills_the_empty_seats(lot, client):
    for number in range(5):
        expert(number)
    evaluation = formed(lot)
    gone = evaluation.members.order_by("order").first()
    answer_call(Dispatch.objects.get(key=f"committee/{gone.pk}"), "2")
    gone.refresh_from_db()
    assert gone.state == CommitteeMember.State.REFUSED
    expert(20)
    client.force_login(lot.city.staff)
    page = client.get(reverse("trading:committee", args=[lot.tender.number, lot.no])).content.decode()
    assert "补充抽取专家（1 席）" in page
    again = formed(lot)
    assert again.pk == evaluation.pk and again.size == 5
    standing = again.members.filter(state__in=["called", "accepted"])
    assert "ZJ00020" in [row.expert.number for row in standing] and standing.count() == 5
    with pytest.raises(Refused, match="不得重新抽取"):
        formed(lot)


def test_who_is_suspended_neither_accepts_nor_judges(lot):
    evaluation = started(lot)
    member = members(evaluation)[0]
    member.expert.state = Expert.State.SUSPENDED
    member.expert.save()
    with pytest.raises(Refused) as refused:
        review(evaluation, member)
    assert refused.value.code == "not_active"


def test_an_employer_is_avoided_by_its_name_too_and_so_is_who_acts_for_a_bidder(lot):
    bidder = lot.city.bidders[0]
    for number in range(5):
        expert(number)
    expert(30, employer=bidder.name)
    acting = expert(31)
    Membership.objects.create(person=acting.person, organisation=bidder, duties=[])
    listed = {row["expert"] for row in candidates(need_of(lot, ["A08"], database_now()))}
    assert listed == {f"ZJ{number:05d}" for number in range(5)}


def test_two_of_one_employer_without_a_code_are_one_employer(lot):
    for number in range(6):
        expert(number, employer="清江设计院" if number < 2 else "")
    rows = candidates(need_of(lot, ["A08"], database_now()))
    assert [row["employer"] for row in rows] == ["清江设计院", "清江设计院", "", "", "", ""]


def test_a_large_procurement_asks_for_seven(lot):
    project = lot.tender.project
    project.category = "ZC"
    for estimate, allowed in ((Decimal("9999999.99"), True), (Decimal(10_000_000), False)):
        lot.estimate = estimate
        if allowed:
            check_composition(5, 1, lot)
            continue
        with pytest.raises(Refused) as refused:
            check_composition(5, 1, lot)
        assert refused.value.code == "M-05"
        check_composition(7, 2, lot)


def pledged(lot):
    """A committee at work whose members have pledged, and have no chair yet."""
    for number in range(9):
        expert(number)
    evaluation = formed(lot)
    confirm_all(evaluation)
    arrive(evaluation, lot.city.staff)
    actions.start_evaluation(evaluation, by=lot.city.staff, at=database_now())
    for member in members(evaluation):
        actions.make_pledge(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def elect(evaluation, voices):
    """The members name the seats of these numbers, one after the other."""
    seats = {seat.order: seat for seat in members(evaluation)}
    for (_, member), choice in zip(sorted(seats.items()), voices, strict=False):
        actions.elect_chair(evaluation, seats[choice], by=member.person, at=database_now())


def chair_of(evaluation):
    return evaluation.members.filter(chair=True).values_list("order", flat=True).first()


@pytest.mark.parametrize(("voices", "chair"), [((3, 3, 2, 3, 2), 3), ((2, 1, 2, 1, 5), 1), ((5, 4, 3, 2, 1), 1)])
def test_the_members_elect_their_chair_and_of_equals_the_first_seat_chairs(lot, voices, chair):
    evaluation = pledged(lot)
    elect(evaluation, voices[:4])
    assert chair_of(evaluation) is None
    with pytest.raises(Refused) as refused:
        review(evaluation, members(evaluation)[0])
    assert refused.value.code == "no_chair"
    last = members(evaluation)[-1]
    actions.elect_chair(evaluation, evaluation.members.get(order=voices[4]), by=last.person, at=database_now())
    assert chair_of(evaluation) == chair
    with pytest.raises(Refused, match="已经推举产生"):
        actions.elect_chair(evaluation, last, by=last.person, at=database_now())
    review(evaluation, members(evaluation)[0])


def test_a_chair_who_is_replaced_is_elected_anew(lot):
    evaluation = pledged(lot)
    elect(evaluation, (2, 2, 2, 2, 2))
    replace_member(evaluation.members.get(order=2), CommitteeMember.State.RECUSED, by=lot.city.staff, at=database_now())
    assert chair_of(evaluation) is None
    assert not evaluation.members.exclude(nominates=None).exists()
    answer_call(Dispatch.objects.get(key=f"committee/{evaluation.members.get(order=6).pk}"), "1")
    newcomer = evaluation.members.get(order=6)
    arrive(evaluation, lot.city.staff)
    actions.make_pledge(evaluation, by=newcomer.person, at=database_now())
    elect(evaluation, (1, 6, 6, 6, 1))
    assert chair_of(evaluation) == 6


def test_a_purchasers_representative_never_chairs(lot):
    evaluation = pledged(lot)
    lot.tender.project.category = "ZC"
    lot.tender.project.save()
    CommitteeMember.objects.filter(evaluation=evaluation, order=1).update(owner_representative=True)
    with pytest.raises(Refused, match="不得担任评审小组组长"):
        elect(evaluation, (1,))


def test_a_vacant_seat_is_waited_for(lot):
    """Three have handed in, one is replaced, the fourth hands in: nothing is opened before the newcomer has judged as well."""
    evaluation = started(lot)
    seats = members(evaluation)
    for seat in seats[:3]:
        review(evaluation, seat)
    replace_member(seats[4], CommitteeMember.State.ABSENT, by=lot.city.staff, at=database_now())
    review(evaluation, seats[3])
    assert evaluation.state == Evaluation.State.REVIEWING and not CheckOpinion.objects.exists()
    newcomer = evaluation.members.order_by("-order").first()
    answer_call(Dispatch.objects.get(key=f"committee/{newcomer.pk}"), "1")
    with pytest.raises(Refused, match="还没有在评标区签到"):
        actions.make_pledge(evaluation, by=newcomer.person, at=database_now())
    arrive(evaluation, lot.city.staff)
    actions.make_pledge(evaluation, by=newcomer.person, at=database_now())
    review(evaluation, newcomer)
    assert evaluation.state == Evaluation.State.SCORING and CheckOpinion.objects.values("member").distinct().count() == 5


def test_nobody_learns_of_anothers_marks_by_trying(lot):
    evaluation = started(lot)
    for seat in members(evaluation):
        review(evaluation, seat)
    one, two, *_ = members(evaluation)
    actions.submit_scores(evaluation, marks(evaluation), by=one.person, at=database_now())
    objective = next(row for row in actions.judged_criteria(evaluation) if row.objective)
    tried = {key: (Decimal("7.25") if key[1] == objective.pk else value, why) for key, (value, why) in marks(evaluation).items()}
    with pytest.raises(Refused) as refused:
        actions.submit_scores(evaluation, tried, by=two.person, at=database_now())
    assert refused.value.code == "objective_differs" and "5.00" not in refused.value.message
    last = max(tried)
    with pytest.raises(Refused) as refused:
        actions.submit_scores(evaluation, {**tried, last: (Decimal(99), "")}, by=two.person, at=database_now())
    # A sheet that can not be handed in is compared with nobody's.
    assert refused.value.code == "out_of_range"


def test_a_lot_that_is_ended_sends_its_committee_home(lot, client, deliver):
    evaluation = started(lot)
    seats = members(evaluation)
    assert seats[0].person.has_perm("trading.score_lot", lot)
    terminate_tender(lot.tender, reason="项目资金被收回", by=lot.city.handler, at=database_now())
    deliver()
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.STOPPED
    assert not Person.objects.get(pk=seats[0].person.pk).has_perm("trading.score_lot", lot)
    assert not evaluation.members.filter(named=None).exists()
    sittings = Sitting.objects.filter(key__in=[f"committee/{seat.pk}" for seat in seats])
    assert {(row.outcome, row.fee is not None, row.expert_id is None) for row in sittings} == {("served", True, False)}
    client.force_login(seats[0].person)
    assert "招标人已终止本标段" in client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()


def test_a_lot_that_is_stopped_stops_its_desk(lot):
    evaluation = started(lot)
    suspend_lot(lot, cause=Suspension.Cause.ORDER, reference="X", reason="调查", by=lot.city.supervisor, at=database_now())
    with pytest.raises(Refused) as refused:
        review(evaluation, members(evaluation)[0])
    assert refused.value.code == "suspended"


def test_a_suspended_expert_reads_nothing_any_more(lot, client):
    evaluation = started(lot)
    seat = members(evaluation)[0]
    Expert.objects.filter(pk=seat.expert.pk).update(state=Expert.State.SUSPENDED)
    client.force_login(seat.person)
    assert client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).status_code == 403
    assert not Person.objects.get(pk=seat.person.pk).has_perm("trading.score_lot", lot)
    assert not AnonymousUser().has_perm("trading.score_lot", lot)
