"""Who judges a lot: the permission `trading.score_lot`, read from the concealed seats, so that no row of permissions names a member."""

from trading.evaluation.models import CommitteeMember, Evaluation
from trading.projects.models import Lot

AT_WORK = (Evaluation.State.REVIEWING, Evaluation.State.SCORING, Evaluation.State.PRICING, Evaluation.State.COMBINED)


def seats_at_work(person, seats=CommitteeMember.objects):
    """The person's seats of committees that judge now; of `CommitteeMember.called`, also those of who watches one."""
    return seats.of(person).filter(state=CommitteeMember.State.ACCEPTED, evaluation__state__in=AT_WORK)


class SeatBackend:
    """Answers `person.has_perm("trading.score_lot", lot)`; authenticates nobody."""

    def authenticate(self, request, **credentials):
        return None

    def has_perm(self, person, perm, obj=None):
        known = person.is_authenticated and perm == "trading.score_lot" and isinstance(obj, Lot)
        return known and seats_at_work(person).filter(evaluation__lot=obj).exists()
