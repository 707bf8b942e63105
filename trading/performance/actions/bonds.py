"""履约保证金: at most the statutory share, confirmed by the centre, claimed on with reasons, released after acceptance.

`confirm_bond` is where a bank's own report would arrive: whoever wires one calls it with the platform's account.
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from ledger.acts import record
from ledger.canonical import money
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.awards.sides import DESK, TENDEREE, WINNER, require_side
from trading.performance.actions.holding import (
    about,
    held,
    is_accepted,
    require_running,
    require_state,
    require_text,
    tell_desk,
    tell_winner,
)
from trading.performance.events import BondMoved
from trading.performance.models import BondClaim, PerformanceBond
from trading.performance.rules import STATEMENT, bond_ceiling


@transaction.atomic
def ask_bond(contract, *, amount, due_on, by, at):
    """The tender document asks for a bond: how much, and by when it is due."""
    contract = held(contract)
    require_side(by, contract.award, DESK)
    require_running(contract)
    if PerformanceBond.objects.filter(contract=contract).exists():
        raise Refused("asked", "履约保证金已经登记要求。")
    bond_ceiling(contract.lot.tender.project.category).check(amount, base=contract.amount, field="amount", subject="履约保证金")
    if amount <= 0:
        raise Refused("amount", "请填写大于零的金额；不要求履约保证金的不必登记。", field="amount")
    if due_on < city_day(at):
        raise Refused("due_on", "提交期限不能早于今天。", field="due_on")
    bond = PerformanceBond.objects.create(contract=contract, amount=amount, due_on=due_on)
    tell_winner(
        contract, "请提交履约保证金", f"{amount:,.2f} 元，最迟 {due_on:%Y-%m-%d}；转账、保函、保险由你单位自选。", key=f"bond/{bond.pk}"
    )
    enter(contract, "asked", amount, by)
    return bond


def enter(contract, move, amount, by):
    record(BondMoved(**about(contract.lot), move=move, amount=money(amount)), by=by)


def held_bond(contract):
    bond = PerformanceBond.objects.select_for_update().filter(contract=contract).first()
    if bond is None:
        raise Refused("no_bond", "本合同没有要求履约保证金。")
    return bond


@transaction.atomic
def put_up_bond(contract, *, data, proof, by, at):
    """The winner registers a transfer or guarantee of its choice; corrected until the centre has confirmed it."""
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    require_running(contract)
    bond = held_bond(contract)
    if bond.confirmed_at is not None:
        raise Refused("confirmed", "履约保证金已经确认，不能再改。")
    guarantee = data["form"] != PerformanceBond.Form.TRANSFER
    if guarantee and (data["valid_until"] is None or data["valid_until"] <= city_day(at)):
        raise Refused("valid_until", "请填写保函（保单）的有效期，且应在今天之后。", field="valid_until")
    bond.form, bond.reference, bond.valid_until = data["form"], data["reference"], data["valid_until"] if guarantee else None
    bond.proof, bond.registered_at = proof, at
    bond.save(update_fields=["form", "reference", "valid_until", "proof", "registered_at"])
    enter(contract, "put_up", bond.amount, by)
    return bond


@transaction.atomic
def confirm_bond(contract, *, by, at):
    """The centre has seen the money or the guarantee."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.HANDLER)
    contract = held(contract)
    bond = held_bond(contract)
    if bond.registered_at is None or bond.confirmed_at is not None:
        raise Refused("wrong_state", "没有待确认的履约保证金。")
    bond.confirmed_at, bond.confirmed_by = at, by
    bond.save(update_fields=["confirmed_at", "confirmed_by"])
    tell_winner(contract, "履约保证金已确认", key=f"bond-confirmed/{bond.pk}")
    tell_desk(contract, "履约保证金已确认", key=f"bond-confirmed/{bond.pk}")
    enter(contract, "confirmed", bond.amount, by)
    if is_accepted(contract):
        release_bond(contract, by=by, at=at)


