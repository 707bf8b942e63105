"""When deposits go back: on each occasion of the law, within its time, with or without interest."""

import json
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction

from config.demo.bank import banking
from config.demo.bank.models import BankInstruction
from ledger.models import LedgerAlarm
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from tests.factories.bids import decrypt, hand_in, jump_to, revealed, started_opening
from tests.factories.deposits import account_of, guaranteed, lot_with_deposits, opened, paid, payer, settle
from tests.factories.documents import place_entries
from trading.awards.events import AwardDecided
from trading.deposits import tasks
from trading.deposits.actions import retry_refund
from trading.deposits.actions.disclosure import disclose_deposits
from trading.deposits.books import held
from trading.deposits.events import RefundPaid
from trading.deposits.gateways import issuer
from trading.deposits.models import DepositRefund, Reconciliation
from trading.deposits.secrecy import unhide
from trading.deposits.tasks import days_to_compare, send_refunds, watch_refunds
from trading.opening import reference
from trading.opening.actions import lock_lot
from trading.procedures.reaching import milestones_of
from trading.procedures.rules import deposits, land, mining, procurement, works
from trading.procedures.rules.deposits import Occasion, return_of
from trading.projects.models import Project
from trading.refunds import actions, listeners
from trading.refunds.models import DepositWithholding
from trading.tenders.actions import terminate_tender


@pytest.fixture
def lot(db):
    return lot_with_deposits(due_in=timedelta(days=3))


def reasons():
    return sorted(DepositRefund.objects.values_list("reason", flat=True))


def test_who_withdraws_before_the_deadline_gets_it_back_within_five_days_without_interest(lot, deliver):
    bidder = lot.city.bidders[0]
    paid(lot, bidder)
    hand_in(lot, bidder)
    reference.withdraw(lot, bidder, bidder.keys, by=bidder.somebody)
    deliver()
    refund = DepositRefund.objects.get()
    assert (refund.reason, refund.amount, refund.interest) == ("withdrawn", lot.deposit, 0)
    assert refund.due_at == works.WITHDRAWN_DEPOSIT_REFUND.due_at(database_now())
    # Whoever comes back pays anew.
    assert held(account_of(lot, bidder)) == 0
    paid(lot, bidder)
    assert held(account_of(lot, bidder)) == lot.deposit


def test_a_terminated_tender_returns_all_with_interest(lot, deliver):
    for bidder in lot.city.bidders[:2]:
        paid(lot, bidder)
    jump_to(database_now() + timedelta(days=2))
    terminate_tender(lot.tender, reason="用地调整", by=lot.city.handler, at=database_now())
    deliver()
    assert reasons() == ["terminated", "terminated"]
    # 200 000 yuan, two days, 0.05 %.
    assert set(DepositRefund.objects.values_list("interest", flat=True)) == {D("0.56")}
    settle()
    assert set(DepositRefund.objects.values_list("state", flat=True)) == {"paid"}


def test_a_lot_that_ends_alone_returns_its_own_deposits_only(deliver, db):
    lot = lot_with_deposits(due_in=timedelta(days=3), lots=({}, {}))
    other, bidder = lot.tender.lots.get(no=2), lot.city.bidders[0]
    for each in (lot, other):
        paid(each, bidder)
    terminate_tender(lot.tender, lot=other, reason="用地调整", by=lot.city.handler, at=database_now())
    deliver()
    refund = DepositRefund.objects.get()
    assert (refund.reason, refund.account.lot_id) == ("terminated", other.pk)
    assert (held(account_of(lot, bidder)), held(account_of(other, bidder))) == (lot.deposit, 0)


def test_too_few_bids_return_all(lot, deliver):
    for bidder in lot.city.bidders[:2]:
        paid(lot, bidder)
        hand_in(lot, bidder)
    jump_to(lot.bids_due_at + timedelta(seconds=11))
    lock_lot(lot, by=lot.city.staff, at=database_now())
    deliver()
    deliver()
    assert reasons() == ["failed", "failed"]


