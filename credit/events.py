from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class CreditEvent(Event):
    party: str
    entry: int

    @property
    def stream(self):
        return f"credit/{self.party}"


@dataclass(frozen=True)
class ConductReported(CreditEvent):
    kind = "credit.reported"
    rule: str
    points: str


@dataclass(frozen=True)
class ConductChecked(CreditEvent):
    """A second person confirmed the report; the party is told and may state its case before it counts."""

    kind = "credit.checked"


@dataclass(frozen=True)
class ConductEffective(CreditEvent):
    """From this day on the entry counts."""

    kind = "credit.effective"
    effective_on: str
    expires_on: str


@dataclass(frozen=True)
class ConductClosed(CreditEvent):
    kind = "credit.closed"
    state: str
