"""Amounts, shares and counts: both sides of each."""

from datetime import date
from decimal import Decimal as D

import pytest

from rulebook.provisions import in_force
from rulebook.refusals import Refused
from trading.procedures.rules import deposits, land, procurement, state_property, works


def allowed(check, *args, **more):
    try:
        check(*args, **more)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    ("amount", "estimate", "fine"),
    [
        ("772000.00", "38600000.00", True), ("772000.01", "38600000.00", False),
        ("800000.00", "40000000.00", True), ("800000.01", "40000000.00", False),
        ("800000.00", "90000000.00", True), ("800000.01", "90000000.00", False),
        ("0.00", "0.49", True), ("0.01", "0.49", False),  # the ceiling is rounded down, never up
    ],
)  # fmt: skip
def test_a_works_deposit_is_at_most_two_percent_and_eight_hundred_thousand(amount, estimate, fine):
    assert allowed(works.BID_DEPOSIT.check, D(amount), base=D(estimate)) is fine
    assert allowed(works.BID_DEPOSIT_CAP.check, D(amount)) is (D(amount) <= 800_000)


@pytest.mark.parametrize(
    ("category", "kind", "amount", "fine"),
    [
        ("GC", "works", "800000.00", True), ("GC", "works", "800000.01", False),
        ("GC", "goods", "800000.01", True), ("GC", "goods", "1800000.00", True), ("GC", "goods", "1800000.01", False),
        ("GC", "services", "1800000.00", True), ("GC", "services", "1800000.01", False),
        ("ZC", "goods", "1800000.00", True), ("ZC", "goods", "1800000.01", False),
    ],
)  # fmt: skip
def test_the_fixed_sum_holds_for_construction_only(category, kind, amount, fine):
    assert allowed(deposits.ceiling_of(category, kind).check, D(amount), base=D("90000000.00")) is fine


@pytest.mark.parametrize(("procedure", "amount", "fine"), [("ZC-KJ", "0.00", True), ("ZC-KJ", "0.01", False), ("GC-OT", "0.01", True)])
def test_some_ways_of_trading_ask_for_no_deposit(procedure, amount, fine):
    assert allowed(deposits.EXEMPT.check, D(amount), procedure=procedure) is fine


def test_a_deposit_too_high_is_refused_with_its_article_and_the_ceiling():
    with pytest.raises(Refused) as refused:
        works.BID_DEPOSIT.check(D("800000.01"), base=D("90000000"), subject="一标段的投标保证金", field="deposit")
    assert (refused.value.code, refused.value.field) == ("A-01", "deposit")
    assert refused.value.message.startswith("一标段的投标保证金不得超过 800,000.00 元")
    assert refused.value.rule.startswith("《招标投标法实施条例》第二十六条")


@pytest.mark.parametrize("rule", [works.PERFORMANCE_DEPOSIT, procurement.PERFORMANCE_DEPOSIT, procurement.SUPPLEMENTARY_CONTRACTS])
def test_a_tenth_of_the_contract(rule):
    assert allowed(rule.check, D("100000.00"), base=D("1000000.00"))
    assert not allowed(rule.check, D("100000.01"), base=D("1000000.00"))


def test_procurement_deposits_know_no_fixed_sum():
    assert allowed(procurement.BID_DEPOSIT.check, D("2000000.00"), base=D("100000000.00"))
    assert not allowed(procurement.BID_DEPOSIT.check, D("2000000.01"), base=D("100000000.00"))


@pytest.mark.parametrize(
    ("rule", "minimum"),
    [
        (works.INVITEES, 3), (works.PREQUALIFIED, 3), (works.MINIMUM_BIDS, 3), (works.COMPETITION, 3),
        (works.COMMITTEE_SIZE, 5), (works.SECOND_FAILURE, 2), (procurement.BIDDERS, 3), (procurement.QUALIFIED, 3),
        (procurement.COMPLIANT, 3), (procurement.WITHIN_BUDGET, 1), (procurement.NEGOTIATING, 3),
        (procurement.CONSULTED, 3), (procurement.CONSULTED_EXCEPTION, 2), (procurement.FRAMEWORK_RESPONSES, 2),
        (procurement.NEGOTIATION_CANDIDATES, 3), (procurement.UNPROVEN_COMPLAINTS, 3), (land.LISTING_BIDDERS, 1),
        (state_property.BUYERS, 1),
    ],
)  # fmt: skip
def test_counts_include_their_number(rule, minimum):
    assert allowed(rule.check, minimum)
    with pytest.raises(Refused) as refused:
        rule.check(minimum - 1)
    assert (refused.value.code, refused.value.message) == (rule.code, rule.says)


def test_at_most_three_candidates():
    assert allowed(works.CANDIDATE_COUNT.check, 3)
    assert not allowed(works.CANDIDATE_COUNT.check, 4)


@pytest.mark.parametrize(
    ("experts", "size", "fine"), [(4, 5, True), (3, 5, False), (5, 7, True), (4, 7, False), (6, 9, True), (5, 9, False)]
)
def test_two_thirds_of_a_committee_are_experts(experts, size, fine):
    assert allowed(works.COMMITTEE_EXPERT_SHARE.check, experts, base=size) is fine


@pytest.mark.parametrize(("members", "extends"), [(1, False), (2, True), (3, True)])
def test_more_than_a_third_may_ask_for_time(members, extends):
    assert works.MORE_TIME.applies_to(members, base=5) is extends
    assert works.MORE_TIME.applies_to(3, base=9) is False  # exactly a third is not more than a third


@pytest.mark.parametrize(
    ("rule", "amount"), [(works.COMPULSORY_WORKS, 4_000_000), (works.COMPULSORY_GOODS, 2_000_000), (works.COMPULSORY_SERVICES, 1_000_000)]
)
def test_compulsory_scale_includes_its_amount(rule, amount):
    assert rule.applies_to(D(amount))
    assert not rule.applies_to(D(amount) - D("0.01"))


def test_price_shares_of_procurement():
    assert allowed(procurement.PRICE_SHARE_GOODS.check, 30, base=100)
    assert not allowed(procurement.PRICE_SHARE_GOODS.check, 29, base=100)
    assert [allowed(procurement.CONSULTATION_PRICE_GOODS.check, D(n)) for n in ("29.99", "30", "60", "60.01")] == [False, True, True, False]


def test_a_framework_is_filled_up_below_seventy_percent():
    assert [procurement.FRAMEWORK_SUPPLEMENT.applies_to(n, base=10) for n in (6, 7)] == [True, False]


def test_reserves_for_small_firms_reach_up_to_their_sum():
    assert [procurement.FULL_RESERVE.applies_to(D(n)) for n in ("2000000.00", "2000000.01")] == [True, False]


def test_asset_notices_lengthen_above_their_sum():
    assert [state_property.LARGE_ASSET_FROM.applies_to(D(n)) for n in ("10000000.00", "10000000.01")] == [False, True]


@pytest.mark.parametrize(("day", "least", "most"), [(date(2022, 6, 30), 6, 10), (date(2022, 7, 1), 10, 20), (date(2026, 11, 20), 10, 20)])
def test_the_law_of_the_day_holds(day, least, most):
    rule = in_force(procurement.DEDUCTION, day)
    assert (rule.least, rule.most) == (least, most)


def test_before_its_first_version_a_rule_does_not_hold():
    with pytest.raises(LookupError):
        in_force(procurement.DEDUCTION, date(2020, 12, 31))
