from dataclasses import dataclass

from ledger.events import Event
from trading.projects.events import LotEvent


@dataclass(frozen=True)
class OutageEvent(Event):
    """An outage by its number, in a history of its own."""

    outage: str

    @property
    def stream(self):
        return f"outage/{self.outage}"


@dataclass(frozen=True)
class OutageDeclared(OutageEvent):
    kind = "outage.declared"
    component: str
    began_at: str
    ended_at: str


@dataclass(frozen=True)
class OutageConfirmed(OutageEvent):
    """An outage stands: measured by the platform itself, or declared by one person and confirmed by another."""

    kind = "outage.confirmed"
    component: str
    source: str
    began_at: str
    ended_at: str


@dataclass(frozen=True)
class OutageRefused(OutageEvent):
    kind = "outage.refused"


@dataclass(frozen=True)
class DeadlineRestored(LotEvent):
    """A deadline that passed while the platform was down is set anew, before any bid was locked."""

    kind = "lot.deadline_restored"
    old: str
    new: str
    outage: str
