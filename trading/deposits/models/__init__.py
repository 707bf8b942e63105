"""Bid deposits: sub-accounts, guarantees, the double-entry books, what bank and issuers said, and refunds."""

from trading.deposits.models.books import DepositEntry, DepositPosting
from trading.deposits.models.notices import BankNotice, CallbackNonce
from trading.deposits.models.owned import DepositAccount, DepositDisclosure, Guarantee
from trading.deposits.models.reconciliation import Reconciliation, ReconciliationDifference
from trading.deposits.models.refunds import DepositRefund

__all__ = [
    "BankNotice",
    "CallbackNonce",
    "DepositAccount",
    "DepositDisclosure",
    "DepositEntry",
    "DepositPosting",
    "DepositRefund",
    "Guarantee",
    "Reconciliation",
    "ReconciliationDifference",
]
