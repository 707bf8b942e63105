"""The platform's own questions to bidders, asked because a rule says so and not because a member does."""

from ledger.acts import record
from postbox.actions import tell_members
from trading.evaluation.bounds import CLARITY, CORRECTION, LOW_PRICE
from trading.evaluation.events import BidQuestioned, about
from trading.evaluation.models import BidQuestion
from trading.tenders.notices import shown

# How long an answer to each matter may take.
TIMES = {BidQuestion.Matter.CLARITY: CLARITY, BidQuestion.Matter.LOW_PRICE: LOW_PRICE, BidQuestion.Matter.ARITHMETIC: CORRECTION}


def ask(evaluation, bid, matter, text, details, *, at):
    """The platform's question to one bidder, with the rule's own time to answer."""
    question = BidQuestion.objects.create(
        evaluation=evaluation, bid=bid, matter=matter, text=text, details=details, asked_at=at, due_at=at + TIMES[matter].least
    )  # fmt: skip
    tell_bidder(question)
    record(
        BidQuestioned(**about(evaluation), question=question.pk), by=None,
        private={"by": "platform", "bidder": bid.bidder.uscc, "matter": str(matter), "text": text},
    )  # fmt: skip
    return question


def tell_bidder(question):
    tell_members(
        question.bid.bidder, f"评标委员会要求{question.get_matter_display()}：{question.evaluation.lot.tender.name}",
        f"请在 {shown(question.due_at)} 前在平台答复，逾期视为不答复。", link=f"/me/questions/{question.pk}/", key=f"bid-question/{question.pk}",
    )  # fmt: skip
