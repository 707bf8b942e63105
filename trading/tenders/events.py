from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class TenderEvent(Event):
    tender: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class TenderPublished(TenderEvent):
    """Bidders may take part from now on; the document's digest and each lot's policy and deadline are fixed here."""

    kind = "tender.published"
    notice: str
    document: str
    lots: list
    rules_on: str
    envelopes: list


@dataclass(frozen=True)
class DocumentSubmitted(TenderEvent):
    """The document is handed in for review; the digest fixes what the reviewers see."""

    kind = "document.submitted"
    version: int
    digest: str


@dataclass(frozen=True)
class DocumentReviewed(TenderEvent):
    """The tenderee confirmed or returned it, or the regulator filed or returned it; reasons stay with the parties."""

    kind = "document.reviewed"
    version: int
    stage: str
    outcome: str


@dataclass(frozen=True)
class TenderAmended(TenderEvent):
    kind = "tender.amended"
    notice: str
    clarification: int
    digest: str


@dataclass(frozen=True)
class DeadlineChanged(TenderEvent):
    kind = "lot.deadline_changed"
    lot: str
    old: str
    new: str


@dataclass(frozen=True)
class LotSuspended(TenderEvent):
    kind = "lot.suspended"
    lot: str
    cause: str
    reference: str


@dataclass(frozen=True)
class LotResumed(TenderEvent):
    kind = "lot.resumed"
    lot: str
    reference: str


@dataclass(frozen=True)
class LimitWaived(TenderEvent):
    """A supervisor set another day in place of a rule's; `reason` is the digest of reason and basis, which the notice gives."""

    kind = "limit.waived"
    rule: str
    until: str
    notice: str
    reason: str


@dataclass(frozen=True)
class FactReported(TenderEvent):
    """Something done outside the platform that ends a statutory period, on the word of the tender's handler."""

    kind = "fact.reported"
    lot: str
    fact: str
    happened_on: str


@dataclass(frozen=True)
class LotFailed(TenderEvent):
    kind = "lot.failed"
    lot: str
    notice: str


@dataclass(frozen=True)
class TenderTerminated(TenderEvent):
    kind = "tender.terminated"
    notice: str


@dataclass(frozen=True)
class LotTerminated(TenderEvent):
    """The tenderee has ended one lot, and the tender goes on with others."""

    kind = "lot.terminated"
    lot: str
    notice: str


@dataclass(frozen=True)
class NextRoundOpened(TenderEvent):
    """What failed is tendered again; the stream of the failed tender names its successor."""

    kind = "tender.next_round"
    successor: str
    lots: list
    reason: str


@dataclass(frozen=True)
class HolderEvent(Event):
    """What potential bidders do before the opening: nobody may know who they are, nor how many."""

    blind = True

    tender: str
    organisation: str

    @property
    def stream(self):
        return f"holders/{self.tender}"


@dataclass(frozen=True)
class InvitationsSent(Event):
    """The tenderee has invited these organisations; one entry for all, so that not even their number shows."""

    kind = "invitations.sent"
    blind = True

    tender: str
    organisations: list

    @property
    def stream(self):
        return f"holders/{self.tender}"


@dataclass(frozen=True)
class DocumentObtained(HolderEvent):
    kind = "document.obtained"


@dataclass(frozen=True)
class QuestionAsked(HolderEvent):
    kind = "question.asked"
    digest: str


@dataclass(frozen=True)
class ClarificationAcknowledged(HolderEvent):
    kind = "clarification.acknowledged"
    clarification: int
