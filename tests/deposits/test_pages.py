"""What each kind of user can do on the pages of deposits."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from config.demo.bank import banking
from config.demo.bank.models import BankInstruction, BankLine, Callback, GuaranteeFile
from ledger.models import LedgerAlarm
from rulebook.clock import CITY, city_day, database_now
from tests.factories.deposits import account_of, lot_with_deposits, opened, paid, payer, standing
from trading.deposits.actions import reconcile
from trading.deposits.models import BankNotice, DepositAccount, DepositRefund, ReconciliationDifference

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def lot(db):
    return lot_with_deposits(due_in=timedelta(days=3))


@pytest.fixture
def bidder(lot):
    return lot.city.bidders[0]


def signed_in(client, somebody):
    client.force_login(somebody, backend=BACKEND)
    return client


def page_of(lot):
    return f"/me/bids/{lot.tender.number}/1/deposit/"


def test_a_bidder_opens_its_account_and_pays_at_the_console(client, lot, bidder):
    signed_in(client, bidder.somebody)
    shown = client.get(page_of(lot)).content.decode()
    assert ("贰拾万元整" in shown, "开立缴款账号" in shown, "未缴纳" in shown) == (True, True, True)
    client.post(page_of(lot) + "account/")
    number = account_of(lot, bidder).number
    live = client.get(page_of(lot) + "live/")
    paying = {"account": number, "amount": "20 万元", "name": bidder.name, "payer": bidder.basic_account, "bank": ""}
    client.post("/demo-bank/", paying)
    shown = client.get(page_of(lot)).content.decode()
    assert "转账已到账" in shown
    assert BankLine.objects.get().reference in shown
    # The basic account is never shown in full.
    assert bidder.basic_account not in shown.replace(f"payer={bidder.basic_account}", "")
    assert client.get(page_of(lot) + "live/", headers={"If-None-Match": live["ETag"]}).status_code == 200
    again = client.get(page_of(lot) + "live/")
    assert client.get(page_of(lot) + "live/", headers={"If-None-Match": again["ETag"]}).status_code == 304
    assert "转账已到账" in client.get("/me/deposits/").content.decode()


def test_the_account_is_opened_once(client, lot, bidder):
    signed_in(client, bidder.somebody)
    client.post(page_of(lot) + "account/")
    client.post(page_of(lot) + "account/")
    assert DepositAccount.objects.count() == 1


def test_without_a_basic_account_there_is_no_transfer(client, lot, bidder):
    bidder.basic_account = ""
    bidder.save()
    answer = signed_in(client, bidder.somebody).post(page_of(lot) + "account/")
    assert answer.status_code == 409
    assert "第二十六条" in answer.content.decode()


@pytest.mark.django_db
def test_who_does_not_hold_the_document_cannot_put_up_a_deposit(client):
    lot = lot_with_deposits(holders=1)
    stranger = lot.city.bidders[2]
    signed_in(client, stranger.somebody)
    assert client.get(page_of(lot)).status_code == 403
    assert client.post(page_of(lot) + "account/").status_code == 403


def test_a_bidder_gets_an_insurance_at_the_issuers_console(client, lot, bidder):
    signed_in(client, bidder.somebody)
    answer = client.post(page_of(lot) + "guarantee/", {"kind": "insurance"})
    assert answer.url.startswith("/demo-issuer/")
    client.post("/demo-issuer/", {"file": GuaranteeFile.objects.get().pk, "move": "issue"})
    assert standing(lot, bidder).ok
    assert "保证保险已验真" in client.get(page_of(lot)).content.decode()


def test_a_wrong_claim_is_refused_beside_the_field(client, lot, bidder):
    opened(lot, bidder)
    answer = signed_in(client, bidder.somebody).post(page_of(lot), {"reference": "YH404"})
    assert "没有找到从你单位基本账户转出" in answer.content.decode()


def test_the_console_sends_again_and_reverses(client, lot, bidder):
    line = paid(lot, bidder)
    client.post(f"/demo-bank/{Callback.objects.get().pk}/", {"move": "send"})
    assert "重复 1 次，未再入账" in client.get("/demo-bank/").content.decode()
    client.post(f"/demo-bank/{line.pk}/", {"move": "reverse"})
    assert not standing(lot, bidder).ok


def test_consoles_are_gone_where_real_partners_are_connected(client, lot, settings):
    settings.ETP_CONSOLES = False
    for path in ("/demo-bank/", "/demo-issuer/"):
        assert client.get(path).status_code == 404
    assert client.post("/demo-bank/api/accounts", b"{}", content_type="application/json").status_code == 404


# The centre's desk


def test_staff_return_what_nobody_can_place(client, lot, bidder):
    banking.pay("6229000000000000002", lot.deposit, payer(bidder))
    signed_in(client, lot.city.staff)
    shown = client.get("/deposits/").content.decode()
    assert BankLine.objects.get().reference in shown
    assert bidder.name not in shown
    client.post("/deposits/moves/", {"move": "return", "row": BankNotice.objects.get().pk})
    client.post("/deposits/moves/", {"move": "send"})
    assert BankInstruction.objects.get().payee["name"] == bidder.name


def test_staff_pay_again_what_came_back(client, lot, bidder):
    banking.pay("6229000000000000002", lot.deposit, payer(bidder))
    signed_in(client, lot.city.staff)
    client.post("/deposits/moves/", {"move": "return", "row": BankNotice.objects.get().pk})
    client.post("/deposits/moves/", {"move": "send"})
    banking.settle(BankInstruction.objects.get(), paid=False)
    assert "重新退付" in client.get("/deposits/").content.decode()
    client.post("/deposits/moves/", {"move": "retry", "row": DepositRefund.objects.get().pk})
    assert DepositRefund.objects.get().state == "ordered"


def test_supervisors_look_on(client, lot):
    signed_in(client, lot.city.supervisor)
    assert client.get("/deposits/").status_code == 200
    assert "与银行对账" not in client.get("/deposits/").content.decode()
    assert client.get("/deposits/books/").status_code == 200
    assert client.post("/deposits/moves/", {"move": "reconcile", "day": "2026-11-01"}).status_code == 403


def test_a_colleague_without_the_duty_moves_no_money(client, lot):
    from tests.factories.trading import member

    other = member(lot.city.centre, duties=["intake"])
    assert signed_in(client, other).post("/deposits/moves/", {"move": "send"}).status_code == 403


# Reconciliation


def test_the_books_agree_with_the_bank_until_something_is_missing(client, lot, bidder):
    paid(lot, bidder)
    at, today = database_now(), city_day(database_now())
    assert reconcile(today, by=lot.city.staff, at=at).differences.count() == 0
    lost = banking.pay(account_of(lot, bidder).number, D(5), payer(bidder), tell=False)
    signed_in(client, lot.city.staff)
    client.post("/deposits/moves/", {"move": "reconcile", "day": today.isoformat()})
    row = ReconciliationDifference.objects.get()
    assert (row.kind, row.reference, row.ours, row.theirs) == ("not_here", lost.reference, None, 5)
    assert LedgerAlarm.objects.get().kind == "deposits.reconciliation"
    assert lost.reference in client.get("/deposits/").content.decode()
    assert client.post("/deposits/moves/", {"move": "settle", "row": row.pk, "conclusion": " "}).status_code == 400
    # The notice comes after all: the next comparison closes the difference by itself.
    banking.send(Callback.objects.get(body__reference=lost.reference))
    assert reconcile(today, by=lot.city.staff, at=at).differences.count() == 0
    row.refresh_from_db()
    assert row.settled_at is not None


def test_each_kind_of_difference_is_found(lot, bidder):
    first = paid(lot, bidder)
    second = banking.pay(account_of(lot, bidder).number, D(7), payer(bidder))
    BankLine.objects.filter(pk=first.pk).update(amount=1)
    BankLine.objects.filter(pk=second.pk).delete()
    found = reconcile(city_day(database_now()), by=lot.city.staff, at=database_now()).differences
    assert dict(found.values_list("reference", "kind")) == {first.reference: "amount", second.reference: "not_at_bank"}


def test_a_day_is_the_citys_day(lot, bidder):
    moment = (database_now() - timedelta(days=1)).astimezone(CITY).replace(hour=0, minute=0, second=1)
    account = opened(lot, bidder)
    banking.pay(account.number, lot.deposit, payer(bidder), at=moment)
    for day in (moment.date(), moment.date() - timedelta(days=1)):
        assert reconcile(day, by=lot.city.staff, at=database_now()).differences.count() == 0
