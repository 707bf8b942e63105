"""What an expert's key press means: registered with the postbox, which knows nothing of committees."""

from postbox.actions import on_answer
from trading.evaluation.committee import KEYS, answer_call, give_up
from trading.evaluation.models import CommitteeMember


@on_answer("committee")
def answer_by_phone(reference, key, at):
    member = CommitteeMember.called.get(pk=reference.rsplit("/", 1)[1])
    if key:
        answer_call(member, KEYS[key], at=at)
    else:
        give_up(member, at=at)
