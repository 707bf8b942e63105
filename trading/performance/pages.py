"""A contract's page, put together for whoever looks: its sections, and what it is their turn to do."""

from dataclasses import dataclass
from datetime import date

from rulebook.clock import city_day
from rulebook.periods import add_months
from trading.awards.sides import SUPERVISOR, TENDEREE, WINNER
from trading.performance.actions.acceptance import earns_good_conduct
from trading.performance.actions.bonds import remaining
from trading.performance.actions.changes import effect_of, history_of, share_of
from trading.performance.actions.conflicts import needs_custody
from trading.performance.actions.payments import interest_of
from trading.performance.attendance import begins_on, month_of
from trading.performance.models import Custody, CustodyConflict, Finding, Replacement
from trading.performance.queries import alerts_of, missing_posts
from trading.performance.rules import values_on
from trading.performance.steps import STEPS


@dataclass(frozen=True)
class Turn:
    """A step whose turn it is for the visitor: about which row, and a hint. `open` ones are possible, not asked for."""

    name: str
    target: int | None = None
    hint: str = ""
    optional: bool = False

    @property
    def label(self):
        return STEPS[self.name].label


def turns_of(contract, sides, at):
    """What the visitor's sides may do now; what waits for them first."""
    on, found = city_day(at), []
    for part in (team_turns, bond_turns, change_turns, payment_turns, site_turns, ending_turns):
        found += [turn for turn in part(contract, on, at) if set(STEPS[turn.name].sides) & sides]
    return sorted(found, key=lambda turn: turn.optional)


def accepted(contract):
    return any(row.state == row.State.PASSED for row in contract.acceptances.all())


def team_turns(contract, on, at):
    if accepted(contract):
        return
    missing = missing_posts(contract, values_on(on))
    yield Turn("name_member", hint=f"还缺：{'、'.join(post.label for post in missing)}" if missing else "", optional=not missing)
    for row in open_replacements(contract):
        asked = row.state == Replacement.State.ASKED
        words = f"{row.custody.get_post_display()} {row.custody.key_person.name} → {row.successor.name}"
        yield Turn("agree_replacement" if asked else "approve_replacement", row.pk, words)
    for row in CustodyConflict.objects.filter(lot=contract.lot, settled_at=None):
        yield Turn("settle_conflict", row.pk, f"{row.name}：{row.get_kind_display()}")
    if Custody.objects.filter(lot=contract.lot, released_at=None).exists():
        yield Turn("check_in", optional=True)
        yield Turn("verify_presence", optional=True)


def open_replacements(contract):
    rows = Replacement.objects.filter(custody__lot=contract.lot, state__in=[Replacement.State.ASKED, Replacement.State.AGREED])
    return rows.select_related("custody__key_person", "successor")


def bond_turns(contract, on, at):
    bond = getattr(contract, "bond", None)
    if bond is None:
        if not accepted(contract):
            yield Turn("ask_bond", optional=True)
        return
    if bond.registered_at is None:
        yield Turn("put_up_bond", hint=f"{bond.amount:,.2f} 元，最迟 {bond.due_on:%Y-%m-%d}")
    elif bond.confirmed_at is None:
        yield Turn("confirm_bond", hint=f"{bond.get_form_display()} {bond.reference}")
    elif bond.released_at is None:
        yield Turn("claim_bond", optional=True)
    for claim in bond.claims.all():
        if claim.state == claim.State.ASKED:
            if not claim.statement and at <= claim.statement_until:
                yield Turn("state_on_claim", claim.pk, f"招标人主张扣除 {claim.amount:,.2f} 元")
            else:
                yield Turn("decide_claim", claim.pk, f"{claim.amount:,.2f} 元")


def change_turns(contract, on, at):
    if not accepted(contract):
        yield Turn("propose_change", optional=True)
    for row in contract.changes.all():
        if row.state == row.State.PROPOSED:
            yield Turn("agree_change", row.pk, f"第 {row.no} 号 {row.title}")
        elif row.state == row.State.AGREED:
            yield Turn("approve_change", row.pk, f"第 {row.no} 号 {row.title}")


def payment_turns(contract, on, at):
    for row in contract.payments.all():
        words = f"第 {row.no} 次，{row.amount:,.2f} 元，最迟 {row.due_on:%Y-%m-%d}"
        if row.state == row.State.ASKED:
            yield Turn("approve_payment", row.pk, words)
        elif row.state == row.State.APPROVED:
            yield Turn("record_payment", row.pk, words)
    yield Turn("plan_payment", optional=True)
    yield Turn("request_payment", optional=True)


