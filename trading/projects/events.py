from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class ProjectSubmitted(Event):
    kind = "project.submitted"
    project: int
    owner: str
    agency: str
    estimate: str

    @property
    def stream(self):
        return f"project/{self.project}"


@dataclass(frozen=True)
class ProjectReviewed(Event):
    """The centre took a project in, returned it or turned it away; numbers stand here once it is taken in."""

    kind = "project.reviewed"
    project: int
    outcome: str
    code: str
    tender: str

    @property
    def stream(self):
        return f"project/{self.project}"


@dataclass(frozen=True)
class EntrustmentMoved(Event):
    """A purchase was put into the hands of a central procurement body, accepted, declined or taken back; the digest binds what it says."""

    kind = "project.entrustment"
    project: int
    owner: str
    body: str
    form: str
    move: str
    digest: str

    @property
    def stream(self):
        return f"project/{self.project}"


@dataclass(frozen=True)
class OfficerAssigned(Event):
    """Who of the centre follows a project of the green channel, by pseudonym."""

    kind = "project.officer_assigned"
    project: int
    officer: str

    @property
    def stream(self):
        return f"project/{self.project}"


@dataclass(frozen=True)
class RulingAsked(Event):
    kind = "project.ruling_asked"
    project: int
    candidates: list[str]

    @property
    def stream(self):
        return f"project/{self.project}"


@dataclass(frozen=True)
class RegulatorRuled(Event):
    kind = "project.regulator_ruled"
    project: int
    regulator: str
    reason: str

    @property
    def stream(self):
        return f"project/{self.project}"


@dataclass(frozen=True)
class ToleranceEvent(Event):
    """A paper that may follow, by its kind, in the history of its project."""

    project: int
    paper: str

    @property
    def stream(self):
        return f"project/{self.project}"


@dataclass(frozen=True)
class ToleranceGranted(ToleranceEvent):
    kind = "tolerance.granted"
    due_on: str


@dataclass(frozen=True)
class ToleranceFulfilled(ToleranceEvent):
    kind = "tolerance.fulfilled"


@dataclass(frozen=True)
class ToleranceBroken(ToleranceEvent):
    kind = "tolerance.broken"
    due_on: str


@dataclass(frozen=True)
class LotEvent(Event):
    """Something that happens to one lot, in the history of its tender."""

    tender: str
    lot: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class HandlerEvent(Event):
    """Who works on a tender, by pseudonym."""

    tender: str
    person: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class HandlerAssigned(HandlerEvent):
    kind = "tender.handler_assigned"


@dataclass(frozen=True)
class HandlerWithdrawn(HandlerEvent):
    kind = "tender.handler_withdrawn"
