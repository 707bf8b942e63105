"""What an expert's key press means: registered with the postbox, which knows nothing of committees."""

from postbox.actions import on_answer
from trading.evaluation.committee import answer_call
from trading.evaluation.models import CommitteeMember


@on_answer("committee")
def answer_by_phone(reference, accepted, at):
    member = CommitteeMember.called.get(pk=reference.rsplit("/", 1)[1])
    answer_call(member, accepted, at=at)
