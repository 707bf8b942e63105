"""What the evaluation does when others report something."""

from accounts.models import Person
from ledger.delivery import listens
from rulebook.clock import database_now
from trading.conduct.events import StepTaken
from trading.evaluation.actions import close_group, judge_prices, stop_evaluation
from trading.evaluation.blind import blind_copy, blind_criteria, coded, technical_files
from trading.evaluation.events import EvaluationStarted
from trading.evaluation.models import Evaluation
from trading.opening.events import OpeningClosed
from trading.procedures.records import records_of
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot
from trading.tenders.events import LotTerminated, TenderTerminated
from trading.tenders.models import Envelope


@listens(OpeningClosed)
def go_on_with_prices(event):
    """The second envelopes are read out: the evaluation that waits for their prices goes on."""
    if event.envelope == Envelope.COMMERCIAL:
        lots = {"lot__tender__number": event.tender, "lot__no": int(event.lot)}
        for evaluation in Evaluation.objects.filter(state=Evaluation.State.PRICING, **lots):
            judge_prices(evaluation, by=Person.objects.platform(), at=database_now())


@listens(EvaluationStarted)
def take_names_out(event):
    """The copies that the committee reads blind are made before its members ask for them."""
    evaluation = Evaluation.objects.get(lot__tender__number=event.tender, lot__no=int(event.lot), round=event.round)
    if blind_criteria(evaluation):
        for _, bid in coded(evaluation):
            for file in technical_files(bid):
                blind_copy(file, at=database_now())


@listens(TenderTerminated, LotTerminated)
def stop_with_the_lot(event):
    """The tenderee has ended the lot: its committee goes home."""
    lots = {"lot__tender__number": event.tender, "lot__state": Lot.State.TERMINATED}
    for evaluation in Evaluation.objects.filter(finished_at=None, **lots):
        stop_evaluation(evaluation, at=database_now())


@listens(StepTaken)
def end_with_the_choice(event):
    """Where no desk carries the review (village deals), the step that decides ends the work of the group that was drawn."""
    lot = Lot.objects.get(tender__number=event.tender, no=int(event.lot))
    row = records_of(lot).filter(step=event.step, no=event.no).first()
    if row is None or procedure_of(lot.tender).step(event.step).state != Lot.State.EVALUATED:
        return
    for evaluation in lot.evaluations.filter(state=Evaluation.State.FORMING).exclude(draw=None):
        close_group(evaluation, at=row.at)
