"""Before the opening nobody but the bidder itself learns who has put up a deposit: not from pages, not from the tables."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from config.demo.bank import banking
from ledger.models import LedgerEntry
from rulebook.clock import database_now
from tests.factories.bids import decrypt, hand_in, jump_to, locked_opening, revealed
from tests.factories.deposits import account_of, guaranteed, lot_with_deposits, paid, payer
from tests.factories.trading import person
from trading.deposits.models import DepositRefund
from trading.opening.actions import start_opening

# Everything of the deposits in the database, and what the ledger and its outbox keep about them.
TABLES = (
    "trading_depositaccount", "trading_guarantee", "trading_depositentry", "trading_depositposting", "trading_depositrefund",
    "trading_banknotice", "trading_callbacknonce", "trading_depositdisclosure", "trading_reconciliation",
    "trading_reconciliationdifference", "trading_depositwithholding",
)  # fmt: skip


@pytest.fixture
def lot(db):
    """A lot whose first bidder paid, over-paid and was refunded in part, and whose second has an insurance."""
    lot = lot_with_deposits(due_in=timedelta(days=3))
    first, second, third = lot.city.bidders
    paid(lot, first, lot.deposit + 100)
    guaranteed(lot, second)
    banking.pay(account_of(lot, first).number, lot.deposit, payer(third))
    return lot


def rows_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")
        return "\n".join(json.dumps(row, ensure_ascii=False) if not isinstance(row, str) else row for (row,) in cursor.fetchall())


def names_of(lot):
    for bidder in lot.city.bidders:
        yield from (bidder.name, bidder.uscc, bidder.basic_account, bidder.somebody.pseudonym, bidder.somebody.mobile)


def test_the_tables_name_nobody_before_the_opening(lot):
    for table in TABLES:
        text = rows_of(table)
        assert not [name for name in names_of(lot) if name in text], table
        # A bytea shows as hexadecimal: the name in it would show as its bytes.
        assert not [name for name in names_of(lot) if name.encode().hex() in text], table
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trading_depositaccount WHERE bidder_id IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_the_ledger_and_its_outbox_name_nobody_before_the_opening(lot):
    kinds = "kind LIKE 'deposit.%%' OR kind LIKE 'guarantee.%%'"
    with connection.cursor() as cursor:
        for table in ("ledger_entry", "ledger_event"):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {kinds}".replace("%%", "%"))
            text = "\n".join(row for (row,) in cursor.fetchall())
            assert "deposit" in text
            assert not [name for name in names_of(lot) if name in text], table
    published = [json.loads(bytes(entry.data)) for entry in LedgerEntry.objects.filter(kind__startswith="deposit.")]
    assert {body["t"] for body in published} == {"blind"}


def everybody(lot):
    city = lot.city
    people = {"agency": city.handler, "tenderee": city.owner.somebody, "staff": city.staff, "supervisor": city.supervisor}
    people["admin"] = person(is_administrator=True)
    return people


PAGES = (
    ("trading:deposit_desk", ()), ("trading:deposit_books", ()), ("trading:withholding", ("number", "no")), ("trading:tender_work", ("number",)),
    ("trading:hall", ("number", "no")), ("trading:staff_desk", ()), ("web:ledger", ()),
)  # fmt: skip


def seen_by(client, somebody, lot, pages=PAGES):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    text = ""
    for name, parts in pages:
        args = [{"number": lot.tender.number, "no": lot.no}[part] for part in parts]
        answer = client.get(reverse(name, args=args), {"all": "1"})
        text += answer.content.decode()
    return text


@pytest.mark.parametrize("stage", ["bidding", "locked"])
def test_no_page_of_any_role_tells_who_has_paid_before_the_opening(client, lot, stage):
    if stage == "locked":
        for bidder in lot.city.bidders:
            hand_in(lot, bidder)
        locked_opening(lot)
    number = account_of(lot, lot.city.bidders[0]).number
    # From the lock on the hall names those who bid, not those who paid.
    pages = [row for row in PAGES if stage == "bidding" or row[0] != "trading:hall"]
    for role, somebody in everybody(lot).items():
        text = seen_by(client, somebody, lot, pages)
        assert not [bidder.name for bidder in lot.city.bidders if bidder.name in text], role
        assert number not in text, role


def test_staff_see_not_even_totals_before_the_lock(client, lot):
    assert "100.00" not in seen_by(client, lot.city.staff, lot)
    assert DepositRefund.objects.count() == 2
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    locked_opening(lot)
    text = seen_by(client, lot.city.staff, lot)
    # After the lock the sum, and the refunds that are due; still without a name.
    assert "200,000.00" in text
    assert "开标前不显示单位" in text


def test_another_bidder_sees_only_its_own(client, lot):
    first, _, third = lot.city.bidders
    client.force_login(third.somebody, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/me/bids/{lot.tender.number}/1/deposit/").content.decode()
    assert "未缴纳" in page
    assert account_of(lot, first).number not in page
    assert first.name not in page


def test_the_opening_names_them_and_opens_the_blinded_entries(client, lot):
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    opening = start_opening(locked_opening(lot), by=lot.city.staff, at=database_now())
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    revealed(opening)
    first, second, third = lot.city.bidders
    assert account_of(lot, first).bidder == first
    told = LedgerEntry.objects.get(kind="deposit.disclosed")
    assert set(json.loads(bytes(told.data))["d"]["owners"].values()) == {first.uscc, second.uscc}
    opened = [row for entry in LedgerEntry.objects.filter(kind="blind.opened") for row in json.loads(bytes(entry.data))["d"]["entries"]]
    kinds = [row["body"]["k"] for row in opened]
    assert kinds.count("deposit.received") == 2
    assert "guarantee.issued" in kinds
    client.force_login(lot.city.staff, backend="django.contrib.auth.backends.ModelBackend")
    hall = client.get(f"/openings/{lot.tender.number}/1/").content.decode()
    assert "转账已到账" in hall
    assert "保证保险已验真" in hall
    assert "未缴纳" in hall
    assert third.name in hall


def test_a_deposit_that_is_missing_stops_no_bid(lot):
    third = lot.city.bidders[2]
    hand_in(lot, third)
    jump_to(lot.bids_due_at + timedelta(seconds=1))
    assert third.bids.get().state == "submitted"