def site_turns(contract, on, at):
    if not accepted(contract):
        yield Turn("plan_inspection", optional=True)
        yield Turn("deduct_month", optional=True)
    for row in contract.inspections.all():
        if row.held_at is None:
            yield Turn("hold_inspection", row.pk, f"{row.get_kind_display()} {row.number}")
        elif row.absent.exists() and not hasattr(row, "deduction"):
            yield Turn("deduct_inspection", row.pk, f"{row.number}：缺岗 {row.absent.count()} 人")
        for finding in row.findings.all():
            if finding.state == Finding.State.ORDERED:
                yield Turn("report_rectified", finding.pk, f"{finding.problem[:30]}（{finding.due_on:%Y-%m-%d} 前）")
            elif finding.state == Finding.State.REPORTED:
                yield Turn("recheck_finding", finding.pk, finding.problem[:30])
    for row in contract.deductions.all():
        if row.state == row.State.SERVED:
            words = f"{row.number}，{row.amount:,.2f} 元"
            if not row.reply and at <= row.reply_until:
                yield Turn("reply_deduction", row.pk, words, optional=True)
            else:
                yield Turn("decide_deduction", row.pk, words)


def ending_turns(contract, on, at):
    last = contract.acceptances.last()
    if last is None or last.state == last.State.FAILED:
        yield Turn("apply_acceptance", optional=True)
    elif last.state in (last.State.ASKED, last.State.RECTIFIED):
        yield Turn("hold_acceptance", hint=last.get_state_display())
    elif last.state == last.State.DEFECTS:
        yield Turn("report_mended", hint=f"{last.rectify_by:%Y-%m-%d} 前")
    else:
        rated = {row.side for row in contract.ratings.all()}
        if "tenderee" not in rated:
            yield Turn("rate_winner")
        if "winner" not in rated:
            yield Turn("rate_tenderee", optional=True)
        if earns_good_conduct(contract, on):
            yield Turn("good_conduct", hint="按期、一次验收合格，评价达标")


def month_asked(request, on: date) -> date:
    """The month the visitor asks for, else the present one."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return on.replace(day=1)


def page_of(contract, sides, month, at):
    """Everything that a contract's page shows to one of its sides."""
    on = city_day(at)
    price, term = effect_of(contract)
    whole = month == on.replace(day=1)
    payments = [
        {
            "row": row, "late": row.due_on < (row.paid_on or on) and row.state != row.State.RETURNED,
            "owed": interest_of(contract, row.payable, row.due_on, on) if row.state != row.State.PAID else row.interest,
        }
        for row in contract.payments.select_related("milestone", "proof")
    ]  # fmt: skip
    team = Custody.objects.filter(lot=contract.lot).select_related("key_person").order_by("released_at", "since")
    return {
        "contract": contract, "lot": contract.lot, "tender": contract.lot.tender, "sides": sides, "turns": turns_of(contract, sides, at),
        "alerts": alerts_of(contract, values_on(on), at), "price": price, "term": term, "history": history_of(contract), "share": share_of(contract),
        "changes": contract.changes.select_related("notice", "proof"), "payments": payments, "plan": contract.payment_plan.all(),
        "bond": getattr(contract, "bond", None), "bond_left": remaining(contract.bond) if hasattr(contract, "bond") else None,
        "team": team, "months": month_of(contract, month, on if whole else None), "month": month, "previous": add_months(month, -1),
        "following": None if whole else add_months(month, 1), "needs_custody": needs_custody(contract.lot, values_on(on)),
        "conflicts": CustodyConflict.objects.filter(lot=contract.lot).select_related("other__tender", "bidder"),
        "replacements": Replacement.objects.filter(custody__lot=contract.lot).select_related("custody__key_person", "successor"),
        "inspections": contract.inspections.prefetch_related("findings", "absent__key_person"),
        "deductions": contract.deductions.select_related("document", "evidence"), "acceptances": contract.acceptances.select_related("document", "notice"),
        "ratings": contract.ratings.all(), "begins_on": begins_on(contract), "now": at,
        "sees_numbers": bool(sides & {WINNER, SUPERVISOR}), "shows_code": TENDEREE in sides,
    }  # fmt: skip
