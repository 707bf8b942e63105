from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class OrganisationEvent(Event):
    uscc: str

    @property
    def stream(self):
        return f"organisation/{self.uscc}"


@dataclass(frozen=True)
class OrganisationSubmitted(OrganisationEvent):
    """An organisation handed in its registration and signed the pledge of honest dealing."""

    kind = "organisation.submitted"


@dataclass(frozen=True)
class OrganisationReviewed(OrganisationEvent):
    kind = "organisation.reviewed"
    outcome: str
