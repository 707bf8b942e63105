"""Putting up a bid deposit. Who did is as secret as who bids."""

from datetime import timedelta

from django.db import transaction

from accounts.permissions import require_member
from ledger.acts import record
from ledger.canonical import money
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.deposits.events import DepositRegistered
from trading.deposits.models import BidDeposit
from trading.projects.models import Lot
from trading.tenders.models import DocumentHolder


@transaction.atomic
def register_deposit(lot, bidder, *, data, proof, by, at):
    """Register a transfer or guarantee for a lot, before the deadline; a corrected one replaces the earlier."""
    require_member(by, bidder)
    lot = Lot.objects.select_related("tender__document").get(pk=lot.pk)
    if not DocumentHolder.objects.filter(tender=lot.tender, organisation=bidder).exists():
        raise Refused("no_document", "请先获取招标文件。", status=403)
    if not lot.is_open_for_bids(at):
        raise Refused("deadline_passed", "投标截止后不能再登记保证金。", rule="招标文件：保证金应在投标截止前到账", status=403)
    if data["amount"] < lot.deposit:
        raise Refused("deposit_short", f"金额不足，本标段保证金为 {lot.deposit:,.2f} 元。", field="amount", rule="招标文件")
    cash = data["form"] == BidDeposit.Form.TRANSFER
    if cash and data["payer_account"] != bidder.basic_account:
        raise Refused(
            "not_basic_account", "以现金形式缴纳的保证金应当从基本账户转出，付款账号与登记的基本账户不一致。",
            rule="《招标投标法实施条例》第二十六条", field="payer_account",
        )  # fmt: skip
    validity = city_day(lot.bids_due_at) + timedelta(days=lot.tender.document.bid_validity_days)
    if not cash and (data["valid_until"] is None or data["valid_until"] < validity):
        raise Refused(
            "guarantee_short", f"保函有效期应不短于投标有效期，即不早于 {validity:%Y-%m-%d}。",
            rule="《招标投标法实施条例》第二十六条", field="valid_until",
        )  # fmt: skip
    deposit, _ = BidDeposit.objects.update_or_create(
        lot=lot, bidder=bidder, defaults={**data, "proof": proof, "registered_by": by, "registered_at": at}
    )
    record(
        DepositRegistered(
            tender=lot.tender.number, lot=lot.key, bidder=bidder.uscc, form=deposit.form, amount=money(deposit.amount)
        ),
        by=by, role="bidder",
    )  # fmt: skip
    return deposit
