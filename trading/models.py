"""All models of the trading rooms, gathered for Django."""

from trading.archive.models import (
    ArchiveDisposal,
    ArchiveException,
    ArchiveHold,
    ArchiveLookUp,
    ArchivePaper,
    LotArchive,
)
from trading.awards.models import Award, Candidate, CandidatePublicity, Contract
from trading.bidding.models import Bid, BidPreparation
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
from trading.tenders.models import (
    Clarification,
    ClarificationReceipt,
    ClauseConfirmation,
    Criterion,
    DocumentAttachment,
    DocumentHolder,
    DocumentSection,
    Question,
    Suspension,
    TenderDocument,
)
from trading.venues.models import Venue, VenueBooking
from trading.witness.models import LotWitness, RiskAnswer, WitnessLine, WitnessRecord

__all__ = [
    "ArchiveDisposal",
    "ArchiveException",
    "ArchiveHold",
    "ArchiveLookUp",
    "ArchivePaper",
    "Award",
    "Bid",
    "BidDeposit",
    "BidPreparation",
    "BidRejection",
    "BidResult",
    "Candidate",
    "CandidatePublicity",
    "CatalogueItem",
    "CheckIn",
    "CheckOpinion",
    "Clarification",
    "ClarificationReceipt",
    "ClauseConfirmation",
    "CommitteeMember",
    "Contract",
    "Criterion",
    "DocumentAttachment",
    "DocumentHolder",
    "DocumentSection",
    "Evaluation",
    "HallLine",
    "Lot",
    "LotArchive",
    "LotWitness",
    "Milestone",
    "OpenedBid",
    "OpenedFile",
    "Opening",
    "OpeningConfirmation",
    "OpeningObjection",
    "OpeningPolicy",
    "PolicyHolder",
    "Project",
    "ProjectPaper",
    "ProjectReview",
    "Question",
    "RiskAnswer",
    "Score",
    "Suspension",
    "Tender",
    "TenderDocument",
    "Venue",
    "VenueBooking",
    "WitnessLine",
    "WitnessRecord",
]
