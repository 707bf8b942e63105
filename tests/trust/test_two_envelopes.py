"""Bids in two envelopes: no price is known while the technical part is judged, and then all at once."""

import pytest

from rulebook.clock import database_now
from tests.factories.bids import decrypt, hand_in, revealed, started_opening, state_of, two_envelope_lot
from tests.factories.evaluation import members, scored
from trading.evaluation import actions as evaluating
from trading.evaluation.models import Evaluation
from trading.opening import actions
from trading.opening.models import OpenedBid, Opening
from trading.projects.models import Lot

pytestmark = pytest.mark.django_db

PRICES = ("30123456.78", "31234567.89", "32345678.91", "33456789.12")


def handed_in(bidders=4):
    lot = two_envelope_lot(bidders)
    for bidder, price in zip(lot.city.bidders, PRICES, strict=False):
        hand_in(lot, bidder, price)
    return lot


def closed(opening):
    actions.close_opening(opening, by=opening.lot.tender.lots.get().openings.first().host, at=database_now())
    return Opening.objects.get(pk=opening.pk)


def first_closed(lot):
    """The technical envelopes were opened, all of them, and that opening has ended."""
    opening = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    return closed(revealed(opening))


def second_of(lot):
    return Opening.objects.get(lot=lot, envelope="commercial")


def judged(lot, rejected=()):
    """The committee has judged the first envelopes; the bids of the organisations `rejected` did not pass."""
    return scored(lot, failing=[row.pk for row in lot.openings.get().bids.all() if row.bidder in rejected])


def second_started(lot):
    return actions.start_opening(second_of(lot), by=lot.city.staff, at=database_now())


def combined(evaluation, deliver):
    deliver()
    evaluation.refresh_from_db()
    return evaluation


def test_the_whole_way_from_two_envelopes_to_one_result(deliver):
    lot = handed_in()
    first = first_closed(lot)
    assert first.envelope == "technical" and {row.price for row in first.bids.all()} == {None}
    assert {row.manager for row in first.bids.all()} == {"甲"}
    loser = lot.city.bidders[3]
    evaluation = judged(lot, rejected=[loser])
    assert (evaluation.state, state_of(lot)) == (Evaluation.State.PRICING, Lot.State.EVALUATING)
    second = second_started(lot)
    assert (second.count, second.bids.count()) == (3, 3)
    for bidder in lot.city.bidders[:3]:
        decrypt(second, bidder)
    second = closed(revealed(second))
    assert sorted(str(row.price) for row in second.bids.all()) == sorted(PRICES[:3])
    assert {row.state for row in second.bids.all()} == {OpenedBid.State.OPENED}
    combined(evaluation, deliver)
    assert evaluation.state == Evaluation.State.COMBINED
    results = {row.bid.bidder: row for row in evaluation.results.all()}
    assert set(results) == set(lot.city.bidders[:3])
    # One formula of price, credit and marks, as for bids in one envelope.
    assert all(set(row.parts) == {"施工组织设计", "类似业绩", "信用评价", "投标报价"} for row in results.values())
    for member in members(evaluation):
        evaluating.sign_report(evaluation, by=member.person, at=database_now())
    assert state_of(lot) == Lot.State.EVALUATED
