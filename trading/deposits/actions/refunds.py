"""Money that goes out: ordered in the books first, then instructed to the bank, then confirmed or failed."""

import json
import secrets
from functools import partial

from django.db import transaction

from ledger.acts import record
from ledger.alarms import raise_alarm
from ledger.canonical import instant, money
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.deposits.books import ZERO, Ledger, book, held, interest_of
from trading.deposits.events import LateNotice, RefundOrdered, RefundPaid, RefundRetried, SecretRefundOrdered, SecretRefundPaid
from trading.deposits.gateways import GatewayFailed, bank
from trading.deposits.models import BankNotice, DepositAccount, DepositDisclosure, DepositEntry, DepositRefund
from trading.deposits.secrecy import hide, mark, owner_of, unhide
from trading.procedures.rules.deposits import Occasion, return_of

State = DepositRefund.State


def is_disclosed(lot):
    return DepositDisclosure.objects.filter(lot=lot).exists()


def note(lot, number, secret, fields, *, what, at):
    """Record what was reported about a deposit: blinded before the lot's deposits are disclosed, in the open afterwards."""
    about = {"tender": lot.tender.number, "lot": lot.key, "deposit": mark("deposit", number)}
    if is_disclosed(lot):
        record(LateNotice(**about, what=what, amount=fields["amount"], reason=fields.get("reason", "")), by=None)
    else:
        record(secret(**about, **fields), by=None)


def order_refund(*, account, amount, ledger, reason, payee, due_at, basis, value_at, at, interest=ZERO):
    """Take money out of a ledger and owe it to a payee; the caller holds the account's lock and answers for the reason."""
    refund = DepositRefund.objects.create(
        account=account, reason=reason, amount=amount, interest=interest, payee=hide(json.dumps(payee, ensure_ascii=False)),
        reference=f"TF{secrets.token_hex(10)}", basis=basis[:300], ordered_at=at, due_at=due_at,
    )  # fmt: skip
    moves = {ledger: amount, Ledger.INTEREST: interest, Ledger.PAYABLE: -(amount + interest)}
    book(DepositEntry.Kind.ORDERED, moves, account=account, refund=refund, value_at=value_at, at=at)
    if account is not None:
        lot = account.lot
        event = RefundOrdered if is_disclosed(lot) else SecretRefundOrdered
        record(
            event(
                tender=lot.tender.number, lot=lot.key, deposit=mark("deposit", account.number), reference=refund.reference,
                amount=money(amount), interest=money(interest), reason=str(reason), due_at=instant(due_at),
            ),
            by=None,
        )  # fmt: skip
        tell_owner(account, f"保证金将退还：{refund.total:,.2f} 元", f"原因：{refund.get_reason_display()}。", key=f"refund/{refund.pk}")
    return refund


def tell_owner(account, subject, body, *, key):
    number, no = account.lot.tender.number, account.lot.no
    tell_members(owner_of(account), subject, body, link=f"/me/bids/{number}/{no}/deposit/", key=key)


@transaction.atomic
def return_deposit(account, occasion, *, since, at):
    """Order the return of all that an account holds, on a lawful occasion that arose at `since`; None if there is nothing.

    With the bank's interest where the law asks it. The caller answers for the occasion.
    """
    account = DepositAccount.objects.select_for_update(of=["self"]).select_related("lot__tender__project").get(pk=account.pk)
    amount = held(account)
    if amount <= 0:
        return None
    rule, bidder = return_of(account.lot.tender.project.category, occasion), owner_of(account)
    return order_refund(
        account=account, amount=amount, ledger=Ledger.HELD, reason=DepositRefund.Reason(occasion), payee=basic_account_of(bidder),
        interest=interest_of(account, city_day(at)) if rule.interest else ZERO, due_at=rule.period.due_at(since),
        basis=f"{rule.period.source}：{rule.period.says}", value_at=at, at=at,
    )  # fmt: skip


def basic_account_of(organisation):
    return {"name": organisation.name, "account": organisation.basic_account, "bank": organisation.basic_bank}


def send_refund(refund, *, at):
    """Instruct the bank. Doing it again is harmless: the bank knows the reference."""
    refund = DepositRefund.objects.select_related("account__lot__tender").get(pk=refund.pk)
    if refund.state != State.ORDERED:
        return refund
    try:
        reference = bank().refund(
            instruction_of(refund), account=refund.account.number if refund.account else "", payee=json.loads(unhide(refund.payee)),
            amount=refund.amount, interest=refund.interest, purpose=f"退保证金（{refund.get_reason_display()}）",
        )  # fmt: skip
    except GatewayFailed:
        return refund
    with transaction.atomic():
        refund = DepositRefund.objects.select_for_update(of=["self"]).get(pk=refund.pk)
        # The bank's word that it has paid may have been faster than its answer.
        if refund.state == State.ORDERED:
            refund.state = State.INSTRUCTED
        refund.bank_reference = refund.bank_reference or reference
        refund.save(update_fields=["state", "bank_reference"])
    return refund


