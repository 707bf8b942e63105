from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class CandidatesShown(LotEvent):
    """The ranked candidates hang out for the statutory days."""

    kind = "candidates.shown"
    notice: str
    until: str


@dataclass(frozen=True)
class PublicityVoided(LotEvent):
    kind = "candidates.voided"
    reason: str


@dataclass(frozen=True)
class CandidatePassedOver(LotEvent):
    kind = "candidate.passed_over"
    rank: int
    reason: str


@dataclass(frozen=True)
class AwardDecided(LotEvent):
    kind = "award.decided"
    winner: str
    amount: str


@dataclass(frozen=True)
class AwardPublished(LotEvent):
    kind = "award.published"
    notice: str
    winner: str


@dataclass(frozen=True)
class ContractFiled(LotEvent):
    kind = "contract.filed"
    notice: str
    amount: str


@dataclass(frozen=True)
class ContractConfirmed(LotEvent):
    """A side confirmed the words of the contract; `digest` stands for them."""

    kind = "contract.confirmed"
    side: str
    digest: str


@dataclass(frozen=True)
class ContractReturned(LotEvent):
    """The winner sent the draft back; why is between the two sides."""

    kind = "contract.returned"
    digest: str


@dataclass(frozen=True)
class WrittenReportSubmitted(LotEvent):
    kind = "award.reported"
    sha256: str
