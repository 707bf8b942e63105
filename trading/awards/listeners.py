"""What follows from a published result: losers get their debriefs, and the tender's agency is assessed."""

from accounts.models import Organisation, Person
from agencies.actions import open_assessment
from agencies.models import Rating
from disclosure.models import Notice
from ledger.delivery import listens
from rulebook.clock import database_now
from trading.awards.debriefing import award_outcome, bid_debriefs, candidates_outcome, failed_outcome, issue_debriefs, void_debriefs
from trading.awards.desk_debrief import desk_debriefs, suppliers_of
from trading.awards.events import AwardPublished, CandidatePassedOver, CandidatesShown, PublicityVoided
from trading.awards.models import Award, CandidatePublicity
from trading.bidding.queries import bidders_of
from trading.conduct.events import StepsUndone, StepTaken
from trading.opening.models import OpenedBid
from trading.procedures.versions import procedure_of
from trading.projects.lifecycle import RUNNING
from trading.projects.models import Category, Lot, Tender
from trading.projects.queries import centres_for
from trading.tenders.events import LotFailed, LotTerminated

# A lot that came to something, whether an award or a step at the procedure's desk decided it.
DEALT = (Lot.State.RESULT_PUBLIC, Lot.State.CONTRACTED, Lot.State.ARCHIVED)


@listens(StepTaken)
def assess_agency_after_deal(event):
    """Negotiation, consultation, inquiry, listing: the deal is made at the desk, without an award."""
    if event.notice:
        assess_agency(event)


@listens(AwardPublished, LotFailed, LotTerminated)
def assess_agency(event):
    """With the last lot's end the tenderee, the centre and who took part are asked to judge the agency, if any lot came to something."""
    tender = Tender.objects.select_related("project__agency", "project__owner").get(number=event.tender)
    project, lots = tender.project, list(tender.lots.all())
    under_way = (*RUNNING, Lot.State.AWARD_DECIDED)
    if (
        project.agency is None
        or any(lot.state in under_way for lot in lots)
        or not any(lot.state in DEALT or lot.awards.filter(void_at=None).exists() for lot in lots)
    ):
        return
    sides = Rating.Side
    raters: list[tuple[str, Organisation]] = [(sides.TENDEREE, project.owner)]
    raters += [(sides.CENTRE, each) for each in centres_for(project.category, project.decision.get("venue"))[:1]]
    raters += [(sides.BIDDER, each) for lot in lots for each in (*bidders_of(lot), *suppliers_of(lot))]
    open_assessment(project.agency, tender.number, tender.name, raters, at=database_now())


def lot_of(event):
    return Lot.objects.select_related("tender__project__owner", "tender__project__agency", "tender__project__regulator").get(
        tender__number=event.tender, no=int(event.lot)
    )


def hand_out(lot, contents):
    issue_debriefs(lot, contents, by=Person.objects.platform(), at=database_now())


@listens(CandidatesShown)
def debrief_after_candidates(event):
    publicity = CandidatePublicity.objects.select_related("evaluation", "notice").get(notice__number=event.notice)
    if publicity.void_at is None:
        lot = publicity.lot = lot_of(event)
        hand_out(lot, bid_debriefs(lot, candidates_outcome(publicity)))


@listens(AwardPublished)
def debrief_after_award(event):
    """In procurement all losers learn now; in works only where not the first candidate has won."""
    award = Award.objects.select_related("candidate__result__bid__bid__bidder", "result_notice").get(result_notice__number=event.notice)
    known = award.candidate.publicity.notice_id is not None and award.candidate.rank == 1
    if award.void_at is None and not known:
        lot = award.lot = lot_of(event)
        hand_out(lot, bid_debriefs(lot, award_outcome(award)))


@listens(LotFailed)
def debrief_after_failure(event):
    """Whoever was opened or judged learns why nobody has won."""
    lot, notice = lot_of(event), Notice.objects.get(number=event.notice)
    if OpenedBid.objects.filter(opening__lot=lot).exists():
        hand_out(lot, bid_debriefs(lot, failed_outcome(lot, notice)))
    elif lot.tender.project.category == Category.PROCUREMENT and suppliers_of(lot).exists():
        hand_out(lot, desk_debriefs(lot, notice, failure=dict(notice.facts)["原因"]))


@listens(StepTaken)
def debrief_after_deal(event):
    """Negotiation, consultation and inquiry: the notice of the deal."""
    if not event.notice:
        return
    lot = lot_of(event)
    step = next(each for each in procedure_of(lot.tender).steps if each.code == event.step)
    if step.notice == Notice.Kind.DEAL and suppliers_of(lot).exists():
        hand_out(lot, desk_debriefs(lot, Notice.objects.get(number=event.notice)))


@listens(PublicityVoided, StepsUndone)
def take_back_debriefs(event):
    """The result was voided: what was said of it is void until there is another."""
    void_debriefs(lot_of(event), event.reason, by=Person.objects.platform(), at=database_now())


@listens(CandidatePassedOver)
def take_back_after_withdrawal(event):
    """A winner that was announced has made room: what was said of the result is void until the next is announced."""
    lot = lot_of(event)
    awards = Award.objects.filter(lot=lot, published_at__isnull=False)
    if awards.filter(candidate__rank=event.rank, void_at__isnull=False).exists() and not awards.filter(void_at=None).exists():
        void_debriefs(lot, f"中标结果已撤销：{event.reason}", by=Person.objects.platform(), at=database_now())
