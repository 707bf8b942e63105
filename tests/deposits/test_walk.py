"""One deposit from the sub-account to the refund that the bank has paid."""

from datetime import timedelta
from decimal import Decimal

import pytest

from config.demo.bank.models import BankLine
from rulebook.clock import city_day, database_now
from tests.factories.bids import decrypt, hand_in, jump_to, revealed, started_opening
from tests.factories.deposits import account_of, lot_with_deposits, paid, settle, standing
from trading.deposits.books import Ledger, balance, held, trial_balance
from trading.deposits.models import DepositRefund
from trading.procedures.rules.deposits import Occasion
from trading.refunds.actions import return_deposits


@pytest.mark.django_db
@pytest.mark.requirement("R096")
def test_a_deposit_comes_counts_and_goes_back_with_interest(deliver):
    lot = lot_with_deposits(due_in=timedelta(days=3))
    for bidder in lot.city.bidders:
        paid(lot, bidder)
        hand_in(lot, bidder)
    first = lot.city.bidders[0]
    assert standing(lot, first).ok
    assert standing(lot, first).words == "转账已到账"

    opening = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    revealed(opening)
    deliver()
    assert account_of(lot, first).bidder == first

    jump_to(database_now() + timedelta(days=37))
    return_deposits(lot, Occasion.LOST, since=database_now(), at=database_now())
    refund = DepositRefund.objects.get(account__bidder=first)
    # 200 000 yuan for 40 days at 0.05 % a year of 360 days.
    days = (city_day(database_now()) - city_day(account_of(lot, first).entries.first().value_at)).days
    assert days == 40
    assert (refund.amount, refund.interest) == (Decimal("200000.00"), Decimal("11.11"))
    settle()
    refund.refresh_from_db()
    assert refund.state == DepositRefund.State.PAID
    line = BankLine.objects.get(reference=refund.bank_reference)
    assert (line.other["account"], line.amount, line.interest) == (first.basic_account, refund.amount, refund.interest)
    assert held(account_of(lot, first)) == 0
    assert balance(Ledger.BANK) == 0
    assert all(debit == credit == 0 for _, debit, credit in trial_balance())
