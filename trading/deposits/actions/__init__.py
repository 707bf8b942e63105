"""What happens to deposits: accounts, payments, guarantees, refunds, disclosure, reconciliation."""

from trading.deposits.actions.accounts import open_account, require_participant
from trading.deposits.actions.callbacks import receive
from trading.deposits.actions.disclosure import disclose_deposits
from trading.deposits.actions.guarantees import apply_for_guarantee, release_guarantee
from trading.deposits.actions.payments import claim_payment, return_unidentified
from trading.deposits.actions.reconciliation import reconcile, settle_difference
from trading.deposits.actions.refunds import order_refund, retry_refund, return_deposit, send_refund

__all__ = [
    "apply_for_guarantee",
    "claim_payment",
    "disclose_deposits",
    "open_account",
    "order_refund",
    "receive",
    "reconcile",
    "release_guarantee",
    "require_participant",
    "retry_refund",
    "return_deposit",
    "return_unidentified",
    "send_refund",
    "settle_difference",
]
