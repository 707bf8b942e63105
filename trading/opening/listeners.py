"""What the opening does when others report something."""

from ledger.delivery import listens
from rulebook.clock import database_now
from trading.opening.actions import stop_opening
from trading.opening.models import Opening
from trading.tenders.events import LotFailed, LotTerminated, TenderTerminated


@listens(TenderTerminated)
def stop_all_openings(event):
    stop(Opening.objects.filter(lot__tender__number=event.tender))


@listens(LotFailed, LotTerminated)
def stop_openings_of_a_lot(event):
    stop(Opening.objects.filter(lot__tender__number=event.tender, lot__no=int(event.lot)))


def stop(openings):
    for opening in openings:
        stop_opening(opening, at=database_now())
