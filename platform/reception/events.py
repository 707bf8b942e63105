from dataclasses import dataclass, field

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
class EntryRulesSigned(OrganisationEvent):
    """The person signed for the organisation; `digest` stands for every word of the version."""

    kind = "organisation.rules_signed"
    rules: str
    version: int
    digest: str


@dataclass(frozen=True)
class OfficeFounded(OrganisationEvent):
    """The operator entered the trading centre or a regulator, with its manager."""

    kind = "organisation.founded"
    office: str
    manager: str


@dataclass(frozen=True)
class PermissionChange(Event):
    """A permission of a person changed: who asked for it stands here, who decided is the act's own person."""

    person: str
    matter: str = "appointment"
    organisation: str | None = None
    duties: list = field(default_factory=list)
    asked_by: str | None = None

    @property
    def stream(self):
        return "acl"


@dataclass(frozen=True)
class PermissionGranted(PermissionChange):
    kind = "acl.granted"


@dataclass(frozen=True)
class PermissionRevoked(PermissionChange):
    kind = "acl.revoked"


@dataclass(frozen=True)
class CalendarChanged(Event):
    """Days entered as off or worked, with their source; `day_kind` empty: taken out of the table again."""

    kind = "calendar.changed"
    first: str
    last: str
    day_kind: str
    source: str

    @property
    def stream(self):
        return "calendar"
