from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class AgencyEvent(Event):
    """Something in the history of an agency, by its 统一社会信用代码."""

    agency: str

    @property
    def stream(self):
        return f"agency/{self.agency}"


@dataclass(frozen=True)
class AgencySubmitted(AgencyEvent):
    """Its page was handed in, and the rules of entry signed with it."""

    kind = "agency.submitted"
    services: list


@dataclass(frozen=True)
class AgencyChecked(AgencyEvent):
    kind = "agency.checked"
    outcome: str


@dataclass(frozen=True)
class AgencyLeft(AgencyEvent):
    kind = "agency.left"
    reason: str


@dataclass(frozen=True)
class ControlPaperDeclared(AgencyEvent):
    kind = "agency.control_declared"
    paper: str
    sha256: str


@dataclass(frozen=True)
class ControlPaperChecked(AgencyEvent):
    kind = "agency.control_checked"
    paper: str
    outcome: str


@dataclass(frozen=True)
class TrainingRecorded(AgencyEvent):
    """One person's result, by pseudonym."""

    kind = "agency.trained"
    person: str
    course: int
    passed: bool


@dataclass(frozen=True)
class RequestEvent(Event):
    """Something in the choice of an agency."""

    request: str

    @property
    def stream(self):
        return f"agency-request/{self.request}"


@dataclass(frozen=True)
class AgencyRequested(RequestEvent):
    kind = "agency.requested"
    owner: str
    service: str
    way: str


@dataclass(frozen=True)
class AgencyProposed(RequestEvent):
    """Somebody has proposed; that it happened, what, and who, is known when the time is over."""

    kind = "agency.proposed"
    blind = True

    agency: str
    digest: str

    @property
    def stream(self):
        return proposals_stream(self.request)


def proposals_stream(request):
    return f"agency-proposals/{request}"


@dataclass(frozen=True)
class AgencyChosen(RequestEvent):
    kind = "agency.chosen"
    agency: str
    draw: str


@dataclass(frozen=True)
class AgencyDeclined(RequestEvent):
    kind = "agency.declined"
    agency: str
    reason: str


@dataclass(frozen=True)
class AgencyRequestWithdrawn(RequestEvent):
    kind = "agency.request_withdrawn"
    reason: str


@dataclass(frozen=True)
class AgencyContractEvent(Event):
    contract: str

    @property
    def stream(self):
        return f"agency-contract/{self.contract}"


@dataclass(frozen=True)
class AgencyContractOffered(AgencyContractEvent):
    """The principal signed these words; `digest` stands for them."""

    kind = "agency.contract_offered"
    digest: str


@dataclass(frozen=True)
class AgencyContractReturned(AgencyContractEvent):
    kind = "agency.contract_returned"
    digest: str


@dataclass(frozen=True)
class AgencyContractSigned(AgencyContractEvent):
    kind = "agency.contract_signed"
    digest: str


@dataclass(frozen=True)
class AgencyContractEnded(AgencyContractEvent):
    kind = "agency.contract_ended"
    digest: str


@dataclass(frozen=True)
class AssessmentOpened(AgencyEvent):
    kind = "agency.assessment_opened"
    tender: str
    raters: int


@dataclass(frozen=True)
class AgencyRated(AgencyEvent):
    """A side has rated; its marks stay with the platform."""

    kind = "agency.rated"
    tender: str
    side: str


@dataclass(frozen=True)
class AssessmentClosed(AgencyEvent):
    kind = "agency.assessment_closed"
    tender: str
    score: str


@dataclass(frozen=True)
class InspectionBegun(AgencyEvent):
    kind = "agency.inspection_begun"
    number: str
    year: int
    total: int
    wanted: int
    draw: str


@dataclass(frozen=True)
class TenderInspected(AgencyEvent):
    """A drawn tender has been looked into; what was found is known with the result."""

    kind = "agency.tender_inspected"
    number: str
    tender: str


@dataclass(frozen=True)
class InspectionConcluded(AgencyEvent):
    kind = "agency.inspection_concluded"
    number: str
    result: str
    notice: str


@dataclass(frozen=True)
class CorrectionReported(AgencyEvent):
    kind = "agency.correction_reported"
    number: str


@dataclass(frozen=True)
class CorrectionRechecked(AgencyEvent):
    kind = "agency.correction_rechecked"
    number: str
    accepted: bool


@dataclass(frozen=True)
class ComplaintEvent(AgencyEvent):
    """A complaint by its number; who complained and what was said stand in the private part."""

    number: str


@dataclass(frozen=True)
class ComplaintFiled(ComplaintEvent):
    kind = "agency.complaint_filed"
    matter: str


@dataclass(frozen=True)
class ComplaintTaken(ComplaintEvent):
    kind = "agency.complaint_taken"
    accepted: bool


@dataclass(frozen=True)
class ComplaintWithdrawn(ComplaintEvent):
    kind = "agency.complaint_withdrawn"


@dataclass(frozen=True)
class ComplaintAnswered(ComplaintEvent):
    kind = "agency.complaint_answered"


@dataclass(frozen=True)
class ComplaintDecided(ComplaintEvent):
    """The outcome, and the item of conduct that was reported, if any."""

    kind = "agency.complaint_decided"
    outcome: str
    item: str


@dataclass(frozen=True)
class ListEvent(Event):
    """Something in an open selection of agencies, by its number."""

    number: str

    @property
    def stream(self):
        return f"agency-selection/{self.number}"


@dataclass(frozen=True)
class SelectionOpened(ListEvent):
    """`terms` stands for criteria, grades and places as they were before anybody entered."""

    kind = "agency.selection_opened"
    service: str
    terms: str


@dataclass(frozen=True)
class SelectionEntered(ListEvent):
    """Somebody has entered; who, stands in the private part until the list is public."""

    kind = "agency.selection_entered"
    digest: str


@dataclass(frozen=True)
class SelectionMarked(ListEvent):
    """One entry was marked; whose, and how, stands in the private part until the list is public: marks may still be written anew."""

    kind = "agency.selection_marked"


@dataclass(frozen=True)
class AgencyListPublished(ListEvent):
    kind = "agency.list_published"
    digest: str
    notice: str


@dataclass(frozen=True)
class AgencyRestricted(AgencyEvent):
    kind = "agency.restricted"
    order: str
    since: str
    until: str


@dataclass(frozen=True)
class RestrictionLifted(AgencyEvent):
    kind = "agency.restriction_lifted"
    order: str
    decision: str