def instruction_of(refund):
    """What the bank knows this attempt by."""
    return f"{refund.reference}-{refund.attempts}"


def refund_of(notice):
    """(the refund that a notice speaks of, locked, or None; whether it speaks of the present attempt)."""
    reference, _, attempt = notice.about.rpartition("-")
    refund = DepositRefund.objects.select_for_update(of=["self"]).select_related("account__lot__tender").filter(reference=reference).first()
    return refund, refund is not None and attempt == str(refund.attempts)


def put_aside(notice, text):
    """People must look at this."""
    notice.state = BankNotice.State.WAITING
    notice.save(update_fields=["state"])
    transaction.on_commit(partial(raise_alarm, "deposits.refund", notice.reference, text))


def confirm_refund(notice, said, *, at):
    """The bank has paid. Booked once, however often and under however many numbers it says so."""
    refund, _ = refund_of(notice)
    if refund is None or refund.state == State.PAID or notice.amount != refund.amount or said.get("interest") != money(refund.interest):
        put_aside(notice, "银行报告的退款没有对应的指令、金额不符，或同一退款报告了两次到账，须人工核对。")
        return
    refund.state, refund.paid_at, refund.failure = State.PAID, notice.value_at, ""
    refund.save(update_fields=["state", "paid_at", "failure"])
    moves = {Ledger.PAYABLE: refund.total, Ledger.BANK: -refund.amount, Ledger.INTEREST: -refund.interest}
    book(DepositEntry.Kind.PAID, moves, account=refund.account, refund=refund, notice=notice, value_at=notice.value_at, at=at)
    if refund.account is not None:
        lot = refund.account.lot
        event = RefundPaid if is_disclosed(lot) else SecretRefundPaid
        record(
            event(tender=lot.tender.number, lot=lot.key, deposit=mark("deposit", refund.account.number), reference=refund.reference),
            by=None,
        )
        if refund.reason != DepositRefund.Reason.WITHHELD:
            tell_owner(refund.account, f"保证金已退还到账：{refund.total:,.2f} 元", "", key=f"refunded/{refund.pk}")


def take_failure(notice, said, *, at):
    """The bank could not pay, or the money came back to it: the refund waits for staff, and is owed as before."""
    refund, current = refund_of(notice)
    if refund is None or not current or refund.state == State.FAILED:
        put_aside(notice, "银行报告的退汇没有对应的指令，须人工核对。")
        return
    if refund.state == State.PAID:
        moves = {Ledger.PAYABLE: -refund.total, Ledger.BANK: refund.amount, Ledger.INTEREST: refund.interest}
        book(DepositEntry.Kind.REVERSED, moves, account=refund.account, refund=refund, notice=notice, value_at=notice.value_at, at=at)
    refund.state, refund.paid_at, refund.failure = State.FAILED, None, str(said.get("reason", ""))[:200]
    refund.save(update_fields=["state", "paid_at", "failure"])


def payee_now(refund):
    """Whose registered account a refund goes to; None where it goes back to whoever paid (rule B-04)."""
    if refund.reason == DepositRefund.Reason.WITHHELD:
        return refund.account.lot.tender.project.owner
    return owner_of(refund.account) if refund.reason in set(Occasion) else None


@transaction.atomic
def retry_refund(refund, *, by, at):
    """Instruct a failed refund anew, to the basic account as it is registered now; what came from elsewhere goes back there."""
    rows = DepositRefund.objects.select_for_update(of=["self"]).select_related("account__lot__tender__project__owner")
    refund = rows.get(pk=refund.pk)
    if refund.state != State.FAILED:
        raise Refused("not_failed", "只有退汇的款项可以重新退付。", next_step="请刷新页面。")
    if refund.account and (payee := payee_now(refund)):
        refund.payee = hide(json.dumps(basic_account_of(payee), ensure_ascii=False))
    refund.state, refund.attempts = State.ORDERED, refund.attempts + 1
    refund.save(update_fields=["state", "attempts", "payee"])
    record(RefundRetried(reference=refund.reference, attempt=refund.attempts), by=by, role="staff")
    return refund
