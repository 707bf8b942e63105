from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class WithholdingEvent(LotEvent):
    """About the decision not to return a deposit; the digest names the deposit as the disclosure does."""

    deposit: str


@dataclass(frozen=True)
class WithholdingDecided(WithholdingEvent):
    kind = "deposit.withholding_decided"
    ground: str
    amount: str
    objections_until: str


@dataclass(frozen=True)
class WithholdingObjected(WithholdingEvent):
    kind = "deposit.withholding_objected"


@dataclass(frozen=True)
class WithholdingAnswered(WithholdingEvent):
    kind = "deposit.withholding_answered"


@dataclass(frozen=True)
class WithholdingExecuted(WithholdingEvent):
    kind = "deposit.withheld"
    amount: str


@dataclass(frozen=True)
class WithholdingRevoked(WithholdingEvent):
    kind = "deposit.withholding_revoked"
    reason: str
