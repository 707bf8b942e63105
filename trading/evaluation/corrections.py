"""Arithmetic corrections: the bidder confirms the price by rule, which then counts, or its bid is rejected; no vote is needed."""

import os

from ledger.acts import record
from ledger.canonical import HJ, b64u, money
from trading.evaluation.arithmetic import sums_of
from trading.evaluation.asking import ask
from trading.evaluation.bids import priced_bids, valid_bids
from trading.evaluation.bounds import CORRECTION
from trading.evaluation.events import PriceCorrected, about
from trading.evaluation.models import BidQuestion, BidRejection, PriceCorrection
from trading.tenders.arithmetic import MISSING

ARITHMETIC = BidQuestion.Matter.ARITHMETIC
UNCONFIRMED = "ARITHMETIC_UNCONFIRMED"


def lines_of(sums):
    """The corrections that a bidder must confirm; what is missing is for the committee to judge."""
    rows = [row for row in sums.corrections if row.rule is not MISSING] if sums else []
    return [
        {"place": row.place, "found": row.found, "counts": row.counts, "rule": f"{row.rule.source}：{row.rule.says}"} for row in rows
    ]  # fmt: skip


def ask_confirmations(evaluation, *, at):
    """Ask the bidder of every price that contradicts itself to confirm what counts by rule.

    What it confirmed to an earlier committee binds it: who has seen the result is not asked whether to stand by its bid.
    """
    asked = set(evaluation.questions.filter(matter=ARITHMETIC).values_list("bid_id", flat=True))
    carried = set(evaluation.corrections.values_list("bid_id", flat=True))
    for bid, offer in priced_bids(evaluation):
        if bid.pk in asked or offer.pk in carried:
            continue
        sums = sums_of(evaluation.lot, offer)
        lines = lines_of(sums)
        earlier = PriceCorrection.objects.filter(bid=offer, lines=lines).order_by("pk").first() if lines else None
        if earlier is not None:
            correct(evaluation, bid, offer, earlier.question, at=at)
        elif lines:
            # Prices are read out and rules are known: a digest without the salt could be guessed.
            salt = b64u(os.urandom(32))
            details = {"price": money(sums.price), "by_rule": money(sums.by_rule), "lines": lines, "salt": salt}
            ask(evaluation, bid, ARITHMETIC, confirmation_text(sums, lines), details, at=at)


def confirmation_text(sums, lines):
    changed = f"投标报价由 {sums.price:,.2f} 元修正为 {sums.by_rule:,.2f} 元" if sums.price != sums.by_rule else "投标报价总额不变"
    rows = "\n".join(
        f"{no}．{row['place']}：{row['found']} 修正为 {row['counts']}（{row['rule']}）" for no, row in enumerate(lines, start=1)
    )
    return f"报价有 {len(lines)} 处前后不一致，按规定修正如下，{changed}。请确认是否接受。\n{rows}"


def unconfirmed(evaluation):
    """The questions about corrections that still wait for their bidders."""
    rows = evaluation.questions.filter(matter=ARITHMETIC, accepted=None, bid__in=valid_bids(evaluation))
    return list(rows.select_related("bid__bid__bidder"))


def settle_overdue(evaluation, *, at):
    """Whoever has not answered in time has not confirmed."""
    for question in unconfirmed(evaluation):
        if at > question.due_at:
            refuse_correction(question, "逾期没有答复", at=at)


def settle_answer(question, *, at):
    """The bidder has said whether it takes the price by rule."""
    record(
        PriceCorrected(**about(question.evaluation), question=question.pk, accepted=question.accepted, digest=correction_digest(question)),
        by=None,
    )  # fmt: skip
    if not question.accepted:
        refuse_correction(question, "投标人不接受修正", at=at)
        return
    offer = next(offer for bid, offer in priced_bids(question.evaluation) if bid.pk == question.bid_id)
    correct(question.evaluation, question.bid, offer, question, at=at)


def correction_digest(question):
    return b64u(HJ("price-correction", {"v": 1, "question": question.pk, "accepted": question.accepted, **question.details}))


def correct(evaluation, bid, offer, question, *, at):
    """The price by rule counts from now on, and is held to the limit as every price is."""
    found = question.details
    row = PriceCorrection.objects.create(
        evaluation=evaluation, bid=offer, question=question, price=found["by_rule"], lines=found["lines"], at=at
    )  # fmt: skip
    row.refresh_from_db()
    check_price(evaluation, bid, row.price, at=at, corrected=row.price != offer.price)


def refuse_correction(question, why, *, at):
    places = "、".join(row["place"] for row in question.details["lines"])
    BidRejection.objects.create(
        evaluation=question.evaluation, bid=question.bid, code=UNCONFIRMED, at=at,
        reason=f"报价的算术修正没有经投标人确认（{why}）：{places}（{CORRECTION.source.partition('（')[0]}）",
    )  # fmt: skip


def check_price(evaluation, bid, price, *, at, corrected=False):
    """A price over the limit rejects its bid, whatever the members think of the rest."""
    limit = evaluation.lot.price_limit
    if price > limit:
        word = f"算术修正后的投标报价 {price:,.2f} 元" if corrected else "投标报价"
        BidRejection.objects.create(
            evaluation=evaluation, bid=bid, code="PRICE_OVER_LIMIT", at=at,
            reason=f"{word}高于最高投标限价 {limit:,.2f} 元（《招标投标法实施条例》第五十一条）",
        )  # fmt: skip
