from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class AwardEvent(Event):
    tender: str
    lot: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class CandidatesShown(AwardEvent):
    """The ranked candidates hang out for the statutory days."""

    kind = "candidates.shown"
    notice: str
    until: str


@dataclass(frozen=True)
class PublicityVoided(AwardEvent):
    kind = "candidates.voided"
    reason: str


@dataclass(frozen=True)
class CandidatePassedOver(AwardEvent):
    kind = "candidate.passed_over"
    rank: int
    reason: str


@dataclass(frozen=True)
class AwardDecided(AwardEvent):
    kind = "award.decided"
    winner: str
    amount: str


@dataclass(frozen=True)
class AwardPublished(AwardEvent):
    kind = "award.published"
    notice: str
    winner: str


@dataclass(frozen=True)
class ContractFiled(AwardEvent):
    kind = "contract.filed"
    notice: str
    amount: str
