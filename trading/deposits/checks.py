"""What the audit compares: disclosed owners and ordered refunds with their rows, and the books as a whole."""

from ledger.audit import register, register_whole
from ledger.canonical import money
from trading.deposits.books import trial_balance
from trading.deposits.models import DepositAccount, DepositRefund, Guarantee
from trading.deposits.secrecy import mark


def owners_are_unchanged(body):
    said = body["d"]
    where = {"lot__tender__number": said["tender"], "lot__no": int(said["lot"]), "bidder__isnull": False}
    found = {mark("deposit", row.number): row.bidder.uscc for row in DepositAccount.objects.filter(**where).select_related("bidder")}
    found |= {mark("deposit", row.reference): row.bidder.uscc for row in Guarantee.objects.filter(**where).select_related("bidder")}
    return None if found == said["owners"] else "保证金的缴纳单位与存证不符"


def refund_is_unchanged(body):
    said = body["d"]
    refund = DepositRefund.objects.filter(reference=said["reference"]).first()
    if refund is None:
        return "存证所说的保证金退付不存在"
    same = (money(refund.amount), money(refund.interest), str(refund.reason)) == (said["amount"], said["interest"], said["reason"])
    return None if same else "保证金退付的金额或原因与存证不符"


def books_balance():
    rows = trial_balance()
    if sum(debit for _, debit, _ in rows) != sum(credit for _, _, credit in rows):
        yield "保证金账目借贷不等"


register("deposit.disclosed", owners_are_unchanged)
register("deposit.refund_ordered", refund_is_unchanged)
register("deposit.secret_refund_ordered", refund_is_unchanged)
register_whole("保证金账目", books_balance)
