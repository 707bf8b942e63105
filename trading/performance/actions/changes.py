"""合同变更: proposed with reasons, confirmed by the winner, approved where the sum of changes asks for it, made public."""

from decimal import Decimal

from django.db import transaction

from disclosure.models import Notice
from ledger.acts import record
from ledger.canonical import money
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.awards.sides import DESK, SUPERVISOR, WINNER, require_side
from trading.performance.actions.holding import (
    about,
    held,
    require_running,
    require_state,
    require_text,
    tell_desk,
    tell_regulator,
    tell_winner,
)
from trading.performance.events import ChangeMoved
from trading.performance.models import ContractChange
from trading.performance.rules import CHANGE_APPROVAL, local
from trading.procedures.rules import procurement
from trading.projects.models import Category
from trading.tenders.notices import notice_of

STANDING = (ContractChange.State.PROPOSED, ContractChange.State.AGREED, ContractChange.State.IN_FORCE)


def effect_of(contract):
    """The contract as changed: (price, term) after all changes in force."""
    rows = [row for row in contract.changes.all() if row.state == ContractChange.State.IN_FORCE]
    return contract.amount + sum(row.amount for row in rows), contract.term_days + sum(row.days for row in rows)


def history_of(contract):
    """Price and term step by step: the signing, then every change in force, each with what it led to."""
    price, days = contract.amount, contract.term_days
    rows = [{"label": "合同订立", "at": contract.signed_on, "amount": None, "days": None, "price": price, "term": days, "change": None}]
    for row in contract.changes.all():
        if row.state == ContractChange.State.IN_FORCE:
            price, days = price + row.amount, days + row.days
            rows.append(
                {
                    "label": row.title,
                    "at": row.decided_at,
                    "amount": row.amount,
                    "days": row.days,
                    "price": price,
                    "term": days,
                    "change": row,
                }
            )
    return rows


def share_of(contract) -> Decimal:
    """The changes in force, added up without regard to their sign, as a percentage of the signed price."""
    total = sum(abs(row.amount) for row in contract.changes.all() if row.state == ContractChange.State.IN_FORCE)
    return (Decimal(total) * 100 / contract.amount).quantize(Decimal("0.01"))


@transaction.atomic
def propose_change(contract, *, data, proof, by, at):
    """A change of price or term with its reason. Procurement may add at most the statutory share; works need approval from the city's."""
    contract = held(contract)
    require_side(by, contract.award, DESK)
    require_running(contract)
    require_text(data["reason"], "reason", "变更理由")
    amount, days = Decimal(data["amount"] or 0), data["days"] or 0
    if not amount and not days:
        raise Refused("no_change", "请填写价款或工期的增减。", field="amount")
    price, term = effect_of(contract)
    if price + amount <= 0 or term + days <= 0:
        raise Refused("nothing_left", "变更后的价款和工期应大于零。", field="amount" if price + amount <= 0 else "days")
    standing = list(contract.changes.filter(state__in=STANDING))
    if contract.lot.tender.project.category == Category.PROCUREMENT:
        added = sum(row.amount for row in standing if row.amount > 0) + max(amount, 0)
        procurement.SUPPLEMENTARY_CONTRACTS.check(Decimal(added), base=contract.amount, field="amount", subject="补充合同累计金额")
        needs = False
    else:
        limit = local(CHANGE_APPROVAL, city_day(at)).value
        needs = (sum(abs(row.amount) for row in standing) + abs(amount)) * 100 > limit * contract.amount
    row = ContractChange.objects.create(
        contract=contract, no=contract.changes.count() + 1, title=data["title"], reason=data["reason"], amount=amount, days=days, proof=proof,
        needs_approval=needs, proposed_by=by, proposed_at=at,
    )  # fmt: skip
    tell_winner(contract, f"合同变更第 {row.no} 号待确认", row.reason, key=f"change/{row.pk}")
    enter(contract, row, by)
    return row


def enter(contract, row, by):
    record(ChangeMoved(**about(contract.lot), no=row.no, state=row.state, amount=money(row.amount), days=row.days), by=by)


def held_change(contract, change):
    return ContractChange.objects.select_for_update().get(pk=change.pk, contract=contract)


@transaction.atomic
def agree_change(contract, change, *, by, at):
    """The winner confirms; below the threshold the change is then in force, above it the regulator decides."""
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    require_running(contract)
    row = held_change(contract, change)
    require_state(row, ContractChange.State.PROPOSED)
    row.agreed_at = at
    if row.needs_approval:
        row.state = ContractChange.State.AGREED
        tell_regulator(contract.lot, f"合同变更第 {row.no} 号待核准", row.reason, key=f"change-agreed/{row.pk}")
    else:
        put_in_force(contract, row, by, at)
    row.save()
    enter(contract, row, by)


@transaction.atomic
def approve_change(contract, change, *, remark, by, at):
    contract = held(contract)
    require_side(by, contract.award, SUPERVISOR)
    row = held_change(contract, change)
    require_state(row, ContractChange.State.AGREED)
    row.remark = remark
    put_in_force(contract, row, by, at)
    row.save()
    enter(contract, row, by)


def put_in_force(contract, row, by, at):
    """From now on price and term are the changed ones, and everybody can read why."""
    row.state, row.decided_by, row.decided_at = ContractChange.State.IN_FORCE, by, at
    price, term = effect_of(contract)
    price, term, lot = price + row.amount, term + row.days, contract.lot
    row.notice = notice_of(
        lot.tender, Notice.Kind.CONTRACT_CHANGE, title=f"{lot.tender.name}{lot.name}合同变更公告（第 {row.no} 号）", lot=lot, by=by, at=at, amount=price,
        context={"contract": contract, "lot": lot, "change": row, "price": price, "term": term},
        facts=[
            ("合同编号", contract.number), ("变更事项", row.title), ("价款增减", f"{row.amount:+,.2f} 元"), ("工期增减", f"{row.days:+d} 日历天"),
            ("变更后价款", f"{price:,.2f} 元"), ("变更后工期", f"{term} 日历天"),
        ],
    )  # fmt: skip
    tell_desk(contract, f"合同变更第 {row.no} 号已生效", key=f"change-in-force/{row.pk}")


@transaction.atomic
def refuse_change(contract, change, *, remark, by, at):
    """Winner or regulator, each in turn, says no, with reasons."""
    contract = held(contract)
    row = held_change(contract, change)
    require_state(row, ContractChange.State.PROPOSED, ContractChange.State.AGREED)
    require_side(by, contract.award, WINNER if row.state == ContractChange.State.PROPOSED else SUPERVISOR)
    require_text(remark, "remark", "不同意的理由")
    row.state, row.remark, row.decided_by, row.decided_at = ContractChange.State.REFUSED, remark, by, at
    row.save(update_fields=["state", "remark", "decided_by", "decided_at"])
    tell_desk(contract, f"合同变更第 {row.no} 号未通过", remark, key=f"change-refused/{row.pk}")
    enter(contract, row, by)
