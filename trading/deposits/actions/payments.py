"""Money that comes in: matched to a bidder's sub-account and counted, or sent back at once."""

import json
from functools import partial

from django.db import connection, transaction

from ledger.acts import record
from ledger.alarms import raise_alarm
from ledger.canonical import instant, money
from rulebook.refusals import Refused
from trading.deposits.actions.accounts import require_participant
from trading.deposits.actions.refunds import note, order_refund, put_aside
from trading.deposits.books import ZERO, Ledger, book, held
from trading.deposits.events import DepositReceived, DepositReversed, UnidentifiedReceived, UnidentifiedReturned
from trading.deposits.models import BankNotice, DepositAccount, DepositEntry, DepositRefund
from trading.deposits.secrecy import mark, owner_of, tag_of, unhide
from trading.procedures.rules.deposits import AT_ONCE_REFUND
from trading.projects.models import Lot

Kind, Reason = DepositEntry.Kind, DepositRefund.Reason
CLOSED = (Lot.State.FAILED, Lot.State.TERMINATED, Lot.State.CONTRACTED, Lot.State.ARCHIVED)


def take_payment(notice, said, *, at):
    """Book a payment. Without an account of ours it waits among the unidentified; reversed already, it goes out again."""
    account = locked_account(number=notice.about)
    if account is None:
        book(
            Kind.UNIDENTIFIED, {Ledger.BANK: notice.amount, Ledger.SUSPENSE: -notice.amount}, notice=notice, value_at=notice.value_at, at=at
        )
        notice.state = BankNotice.State.UNIDENTIFIED
        notice.save(update_fields=["state"])
        record(UnidentifiedReceived(reference=mark("notice", notice.reference)), by=None)
    else:
        count(account, notice, Ledger.BANK, payer=said["payer"], at=at)
    waiting = BankNotice.objects.filter(source=BankNotice.Source.BANK, kind="reversal", about=notice.reference).first()
    if waiting is not None:
        reverse(notice, waiting, at=at)


def locked_account(**which):
    """The account, locked, with its lot held against a moving deadline; None if there is none."""
    account = DepositAccount.objects.filter(**which).first()
    if account is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM trading_lot WHERE id = %s FOR SHARE", [account.lot_id])
    return DepositAccount.objects.select_for_update(of=["self"]).select_related("lot__tender__project", "bidder").get(pk=account.pk)


def count(account, notice, source, *, payer, at):
    """Book money from the bank (or from among the unidentified) for an account, and send back what does not count."""
    lot, amount = account.lot, notice.amount
    entry_kind = Kind.RECEIVED if source == Ledger.BANK else Kind.CLAIMED
    book(entry_kind, {source: amount, Ledger.HELD: -amount}, account=account, notice=notice, value_at=notice.value_at, at=at)
    reason = fault(account, notice, payer)
    excess = amount if reason else max(held(account) - lot.deposit, ZERO)
    note(
        lot, account.number,
        DepositReceived, {"amount": money(amount), "counted": money(amount - min(excess, amount)), "value_at": instant(notice.value_at), "reason": reason or (Reason.EXCESS if excess else "")},
        what="payment", at=at,
    )  # fmt: skip
    if excess:
        order_refund(
            account=account, amount=min(excess, amount), ledger=Ledger.HELD, reason=reason or Reason.EXCESS, payee=payer, due_at=AT_ONCE_REFUND.due_at(at),
            basis=f"{AT_ONCE_REFUND.source}：{AT_ONCE_REFUND.says}", value_at=notice.value_at, at=at,
        )  # fmt: skip


def fault(account, notice, payer):
    """Why a payment does not count as this bidder's deposit, or None."""
    lot, bidder = account.lot, owner_of(account)
    if lot.state in CLOSED:
        return Reason.CLOSED
    if lot.bids_due_at is None or notice.value_at >= lot.bids_due_at:
        return Reason.LATE
    if (payer["account"], payer["name"]) != (bidder.basic_account, bidder.name):
        return Reason.WRONG_ACCOUNT
    return None


