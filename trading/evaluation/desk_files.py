from trading.evaluation.models import BidQuestion
from trading.evaluation.permissions import seats_at_work


def may_read_answer(person, organisation, file):
    """What a bidder attached to an answer: the pledged members of the committee that asked, while they judge."""
    seats = seats_at_work(person).exclude(pledged_at=None)
    return BidQuestion.objects.filter(proof=file, evaluation__members__in=seats).exists()
