"""付款: the plan, requests upon delivery or progress, approval, payment, and interest where a small firm was paid late."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from ledger.acts import record
from ledger.canonical import money
from rulebook.clock import city_day
from rulebook.periods import day_end
from rulebook.refusals import Refused
from trading.awards.sides import DESK, TENDEREE, WINNER, require_side
from trading.performance.actions.changes import effect_of
from trading.performance.actions.holding import about, held, require_state, require_text, tell_desk, tell_winner
from trading.performance.events import PaymentMoved
from trading.performance.models import Deduction, PaymentMilestone, PaymentRequest
from trading.performance.rules import OVERDUE_INTEREST
from trading.procedures.reaching import reach
from trading.procedures.rules import procurement


def due_day(contract, delivered_on: date) -> date:
    """The last day to pay what was delivered then: the days the contract agrees on, from the delivery."""
    return replace(procurement.SMALL_FIRM_PAYMENT, days=contract.payment_days).due_on(delivered_on)


def interest_of(contract, amount: Decimal, due_on: date, paid_on: date) -> Decimal:
    """Interest on a late payment to a small or medium firm; nothing where it was in time, or the firm is none."""
    if not contract.small_firm:
        return Decimal("0.00")
    return OVERDUE_INTEREST.on(amount, (paid_on - due_on).days)


def total_of(rows, field) -> Decimal:
    return rows.aggregate(total=Sum(field))["total"] or Decimal(0)


@transaction.atomic
def plan_payment(contract, *, title, amount, planned_on, by, at):
    """One more payment of the plan; the plan never exceeds the price."""
    contract = held(contract)
    require_side(by, contract.award, DESK)
    price, _ = effect_of(contract)
    left = price - total_of(contract.payment_plan, "amount")
    if not 0 < amount <= left:
        raise Refused("amount", f"付款计划合计不能超过合同价款，还可安排 {left:,.2f} 元。", field="amount")
    return PaymentMilestone.objects.create(
        contract=contract, no=contract.payment_plan.count() + 1, title=title, amount=amount, planned_on=planned_on
    )


@transaction.atomic
def request_payment(contract, *, milestone, progress, delivered_on, amount, proof, by, at):
    """The winner asks for payment of what was delivered; the due day follows from the delivery."""
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    require_text(progress, "progress", "完成情况")
    if not contract.signed_on <= delivered_on <= city_day(at):
        raise Refused("delivered_on", "交付（计量）日期应在合同签订之后、今天之前。", field="delivered_on")
    price, _ = effect_of(contract)
    left = price - asked_so_far(contract)
    if not 0 < amount <= left:
        raise Refused("amount", f"申请金额应大于零，累计不能超过合同价款，还可申请 {left:,.2f} 元。", field="amount")
    row = PaymentRequest.objects.create(
        contract=contract, no=contract.payments.count() + 1, milestone=milestone, progress=progress, delivered_on=delivered_on, amount=amount,
        proof=proof, due_on=due_day(contract, delivered_on), asked_by=by, asked_at=at,
    )  # fmt: skip
    lot = contract.lot
    reach(lot.tender, "delivered", at=day_end(delivered_on), lot=lot, reference=f"payment-{row.no}")
    tell_desk(contract, f"付款申请第 {row.no} 号", f"{amount:,.2f} 元，最迟 {row.due_on:%Y-%m-%d} 支付。", key=f"payment/{row.pk}")
    enter(contract, row, row.amount, by)
    return row


def asked_so_far(contract) -> Decimal:
    rows = contract.payments.exclude(state=PaymentRequest.State.RETURNED)
    return sum((row.approved if row.approved is not None else row.amount for row in rows), start=Decimal(0))


def enter(contract, row, amount, by):
    record(PaymentMoved(**about(contract.lot), no=row.no, state=row.state, amount=money(amount)), by=by)


def held_payment(contract, payment):
    return PaymentRequest.objects.select_for_update(of=["self"]).get(pk=payment.pk, contract=contract)


@transaction.atomic
def approve_payment(contract, payment, *, approved, remark, by, at):
    """The tenderee settles how much is paid; confirmed deductions are kept back, as far as the sum allows."""
    contract = held(contract)
    require_side(by, contract.award, TENDEREE)
    row = held_payment(contract, payment)
    require_state(row, PaymentRequest.State.ASKED)
    if not 0 < approved <= row.amount:
        raise Refused("approved", f"核定金额应大于零且不超过申请的 {row.amount:,.2f} 元。", field="approved")
    if approved < row.amount:
        require_text(remark, "remark", "核减的理由")
    withheld = Decimal(0)
    for deduction in (
        Deduction.objects.select_for_update().filter(contract=contract, state=Deduction.State.CONFIRMED, payment=None).order_by("issued_at")
    ):
        if withheld + deduction.amount <= approved:
            withheld += deduction.amount
            deduction.payment = row
            deduction.save(update_fields=["payment"])
    row.state, row.approved, row.withheld, row.remark = PaymentRequest.State.APPROVED, approved, withheld, remark
    row.decided_by, row.decided_at = by, at
    row.save()
    tell_winner(contract, f"付款申请第 {row.no} 号已核定", f"应付 {row.payable:,.2f} 元。", key=f"payment-approved/{row.pk}")
    enter(contract, row, approved, by)


@transaction.atomic
def return_payment(contract, payment, *, remark, by, at):
    contract = held(contract)
    require_side(by, contract.award, TENDEREE)
    row = held_payment(contract, payment)
    require_state(row, PaymentRequest.State.ASKED)
    require_text(remark, "remark", "退回的理由")
    row.state, row.remark, row.decided_by, row.decided_at = PaymentRequest.State.RETURNED, remark, by, at
    row.save(update_fields=["state", "remark", "decided_by", "decided_at"])
    tell_winner(contract, f"付款申请第 {row.no} 号被退回", remark, key=f"payment-returned/{row.pk}")
    enter(contract, row, row.amount, by)


@transaction.atomic
def record_payment(contract, payment, *, paid_on, by, at):
    """The tenderee has paid. What was late to a small firm bears interest, which is shown and owed."""
    contract = held(contract)
    require_side(by, contract.award, TENDEREE)
    row = held_payment(contract, payment)
    require_state(row, PaymentRequest.State.APPROVED)
    if not row.delivered_on <= paid_on <= city_day(at):
        raise Refused("paid_on", "支付日期应在交付之后、今天之前。", field="paid_on")
    row.state, row.paid_on = PaymentRequest.State.PAID, paid_on
    row.interest = interest_of(contract, row.payable, row.due_on, paid_on)
    row.save(update_fields=["state", "paid_on", "interest"])
    lot = contract.lot
    reach(lot.tender, "paid", at=day_end(paid_on), lot=lot, reference=f"payment-{row.no}")
    words = f"{row.payable:,.2f} 元" + (f"，另应付逾期利息 {row.interest:,.2f} 元" if row.interest else "")
    tell_winner(contract, f"付款申请第 {row.no} 号已支付", words, key=f"payment-paid/{row.pk}")
    enter(contract, row, row.payable, by)
    return row
