from dataclasses import dataclass
from typing import Any

from ledger.events import Event
from trading.projects.events import LotEvent


@dataclass(frozen=True)
class WitnessNamed(LotEvent):
    """Who witnesses the lot, by pseudonym."""

    kind = "witness.named"
    person: str


@dataclass(frozen=True)
class StageWitnessed(LotEvent):
    """A stage's record is signed: the digest binds every line and every answer to the risk check-list."""

    kind = "witness.signed"
    stage: str
    lines: int
    digest: str


@dataclass(frozen=True)
class WitnessCorrected(LotEvent):
    """A line was added to a record that had been signed."""

    kind = "witness.corrected"
    stage: str
    line: int
    digest: str


@dataclass(frozen=True)
class WitnessConcern(Event):
    """Staff saw something irregular (a line), or a risk point gives cause for doubt (an answer).

    The public learns its number only: what it is, and of which lot, is the supervisors' to look into first.
    """

    kind = "witness.concern"
    tender: str
    lot: str
    stage: str
    # The code of the risk point, or empty for a line.
    point: str
    row: int

    @property
    def stream(self):
        return "witness"

    def public(self) -> dict[str, Any]:
        return {"of": "answer" if self.point else "line", "row": self.row}
