"""Attendance, deductions by the city's table, inspections, acceptance: the arithmetic and who may when."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Duty
from credit.models import CreditEntry
from credit.rules_data import load_rules
from ledger.canonical import b64u
from ledger.models import LedgerCheckpoint
from postbox.models import Message
from rulebook.clock import CITY, city_day
from rulebook.periods import add_months
from rulebook.refusals import Forbidden, Refused
from tests.factories.documents import place_entries
from tests.factories.performance import accepted, again, found_absent, photo, with_team
from tests.factories.trading import member
from trading.performance import actions
from trading.performance.actions.acceptance import earns_good_conduct
from trading.performance.actions.attendance import WINDOW, site_code
from trading.performance.actions.deductions import line_of
from trading.performance.actions.inspections import rank_of
from trading.performance.attendance import month_of, required_days
from trading.performance.models import Acceptance, Custody, Deduction, Finding, Post, SiteCheckIn
from trading.performance.queries import alerts_of
from trading.performance.rules import LOCAL, SUPERVISION_POSTS, values_on


@pytest.mark.parametrize(("bound", "wanted"), [(0, 0), (1, 1), (5, 4), (10, 8), (27, 22), (28, 22), (30, 22), (31, 22)])
def test_days_asked_of_a_month_are_the_smaller_of_days_and_share(bound, wanted):
    """22 days a month or 80 %: 10 days bound ask for 8, 27 for 22 (21.6), 31 for 22 (24.8)."""
    assert required_days(bound, LOCAL) == wanted


@given(st.integers(0, 31))
def test_never_more_days_are_asked_than_the_person_was_bound(bound):
    assert 0 <= required_days(bound, LOCAL) <= bound


@pytest.mark.requirement("R219")
@pytest.mark.parametrize(("contractors", "supervisors", "total"), [(2, 1, 12_000), (1, 0, 5_000), (0, 1, 2_000), (6, 2, 34_000)])
def test_a_check_costs_by_the_city_s_table(contract, contractors, supervisors, total):
    """sum = 5000 x contractor's people + 2000 x supervision's people; two and one make 12 000."""
    team = with_team(contract)
    absent = list(team.values())[:contractors]
    person = Custody.objects.first().key_person
    posts = list(SUPERVISION_POSTS)[:supervisors]
    # Supervision staff stand in the register of the supervision contract; here only the sum matters.
    absent += [Custody(lot=contract.lot, key_person=person, post=post, since=contract.at) for post in posts]
    lines = [line_of(row, city_day(contract.at)) for row in absent]
    assert sum(Decimal(line["amount"]) for line in lines) == total
    assert all(line["basis"] and line["confidence"] == "S" for line in lines)


@pytest.mark.requirement("R219")
def test_a_new_amount_holds_from_its_day_on_and_not_before(contract):
    where, at = contract.city, contract.at
    tomorrow = city_day(at) + timedelta(days=1)
    with pytest.raises(Refused):
        actions.change_setting("L-PF-01", value=Decimal(8000), source="清公管〔2026〕9 号", since=city_day(at), by=where.supervisor, at=at)
    with pytest.raises(Forbidden):
        actions.change_setting("L-PF-01", value=Decimal(8000), source="清公管〔2026〕9 号", since=tomorrow, by=where.staff, at=at)
    actions.change_setting("L-PF-01", value=Decimal(8000), source="清公管〔2026〕9 号", since=tomorrow, by=where.supervisor, at=at)
    assert [values_on(day)["L-PF-01"].value for day in (city_day(at), tomorrow)] == [5000, 8000]
    team = with_team(contract, [Post.MANAGER])
    inspection = found_absent(contract, list(team.values()), at + timedelta(days=1))
    deduction = actions.issue_inspection_deduction(contract, inspection, by=where.supervisor, at=at + timedelta(days=1))
    assert deduction.amount == 8000 and "清公管〔2026〕9 号" in deduction.lines[0]["basis"]
    assert dict(deduction.document.context)["capital"] == "捌仟元整"


def full_month(contract):
    """The first whole month after the team was named, and the first moment after it."""
    month = add_months(city_day(contract.at).replace(day=1), 1)
    after = add_months(month, 1)
    return month, datetime(after.year, after.month, 1, tzinfo=CITY)


@pytest.mark.requirement("R219")
def test_the_month_s_short_attendance_is_deducted_after_its_end(contract):
    load_rules()
    team, where = with_team(contract), contract.city
    month, over = full_month(contract)
    enough = required_days((add_months(month, 1) - month).days, LOCAL)
    for custody, present in ((team[Post.MANAGER], enough - 1), *((team[post], enough) for post in list(team)[1:])):
        for day in range(present):
            when = datetime(month.year, month.month, day + 1, 8, tzinfo=CITY)
            SiteCheckIn.objects.create(custody=custody, day=month + timedelta(days=day), at=when, way="face", by=contract.firm.somebody)
    with pytest.raises(Refused) as refusal:
        actions.issue_monthly_deduction(contract, month, by=where.supervisor, at=over - timedelta(seconds=1))
    assert refusal.value.code == "month_runs"
    assert [row.missing for row in month_of(contract, month)] == [1, 0, 0, 0, 0, 0]
    assert "RP1004" in {alert.code for alert in alerts_of(again(contract), values_on(city_day(over)), over)}
    for somebody in (where.handler, where.owner.somebody, contract.firm.somebody):
        with pytest.raises(Forbidden):
            actions.issue_monthly_deduction(contract, month, by=somebody, at=over)
    deduction = actions.issue_monthly_deduction(contract, month, by=where.supervisor, at=over)
    assert (deduction.amount, deduction.lines[0]["required"], deduction.lines[0]["present"]) == (5000, enough, enough - 1)
    assert Message.objects.filter(person=contract.firm.somebody, subject__contains="缺岗扣款").exists()
    with pytest.raises(Refused) as refusal:
        actions.issue_monthly_deduction(contract, month, by=where.supervisor, at=over)
    assert refusal.value.code == "issued"

    firm = contract.firm.somebody
    with pytest.raises(Refused) as refusal:
        actions.decide_deduction(contract, deduction, confirmed=True, decision="确认", by=where.supervisor, at=deduction.reply_until)
    assert refusal.value.code == "statement_open"
    with pytest.raises(Refused):
        actions.reply_to_deduction(contract, deduction, reply="请假", by=firm, at=deduction.reply_until + timedelta(seconds=1))
    actions.reply_to_deduction(contract, deduction, reply="请假", by=firm, at=deduction.reply_until)
    actions.decide_deduction(contract, deduction, confirmed=True, decision="无请假手续", by=where.supervisor, at=deduction.reply_until)
    entry = CreditEntry.objects.get()
    assert (entry.organisation, entry.rule.code, entry.decision_number) == (contract.firm, "CR18", deduction.number)


def test_a_revoked_notice_costs_nothing_and_leaves_no_conduct(contract):
    load_rules()
    team, where = with_team(contract), contract.city
    deduction = actions.issue_inspection_deduction(
        contract, found_absent(contract, [team[Post.MANAGER]], contract.at), by=where.supervisor, at=contract.at
    )
    actions.reply_to_deduction(contract, deduction, reply="当日经批准参加抢险", by=contract.firm.somebody, at=contract.at)
    actions.decide_deduction(contract, deduction, confirmed=False, decision="情况属实", by=where.supervisor, at=contract.at)
    assert Deduction.objects.get().state == "revoked" and not CreditEntry.objects.exists()


def test_the_code_of_the_site_is_good_for_two_windows_and_once_a_day(contract):
    custody = with_team(contract, [Post.MANAGER])[Post.MANAGER]
    shown = contract.at
    code = site_code(contract, shown)

    def sign_in(at, proof=code):
        return actions.check_in(contract, custody, way="qr", proof=proof, by=contract.firm.somebody, at=at)

    for late in (2 * WINDOW, 3600):
        with pytest.raises(Refused) as refusal:
            sign_in(shown + timedelta(seconds=late))
        assert refusal.value.code == "not_read"
    assert sign_in(shown + timedelta(seconds=WINDOW)).day == city_day(shown)
    with pytest.raises(Refused) as refusal:
        sign_in(shown)
    assert refusal.value.code == "checked_in"


def test_readers_that_believe_are_only_there_where_consoles_are(contract, settings):
    custody = with_team(contract, [Post.MANAGER])[Post.MANAGER]
    settings.ETP_CONSOLES = False
    with pytest.raises(Refused):
        actions.check_in(contract, custody, way="face", by=contract.firm.somebody, at=contract.at)
    with pytest.raises(Refused) as refusal:
        actions.check_in(contract, custody, way="manual", site="工地", by=contract.city.supervisor, at=contract.at)
    assert refusal.value.field == "photo"
    with pytest.raises(Forbidden):
        actions.check_in(contract, custody, way="manual", site="工地", photo=photo(contract), by=contract.firm.somebody, at=contract.at)
    assert actions.check_in(
        contract, custody, way="manual", site="工地", photo=photo(contract), by=contract.city.supervisor, at=contract.at
    ).photo


@pytest.mark.requirement("R221")
def test_an_unannounced_check_is_picked_by_the_ledger_and_told_to_nobody(contract):
    place_entries()
    told = Message.objects.filter(person=contract.firm.somebody).count()
    picked = actions.pick_flight_inspection(by=contract.city.supervisor, at=contract.at)
    root = hashlib.sha256(LedgerCheckpoint.objects.order_by("-size").first().note.encode()).digest()
    assert (picked.contract, picked.pick["root"], picked.pick["choices"]) == (contract, b64u(root), 1)
    assert rank_of(root, contract) == hashlib.sha256(root + contract.notice.number.encode()).digest()
    assert Message.objects.filter(person=contract.firm.somebody).count() == told
    with pytest.raises(Refused) as refusal:
        actions.pick_flight_inspection(by=contract.city.supervisor, at=contract.at + timedelta(days=29))
    assert refusal.value.code == "nobody_to_visit"
    with pytest.raises(Forbidden):
        actions.pick_flight_inspection(by=contract.city.handler, at=contract.at)


@pytest.mark.requirement("R220")
def test_a_finding_is_put_right_and_checked_again_before_acceptance(contract):
    where, firm, today = contract.city, contract.firm.somebody, city_day(contract.at)
    with pytest.raises(Refused):
        found_absent(contract, [], contract.at, [("临边无防护", "加设护栏", today)])
    found_absent(contract, [], contract.at, [("临边无防护", "加设护栏", today + timedelta(days=3))])
    finding = Finding.objects.get()
    with pytest.raises(Refused) as refusal:
        accepted(contract, contract.at)
    assert refusal.value.code == "findings_open"
    late = contract.at + timedelta(days=4)
    assert "RP1010" in {alert.code for alert in alerts_of(again(contract), LOCAL, late)}
    actions.report_rectified(contract, finding, reply="已加设", proof=None, by=firm, at=late)
    with pytest.raises(Refused):
        actions.recheck_finding(contract, finding, passed=False, recheck="高度不足", by=where.supervisor, at=late)
    again_by = city_day(late) + timedelta(days=2)
    actions.recheck_finding(contract, finding, passed=False, recheck="高度不足", due_on=again_by, by=where.supervisor, at=late)
    actions.report_rectified(contract, finding, reply="已加高", proof=None, by=firm, at=late)
    actions.recheck_finding(contract, finding, passed=True, recheck="合格", by=where.supervisor, at=late)
    finding.refresh_from_db()
    assert (finding.state, finding.due_on) == ("closed", again_by)


@pytest.mark.requirement("R222")
def test_a_joint_check_names_its_units(contract):
    given = {"kind": "joint", "planned_at": contract.at, "by": contract.city.supervisor, "at": contract.at}
    with pytest.raises(Refused):
        actions.plan_inspection(contract, units=" ", **given)
    assert actions.plan_inspection(contract, units="人社局、应急局", **given).units == "人社局、应急局"


@pytest.mark.requirement("R244")
def test_defects_are_mended_before_people_are_released(contract):
    with_team(contract)
    owner, firm, today = contract.city.owner.somebody, contract.firm.somebody, city_day(contract.at)
    panel = [["王验收", "清江市质监站"]]
    actions.apply_for_acceptance(contract, statement="完成", finished_on=today, proof=None, by=firm, at=contract.at)
    with pytest.raises(Forbidden):
        actions.hold_acceptance(contract, result="passed", panel=panel, opinion="合格", by=contract.city.handler, at=contract.at)
    with pytest.raises(Refused):
        actions.hold_acceptance(contract, result="passed", panel=[], opinion="合格", by=owner, at=contract.at)
    with pytest.raises(Refused):
        actions.hold_acceptance(
            contract, result="defects", panel=panel, opinion="有渗漏", defects="屋面渗漏", rectify_by=today, by=owner, at=contract.at
        )
    due = today + timedelta(days=10)
    actions.hold_acceptance(
        contract, result="defects", panel=panel, opinion="有渗漏", defects="屋面渗漏", rectify_by=due, by=owner, at=contract.at
    )
    assert Custody.objects.filter(released_at=None).count() == 6
    with pytest.raises(Refused):
        actions.hold_acceptance(contract, result="passed", panel=panel, opinion="合格", by=owner, at=contract.at)
    actions.report_defects_mended(contract, rectification="重做防水", by=firm, at=contract.at)
    row = actions.hold_acceptance(contract, result="passed", panel=panel, opinion="复验合格", by=owner, at=contract.at)
    assert (row.state, row.first_time, Custody.objects.filter(released_at=None).count()) == ("passed", False, 0)
    with pytest.raises(Refused):
        with_team(again(contract), [Post.TECHNICAL])


def test_not_accepted_is_applied_for_again(contract):
    accepted(contract, contract.at, result="failed", opinion="不符合设计")
    accepted(contract, contract.at)
    assert list(Acceptance.objects.values_list("round", "state", "first_time")) == [(1, "failed", False), (2, "passed", False)]


@pytest.mark.parametrize(("total", "earned"), [(84, False), (85, True)])
def test_a_good_performance_may_be_entered_from_the_city_s_mark_on(contract, total, earned):
    load_rules()
    where, at = contract.city, contract.at
    marks = {"quality": 30, "progress": 20, "people": 20, "cost": 15, "service": total - 85}
    with pytest.raises(Refused):
        actions.rate_performance(contract, "tenderee", marks, remark="", by=where.owner.somebody, at=at)
    accepted(contract, at)
    if total < 85:
        marks |= {"service": 0, "cost": 14}
    with pytest.raises(Refused):
        actions.rate_performance(contract, "tenderee", {**marks, "quality": 31}, remark="", by=where.owner.somebody, at=at)
    actions.rate_performance(contract, "tenderee", marks, remark="", by=where.owner.somebody, at=at)
    assert earns_good_conduct(again(contract), city_day(at)) is earned
    if earned:
        actions.report_good_conduct(contract, evidence=photo(contract), by=where.supervisor, at=at)
        assert CreditEntry.objects.get().rule.code == "CR34"
    with pytest.raises(Refused):
        actions.report_good_conduct(contract, evidence=photo(contract), by=where.supervisor, at=at)
    actions.rate_performance(
        contract, "winner", {"payment": 40, "conditions": 30, "conduct": 30}, remark="", by=contract.firm.somebody, at=at
    )


def test_only_a_credit_official_confirms_what_enters_the_credit_record(contract):
    load_rules()
    team, where = with_team(contract), contract.city
    plain = member(where.regulator, duties=[Duty.COMPLAINTS])
    row = actions.issue_inspection_deduction(
        contract, found_absent(contract, [team[Post.MANAGER]], contract.at), by=where.supervisor, at=contract.at
    )
    with pytest.raises(Forbidden):
        actions.decide_deduction(contract, row, confirmed=True, decision="确认", by=plain, at=row.reply_until + timedelta(seconds=1))
    assert Deduction.objects.get().state == "served"
