"""A deposit in a real browser: the account, the payment at the bank's console, the page that follows by itself, the desks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from config.demo.bank import banking
from rulebook.clock import database_now
from tests.e2e.walk import PASSWORD, give_password
from tests.factories.deposits import account_of, guaranteed, lot_with_deposits, paid, payer
from tests.factories.documents import place_entries
from trading.deposits.actions.disclosure import disclose_deposits
from trading.deposits.models import DepositRefund
from trading.projects.models import Lot
from trading.refunds.actions import decide_withholding, return_deposits

pytestmark = [pytest.mark.e2e]


def opened_lot(lot):
    """As if the opening had been: the first owes its deposit, the second is paid back late."""
    first, second, third = lot.city.bidders
    for bidder in (first, second):
        paid(lot, bidder)
    guaranteed(lot, third)
    Lot.objects.filter(pk=lot.pk).update(state=Lot.State.CONTRACTED)
    place_entries()
    with transaction.atomic():
        disclose_deposits(lot, by=None, at=database_now())
    decide_withholding(
        account_of(lot, first),
        "document",
        "中标后提出附加条件，拒不签订合同（招标文件第 28.3 条）。",
        by=lot.city.owner.somebody,
        at=database_now(),
    )
    return_deposits(lot, "lost", since=database_now() - timedelta(days=20), at=database_now(), bidders=[second.pk])
    assert DepositRefund.objects.filter(account__bidder=second, reason="lost").exists()


def test_a_deposit_is_paid_at_the_console_and_seen_at_once(platform, user):
    past = lot_with_deposits()
    opened_lot(past)
    lot = lot_with_deposits()
    bidder = lot.city.bidders[0]
    banking.pay("6229000000000000002", Decimal("80000.00"), payer(bidder))
    somebody = user("bidder").sign_in(give_password(bidder.somebody), PASSWORD)
    page = somebody.go(f"/me/bids/{lot.tender.number}/1/deposit/")
    page.get_by_role("button", name="开立缴款账号").click()
    page.locator("#number").wait_for()
    somebody.look("deposit-open")

    payer_page = user("payer").go(page.get_by_role("link", name="到模拟银行付款").get_attribute("href"))
    payer_page.get_by_label("金额（元）").fill("250000")
    payer_page.get_by_role("button", name="付款", exact=True).click()
    payer_page.get_by_text("已付款，流水号").wait_for()

    # Nobody reloads the bidder's page.
    page.get_by_text("转账已到账").wait_for()
    page.get_by_text("多付").first.wait_for()
    payer_page.get_by_role("button", name="再发一次").first.click()
    payer_page.get_by_text("重复 1 次，未再入账").first.wait_for()
    user_page = user("clerk")
    user_page.go("/demo-bank/")
    user_page.look("demo-bank")

    page.get_by_label("保证保险").check()
    page.get_by_role("button", name="申请保函").click()
    page.get_by_role("button", name="出具", exact=True).first.click()
    page.get_by_text("平台已收").wait_for()
    somebody.look("demo-issuer")
    page = somebody.go(f"/me/bids/{lot.tender.number}/1/deposit/")
    page.get_by_text("保证保险已验真").first.wait_for()
    somebody.look("deposit")
    somebody.go("/me/deposits/")
    somebody.look("deposits")

    staff = user("staff").sign_in(give_password(lot.city.staff), PASSWORD)
    page = staff.go("/deposits/")
    page.get_by_text("已超期").first.wait_for()
    staff.look("deposit-desk")
    staff.go("/deposits/books/")
    staff.look("deposit-books")
    owner = user("owner").sign_in(give_password(past.city.owner.somebody), PASSWORD)
    owner.go(f"/work/tenders/{past.tender.number}/lots/1/withholding/")
    owner.look("withholding")
    staff_of_past = user("withheld").sign_in(give_password(past.city.bidders[0].somebody), PASSWORD)
    staff_of_past.go(f"/me/bids/{past.tender.number}/1/deposit/")
    staff_of_past.look("deposit-withheld")
    assert [each.problems for each in (somebody, staff, owner)] == [[], [], []]
