from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class EvaluationEvent(LotEvent):
    round: int


def about(evaluation):
    """What every event of an evaluation says of it."""
    lot = evaluation.lot
    return {"tender": lot.tender.number, "lot": lot.key, "round": evaluation.round}


@dataclass(frozen=True)
class CommitteeDrawn(EvaluationEvent):
    """A draw of the committee has begun; who sits in its seats is secret until the result is public."""

    kind = "committee.drawn"
    size: int
    draw: str


@dataclass(frozen=True)
class SeatArrived(EvaluationEvent):
    """The bearer of a seat has signed in at the gate, so many minutes late (0: in time); who it is stays secret until the end."""

    kind = "committee.arrived"
    seat: int
    late: int


@dataclass(frozen=True)
class EvaluationStarted(EvaluationEvent):
    kind = "evaluation.started"


@dataclass(frozen=True)
class ChairElected(EvaluationEvent):
    """The members have chosen a seat to chair; who sits there is secret until the end."""

    kind = "evaluation.chaired"
    seat: int
    voices: int


@dataclass(frozen=True)
class ReviewConcluded(EvaluationEvent):
    kind = "evaluation.reviewed"
    valid: int
    rejected: int


@dataclass(frozen=True)
class ScoreSubmitted(EvaluationEvent):
    """A member handed in a score sheet; its digest binds every mark, the marks themselves follow in the report."""

    kind = "score.submitted"
    digest: str


@dataclass(frozen=True)
class BlindMarksSubmitted(EvaluationEvent):
    """A member handed in the technical marks before knowing whose they are; the digest binds them, with a nonce that keeps them secret."""

    kind = "score.blind"
    digest: str


@dataclass(frozen=True)
class ScoresCombined(EvaluationEvent):
    kind = "evaluation.combined"
    digest: str


@dataclass(frozen=True)
class ReportSigned(EvaluationEvent):
    kind = "report.signed"
    dissent: bool
    last: bool


@dataclass(frozen=True)
class SignatureMissing(EvaluationEvent):
    """The committee wrote down that a seat does not sign, and without its reasons counts as agreeing."""

    kind = "report.unsigned"
    seat: int
    last: bool


@dataclass(frozen=True)
class MonitorReported(EvaluationEvent):
    """The supervising expert has handed in the report of watching; the digest binds it and the remarks before it."""

    kind = "evaluation.monitored"
    digest: str


@dataclass(frozen=True)
class ReevaluationOrdered(EvaluationEvent):
    kind = "evaluation.reordered"
    reason: str


@dataclass(frozen=True)
class BidQuestioned(EvaluationEvent):
    """The committee asked a bidder something; what, and whom, stands in the private part until the report."""

    kind = "evaluation.questioned"
    question: int


@dataclass(frozen=True)
class QuestionAnswered(EvaluationEvent):
    kind = "evaluation.answered"
    question: int
    digest: str


@dataclass(frozen=True)
class PriceCorrected(EvaluationEvent):
    """A bidder has answered whether it takes the price by rule; the digest binds the corrections, which follow in the report."""

    kind = "evaluation.corrected"
    question: int
    accepted: bool
    digest: str


@dataclass(frozen=True)
class MotionMade(EvaluationEvent):
    kind = "evaluation.moved"
    motion: int


@dataclass(frozen=True)
class MotionDecided(EvaluationEvent):
    kind = "evaluation.voted"
    motion: int
    carried: bool
    agreed: int
    against: int
