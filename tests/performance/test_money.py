"""Bond, changes and payments: each limit from both sides, and interest worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.models import Notice
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused
from tests.factories.performance import accepted, again, found_absent, signed_contract, with_team
from tests.factories.trading import stored
from trading.performance import actions
from trading.performance.actions.bonds import remaining
from trading.performance.actions.changes import effect_of, history_of, share_of
from trading.performance.actions.payments import due_day
from trading.performance.models import BondClaim, ContractChange, PaymentRequest
from trading.performance.queries import late_money
from trading.performance.rules import OVERDUE_INTEREST, values_on
from trading.procedures.reaching import milestones_of
from trading.procedures.rules import procurement
from trading.projects.models import Project


def proof(contract):
    return stored(contract.firm.somebody, contract.firm, "performance")


def with_bond(contract, amount="3000000"):
    bond = actions.ask_bond(contract, amount=Decimal(amount), due_on=city_day(contract.at), by=contract.city.handler, at=contract.at)
    data = {"form": "transfer", "reference": "QJ001", "valid_until": None}
    actions.put_up_bond(contract, data=data, proof=proof(contract), by=contract.firm.somebody, at=contract.at)
    actions.confirm_bond(contract, by=contract.city.staff, at=contract.at)
    bond.refresh_from_db()
    return bond


def test_the_bond_is_at_most_ten_percent_of_the_price(contract):
    limit = contract.amount / 10
    with pytest.raises(Refused) as refusal:
        actions.ask_bond(contract, amount=limit + Decimal("0.01"), due_on=city_day(contract.at), by=contract.city.handler, at=contract.at)
    assert "第五十八条" in refusal.value.rule and refusal.value.field == "amount"
    assert actions.ask_bond(contract, amount=limit, due_on=city_day(contract.at), by=contract.city.handler, at=contract.at).amount == limit


def test_the_bond_is_confirmed_by_the_centre_and_released_only_after_acceptance(contract):
    bond = actions.ask_bond(contract, amount=Decimal(1_000_000), due_on=city_day(contract.at), by=contract.city.handler, at=contract.at)
    later = contract.at + timedelta(days=1)
    assert [alert.code for alert in late_money(again(contract), city_day(later))] == ["RP1009"]
    data = {"form": "guarantee", "reference": "BH-1", "valid_until": city_day(contract.at)}
    with pytest.raises(Refused):
        actions.put_up_bond(contract, data=data, proof=proof(contract), by=contract.firm.somebody, at=contract.at)
    data["valid_until"] += timedelta(days=500)
    actions.put_up_bond(contract, data=data, proof=proof(contract), by=contract.firm.somebody, at=contract.at)
    for somebody in (contract.city.handler, contract.firm.somebody):
        with pytest.raises(Forbidden):
            actions.confirm_bond(contract, by=somebody, at=contract.at)
    actions.confirm_bond(contract, by=contract.city.staff, at=contract.at)
    bond.refresh_from_db()
    assert bond.released_at is None
    accepted(contract, later)
    bond.refresh_from_db()
    assert bond.released_at == later


def test_a_claim_is_decided_after_the_winner_was_heard(contract):
    bond, owner, firm = with_bond(contract), contract.city.owner.somebody, contract.firm.somebody
    with pytest.raises(Refused):
        actions.claim_bond(contract, amount=bond.amount + 1, reason="逾期", by=owner, at=contract.at)
    claim = actions.claim_bond(contract, amount=Decimal(500_000), reason="合同第八条，逾期完工", by=owner, at=contract.at)
    with pytest.raises(Refused) as refusal:
        actions.decide_claim(contract, claim, upheld=True, decision="属实", by=owner, at=claim.statement_until)
    assert refusal.value.code == "statement_open"
    with pytest.raises(Refused) as refusal:
        accepted(contract, contract.at)
    assert refusal.value.code == "claim_open"
    actions.state_on_claim(contract, claim, statement="系发包人延迟交地", by=firm, at=contract.at)
    actions.decide_claim(contract, claim, upheld=True, decision="延误与交地无关", by=owner, at=contract.at)
    assert (BondClaim.objects.get().state, remaining(bond)) == ("upheld", Decimal(2_500_000))


def changed(contract, amount, days=0, **more):
    data = {"title": "设计变更", "reason": "地质条件与勘察不符", "amount": Decimal(amount), "days": days, **more}
    return actions.propose_change(contract, data=data, proof=None, by=contract.city.handler, at=contract.at)


def agree(contract, row):
    actions.agree_change(contract, row, by=contract.firm.somebody, at=contract.at)
    row.refresh_from_db()
    return row


def test_a_works_change_above_the_city_s_share_needs_the_regulator(contract):
    share = values_on(city_day(contract.at))["L-PF-06"].value
    limit = contract.amount * share / 100
    small = agree(contract, changed(contract, limit - 1_000_000, 20))
    assert (small.needs_approval, small.state) == (False, ContractChange.State.IN_FORCE)
    exact = agree(contract, changed(contract, 1_000_000))
    assert (exact.needs_approval, exact.state) == (False, "in_force")
    more = agree(contract, changed(contract, "0.01"))
    assert (more.needs_approval, more.state, more.notice) == (True, "agreed", None)
    actions.approve_change(contract, more, remark="同意", by=contract.city.supervisor, at=contract.at)
    contract = again(contract)
    assert effect_of(contract) == (Decimal("33000000.01"), 420)
    assert [(row["price"], row["term"]) for row in history_of(contract)][:2] == [
        (Decimal("30000000.00"), 400),
        (Decimal("32000000.00"), 420),
    ]
    assert share_of(contract) == Decimal("10.00")
    assert Notice.objects.filter(kind=Notice.Kind.CONTRACT_CHANGE).count() == 3


def test_procurement_adds_at_most_ten_percent_in_all(lot):
    Project.objects.update(category="ZC")
    contract = signed_contract(lot)
    limit = procurement.SUPPLEMENTARY_CONTRACTS.limit(contract.amount)
    changed(contract, limit - 1)
    with pytest.raises(Refused) as refusal:
        changed(contract, "1.01")
    assert "第四十九条" in refusal.value.rule
    assert changed(contract, "1.00").needs_approval is False


def test_a_change_is_refused_with_reasons_by_whose_turn_it_is(contract):
    row = changed(contract, 0, 30)
    with pytest.raises(Refused):
        changed(contract, 0, 0)
    with pytest.raises(Refused):
        changed(contract, -contract.amount)
    with pytest.raises(Forbidden):
        actions.refuse_change(contract, row, remark="不同意", by=contract.city.supervisor, at=contract.at)
    with pytest.raises(Refused):
        actions.refuse_change(contract, row, remark="", by=contract.firm.somebody, at=contract.at)
    actions.refuse_change(contract, row, remark="工期已够", by=contract.firm.somebody, at=contract.at)
    assert effect_of(again(contract)) == (contract.amount, contract.term_days)


def asked(contract, amount, delivered_on=None):
    return actions.request_payment(
        contract, milestone=None, progress="完成基础工程", delivered_on=delivered_on or city_day(contract.at), amount=Decimal(amount), proof=None,
        by=contract.firm.somebody, at=contract.at,
    )  # fmt: skip


def approve(contract, row, amount=None, remark=""):
    actions.approve_payment(contract, row, approved=amount or row.amount, remark=remark, by=contract.city.owner.somebody, at=contract.at)


@pytest.mark.requirement("R129")
def test_interest_on_a_late_payment_to_a_small_firm(lot):
    """1 000 000 yuan, ten days late, at five per ten thousand a day: 1 000 000 x 0.0005 x 10 = 5 000."""
    contract = signed_contract(lot, small_firm=True, payment_days=30)
    row = asked(contract, 1_000_000)
    assert row.due_on == due_day(contract, city_day(contract.at)) >= city_day(contract.at) + timedelta(days=30)
    approve(contract, row)
    late = contract.at + (row.due_on - city_day(contract.at)) + timedelta(days=10)
    alerts = [alert.text for alert in late_money(again(contract), city_day(late))]
    assert alerts == ["第 1 次付款逾期 10 天，逾期利息已计 5,000.00 元"]
    paid = actions.record_payment(contract, row, paid_on=row.due_on + timedelta(days=10), by=contract.city.owner.somebody, at=late)
    assert paid.interest == Decimal("5000.00")
    assert {"delivered", "paid"} <= set(milestones_of(contract.lot.tender, contract.lot))


@pytest.mark.requirement("R131")
def test_a_procurement_is_paid_and_accepted_and_owes_a_large_firm_no_interest(lot):
    Project.objects.update(category="ZC")
    contract = signed_contract(lot, small_firm=False, payment_days=30)
    row = asked(contract, 1_000_000)
    approve(contract, row)
    late = contract.at + timedelta(days=200)
    assert actions.record_payment(contract, row, paid_on=city_day(late), by=contract.city.owner.somebody, at=late).interest == 0
    assert accepted(contract, late).notice.kind == Notice.Kind.PERFORMANCE
    assert OVERDUE_INTEREST.on(Decimal(1_000_000), 0) == OVERDUE_INTEREST.on(Decimal(1_000_000), -3) == 0


@given(st.decimals(min_value="0.01", max_value="1e10", places=2), st.integers(0, 1000))
def test_interest_grows_with_days_and_is_whole_fen(amount, days):
    interest = OVERDUE_INTEREST.on(amount, days)
    assert interest == interest.quantize(Decimal("0.01"))
    assert interest <= OVERDUE_INTEREST.on(amount, days + 1)
    assert abs(interest - amount * days * OVERDUE_INTEREST.rate) <= Decimal("0.005")


def test_the_sixty_days_that_a_contract_may_agree_on_are_counted_from_delivery(lot):
    contract = signed_contract(lot, small_firm=True, payment_days=60)
    assert due_day(contract, date(2026, 7, 1)) == date(2026, 8, 31)


def test_payments_never_exceed_the_price_and_deductions_are_withheld_once(contract):
    team = with_team(contract)
    with pytest.raises(Refused):
        asked(contract, contract.amount + 1)
    inspection = found_absent(contract, [team["manager"], team["safety"]], contract.at)
    deduction = actions.issue_inspection_deduction(contract, inspection, by=contract.city.supervisor, at=contract.at)
    actions.decide_deduction(
        contract, deduction, confirmed=True, decision="确认", by=contract.city.supervisor, at=deduction.reply_until + timedelta(seconds=1)
    )
    first, second = asked(contract, 1_000_000), asked(contract, contract.amount - 1_000_000)
    with pytest.raises(Refused):
        asked(contract, 1)
    with pytest.raises(Refused):
        approve(contract, first, Decimal(900_000))
    approve(contract, first, Decimal(900_000), "核减重复计量")
    approve(contract, second)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.withheld, first.payable, second.withheld) == (Decimal(10_000), Decimal(890_000), 0)
    assert PaymentRequest.objects.filter(state="approved").count() == 2
