from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class RemedyEvent(LotEvent):
    """An objection or complaint about a lot, by its number; who filed it is named only in the decision."""

    number: str


@dataclass(frozen=True)
class ObjectionFiled(RemedyEvent):
    kind = "objection.filed"
    matter: str


@dataclass(frozen=True)
class ObjectionAnswered(RemedyEvent):
    kind = "objection.answered"
    upheld: bool


@dataclass(frozen=True)
class ObjectionWithdrawn(RemedyEvent):
    kind = "objection.withdrawn"


@dataclass(frozen=True)
class ChallengeFiled(RemedyEvent):
    """`step` is the step of the procedure that a challenge to the process is about."""

    kind = "challenge.filed"
    matter: str
    step: str


@dataclass(frozen=True)
class ChallengeAnswered(RemedyEvent):
    kind = "challenge.answered"
    upheld: bool
    remedy: str


@dataclass(frozen=True)
class ChallengeWithdrawn(RemedyEvent):
    kind = "challenge.withdrawn"


@dataclass(frozen=True)
class ComplaintFiled(RemedyEvent):
    kind = "complaint.filed"


@dataclass(frozen=True)
class ComplaintCorrected(RemedyEvent):
    kind = "complaint.corrected"


@dataclass(frozen=True)
class ComplaintReviewed(RemedyEvent):
    kind = "complaint.reviewed"
    outcome: str


@dataclass(frozen=True)
class ComplaintDecided(RemedyEvent):
    kind = "complaint.decided"
    upheld: bool
    remedy: str
    notice: str


@dataclass(frozen=True)
class ComplaintWithdrawn(RemedyEvent):
    """Taken back; once accepted, only `granted` by the regulator ends it."""

    kind = "complaint.withdrawn"
    granted: bool