def take_reversal(notice, said, *, at):
    """The bank takes a payment back. Told before the payment itself, it waits for it."""
    payment = BankNotice.objects.filter(source=BankNotice.Source.BANK, kind="payment", reference=notice.about).first()
    if payment is None:
        notice.state = BankNotice.State.WAITING
        notice.save(update_fields=["state"])
    else:
        reverse(payment, notice, at=at)


def reverse(payment, notice, *, at):
    """Book a payment out again, from wherever its money is. What was paid back meanwhile is missing: an alarm, for people to settle."""
    entry = payment.entries.filter(kind__in=[Kind.RECEIVED, Kind.CLAIMED]).select_related("account").first()
    account = locked_account(pk=entry.account_id) if entry else None
    payment = BankNotice.objects.select_for_update().get(pk=payment.pk)
    earlier = BankNotice.objects.filter(kind="reversal", about=payment.reference, state=BankNotice.State.RESOLVED)
    if earlier.exists() or notice.amount != payment.amount:
        put_aside(notice, "冲正的金额与原款项不一致，或同一款项冲正了两次，须人工核对。")
        return
    amount = payment.amount
    from_held = min(held(account), amount) if account else ZERO
    moves = {Ledger.BANK: -amount, Ledger.HELD: from_held, Ledger.SUSPENSE: amount - from_held}
    book(Kind.REVERSED, moves, account=account, notice=notice, value_at=payment.value_at, at=at)
    if from_held < amount and payment.state != BankNotice.State.UNIDENTIFIED:
        text = "被冲正的款项已经退付或划出，平台垫付了差额，须人工追回。"
        transaction.on_commit(partial(raise_alarm, "deposits.reversal", notice.reference, text))
    notice.state = payment.state = BankNotice.State.RESOLVED
    notice.save(update_fields=["state"])
    payment.save(update_fields=["state"])
    if account is not None:
        note(account.lot, account.number, DepositReversed, {"amount": money(amount)}, what="reversal", at=at)


@transaction.atomic
def return_unidentified(notice, *, by, at):
    """Send money that belongs to no account of ours back to where it came from."""
    notice = BankNotice.objects.select_for_update().get(pk=notice.pk)
    if notice.state != BankNotice.State.UNIDENTIFIED:
        raise Refused("resolved", "这笔款项已经处置。", next_step="请刷新页面。")
    notice.state = BankNotice.State.RESOLVED
    notice.save(update_fields=["state"])
    refund = order_refund(
        account=None, amount=notice.amount, ledger=Ledger.SUSPENSE, reason=Reason.UNIDENTIFIED, payee=payer_of(notice),
        due_at=AT_ONCE_REFUND.due_at(at), basis=f"{AT_ONCE_REFUND.source}：{AT_ONCE_REFUND.says}", value_at=at, at=at,
    )  # fmt: skip
    record(UnidentifiedReturned(reference=mark("notice", notice.reference)), by=by, role="staff")
    return refund


def payer_of(notice):
    return json.loads(unhide(notice.hidden))["payer"]


@transaction.atomic
def claim_payment(lot, bidder, reference, *, by, at):
    """A bidder that mistyped the account claims its payment by the bank's reference: it must come from the bidder's own basic account."""
    require_participant(lot, bidder, by=by, at=at)
    account = locked_account(tag=tag_of(lot, bidder))
    notice = BankNotice.objects.select_for_update().filter(
        source=BankNotice.Source.BANK, reference=reference, state=BankNotice.State.UNIDENTIFIED, kind="payment"
    ).first()  # fmt: skip
    payer = payer_of(notice) if notice else {}
    if account is None or (payer.get("account"), payer.get("name")) != (bidder.basic_account, bidder.name):
        # One answer for all: nobody learns here which references exist.
        raise Refused(
            "no_such_payment",
            "没有找到从你单位基本账户转出、尚未识别的这笔款项。",
            field="reference",
            next_step="请核对银行回单上的流水号。",
        )
    notice.state = BankNotice.State.RESOLVED
    notice.save(update_fields=["state"])
    count(account, notice, Ledger.SUSPENSE, payer=payer, at=at)
    return account
