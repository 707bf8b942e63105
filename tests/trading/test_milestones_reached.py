"""What the rooms set down as it happens, from the notice to the contract, and how the clock of the tender reads it."""

from datetime import timedelta

import pytest

from rulebook.clock import city_day, database_now
from supervision.remedies import actions as remedies
from tests.factories.bids import hand_in, started_opening
from tests.factories.evaluation import end_of, shown
from tests.factories.trading import make_workday, published_lot
from tests.supervision.test_remedies import complaint_of, object_to, second_official
from trading.awards import actions as awards
from trading.opening.actions import answer_objection, object_in_hall
from trading.procedures.models import Milestone
from trading.procedures.reaching import milestones_of
from trading.procedures.timeline import Status
from trading.tenders.actions import publish_clarification, terminate_tender
from trading.tenders.queries import clock_of, events_of


def names(lot):
    return set(milestones_of(lot.tender, lot))


def row(lot, code, *, on):
    return next(each.row for each in clock_of(lot.tender, on=on) if each.row.rule.code == code)


def test_the_way_to_the_award_is_set_down(lot):
    publicity = shown(lot)
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    awards.publish_result(award, by=lot.city.handler, at=end_of(publicity))
    assert names(lot) >= {
        "notice_published", "tender_doc_sale_start", "expert_draw", "evaluation_start", "evaluation_end",
        "evaluation_report_received", "candidates_published", "candidate_publicity_end", "winner_decided", "award_notice_sent",
        "result_published",
    }  # fmt: skip
    day = city_day(end_of(publicity))
    assert row(lot, "T-GC-12", on=day).status == Status.OK
    assert (row(lot, "T-GC-14", on=day).status, row(lot, "T-GC-14", on=day).is_running) == (Status.DUE, True)


@pytest.mark.django_db
def test_the_opening_and_what_is_objected_in_the_hall_are_set_down():
    lot = published_lot(holders=3)
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    opening = started_opening(lot)
    assert "opening" in names(lot)
    objection = object_in_hall(opening, bidder, "解密顺序不对", by=bidder.somebody, at=database_now())
    assert row(lot, "T-GC-10", on=city_day(database_now())).actual is None
    answer_objection(objection, "按规则进行", by=opening.host, at=database_now())
    assert row(lot, "T-GC-10", on=city_day(database_now())).status == Status.OK


def test_a_second_evaluation_runs_periods_of_its_own(lot):
    shown(lot)
    objection = object_to(lot)
    remedies.answer_objection(objection, upheld=True, answer="异议成立", by=lot.city.handler, at=database_now())
    reports = Milestone.objects.filter(lot=lot, name="evaluation_report_received")
    assert list(reports.values_list("reference", flat=True)) == ["1"]
    assert names(lot) >= {"result_objection_filed", "result_objection_replied", "suspended", "resumed"}
    assert row(lot, "T-GC-13", on=city_day(database_now())).status == Status.OK


def test_a_complaint_stands_still_while_something_is_tested(lot):
    shown(lot)
    complaint = complaint_of(lot)
    official, at = lot.city.supervisor, database_now()
    second_official(lot)
    remedies.review_complaint(complaint, "accepted", by=official, at=at)
    complaint.refresh_from_db()
    before = complaint.decision_due_at
    remedies.begin_inspection(complaint, "委托检测机构", by=official, at=at)
    remedies.end_inspection(complaint, "收到报告", by=official, at=at + timedelta(days=14))
    complaint.refresh_from_db()
    assert complaint.decision_due_at > before
    shown_row = row(lot, "T-GC-20", on=city_day(at))
    assert (shown_row.permitted, shown_row.paused > 0) == (city_day(complaint.decision_due_at), True)
    assert not shown_row.is_public


def test_a_corrected_complaint_is_examined_anew(lot):
    shown(lot)
    complaint, at = complaint_of(lot), database_now()
    remedies.review_complaint(complaint, "correction", reasons="请附证据", by=lot.city.supervisor, at=at)
    remedies.correct_complaint(complaint, facts="事实", claim="请求", evidence=None, by=complaint.by, at=at + timedelta(days=9))
    rows = [each.row for each in clock_of(lot.tender, on=city_day(at + timedelta(days=9))) if each.row.rule.code == "T-GC-19"]
    assert {each.reference: each.status for each in rows} == {complaint.number: Status.OK, f"{complaint.number}/2": Status.DUE}
    remedies.withdraw_complaint(complaint, reason="不再主张", by=complaint.by, at=at + timedelta(days=9))
    assert not [each for each in clock_of(lot.tender, on=city_day(at + timedelta(days=30))) if each.row.rule.code == "T-GC-19"]


@pytest.mark.django_db
def test_a_clarification_and_the_moved_deadline_are_seen():
    lot = published_lot(due_in=timedelta(days=16))
    later = lot.bids_due_at + timedelta(days=7)
    make_workday(city_day(later))
    publish_clarification(
        lot.tender, text="图纸更正", answers={}, affects_bids=True, new_bids_due_at=later, by=lot.city.handler, at=database_now()
    )
    lot.refresh_from_db()
    assert {each.name: each.at for each in events_of(lot.tender, lot)}["bid_deadline"] == later
    found = row(lot, "T-GC-06", on=city_day(database_now()))
    assert (found.status, found.actual) == (Status.OK, city_day(database_now()))


@pytest.mark.django_db
def test_two_lots_share_the_rows_that_are_the_same():
    lot = published_lot(lots=({}, {}))
    rows = [each for each in clock_of(lot.tender, on=city_day(database_now())) if each.row.rule.code == "T-GC-04"]
    assert [len(each.lots) for each in rows] == [2]
    terminate_tender(lot.tender, reason="项目取消", by=lot.city.handler, at=database_now())
    assert "terminated" in milestones_of(lot.tender)
    assert clock_of(lot.tender, on=city_day(database_now()), ended=False) == []


def test_how_long_a_notice_is_kept_is_nothing_the_public_waits_for(lot):
    kept = row(lot, "T-GC-26", on=city_day(database_now()))
    assert kept.rule.months == 120 and not kept.is_public
    assert row(lot, "T-GC-04", on=city_day(database_now())).is_public
