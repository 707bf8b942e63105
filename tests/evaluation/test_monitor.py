"""A supervising expert is drawn beside the committee of a large project with state money: watches, reports, judges nothing."""

import json
import logging
from decimal import Decimal

import pytest
from django.urls import reverse

from draws.actions import opened
from experts.models import Sitting
from ledger.models import LedgerEntry
from postbox.actions import answer_call
from postbox.models import Dispatch
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.evaluation.test_curious import betrayals, everything, news
from tests.factories.evaluation import arrive, at_work, confirm_all, expert, formed, marks, members, review
from trading.archive.contents import evaluation as archived
from trading.evaluation import actions, committee, monitoring
from trading.evaluation.bounds import MONITOR
from trading.evaluation.committee import replace_member
from trading.evaluation.models import CommitteeMember, Evaluation

ROW = pytest.mark.requirement("R181")
REPORT = "评标过程合规，没有发现异常。"


@pytest.fixture
def pool():
    return [expert(number) for number in range(100, 110)]


@pytest.fixture
def large(lot, pool):
    project = lot.tender.project
    project.state_funded = True
    project.save()
    return lot


def monitor_of(evaluation):
    return CommitteeMember.monitors.get(evaluation=evaluation, state="accepted")


def watched(lot):
    """A committee at work whose monitor has pledged; (evaluation, monitor)."""
    evaluation = at_work(formed(lot), lot.city.staff)
    seat = monitor_of(evaluation)
    monitoring.pledge_monitor(evaluation, by=seat.person, at=database_now())
    return evaluation, seat


def combined(evaluation):
    for member in members(evaluation):
        review(evaluation, member)
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    evaluation.refresh_from_db()


def sign(evaluation, member):
    actions.sign_report(evaluation, by=member.person, at=database_now())


@ROW
@pytest.mark.parametrize(
    ("state_funded", "over", "asked"), [(True, "0.01", True), (True, "0", False), (False, "0.01", False)],
)  # fmt: skip
def test_a_monitor_is_drawn_for_state_money_above_the_sum_alone(lot, pool, state_funded, over, asked):
    project = lot.tender.project
    project.state_funded, project.estimate = state_funded, MONITOR.above + Decimal(over)
    project.save()
    evaluation = formed(lot)
    assert [row["take"] for row in evaluation.draw.strata] == ([5, 1] if asked else [5])
    assert CommitteeMember.monitors.filter(evaluation=evaluation).count() == int(asked)
    assert (evaluation.members.count(), Dispatch.objects.filter(channel="voice").count()) == (5, 5 + asked)


@ROW
def test_the_monitor_is_nobody_of_the_committee_nor_of_an_employer_in_it(lot):
    project = lot.tender.project
    project.state_funded = True
    project.save()
    # Six employers with two each: five sit, and only the sixth has a monitor.
    for number in range(12):
        expert(number, employer=f"清江第{number % 6}设计院")
    evaluation = formed(lot)
    chosen = [opened(row)["candidate"] for row in evaluation.draw.candidates.filter(state="chosen")]
    assert len(chosen) == len({row["employer"] for row in chosen}) == 6
    # Whoever refuses is followed in the order; nobody is called twice, and no employer stands twice.
    seat = CommitteeMember.monitors.get(evaluation=evaluation)
    answer_call(Dispatch.objects.get(key=f"committee/{seat.pk}"), "2")
    standing = committee.standing_seats(evaluation)
    employers = [each.expert.employer for each in standing]
    assert len(employers) == len(set(employers)) == 6 and standing.filter(monitor=True).count() == 1


@ROW
def test_no_desk_opens_without_the_monitor_who_never_counts_as_a_member(large):
    evaluation = formed(large)
    seat = CommitteeMember.monitors.get(evaluation=evaluation)
    for row in Dispatch.objects.filter(channel="voice").exclude(key=f"committee/{seat.pk}"):
        answer_call(row, "1")
    assert actions.seated(evaluation).count() == evaluation.size == 5
    with pytest.raises(Refused) as refused:
        actions.start_evaluation(evaluation, by=large.city.staff, at=database_now())
    assert refused.value.code == MONITOR.code and "监标专家还没有确认" in refused.value.message
    confirm_all(evaluation)
    arrive(evaluation, large.city.staff)
    actions.start_evaluation(evaluation, by=large.city.staff, at=database_now())


@ROW
def test_the_monitor_sees_who_has_handed_in_and_never_a_bid_or_a_mark(large, client):
    evaluation, seat = watched(large)
    one, *_ = members(evaluation)
    review(evaluation, one)
    client.force_login(seat.person)
    page = client.get(reverse("trading:monitor_desk", args=[evaluation.pk])).content.decode()
    assert "1 号席" in page and "5 号席" in page and evaluation.get_state_display() in page
    assert not any(word in page for each in members(evaluation) for word in (each.person.name, each.expert.number))
    assert not any(bid.bidder.name in page for bid in actions.bids_of(evaluation))
    for name in ("trading:evaluation_desk", "trading:committee_questions"):
        assert client.get(reverse(name, args=[evaluation.pk])).status_code == 404
    assert not seat.person.has_perm("trading.score_lot", large)
    for act in (lambda: review(evaluation, seat), lambda: actions.make_pledge(evaluation, by=seat.person, at=database_now())):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "not_seated"
    # A member has no business at the monitor's desk.
    client.force_login(one.person)
    assert client.get(reverse("trading:monitor_desk", args=[evaluation.pk])).status_code == 404