@pytest.fixture
def opened_lot(lot, deliver):
    """Three bidders paid and bid; the third did not release its key."""
    for bidder in lot.city.bidders:
        paid(lot, bidder)
        hand_in(lot, bidder)
    opening = started_opening(lot)
    for bidder in lot.city.bidders[:2]:
        decrypt(opening, bidder)
    revealed(opening)
    deliver()
    return lot


def test_who_paid_and_did_not_bid_gets_it_back_after_the_opening(lot, deliver):
    for bidder in lot.city.bidders:
        paid(lot, bidder)
        hand_in(lot, bidder)
    withdrawn = lot.city.bidders[0]
    from tests.factories.trading import organisation
    from trading.tenders.actions import obtain_document

    idle = organisation("bidder", "清江闲云建设有限公司", basic_account="6222333333333333")
    obtain_document(lot.tender, idle, by=idle.somebody, at=database_now())
    paid(lot, idle)
    opening = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    revealed(opening)
    deliver()
    assert reasons() == ["not_bid"]
    assert DepositRefund.objects.get().account.bidder == idle
    assert held(account_of(lot, withdrawn)) == lot.deposit


def test_after_the_contract_all_get_it_back_and_the_last_one_marks_the_milestone(opened_lot):
    lot, now = opened_lot, database_now()
    winner = lot.city.bidders[0]
    actions.return_deposits(lot, Occasion.WON, since=now, at=now, bidders=[winner.pk])
    actions.return_deposits(lot, Occasion.LOST, since=now, at=now, but=[winner.pk])
    # A second delivery of the same event changes nothing.
    actions.return_deposits(lot, Occasion.LOST, since=now, at=now, but=[winner.pk])
    assert reasons() == ["lost", "lost", "won"]
    assert {row.due_at for row in DepositRefund.objects.all()} == {works.DEPOSIT_REFUND.due_at(now)}
    settle()
    for refund in DepositRefund.objects.all():
        listeners.mark_the_last_refund(RefundPaid(lot.tender.number, lot.key, "x", refund.reference))
    assert "bid_deposit_refunded" in milestones_of(lot.tender, lot)


def test_the_winner_of_a_procurement_leaves_its_guarantee_until_the_contract(lot):
    winner, loser = lot.city.bidders[:2]
    letters = [guaranteed(lot, bidder) for bidder in (winner, loser)]
    Project.objects.update(category="ZC")
    place_entries()
    with transaction.atomic():
        disclose_deposits(lot, by=None, at=database_now())
    listeners.return_to_losers_of_an_award(AwardDecided(tender=lot.tender.number, lot=lot.key, winner=winner.uscc, amount="1.00"))
    for letter in letters:
        letter.refresh_from_db()
    assert [letter.state for letter in letters] == ["issued", "released"]


def test_the_clock_of_the_losers_is_not_the_winners(opened_lot):
    lot, now = opened_lot, database_now()
    winner = lot.city.bidders[0]
    Project.objects.update(category="ZC")
    actions.return_deposits(lot, Occasion.LOST, since=now, at=now, but=[winner.pk])
    settle()
    for refund in DepositRefund.objects.all():
        listeners.mark_the_last_refund(RefundPaid(lot.tender.number, lot.key, "x", refund.reference))
    known = milestones_of(lot.tender, lot)
    assert "loser_deposit_refunded" in known and "bid_deposit_refunded" not in known


def test_a_failed_return_of_anothers_money_goes_to_its_payer_again(lot):
    bidder = lot.city.bidders[0]
    banking.pay(opened(lot, bidder).number, lot.deposit, payer(bidder, account="6222111111111111"))
    refund = DepositRefund.objects.get(reason="wrong_account")
    send_refunds()
    banking.settle(BankInstruction.objects.get(), paid=False)
    refund.refresh_from_db()
    assert refund.state == "failed"
    retry_refund(refund, by=lot.city.staff, at=database_now())
    refund.refresh_from_db()
    assert json.loads(unhide(refund.payee))["account"] == "6222111111111111"


