"""What follows from a published result: the tender's agency is assessed."""

from accounts.models import Organisation
from agencies.actions import open_assessment
from agencies.models import Rating
from ledger.delivery import listens
from rulebook.clock import database_now
from trading.awards.events import AwardPublished
from trading.bidding.queries import bidders_of
from trading.projects.lifecycle import RUNNING
from trading.projects.models import Lot, Tender
from trading.projects.queries import centres_for
from trading.tenders.events import LotFailed, LotTerminated


@listens(AwardPublished, LotFailed, LotTerminated)
def assess_agency(event):
    """With the last lot's end the tenderee, the centre and the bidders are asked to judge the agency, if any lot was awarded."""
    tender = Tender.objects.select_related("project__agency", "project__owner").get(number=event.tender)
    project, lots = tender.project, list(tender.lots.all())
    under_way = (*RUNNING, Lot.State.AWARD_DECIDED)
    if (
        project.agency is None
        or any(lot.state in under_way for lot in lots)
        or not any(lot.awards.filter(void_at=None).exists() for lot in lots)
    ):
        return
    sides = Rating.Side
    raters: list[tuple[str, Organisation]] = [(sides.TENDEREE, project.owner)]
    raters += [(sides.CENTRE, each) for each in centres_for(project.category, project.decision.get("venue"))[:1]]
    raters += [(sides.BIDDER, each) for lot in lots for each in bidders_of(lot)]
    open_assessment(project.agency, tender.number, tender.name, raters, at=database_now())
