"""All models of the trading rooms, gathered for Django."""

from trading.archive.models import LotArchive
from trading.awards.models import Award, Candidate, CandidatePublicity, Contract
from trading.bidding.models import Bid, BidPreflight, BidPreparation
from trading.catalogue.models import CatalogueItem
from trading.deposits.models import BidDeposit
from trading.evaluation.models import (
    BidRejection,
    BidResult,
    CheckOpinion,
    CommitteeMember,
    Evaluation,
    Score,
)
from trading.holders.models import OpeningPolicy, PolicyHolder
from trading.opening.models import (
    CheckIn,
    HallLine,
    OpenedBid,
    OpenedFile,
    Opening,
    OpeningConfirmation,
    OpeningObjection,
)
from trading.procedures.models import Milestone
from trading.projects.models import Lot, Project, ProjectPaper, ProjectReview, Tender
from trading.standards.models import ClausePattern, DocumentTemplate, TemplateSection
from trading.tenders.models import (
    BillItem,
    Clarification,
    ClarificationReceipt,
    ClauseConfirmation,
    Criterion,
    DocumentAttachment,
    DocumentEdit,
    DocumentHolder,
    DocumentPresence,
    DocumentReview,
    DocumentSection,
    DocumentVersion,
    Question,
    Suspension,
    TenderDocument,
)

__all__ = [
    "Award",
    "Bid",
    "BidDeposit",
    "BidPreflight",
    "BidPreparation",
    "BidRejection",
    "BillItem",
    "BidResult",
    "Candidate",
    "CandidatePublicity",
    "CatalogueItem",
    "CheckIn",
    "CheckOpinion",
    "Clarification",
    "ClarificationReceipt",
    "ClauseConfirmation",
    "ClausePattern",
    "CommitteeMember",
    "Contract",
    "Criterion",
    "DocumentAttachment",
    "DocumentEdit",
    "DocumentHolder",
    "DocumentPresence",
    "DocumentReview",
    "DocumentSection",
    "DocumentVersion",
    "DocumentTemplate",
    "Evaluation",
    "HallLine",
    "Lot",
    "LotArchive",
    "OpenedBid",
    "OpenedFile",
    "Opening",
    "Milestone",
    "OpeningPolicy",
    "PolicyHolder",
    "OpeningConfirmation",
    "OpeningObjection",
    "Project",
    "ProjectPaper",
    "ProjectReview",
    "Question",
    "Score",
    "Suspension",
    "TemplateSection",
    "Tender",
    "TenderDocument",
]
