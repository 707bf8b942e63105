from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class EvaluationEvent(Event):
    tender: str
    lot: str
    round: int

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class CommitteeDrawn(EvaluationEvent):
    """The committee's seats were drawn; who sits in them is secret until the result is public."""

    kind = "committee.drawn"
    size: int
    pool_digest: str


@dataclass(frozen=True)
class EvaluationStarted(EvaluationEvent):
    kind = "evaluation.started"


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
class ScoresCombined(EvaluationEvent):
    kind = "evaluation.combined"
    digest: str


@dataclass(frozen=True)
class ReportSigned(EvaluationEvent):
    kind = "report.signed"
    dissent: bool
    last: bool


@dataclass(frozen=True)
class ReevaluationOrdered(EvaluationEvent):
    kind = "evaluation.reordered"
    reason: str
