"""What the evaluation does when others report something."""

from accounts.models import Person
from ledger.delivery import listens
from rulebook.clock import database_now
from trading.evaluation.actions import judge_prices, stop_evaluation
from trading.evaluation.blind import blind_copy, blind_criteria, coded, technical_files
from trading.evaluation.events import EvaluationStarted
from trading.evaluation.models import Evaluation
from trading.opening.events import OpeningClosed
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
