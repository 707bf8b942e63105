"""All models of the trading rooms, gathered for Django."""

from trading.archive.models import LotArchive
from trading.awards.models import Award, Candidate, CandidatePublicity, Contract
from trading.bidding.models import Bid, BidEnvelope, BidPreparation
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
from trading.outages.models import Heartbeat, LotExtension, Outage
from trading.procedures.models import LimitWaiver, Milestone
from trading.projects.models import Lot, Project, ProjectPaper, ProjectReview, Tender, ToleratedPaper
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
    "BidEnvelope",
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
    "Heartbeat",
    "LimitWaiver",
    "Lot",
    "LotArchive",
    "LotExtension",
    "OpenedBid",
    "OpenedFile",
    "Opening",
    "Milestone",
    "Outage",
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
    "ToleratedPaper",
]
