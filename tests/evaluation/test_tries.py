"""Marks are not found out by trying: refusals name what differs at once, are counted, slowed down and told in the report."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.factories.evaluation import evaluating_lot, marks, members, review, started
from trading.evaluation import actions, blind
from trading.evaluation.bounds import TRIES
from trading.evaluation.models import Evaluation, SheetTries
from trading.tenders.models import TenderDocument

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


@pytest.fixture
def evaluation():
    evaluation = started(evaluating_lot())
    for member in members(evaluation):
        review(evaluation, member)
    return evaluation


def hand_in(evaluation, member, sheet):
    actions.submit_scores(evaluation, sheet, by=member.person, at=database_now())


def differing(evaluation, points):
    return {key: (Decimal(points), "") if value[0] == 5 else value for key, value in marks(evaluation).items()}


def refused(evaluation, member, sheet):
    with pytest.raises(Refused) as refusal:
        hand_in(evaluation, member, sheet)
    return refusal.value


def test_tries_are_bounded_counted_and_told_in_the_report(evaluation):
    first, curious, *others = members(evaluation)
    hand_in(evaluation, first, marks(evaluation))
    said = refused(evaluation, curious, differing(evaluation, 4))
    names = [bid.bidder.name for bid in actions.valid_bids(evaluation)]
    assert said.code == "objective_differs" and all(name in said.message for name in names) and "5" not in said.message
    for points in (3, 2):
        assert refused(evaluation, curious, differing(evaluation, points)).code == "objective_differs"
    hasty = refused(evaluation, curious, marks(evaluation))
    assert hasty.code == TRIES.code and "3 次" in hasty.message and hasty.rule
    row = SheetTries.objects.get()
    assert row.content["count"] == 3 and b"count" not in bytes(row.sealed)
    pretend(TRIES.pause + timedelta(seconds=5))
    hand_in(evaluation, curious, marks(evaluation))
    for member in others:
        hand_in(evaluation, member, marks(evaluation))
    told = actions.report_of(Evaluation.objects.get(pk=evaluation.pk))["tries"]
    assert told == [{"name": f"{curious.order} 号席 {curious.person.name}", "count": 3}]


def test_what_is_merely_incomplete_or_out_of_range_is_no_try(evaluation):
    first, other, *_ = members(evaluation)
    hand_in(evaluation, first, marks(evaluation))
    assert refused(evaluation, other, {}).code == "incomplete"
    assert refused(evaluation, other, marks(evaluation, technical="21")).code == "out_of_range"
    assert not SheetTries.objects.exists()


def test_blind_marks_are_bounded_too():
    lot = evaluating_lot()
    TenderDocument.objects.filter(tender=lot.tender).update(blind_technical=True)
    lot.tender.document.refresh_from_db()
    evaluation = started(lot)
    first, second, curious, *_ = members(evaluation)
    criterion = blind.blind_criteria(evaluation)[0]

    def mark(member, points):
        sheet = {(place, criterion.pk): (Decimal(points), "") for place, _ in enumerate(blind.coded(evaluation))}
        blind.submit_blind_marks(evaluation, sheet, by=member.person, at=database_now())

    mark(first, 16)
    mark(second, 16)
    for points in (1, 2, 3):
        with pytest.raises(Refused, match="明显偏离"):
            mark(curious, points)
    with pytest.raises(Refused, match="退回 3 次"):
        mark(curious, 16)
    assert curious.tries.content["count"] == 3
