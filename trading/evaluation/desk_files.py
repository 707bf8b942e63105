from trading.evaluation.models import BidQuestion, CommitteeMember


def may_read_answer(person, organisation, file):
    """What a bidder attached to an answer: the committee that asked, whatever unit its members act for."""
    seats = CommitteeMember.objects.filter(person=person, state=CommitteeMember.State.ACCEPTED)
    return BidQuestion.objects.filter(proof=file, evaluation__members__in=seats).exists()
