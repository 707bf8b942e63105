"""Unusually low prices: the platform asks for reasons, and when the answer is in or its time over, the committee votes on them."""

from decimal import Decimal

from ledger.acts import record
from trading.evaluation.asking import ask
from trading.evaluation.bids import priced_bids, valid_bids
from trading.evaluation.bounds import LOW_PRICE
from trading.evaluation.combining import low_prices_for, prices_of, range_for
from trading.evaluation.events import MotionMade, about
from trading.evaluation.methods import low_price_reasons, mean, points
from trading.evaluation.models import BidQuestion, RejectionMotion
from trading.methods.registry import METHODS

ASKED = BidQuestion.Matter.LOW_PRICE
OPEN = RejectionMotion.State.OPEN


def low_prices(evaluation):
    """[(bid, reasons)] of the valid bids whose price asks for an explanation, as far as the committee sees prices."""
    pairs = priced_bids(evaluation)
    lot = evaluation.lot
    shares = low_prices_for(lot)
    if not pairs or METHODS[lot.tender.document.method].by == "highest":
        return []
    counted = prices_of(evaluation, [offer for _, offer in pairs])
    prices = {bid.pk: counted[offer.pk] for bid, offer in pairs}
    found = low_price_reasons(prices, lot.price_limit, shares) if shares else {}
    past = range_for(lot, prices).get("range", {"below": []})
    for key in map(int, past["below"]):
        said = f"低于同类 {past['count']} 个项目中标价区间的下限（最高限价的 {(Decimal(past['low']) * 100).normalize():f}%）"
        found[key] = [*found.get(key, []), said]
    return [(bid, found[bid.pk]) for bid, _ in pairs if bid.pk in found]


def figures_of(evaluation):
    """[[what, sum]] that the tests of a low price compare with, for desk and report."""
    pairs = priced_bids(evaluation)
    prices = sorted(prices_of(evaluation, [offer for _, offer in pairs]).values())
    rows = [("有效投标平均价", mean(prices))] + ([("次低报价", prices[1])] if len(prices) > 1 else [])
    rows.append(("最高限价", evaluation.lot.price_limit))
    return [[label, f"{points(value):,.2f} 元"] for label, value in rows if value is not None]


def ask_reasons(evaluation, *, at):
    """Every low price is asked about, once in an evaluation: each committee judges the explanation by itself."""
    asked = set(evaluation.questions.filter(matter=ASKED).values_list("bid_id", flat=True))
    flagged = [(bid, reasons) for bid, reasons in low_prices(evaluation) if bid.pk not in asked]
    offers = {bid.pk: offer for bid, offer in priced_bids(evaluation)}
    counted = prices_of(evaluation, offers.values())
    for bid, reasons in flagged:
        own = counted[offers[bid.pk].pk]
        details = {"reasons": reasons, "figures": [["投标报价", f"{own:,.2f} 元"], *figures_of(evaluation)]}
        ask(evaluation, bid, ASKED, reasons_text(evaluation, own, reasons), details, at=at)


def reasons_text(evaluation, price, reasons):
    """What the bidder reads. The mean and the second lowest price stay with the committee: they would tell which bids were rejected."""
    limit = evaluation.lot.price_limit
    compared = f"（最高限价 {limit:,.2f} 元）" if limit is not None else ""
    return (
        f"你单位的投标报价 {price:,.2f} 元{compared}{'，'.join(reasons)}，可能影响产品质量或者不能诚信履约。"
        "请说明报价的构成和依据，并提供证明材料。"
    )


def undecided(evaluation):
    """The inquiries about low prices of valid bids that are not decided yet."""
    rows = evaluation.questions.filter(matter=ASKED, bid__in=valid_bids(evaluation)).select_related("bid__bid__bidder", "motion")
    return [row for row in rows if motion_of(row) is None or motion_of(row).state == OPEN]


def motion_of(question):
    """The vote on an explanation, once there is one."""
    return getattr(question, "motion", None)


def open_votes(evaluation, *, at):
    """When the answer is in, or its time over, the committee votes; a motion on the same bid is decided first."""
    voted_on = set(evaluation.motions.filter(state=OPEN).values_list("bid_id", flat=True))
    for question in undecided(evaluation):
        if motion_of(question) or question.bid_id in voted_on or (question.answered_at is None and at <= question.due_at):
            continue
        reasons = question.details.get("reasons") or ["评标委员会认为报价不合理"]
        motion = RejectionMotion.objects.create(
            evaluation=evaluation, bid=question.bid, code="PRICE_BELOW_COST", clause=LOW_PRICE.source.partition("（答")[0], moved_at=at,
            reason=f"报价{'，'.join(reasons)}，{'投标人已经说明' if question.answered_at else '投标人逾期没有说明'}", question=question,
        )  # fmt: skip
        record(
            MotionMade(**about(evaluation), motion=motion.pk), by=None,
            private={"by": "platform", "bidder": question.bid.bidder.uscc, "code": motion.code, "clause": motion.clause, "reason": motion.reason},
        )  # fmt: skip
