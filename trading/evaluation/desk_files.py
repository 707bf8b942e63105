from trading.evaluation.models import BidQuestion, CommitteeMember, Evaluation

S = Evaluation.State


def may_read_answer(person, organisation, file):
    """What a bidder attached to an answer: the pledged members of the committee that asked, while they judge."""
    seats = CommitteeMember.objects.filter(person=person, state=CommitteeMember.State.ACCEPTED, pledged_at__isnull=False)
    judging = (S.REVIEWING, S.SCORING, S.PRICING, S.COMBINED)
    return BidQuestion.objects.filter(proof=file, evaluation__members__in=seats, evaluation__state__in=judging).exists()