@ROW
def test_remarks_stand_and_nobody_signs_off_before_the_monitor_has_reported(large, client):
    evaluation, seat = watched(large)
    client.force_login(seat.person)
    door = reverse("trading:monitor_desk", args=[evaluation.pk])
    assert client.post(door, {"move": "remark", "text": "2 号席离席五分钟"}).status_code == 302
    assert client.post(door, {"move": "remark", "text": " "}).status_code == 400
    early = client.post(door, {"move": "report", "text": REPORT})
    assert "评分汇总后才能提交监标报告" in early.content.decode()
    combined(evaluation)
    *others, last = members(evaluation)
    for member in others:
        sign(evaluation, member)
    with pytest.raises(Refused) as refused:
        sign(evaluation, last)
    assert (refused.value.code, "监标报告" in refused.value.message) == (MONITOR.code, True)
    assert "三千万元" in refused.value.rule and "补抽" in refused.value.next_step
    assert client.post(door, {"move": "report", "text": REPORT}).status_code == 302
    assert "监标报告已经提交" in client.post(door, {"move": "report", "text": "再说"}).content.decode()
    sign(evaluation, last)
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.SIGNED
    body = json.loads(bytes(LedgerEntry.objects.get(kind="evaluation.monitored").data))
    assert (body["by"]["id"], body["d"]["digest"]) == (seat.pseudonym, monitoring.digest_of(seat))
    # It stands with the report and in the archive, and the pool pays like an expert.
    (told,) = actions.report_of(evaluation)["monitoring"]
    assert seat.person.name in told["name"] and [row["text"] for row in told["notes"]] == ["2 号席离席五分钟", REPORT]
    assert evaluation.report.context["monitoring"] == [told]
    (item,) = archived(large)
    assert REPORT in b"".join(item.pieces()).decode() and seat.person.name in b"".join(item.pieces()).decode()
    assert not any(seat.person.name in each for each in actions.report_of(evaluation)["members"])
    served = Sitting.objects.get(key=f"committee/{seat.pk}")
    assert (served.outcome, served.fee is not None, served.expert) == ("served", True, seat.expert)


@ROW
def test_a_monitor_who_stays_away_is_replaced_in_order_even_while_signatures_wait(large):
    evaluation, seat = watched(large)
    combined(evaluation)
    with pytest.raises(Refused):
        replace_member(members(evaluation)[0], "absent", by=large.city.staff, at=database_now())
    replace_member(seat, "absent", by=large.city.staff, at=database_now())
    ordered = [opened(row)["candidate"]["expert"] for row in evaluation.draw.candidates.filter(stratum="monitor").order_by("place")]
    came = CommitteeMember.monitors.get(evaluation=evaluation, state="called")
    assert came.expert.number in ordered[ordered.index(seat.expert.number) + 1 :]
    confirm_all(evaluation)
    with pytest.raises(Refused) as refused:
        monitoring.hand_in_report(evaluation, REPORT, by=seat.person, at=database_now())
    assert refused.value.code == "not_seated"
    arrive(evaluation, large.city.staff)
    monitoring.pledge_monitor(evaluation, by=came.person, at=database_now())
    monitoring.hand_in_report(evaluation, REPORT, by=came.person, at=database_now())
    for member in members(evaluation):
        sign(evaluation, member)
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.SIGNED


@ROW
def test_when_the_monitors_order_is_used_up_a_further_draw_fills_that_seat_alone(lot, client, settings):
    project = lot.tender.project
    project.state_funded = True
    project.save()
    for number in range(6):
        expert(number)
    evaluation = formed(lot)
    seat = CommitteeMember.monitors.get(evaluation=evaluation)
    answer_call(Dispatch.objects.get(key=f"committee/{seat.pk}"), "2")
    assert committee.empty_seats(evaluation) == {"experts": 0, "monitor": 1} and committee.needs_more(evaluation)
    for number in range(6, 9):
        expert(number)
    again = formed(lot)
    assert [row["id"] for row in again.draw.strata] == ["monitor"]
    assert committee.empty_seats(again) == {"experts": 0, "monitor": 0} and again.members.count() == 5


@ROW
def test_when_every_bid_is_rejected_the_monitor_reports_after_the_end(large):
    evaluation, seat = watched(large)
    everyone = [bid.pk for bid in actions.bids_of(evaluation)]
    for member in members(evaluation):
        review(evaluation, member, failing=everyone)
    assert evaluation.state == Evaluation.State.FAILED
    monitoring.hand_in_report(evaluation, REPORT, by=seat.person, at=database_now())
    (item,) = archived(large)
    assert REPORT in b"".join(item.pieces()).decode()


@ROW
def test_the_database_names_no_monitor_before_the_end(large, pool, client, caplog):
    caplog.set_level(logging.INFO)
    before = everything()
    evaluation, seat = watched(large)
    client.force_login(seat.person)
    client.post(reverse("trading:monitor_desk", args=[evaluation.pk]), {"move": "remark", "text": "在场"})
    combined(evaluation)
    monitoring.hand_in_report(evaluation, REPORT, by=seat.person, at=database_now())
    *others, last = members(evaluation)
    for member in others:
        sign(evaluation, member)
    seat.refresh_from_db()
    assert betrayals(news(before, everything()), [seat.expert]) == set()
    assert not any(word in caplog.text for word in (seat.person.name, seat.expert.number, seat.person.mobile))
    client.force_login(large.city.staff)
    page = client.get(reverse("trading:committee", args=[large.tender.number, large.no])).content.decode()
    assert "监标专家" in page and not any(each.person.name in page for each in pool)
    sign(evaluation, last)
    assert betrayals(news(before, everything()), [seat.expert]) != set()


@ROW
def test_the_draw_says_beforehand_that_a_monitor_is_drawn(large, client):
    client.force_login(large.city.staff)
    page = client.get(reverse("trading:committee", args=[large.tender.number, large.no])).content.decode()
    assert MONITOR.says in page and MONITOR.source in page