def claimed(bond, *states) -> Decimal:
    rows = bond.claims.filter(state__in=states or [BondClaim.State.UPHELD])
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def remaining(bond) -> Decimal:
    """What is left of the bond after upheld claims."""
    return bond.amount - claimed(bond)


@transaction.atomic
def claim_bond(contract, *, amount, reason, by, at):
    """The tenderee means to keep part of the bond; the winner is heard first."""
    contract = held(contract)
    require_side(by, contract.award, TENDEREE)
    bond = held_bond(contract)
    if bond.confirmed_at is None or bond.released_at is not None:
        raise Refused("wrong_state", "履约保证金尚未确认或已经退还，不能主张。")
    require_text(reason, "reason", "主张的理由和合同依据")
    left = bond.amount - claimed(bond, BondClaim.State.UPHELD, BondClaim.State.ASKED)
    if not 0 < amount <= left:
        raise Refused("amount", f"主张金额应大于零且不超过余额 {left:,.2f} 元。", field="amount")
    claim = BondClaim.objects.create(bond=bond, amount=amount, reason=reason, statement_until=STATEMENT.due_at(at), by=by, at=at)
    tell_winner(
        contract,
        "招标人主张扣除履约保证金",
        f"{amount:,.2f} 元。可在 {city_day(claim.statement_until):%Y-%m-%d} 前陈述。",
        key=f"claim/{claim.pk}",
    )
    enter(contract, "claimed", amount, by)
    return claim


@transaction.atomic
def state_on_claim(contract, claim, *, statement, by, at):
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    row = BondClaim.objects.select_for_update().get(pk=claim.pk, bond__contract=contract)
    require_state(row, BondClaim.State.ASKED)
    require_text(statement, "statement", "陈述")
    if at > row.statement_until:
        STATEMENT.refuse("陈述期已经届满。", field="statement")
    row.statement = statement
    row.save(update_fields=["statement"])
    tell_desk(contract, "中标人对保证金扣除的陈述", statement, key=f"claim-stated/{row.pk}")


@transaction.atomic
def decide_claim(contract, claim, *, upheld, decision, by, at):
    """The reasoned decision on a claim, once the winner was heard or let its time pass."""
    contract = held(contract)
    require_side(by, contract.award, TENDEREE)
    row = BondClaim.objects.select_for_update().get(pk=claim.pk, bond__contract=contract)
    require_state(row, BondClaim.State.ASKED)
    require_text(decision, "decision", "决定的理由")
    if not row.statement and at <= row.statement_until:
        raise Refused(
            "statement_open", f"陈述期到 {city_day(row.statement_until):%Y-%m-%d} 止，期满或听取陈述后才能决定。",
            rule=f"{STATEMENT.source}：{STATEMENT.says}",
        )  # fmt: skip
    row.state = BondClaim.State.UPHELD if upheld else BondClaim.State.DROPPED
    row.decision, row.decided_at = decision, at
    row.save(update_fields=["state", "decision", "decided_at"])
    tell_winner(contract, f"履约保证金主张{row.get_state_display()}", decision, key=f"claim-decided/{row.pk}")
    enter(contract, row.state, row.amount, by)


def release_bond(contract, *, by, at):
    """After acceptance: whatever is left of the bond goes back. Called by the acceptance, in its transaction."""
    bond = PerformanceBond.objects.select_for_update().filter(contract=contract, released_at=None, confirmed_at__isnull=False).first()
    if bond is None:
        return None
    if bond.claims.filter(state=BondClaim.State.ASKED).exists():
        raise Refused("claim_open", "履约保证金的扣除主张尚未决定。", next_step="请先就主张作出决定。")
    bond.released_at = at
    bond.save(update_fields=["released_at"])
    tell_winner(contract, "履约保证金退还", f"应退 {remaining(bond):,.2f} 元。", key=f"bond-released/{bond.pk}")
    enter(contract, "released", remaining(bond), by)
    return bond
