"""Carrying out a contract: its people, its money, its site, its acceptance, and the city's own settings for them."""

from trading.performance.models.ending import Acceptance, PerformanceRating
from trading.performance.models.money import BondClaim, ContractChange, PaymentMilestone, PaymentRequest, PerformanceBond
from trading.performance.models.settings import LocalSetting
from trading.performance.models.site import Deduction, Finding, SiteCheckIn, SiteInspection
from trading.performance.models.staff import Custody, CustodyConflict, KeyPerson, Post, Replacement

__all__ = [
    "Acceptance",
    "BondClaim",
    "ContractChange",
    "Custody",
    "CustodyConflict",
    "Deduction",
    "Finding",
    "KeyPerson",
    "LocalSetting",
    "PaymentMilestone",
    "PaymentRequest",
    "PerformanceBond",
    "PerformanceRating",
    "Post",
    "Replacement",
    "SiteCheckIn",
    "SiteInspection",
]
