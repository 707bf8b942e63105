"""What the evaluation does when others report something."""

from accounts.models import Person
from ledger.delivery import listens
from rulebook.clock import database_now
from trading.evaluation.actions import judge_prices
from trading.evaluation.models import Evaluation
from trading.opening.events import OpeningClosed
from trading.tenders.models import Envelope


@listens(OpeningClosed)
def go_on_with_prices(event):
    """The second envelopes are read out: the evaluation that waits for their prices goes on."""
    if event.envelope == Envelope.COMMERCIAL:
        lots = {"lot__tender__number": event.tender, "lot__no": int(event.lot)}
        for evaluation in Evaluation.objects.filter(state=Evaluation.State.PRICING, **lots):
            judge_prices(evaluation, by=Person.objects.platform(), at=database_now())