def test_each_day_is_compared_also_when_the_bank_was_away_that_night(db, monkeypatch):
    today = city_day(database_now())
    for back in (4, 2):
        Reconciliation.objects.create(day=today - timedelta(days=back), at=database_now())
    # Looked at while the day was going on: not yet compared.
    Reconciliation.objects.create(day=today, at=database_now())
    assert days_to_compare(today) == [today - timedelta(days=3), today - timedelta(days=1)]

    def away(*_, **__):
        raise Refused("bank_away", "银行系统暂时没有应答，没有取到对账单。")

    monkeypatch.setattr(tasks.actions, "reconcile", away)
    tasks.compare_books()
    assert "没有完成" in LedgerAlarm.objects.get(kind="deposits.reconciliation").text


@pytest.mark.parametrize(
    ("category", "occasion", "rule", "pays"),
    [
        ("GC", Occasion.WITHDRAWN, works.WITHDRAWN_DEPOSIT_REFUND, False), ("GC", Occasion.LOST, works.DEPOSIT_REFUND, True),
        ("GC", Occasion.WON, works.DEPOSIT_REFUND, True), ("GC", Occasion.TERMINATED, deposits.TERMINATED_REFUND, True),
        ("ZC", Occasion.LOST, procurement.LOSER_REFUND, False), ("ZC", Occasion.WON, procurement.WINNER_REFUND, False),
        ("ZC", Occasion.WITHDRAWN, procurement.WITHDRAWN_REFUND, False), ("ZC", Occasion.TERMINATED, procurement.TERMINATION_REFUND, True),
        ("TD", Occasion.LOST, land.LOSER_REFUND, False), ("KY", Occasion.LOST, mining.DEPOSIT_REFUND, False),
        ("CQ", Occasion.LOST, deposits.OTHER_REFUND, True),
    ],
)  # fmt: skip
def test_each_kind_of_trade_returns_by_its_own_rule(category, occasion, rule, pays):
    found = return_of(category, occasion)
    assert (found.period, found.interest) == (rule, pays)


