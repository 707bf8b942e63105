"""Which bids an evaluation judges, which of them stand, and out of which opening their prices were read."""

from trading.evaluation.declared import SAME_BRAND
from trading.evaluation.models import Evaluation
from trading.opening.models import OpenedBid, Opening
from trading.tenders.models import Envelope


def bids_of(evaluation):
    """The bids the committee judges: those whose (first) envelope was opened."""
    first = evaluation.lot.tender.document.envelopes[0]
    return OpenedBid.objects.filter(
        opening__lot=evaluation.lot, opening__envelope=first, state=OpenedBid.State.OPENED
    ).select_related("bid__bidder")  # fmt: skip


def valid_bids(evaluation):
    return bids_of(evaluation).exclude(rejections__evaluation=evaluation)


def second_opening(evaluation):
    """The opening of the second envelopes, once it is prepared; None before that, and where bids come whole."""
    return Opening.objects.filter(lot=evaluation.lot, envelope=Envelope.COMMERCIAL).first()


def second_is_closed(evaluation):
    second = second_opening(evaluation)
    return second is not None and second.state == Opening.State.CLOSED


def offers_of(evaluation):
    """{bid's id: the OpenedBid that its price was read out of}; with two envelopes those of the second opening, once it has ended."""
    last = evaluation.lot.tender.document.envelopes[-1]
    rows = OpenedBid.objects.filter(opening__lot=evaluation.lot, opening__envelope=last, opening__state=Opening.State.CLOSED)
    return {row.bid_id: row for row in rows.select_related("bid__bidder")}


def judged_offers(evaluation):
    """{the opened bid that the price was read out of: the one that the members judged} of every valid bid.

    Those that a cheaper one of their brand has set aside are among them: that follows from the prices, again each time.
    """
    offers = offers_of(evaluation)
    rejected = evaluation.rejections.exclude(code=SAME_BRAND).values("bid")
    return {offers[bid.bid_id]: bid for bid in bids_of(evaluation).exclude(pk__in=rejected)}


def sees_prices(evaluation):
    """Whether the committee may know prices: with two envelopes not before the first is judged, in a re-evaluation neither."""
    if not evaluation.lot.tender.document.two_envelopes:
        return True
    return evaluation.state not in (Evaluation.State.REVIEWING, Evaluation.State.SCORING) and second_is_closed(evaluation)


def priced_bids(evaluation):
    """[(valid bid as the members judge it, the opened bid with its price)] as far as the committee may know prices."""
    if not sees_prices(evaluation):
        return []
    offers = offers_of(evaluation)
    pairs = [(bid, offers.get(bid.bid_id)) for bid in valid_bids(evaluation)]
    return [(bid, offer) for bid, offer in pairs if offer is not None and offer.price is not None]
