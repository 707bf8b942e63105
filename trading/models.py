"""All models of the trading rooms, gathered for Django."""

from trading.archive.models import LotArchive
from trading.awards.models import Award, Candidate, CandidatePublicity, Contract
from trading.bidding.models import Bid, BidPreparation
from trading.catalogue.models import CatalogueItem
from trading.deposits.models import (
    BankNotice,
    CallbackNonce,
    DepositAccount,
    DepositDisclosure,
    DepositEntry,
    DepositPosting,
    DepositRefund,
    Guarantee,
    Reconciliation,
    ReconciliationDifference,
)
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
from trading.refunds.models import DepositWithholding
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

__all__ = [
    "Award",
    "Bid",
    "BankNotice",
    "BidPreparation",
    "BidRejection",
    "BidResult",
    "Candidate",
    "CandidatePublicity",
    "CallbackNonce",
    "CatalogueItem",
    "CheckIn",
    "CheckOpinion",
    "Clarification",
    "ClarificationReceipt",
    "ClauseConfirmation",
    "CommitteeMember",
    "Contract",
    "Criterion",
    "DepositAccount",
    "DepositDisclosure",
    "DepositEntry",
    "DepositPosting",
    "DepositRefund",
    "DepositWithholding",
    "DocumentAttachment",
    "DocumentHolder",
    "DocumentSection",
    "Evaluation",
    "Guarantee",
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
    "Reconciliation",
    "ReconciliationDifference",
    "Score",
    "Suspension",
    "Tender",
    "TenderDocument",
]