@pytest.mark.parametrize(
    ("code", "start", "due"),
    [
        # Friday 6 November 2026 and five days; five working days leave out the weekend.
        ("GC", date(2026, 11, 6), date(2026, 11, 11)), ("ZC", date(2026, 11, 6), date(2026, 11, 13)),
        ("TD", date(2026, 11, 6), date(2026, 11, 13)), ("KY", date(2026, 11, 6), date(2026, 11, 13)),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_the_last_day_is_counted_as_the_law_counts(code, start, due):
    assert return_of(code, Occasion.LOST).period.due_on(start) == due


def test_what_is_overdue_is_an_alarm_and_red_on_the_desk(client, opened_lot):
    lot, now = opened_lot, database_now()
    actions.return_deposits(lot, Occasion.LOST, since=now, at=now)
    client.force_login(lot.city.staff, backend="django.contrib.auth.backends.ModelBackend")
    watch_refunds()
    assert "已超期" not in client.get("/deposits/").content.decode()
    jump_to(DepositRefund.objects.first().due_at + timedelta(seconds=1))
    watch_refunds()
    from ledger.models import LedgerAlarm

    assert LedgerAlarm.objects.get().kind == "deposits.overdue"
    assert "已超期" in client.get("/deposits/").content.decode()


# Withholding


def decide(lot, bidder, ground="revoked", reason="解密时限内未解密。", by=None):
    account = account_of(lot, bidder)
    return actions.decide_withholding(account, ground, reason, by=by or lot.city.owner.somebody, at=database_now())


def test_a_withheld_deposit_goes_to_the_tenderee_after_the_time_for_objecting(opened_lot):
    lot, third = opened_lot, opened_lot.city.bidders[2]
    decision = decide(lot, third)
    with pytest.raises(Refused, match="异议期未满"):
        actions.execute_withholding(decision, by=lot.city.staff, at=decision.objections_until)
    # Meanwhile the others' go back, and this one stays.
    actions.return_deposits(lot, Occasion.LOST, since=database_now(), at=database_now())
    assert held(account_of(lot, third)) == lot.deposit
    jump_to(decision.objections_until + timedelta(seconds=1))
    actions.execute_withholding(decision, by=lot.city.staff, at=database_now())
    settle()
    payment = DepositRefund.objects.get(reason="withheld")
    from config.demo.bank.models import BankLine

    assert BankLine.objects.get(reference=payment.bank_reference).other["account"] == lot.city.owner.basic_account
    assert (payment.amount, payment.interest, payment.state) == (lot.deposit, 0, "paid")
    assert held(account_of(lot, third)) == 0


def test_an_objection_stops_it_until_it_is_answered(opened_lot):
    lot, third = opened_lot, opened_lot.city.bidders[2]
    decision = decide(lot, third)
    actions.object_to_withholding(decision, "平台故障所致。", by=third.somebody, at=decision.objections_until)
    jump_to(decision.objections_until + timedelta(days=9))
    with pytest.raises(Refused, match="没有答复"):
        actions.execute_withholding(decision, by=lot.city.staff, at=database_now())
    actions.answer_objection(decision, "经核查平台运行正常。", by=lot.city.owner.somebody, at=database_now())
    actions.execute_withholding(decision, by=lot.city.staff, at=database_now())
    decision.refresh_from_db()
    assert decision.state == DepositWithholding.State.EXECUTED


def test_an_objection_comes_in_time_or_not_at_all(opened_lot):
    third = opened_lot.city.bidders[2]
    decision = decide(opened_lot, third)
    with pytest.raises(Refused) as refused:
        actions.object_to_withholding(decision, "迟了。", by=third.somebody, at=decision.objections_until + timedelta(days=1))
    assert refused.value.code == "B-05"


def test_a_revoked_decision_lets_the_deposit_go(opened_lot):
    third = opened_lot.city.bidders[2]
    decision = decide(opened_lot, third)
    actions.revoke_withholding(decision, "接受异议。", by=opened_lot.city.owner.somebody, at=database_now())
    actions.return_deposits(opened_lot, Occasion.LOST, since=database_now(), at=database_now())
    assert held(account_of(opened_lot, third)) == 0


@pytest.mark.parametrize(
    ("place", "ground", "code"), [(0, "revoked", "ground_missing"), (2, "no_contract", "ground_missing"), (2, "whim", "no_ground")]
)
def test_only_a_ground_that_the_record_bears_out(opened_lot, place, ground, code):
    with pytest.raises(Refused) as refused:
        decide(opened_lot, opened_lot.city.bidders[place], ground)
    assert refused.value.code == code


def test_a_revoked_decision_on_a_guarantee_is_not_claimed(lot):
    bidder = lot.city.bidders[0]
    letter = guaranteed(lot, bidder)
    place_entries()
    with transaction.atomic():
        disclose_deposits(lot, by=None, at=database_now())
    letter.refresh_from_db()
    decision = actions.decide_withholding(letter, "document", "拒不签订合同。", by=lot.city.owner.somebody, at=database_now())
    actions.revoke_withholding(decision, "已和解。", by=lot.city.owner.somebody, at=database_now())
    with pytest.raises(Refused):
        actions.execute_withholding(decision, by=lot.city.staff, at=decision.objections_until + timedelta(days=1))
    assert issuer().verify(letter.number, letter.code)["state"] == "issued"


def test_only_the_tenderee_decides_and_never_before_the_opening(lot, opened_lot):
    third = opened_lot.city.bidders[2]
    for somebody in (opened_lot.city.handler, opened_lot.city.staff, third.somebody):
        with pytest.raises(Refused) as refused:
            decide(opened_lot, third, by=somebody)
        assert refused.value.code == "not_member"
    fresh = lot_with_deposits()
    paid(fresh, fresh.city.bidders[0])
    with pytest.raises(Refused) as refused:
        decide(fresh, fresh.city.bidders[0])
    assert refused.value.code == "not_opened"
