"""What the desk shows of the inquiries into prices."""

from trading.evaluation import inquiries
from trading.evaluation.asking import TIMES
from trading.evaluation.bids import valid_bids
from trading.evaluation.low_prices import motion_of
from trading.evaluation.models import BidQuestion


def inquiries_of(evaluation, now):
    """Every inquiry with its reasons, its answer and what is next; the open ones first."""
    rows = evaluation.questions.exclude(matter=BidQuestion.Matter.CLARITY).select_related("bid__bid__bidder", "proof", "motion")
    valid = set(valid_bids(evaluation).values_list("pk", flat=True))
    open_ones = {row.pk for row in inquiries.open_inquiries(evaluation)}
    found = [
        {
            "question": row, "details": row.details, "open": row.pk in open_ones, "rule": TIMES[BidQuestion.Matter(row.matter)],
            "motion": motion_of(row), "waits": row.pk in open_ones and not row.answered_at and now <= row.due_at,
            "standing": inquiries.standing_of(row, now) if row.pk in open_ones or row.bid_id in valid or motion_of(row) else "投标已被否决",
        }
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda row: not row["open"])
