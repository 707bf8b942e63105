"""Every amount, share and count of the rule table on both sides of its bound, against values written by hand."""

from datetime import date
from decimal import Decimal as D

import pytest

from rulebook.periods import MonthDay, Period
from rulebook.refusals import Refused
from trading.procedures.registry import all_rules
from trading.procedures.rules import common, deposits, land, local, procurement, state_property, works

# rule, arguments just inside, arguments just outside; `base` is what the share is of
CHECKED = [
    (works.BID_DEPOSIT_CAP, "800000.00", "800000.01", None),
    (works.BID_DEPOSIT, "200000.00", "200000.01", "10000000.00"),
    (works.BID_DEPOSIT, "800000.00", "800000.01", "50000000.00"),
    (works.BID_DEPOSIT_SHARE, "1000000.00", "1000000.01", "50000000.00"),
    (works.PERFORMANCE_DEPOSIT, "100.00", "100.01", "1000.00"),
    (works.CANDIDATE_COUNT, 3, 4, None),
    (works.INVITEES, 3, 2, None),
    (works.PREQUALIFIED, 3, 2, None),
    (works.MINIMUM_BIDS, 3, 2, None),
    (works.COMPETITION, 3, 2, None),
    (works.SECOND_FAILURE, 2, 1, None),
    (works.COMMITTEE_SIZE, 5, 4, None),
    (works.COMMITTEE_EXPERT_SHARE, 4, 3, 5),
    (works.COMPLAINT_INVESTIGATORS, 2, 1, None),
    (procurement.BID_DEPOSIT, "20000.00", "20000.01", "1000000.00"),
    (procurement.PERFORMANCE_DEPOSIT, "100000.00", "100000.01", "1000000.00"),
    (procurement.SUPPLEMENTARY_CONTRACTS, "100000.00", "100000.01", "1000000.00"),
    (procurement.UNPROVEN_COMPLAINTS, 3, 2, None),
    (procurement.PRICE_SHARE_GOODS, "30.00", "29.99", "100"),
    (procurement.PRICE_SHARE_SERVICES, "10.00", "9.99", "100"),
    *[(rule, *pair, None) for rule, least, most in (
        (procurement.CONSULTATION_PRICE_GOODS, ("30", "29.99"), ("60", "60.01")),
        (procurement.CONSULTATION_PRICE_SERVICES, ("10", "9.99"), ("30", "30.01")),
        (procurement.DEDUCTION[0], ("6", "5.99"), ("10", "10.01")),
        (procurement.DEDUCTION[1], ("10", "9.99"), ("20", "20.01")),
        (procurement.DEDUCTION_WORKS, ("3", "2.99"), ("5", "5.01")),
        (procurement.CONSORTIUM_DEDUCTION[0], ("2", "1.99"), ("3", "3.01")),
        (procurement.CONSORTIUM_DEDUCTION[1], ("4", "3.99"), ("6", "6.01")),
        (procurement.CONSORTIUM_DEDUCTION_WORKS, ("1", "0.99"), ("2", "2.01")),
        (procurement.PRICE_POINTS_ADDED, ("3", "2.99"), ("5", "5.01")),
        (procurement.CONSORTIUM_POINTS_ADDED, ("1", "0.99"), ("2", "2.01")),
    ) for pair in (least, most)],
    (procurement.RESERVE, "30.00", "29.99", "100"),
    (procurement.RESERVE_WORKS[0], "30.00", "29.99", "100"),
    (procurement.RESERVE_WORKS[1], "40.00", "39.99", "100"),
    (procurement.RESERVE_FOR_SMALL, "60.00", "59.99", "100"),
    (procurement.FRAMEWORK_ELIMINATION, 2, 1, 10),
    (procurement.FRAMEWORK_ELIMINATION_INSTRUMENTS, 4, 3, 10),
    (procurement.FRAMEWORK_ELIMINATED, 1, 0, None),
    (procurement.NEGOTIATION_CANDIDATES, 3, 2, None),
    (procurement.BIDDERS, 3, 2, None),
    (procurement.QUALIFIED, 3, 2, None),
    (procurement.COMPLIANT, 3, 2, None),
    (procurement.WITHIN_BUDGET, 1, 0, None),
    (procurement.NEGOTIATING, 3, 2, None),
    (procurement.CONSULTED, 3, 2, None),
    (procurement.CONSULTED_EXCEPTION, 2, 1, None),
    (procurement.FRAMEWORK_RESPONSES, 2, 1, None),
    (procurement.GROUP_SIZE, 3, 2, None),
    (procurement.LARGE_GROUP_SIZE, 5, 4, None),
    (procurement.GROUP_EXPERT_SHARE, 2, 1, 3),
    (procurement.CONSULTATION_GROUP_SIZE, 3, 2, None),
    (procurement.CONSULTATION_EXPERT_SHARE, 2, 1, 3),
    (land.DEPOSIT, "20.00", "19.99", "100"),
    (land.LISTING_BIDDERS, 1, 0, None),
    (state_property.FIRST_INSTALMENT, "30.00", "29.99", "100"),
    (state_property.DEPOSIT, "30.00", "30.01", "100"),
    (state_property.BUYERS, 1, 0, None),
]  # fmt: skip
# rule, where it applies, where it does no longer, base
APPLYING = [
    (works.MORE_TIME, 2, 1, 3),
    (works.COMPULSORY_WORKS, "4000000.00", "3999999.99", None),
    (works.COMPULSORY_GOODS, "2000000.00", "1999999.99", None),
    (works.COMPULSORY_SERVICES, "1000000.00", "999999.99", None),
    (procurement.OPEN_TENDER, "2000000.00", "1999999.99", None),
    (procurement.FULL_RESERVE, "2000000.00", "2000000.01", None),
    (procurement.FULL_RESERVE_WORKS, "4000000.00", "4000000.01", None),
    (procurement.FRAMEWORK_SUPPLEMENT, "69.99", "70.00", "100"),
    (state_property.LOW_PRICE, "89.99", "90.00", "100"),
    (state_property.ASSET_NOTICE_FROM, "1000000.01", "1000000.00", None),
    (state_property.LARGE_ASSET_FROM, "10000000.01", "10000000.00", None),
]


