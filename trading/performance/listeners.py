"""What follows from the opening and the award: conflicts are looked for, the manager is held, or let go again."""

from accounts.models import Person
from ledger.delivery import listens
from rulebook.clock import database_now
from trading.awards.events import AwardDecided, PublicityVoided
from trading.awards.models import Award
from trading.opening.events import OpeningRevealed
from trading.performance import actions
from trading.performance.models import Custody
from trading.projects.models import Lot


def lot_of(event):
    return Lot.objects.select_related("tender__project").get(tender__number=event.tender, no=int(event.lot))


@listens(OpeningRevealed)
def look_for_conflicts(event):
    actions.find_conflicts(lot_of(event), at=database_now())


@listens(AwardDecided)
def hold_awarded_manager(event):
    award = Award.objects.filter(lot=lot_of(event), void_at=None).select_related("candidate__result__bid__bid__bidder").first()
    if award is not None:
        award.lot = lot_of(event)
        actions.hold_manager(award, by=Person.objects.platform(), at=database_now())


@listens(PublicityVoided)
def let_go_of_people(event):
    """The award has fallen: who was held for it is free, unless another award stands meanwhile."""
    lot = lot_of(event)
    if not Award.objects.filter(lot=lot, void_at=None).exists():
        actions.release_all(lot, Custody.Release.AWARD_VOID, by=Person.objects.platform(), at=database_now())
