"""What pages want to know of contracts that are being carried out: whose they are, what is red, what waits."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from guardian.shortcuts import get_objects_for_user

from accounts.models import Organisation
from rulebook.clock import city_day
from rulebook.periods import add_months
from trading.awards.models import Award, Contract
from trading.awards.rules import contract_rules
from trading.performance.actions.bonds import remaining
from trading.performance.actions.changes import effect_of, share_of
from trading.performance.actions.conflicts import needs_custody
from trading.performance.actions.payments import interest_of
from trading.performance.attendance import begins_on, ends_on, month_of
from trading.performance.models import Deduction, Finding, PaymentRequest, Post, Replacement
from trading.performance.rules import CHANGE_APPROVAL, TEAM
from trading.projects.models import Lot, Tender
from trading.projects.queries import MANAGE

PARTIES = (
    "award__lot__tender__project__owner", "award__lot__tender__project__agency", "award__lot__tender__project__regulator",
    "award__candidate__result__bid__bid__bidder", "award__draft", "notice", "bond",
)  # fmt: skip
# What the red items of a contract are computed from.
WATCHED = (
    "changes", "acceptances", "payments", "deductions", "inspections__findings", "award__lot__custodies__key_person",
    "award__lot__custodies__check_ins", "award__lot__custody_conflicts__other__tender",
)  # fmt: skip


@dataclass(frozen=True)
class Alert:
    """Something red about a contract: the risk point it belongs to, and what is wrong in words."""

    code: str
    text: str
    grave: bool = True


def contracts_for(person, organisation):
    """The contracts somebody may see while acting for an organisation, the newest first."""
    rows = Contract.objects.filter(award__void_at=None).select_related(*PARTIES).prefetch_related(*WATCHED)
    if organisation is None or not organisation.is_active:
        return rows.none()
    if Organisation.Kind.CENTRE in organisation.kinds:
        return rows.order_by("-filed_at")
    mine = Q(award__candidate__result__bid__bid__bidder=organisation) | Q(award__lot__tender__project__owner=organisation)
    mine |= Q(award__lot__tender__project__regulator=organisation)
    handled = get_objects_for_user(person, MANAGE, Tender).values("pk")
    mine |= Q(award__lot__tender__in=handled, award__lot__tender__project__agency=organisation)
    return rows.filter(mine).order_by("-filed_at")


def awards_without_contract(person, organisation):
    """Standing awards of the same circle whose result is public and whose contract is not yet filed, the most urgent first."""
    rows = Award.objects.filter(void_at=None, contract=None, lot__state=Lot.State.RESULT_PUBLIC)
    if organisation is None or not organisation.is_active:
        return rows.none()
    rows = rows.select_related("lot__tender__project__owner", "candidate__result__bid__bid__bidder", "draft").order_by("contract_due_on")
    if Organisation.Kind.CENTRE in organisation.kinds:
        return rows
    mine = Q(candidate__result__bid__bid__bidder=organisation) | Q(lot__tender__project__owner=organisation)
    mine |= Q(lot__tender__project__regulator=organisation)
    handled = get_objects_for_user(person, MANAGE, Tender).values("pk")
    return rows.filter(mine | Q(lot__tender__in=handled, lot__tender__project__agency=organisation))


def missing_posts(contract, values):
    """Posts that the city asks to be registered and that nobody holds."""
    lot = contract.lot
    if not needs_custody(lot, values):
        return []
    held = {row.post for row in lot.custodies.all() if row.released_at is None}
    return [Post(post) for post in TEAM[lot.tender.project.kind] if post not in held]


def stage_of(contract):
    """Where the contract stands, in a word for lists."""
    last = max(contract.acceptances.all(), key=lambda row: row.round, default=None)
    if last is None:
        return "run", "履行中"
    return {"passed": ("ok", "验收合格"), "failed": ("bad", "验收不合格")}.get(last.state, ("warn", last.get_state_display()))


def alerts_of(contract, values, at):
    """Everything that is red about the contract now, by the city's values of the day; once accepted, only money still owed.

    Everything it looks at is prefetched by `WATCHED`.
    """
    on = city_day(at)
    found = [*late_money(contract, on)]
    if stage_of(contract)[0] == "ok":
        return found
    parts = (late_papers(contract, on), team_alerts(contract, values, on), site_alerts(contract, on), course_alerts(contract, values, on))
    return [*found, *(alert for part in parts for alert in part)]


def late_papers(contract, on: date):
    rules = contract_rules(contract.lot.tender.project.category)
    if contract.signed_on > contract.award.contract_due_on:
        yield Alert("RP1001", f"合同签订逾期（应于 {contract.award.contract_due_on:%Y-%m-%d} 前）", grave=False)
    filed_on = city_day(contract.filed_at)
    # Whoever filed within so many plain days is never late: days off, which are looked up, only make the limit longer.
    if (filed_on - contract.signed_on).days > rules.published.days and filed_on > rules.published.due_on(contract.signed_on):
        yield Alert("RP1003", "合同公开、备案逾期", grave=False)


def late_money(contract, on: date):
    for row in contract.payments.all():
        if row.state in (PaymentRequest.State.ASKED, PaymentRequest.State.APPROVED) and row.due_on < on:
            interest = interest_of(contract, row.payable, row.due_on, on)
            owed = f"，逾期利息已计 {interest:,.2f} 元" if interest else ""
            yield Alert("RP1007", f"第 {row.no} 次付款逾期 {(on - row.due_on).days} 天{owed}")
    bond = getattr(contract, "bond", None)
    if bond is not None and bond.registered_at is None and bond.due_on < on:
        yield Alert("RP1009", f"履约保证金逾期未提交（应于 {bond.due_on:%Y-%m-%d} 前）")
    if bond is not None and bond.released_at is None and bond.valid_until and bond.valid_until < on + timedelta(days=30):
        yield Alert("RP1009", f"保函将于 {bond.valid_until:%Y-%m-%d} 失效", grave=bond.valid_until < on)


def team_alerts(contract, values, on: date):
    lot = contract.lot
    if posts := missing_posts(contract, values):
        yield Alert("RP1005", f"关键人员未登记：{'、'.join(post.label for post in posts)}", grave=on > begins_on(contract))
    for row in lot.custody_conflicts.all():
        if row.settled_at is None:
            yield Alert("RP0907", f"{row.name}：{row.get_kind_display()}（{row.other.tender.name}{row.other.name}）")
    month = add_months(on.replace(day=1), -1)
    if any(row.month == month for row in contract.deductions.all()):
        return
    short = [row for row in month_of(contract, month, values=values) if row.missing]
    if short:
        names = "、".join(row.custody.get_post_display() for row in short[:3])
        yield Alert("RP1004", f"{month:%m} 月到岗不足：{names}{f'等 {len(short)} 人' if len(short) > 3 else ''}")


def site_alerts(contract, on: date):
    for row in (finding for inspection in contract.inspections.all() for finding in inspection.findings.all()):
        if row.state == Finding.State.ORDERED and row.due_on < on:
            yield Alert("RP1010", f"整改逾期 {(on - row.due_on).days} 天：{row.problem[:30]}")


def course_alerts(contract, values, on: date):
    share, limit = share_of(contract), values[CHANGE_APPROVAL].value
    if share > limit:
        yield Alert("RP1006", f"累计变更 {share}%，超过 {limit:.0f}%")
    end = begins_on(contract) + timedelta(days=effect_of(contract)[1])
    if end < on and ends_on(contract) is None:
        yield Alert("RP1011", f"合同工期已满 {(on - end).days} 天，尚未申请验收")


@dataclass(frozen=True)
class Waiting:
    """Something an office is to decide on a contract."""

    contract: Contract
    text: str
    since: object


def waiting_for_regulator(contracts):
    """What these contracts have for the regulator to decide, the oldest first."""
    lots = {row.lot.pk: row for row in contracts}
    found = [
        Waiting(lots[row.custody.lot_id], f"批准更换{row.custody.get_post_display()}", row.agreed_at)
        for row in Replacement.objects.filter(state=Replacement.State.AGREED, custody__lot__in=lots).select_related("custody")
    ]
    for contract in contracts:
        found += [
            Waiting(contract, f"核准合同变更第 {row.no} 号", row.agreed_at)
            for row in contract.changes.all()
            if row.state == row.State.AGREED
        ]
    findings = Finding.objects.filter(state=Finding.State.REPORTED, inspection__contract__in=contracts).select_related("inspection")
    by_pk = {row.pk: row for row in contracts}
    found += [Waiting(by_pk[row.inspection.contract_id], f"复查整改：{row.problem[:20]}", row.replied_at) for row in findings]
    deductions = Deduction.objects.filter(state=Deduction.State.SERVED, contract__in=contracts).exclude(reply="")
    found += [Waiting(by_pk[row.contract_id], f"就扣款 {row.number} 的陈述作出决定", row.replied_at) for row in deductions]
    return sorted(found, key=lambda row: row.since)


def bonds_to_confirm(contracts):
    """For the centre: bonds that winners have put up and nobody has confirmed yet."""
    rows = contracts.filter(bond__registered_at__isnull=False, bond__confirmed_at=None)
    return [Waiting(row, "确认履约保证金", row.bond.registered_at) for row in rows]


def may_read_performance_file(person, organisation, file):
    """Files of a contract's performance: its two parties, those who handle it, its regulator and the centre."""
    return file.organisation is not None and contracts_for(person, organisation).filter(
        Q(payments__proof=file) | Q(changes__proof=file) | Q(acceptances__proof=file) | Q(bond__proof=file) | Q(inspections__photo=file)
        | Q(inspections__findings__proof=file) | Q(deductions__evidence=file) | Q(deductions__reply_file=file)
        | Q(award__lot__custodies__replacements__proof=file) | Q(award__lot__custodies__check_ins__photo=file)
    ).exists()  # fmt: skip


def bond_left(contract):
    bond = getattr(contract, "bond", None)
    return remaining(bond) if bond else None
