"""What the bank reports: twice, at once, out of order, forged, replayed, changed, from the future, for a closed tender."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from config.demo.bank import banking
from config.demo.bank.models import BankInstruction, BankLine, Callback
from ledger.canonical import instant, jcs
from ledger.models import LedgerAlarm
from rulebook.clock import database_now
from tests.factories.bids import jump_to
from tests.factories.deposits import account_of, lot_with_deposits, opened, paid, payer, settle, standing
from trading.deposits import actions
from trading.deposits.books import Ledger, balance, held
from trading.deposits.models import BankNotice, DepositEntry, DepositRefund
from trading.deposits.signing import private_key, sign
from trading.deposits.tasks import send_refunds
from trading.procedures.rules.deposits import Occasion
from trading.tenders.actions import terminate_tender

PATH = "/integration/bank/notices/"
D = Decimal


@pytest.fixture
def lot(db):
    return lot_with_deposits()


@pytest.fixture
def bidder(lot):
    return lot.city.bidders[0]


def payment(number, bidder, *, amount="200000.00", reference="YH0001", at=None, **more):
    return {
        "v": 1, "kind": "payment", "reference": reference, "account": number, "amount": amount, "paid_at": instant(at or database_now()),
        "payer": payer(bidder), "purpose": "投标保证金", **more,
    }  # fmt: skip


def post(client, body, *, key=None, headers=None, path=PATH):
    data = body if isinstance(body, bytes) else jcs(body)
    headers = headers or sign(key or private_key("bank"), "POST", path, data, at=database_now())
    return client.post(path, data, content_type="application/json", headers=headers)


def reasons(account):
    return [(row.reason, row.amount) for row in DepositRefund.objects.filter(account=account).order_by("pk")]


def test_the_same_report_again_has_no_second_effect(client, lot, bidder):
    account = opened(lot, bidder)
    body = payment(account.number, bidder)
    first, second = post(client, body), post(client, body)
    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.json()["repeats"], second.json()["repeats"]) == (0, 1)
    assert held(account) == D("200000.00")
    assert reasons(account) == []
    assert DepositEntry.objects.count() == 1


def test_a_replayed_message_is_refused(client, lot, bidder):
    account = opened(lot, bidder)
    data = jcs(payment(account.number, bidder))
    headers = sign(private_key("bank"), "POST", PATH, data, at=database_now())
    assert post(client, data, headers=headers).status_code == 200
    again = post(client, data, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "nonce_used")
    assert BankNotice.objects.get().repeats == 0


@pytest.mark.parametrize("spoil", ["key", "body", "path", "old", "ahead", "no_headers", "nonce"])
def test_a_forged_message_is_refused_with_an_alarm_and_leaves_nothing(client, lot, bidder, spoil):
    account = opened(lot, bidder)
    private_key("bank")
    data, at = jcs(payment(account.number, bidder)), database_now()
    drift = {"old": -timedelta(minutes=6), "ahead": timedelta(minutes=6)}.get(spoil, timedelta(0))
    key = Ed25519PrivateKey.generate() if spoil == "key" else private_key("bank")
    headers = sign(key, "POST", "/integration/issuer/notices/" if spoil == "path" else PATH, data, at=at + drift)
    if spoil == "body":
        data = data.replace(b"200000.00", b"900000.00")
    if spoil == "no_headers":
        headers = {"X-Nothing": "1"}
    if spoil == "nonce":
        headers["ETP-Nonce"] = headers["ETP-Nonce"][::-1]
    answer = post(client, data, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "forged")
    assert not BankNotice.objects.exists()
    assert held(account) == 0
    assert LedgerAlarm.objects.get().kind == "deposits.forged"


def test_the_platform_cannot_speak_for_the_bank(client, lot, bidder):
    account = opened(lot, bidder)
    private_key("bank")
    assert post(client, payment(account.number, bidder), key=private_key("platform")).status_code == 401


def test_a_changed_report_is_refused_with_an_alarm(client, lot, bidder):
    account = opened(lot, bidder)
    post(client, payment(account.number, bidder))
    answer = post(client, payment(account.number, bidder, amount="200000.01"))
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_notice")
    assert held(account) == D("200000.00")
    assert LedgerAlarm.objects.get().kind == "deposits.changed"


@pytest.mark.parametrize(
    "spoiled",
    [
        {"amount": "0.00"}, {"amount": "-5.00"}, {"amount": "1.005"}, {"amount": "NaN"}, {"amount": "1e20"}, {"kind": "gift"}, {"v": 2},
        {"reference": ""}, {"paid_at": "yesterday"}, {"paid_at": "2026-11-30T00:00:00"}, {"payer": "nobody"}, {"payer": {"name": "x"}},
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_leaves_nothing(client, lot, bidder, spoiled):
    account = opened(lot, bidder)
    answer = post(client, {**payment(account.number, bidder), **spoiled})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_notice")
    assert not BankNotice.objects.exists()


@pytest.mark.parametrize(("ahead", "status"), [(55, 200), (120, 400)])
def test_money_from_the_future_is_nobodys(client, lot, bidder, ahead, status):
    account = opened(lot, bidder)
    body = payment(account.number, bidder, at=database_now() + timedelta(seconds=ahead))
    assert post(client, body).status_code == status


@pytest.mark.parametrize(("seconds", "counts"), [(-1, True), (0, False), (1, False)])
def test_the_banks_own_time_decides_what_is_late(lot, bidder, seconds, counts):
    lot.bids_due_at = lot.bids_due_at.replace(microsecond=0)
    lot.save()
    account = opened(lot, bidder)
    jump_to(lot.bids_due_at + timedelta(minutes=5))
    banking.pay(account.number, lot.deposit, payer(bidder), at=lot.bids_due_at + timedelta(seconds=seconds))
    assert standing(lot, bidder).ok is counts
    assert reasons(account) == ([] if counts else [("late", lot.deposit)])


@pytest.mark.parametrize(
    ("amount", "counted", "back"),
    [("200000.00", "200000.00", []), ("200000.01", "200000.00", [("excess", D("0.01"))]), ("199999.99", "199999.99", [])],
)
def test_what_is_over_goes_back_and_what_is_short_may_be_topped_up(lot, bidder, amount, counted, back):
    paid(lot, bidder, D(amount))
    account = account_of(lot, bidder)
    assert (held(account), reasons(account)) == (D(counted), back)
    assert standing(lot, bidder).ok is (D(counted) >= lot.deposit)
    if D(counted) < lot.deposit:
        banking.pay(account.number, lot.deposit - D(counted), payer(bidder))
        assert standing(lot, bidder).ok


@pytest.mark.parametrize("more", [{"account": "6222000000000099"}, {"name": "清江别人建设有限公司"}])
def test_money_from_another_account_goes_back_to_where_it_came_from(lot, bidder, more):
    account = opened(lot, bidder)
    other = payer(bidder, **more)
    banking.pay(account.number, lot.deposit, other)
    assert (held(account), reasons(account)) == (D(0), [("wrong_account", lot.deposit)])
    settle()
    assert BankLine.objects.filter(direction="out").get().other == other
    assert balance(Ledger.BANK) == 0


def test_money_for_a_terminated_tender_goes_back(client, lot, bidder, deliver):
    account = opened(lot, bidder)
    terminate_tender(lot.tender, reason="用地调整", by=lot.city.handler, at=database_now())
    deliver()
    assert post(client, payment(account.number, bidder)).status_code == 200
    assert (held(account), reasons(account)) == (D(0), [("closed", D("200000.00"))])


def test_a_reversal_that_is_told_before_its_payment_waits_for_it(lot, bidder):
    account = opened(lot, bidder)
    line = banking.pay(account.number, lot.deposit, payer(bidder), tell=False)
    banking.reverse(line)
    assert BankNotice.objects.get().state == BankNotice.State.WAITING
    banking.send(Callback.objects.get(body__kind="payment"))
    assert held(account) == 0
    assert balance(Ledger.BANK) == 0
    assert not standing(lot, bidder).ok


def test_a_reversal_after_the_money_went_back_is_an_alarm(lot, bidder, django_capture_on_commit_callbacks):
    account = opened(lot, bidder)
    line = banking.pay(account.number, lot.deposit, payer(bidder, account="6222000000000099"))
    settle()
    with django_capture_on_commit_callbacks(execute=True):
        banking.reverse(line)
    assert held(account) == 0
    # The bank has taken it twice: the books show what is missing.
    assert balance(Ledger.SUSPENSE) == -lot.deposit
    assert LedgerAlarm.objects.get().kind == "deposits.reversal"


def test_paid_may_be_heard_before_the_banks_answer(lot, bidder, monkeypatch):
    """The confirmation overtakes the acknowledgement of the instruction."""
    paid(lot, bidder, lot.deposit + 1)
    from trading.deposits.gateways import bank

    ask = bank().refund

    def pays_at_once(reference, **more):
        answered = ask(reference, **more)
        banking.settle(BankInstruction.objects.get(reference=reference))
        return answered

    monkeypatch.setattr(bank(), "refund", pays_at_once)
    send_refunds()
    refund = DepositRefund.objects.get()
    assert (refund.state, bool(refund.bank_reference)) == (DepositRefund.State.PAID, True)
    assert balance(Ledger.PAYABLE) == 0


def test_a_refund_confirmed_under_two_numbers_is_booked_once(client, lot, bidder, django_capture_on_commit_callbacks):
    paid(lot, bidder, lot.deposit + 1)
    settle()
    body = {**Callback.objects.get(body__kind="refund.paid").body, "reference": "TK-again"}
    with django_capture_on_commit_callbacks(execute=True):
        assert post(client, body).status_code == 200
    assert DepositEntry.objects.filter(kind="paid").count() == 1
    assert LedgerAlarm.objects.get().kind == "deposits.refund"


def test_money_that_comes_back_is_owed_again_and_paid_under_a_new_number(lot, bidder):
    paid(lot, bidder, lot.deposit + 1)
    send_refunds()
    banking.settle(BankInstruction.objects.get(), paid=False)
    refund = DepositRefund.objects.get()
    assert (refund.state, refund.failure) == (DepositRefund.State.FAILED, "收款账户状态异常")
    assert balance(Ledger.PAYABLE) == 1
    actions.retry_refund(refund, by=lot.city.staff, at=database_now())
    settle()
    refund.refresh_from_db()
    assert refund.state == DepositRefund.State.PAID
    assert BankInstruction.objects.count() == 2
    assert (balance(Ledger.PAYABLE), balance(Ledger.BANK)) == (0, -lot.deposit)


def test_a_failure_after_the_payment_reopens_the_debt(client, lot, bidder):
    paid(lot, bidder, lot.deposit + 1)
    settle()
    told = Callback.objects.get(body__kind="refund.paid").body
    body = {
        "v": 1,
        "kind": "refund.failed",
        "reference": "TH1",
        "instruction": told["instruction"],
        "reason": "账户已销户",
        "failed_at": instant(database_now()),
    }
    assert post(client, body).status_code == 200
    assert DepositRefund.objects.get().state == DepositRefund.State.FAILED
    assert balance(Ledger.PAYABLE) == 1


def test_unidentified_money_is_claimed_by_its_payer_or_returned(lot, bidder):
    account = opened(lot, bidder)
    line = banking.pay("6229000000000000001", lot.deposit, payer(bidder))
    assert balance(Ledger.SUSPENSE) == lot.deposit
    other = lot.city.bidders[1]
    opened(lot, other)
    with pytest.raises(Exception, match="没有找到"):
        actions.claim_payment(lot, other, line.reference, by=other.somebody, at=database_now())
    actions.claim_payment(lot, bidder, line.reference, by=bidder.somebody, at=database_now())
    assert (held(account), balance(Ledger.SUSPENSE)) == (lot.deposit, 0)
    second = banking.pay("6229000000000000001", D(5), payer(other))
    actions.return_unidentified(BankNotice.objects.get(reference=second.reference), by=lot.city.staff, at=database_now())
    settle()
    assert balance(Ledger.SUSPENSE) == 0
    assert BankLine.objects.filter(direction="out").get().other["name"] == other.name


@pytest.mark.usefixtures("committed")
def test_one_report_in_two_transactions_at_once_is_booked_once():
    lot = lot_with_deposits()
    bidder = lot.city.bidders[0]
    account = opened(lot, bidder)
    body = payment(account.number, bidder)

    def tell(_):
        try:
            data = jcs(body)
            headers = sign(private_key("bank"), "POST", PATH, data, at=database_now())
            return actions.receive("bank", method="POST", path=PATH, headers=headers, body=data).repeats
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        repeats = sorted(pool.map(tell, range(4)))
    assert repeats == [0, 1, 2, 3]
    assert held(account) == lot.deposit
    assert DepositEntry.objects.count() == 1


@pytest.mark.usefixtures("committed")
def test_two_returns_at_once_order_one_refund():
    lot = lot_with_deposits()
    bidder = lot.city.bidders[0]
    paid(lot, bidder)
    account = account_of(lot, bidder)

    def back(_):
        try:
            return actions.return_deposit(account, Occasion.FAILED, since=database_now(), at=database_now())
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        refunds = [refund for refund in pool.map(back, range(3)) if refund]
    assert [refund.amount for refund in refunds] == [lot.deposit]
    assert held(account) == 0


def test_payer_and_account_lie_sealed_in_the_notice(client, lot, bidder):
    account = opened(lot, bidder)
    post(client, payment(account.number, bidder))
    row = BankNotice.objects.get()
    assert bidder.name.encode() not in bytes(row.hidden)
    assert bidder.basic_account not in json.dumps(
        {field.name: str(getattr(row, field.name)) for field in row._meta.fields if field.name != "hidden"}
    )