def number(value):
    return D(value) if isinstance(value, str) else value


def with_base(base):
    return {} if base is None else {"base": number(base)}


@pytest.mark.parametrize(("rule", "inside", "outside", "base"), CHECKED, ids=lambda each: getattr(each, "code", None))
def test_what_is_checked_holds_on_its_bound_and_not_beyond(rule, inside, outside, base):
    rule.check(number(inside), **with_base(base))
    with pytest.raises(Refused) as refusal:
        rule.check(number(outside), **with_base(base))
    assert refusal.value.code == rule.code and rule.source in refusal.value.rule


@pytest.mark.parametrize(("rule", "inside", "outside", "base"), APPLYING, ids=lambda each: getattr(each, "code", None))
def test_what_applies_ends_at_its_bound(rule, inside, outside, base):
    assert rule.applies_to(number(inside), **with_base(base)) is True
    assert rule.applies_to(number(outside), **with_base(base)) is False


def test_the_monthly_report_is_due_by_the_twenty_fifth():
    assert common.MONTHLY_REPORT.due_on(date(2026, 2, 1)) == date(2026, 2, 25)


@pytest.mark.parametrize(("procedure", "amount", "allowed"), [("ZC-KJ", "0.00", True), ("ZC-KJ", "0.01", False), ("ZC-OT", "0.01", True)])
def test_a_framework_asks_for_no_deposit(procedure, amount, allowed):
    if allowed:
        deposits.EXEMPT.check(D(amount), procedure=procedure)
    else:
        with pytest.raises(Refused) as refusal:
            deposits.EXEMPT.check(D(amount), procedure=procedure)
        assert refusal.value.code == "B-01"


# Tested with their own: openings and outages in tests/trading, interest and withholding in tests/deposits.
ELSEWHERE = [local.OPENING_DAY, *local.OUTAGE_EXTENSION, *deposits.DEMAND_RATES, *deposits.GROUNDS]


def test_no_limit_is_left_out():
    tested = [row[0] for row in (*CHECKED, *APPLYING)] + [common.MONTHLY_REPORT, deposits.EXEMPT, *ELSEWHERE]
    left = [rule.code for rule in all_rules() if not isinstance(rule, Period) and not any(rule is each for each in tested)]
    assert left == []
    assert isinstance(common.MONTHLY_REPORT, MonthDay)
