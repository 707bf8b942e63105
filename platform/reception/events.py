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


@dataclass(frozen=True)
class OfficeFounded(OrganisationEvent):
    """The operator entered the trading centre or a regulator, with its manager."""

    kind = "organisation.founded"
    office: str
    manager: str


@dataclass(frozen=True)
class AdministratorAppointed(Event):
    """The operator made a person the platform's administrator."""

    kind = "acl.granted"
    person: str

    @property
    def stream(self):
        return "acl"
