"""Who judges a lot: the permission `trading.score_lot`, read from the concealed seats, so that no row of permissions names a member."""

from trading.evaluation.models import CommitteeMember, Evaluation
from trading.evaluation.seats import is_fit
from trading.projects.models import Lot
from trading.tenders.models import Tender

AT_WORK = (Evaluation.State.REVIEWING, Evaluation.State.SCORING, Evaluation.State.PRICING, Evaluation.State.COMBINED)


def seats_at_work(person, seats=CommitteeMember.objects):
    """The person's seats of committees that judge now; of `CommitteeMember.called`, also those of who watches one."""
    return seats.of(person).filter(state=CommitteeMember.State.ACCEPTED, evaluation__state__in=AT_WORK)


class SeatBackend:
    """Answers `person.has_perm("trading.score_lot", lot or tender)` for who has pledged; authenticates nobody."""

    def authenticate(self, request, **credentials):
        return None

    def has_perm(self, person, perm, obj=None):
        if perm != "trading.score_lot" or not person.is_authenticated or not isinstance(obj, Lot | Tender):
            return False
        where = {"evaluation__lot": obj} if isinstance(obj, Lot) else {"evaluation__lot__tender": obj}
        return any(is_fit(seat) for seat in seats_at_work(person).filter(**where).exclude(pledged_at=None))
