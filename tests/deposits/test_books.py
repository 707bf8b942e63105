"""The books over random histories: they always sum to zero, and no bidder's money is lost or goes back twice."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.demo.bank import banking
from config.demo.bank.models import BankInstruction, BankLine, Callback
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.bids import jump_to
from tests.factories.deposits import lot_with_deposits, opened, paid, payer
from trading.deposits import actions
from trading.deposits.books import Ledger, balance, book, held, interest, trial_balance
from trading.deposits.models import BankNotice, DepositEntry, DepositPosting, DepositRefund
from trading.deposits.tasks import send_refunds
from trading.procedures.rules.deposits import DEMAND_RATES, YEAR, Occasion, demand_rate
from trading.refunds.actions import execute_withholding
from trading.refunds.models import DepositWithholding

BIDDERS = st.integers(0, 1)
CENTS = st.integers(1, 30_000_000).map(lambda cents: D(cents) / 100)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), BIDDERS, st.one_of(CENTS, st.just(D(200_000))), st.booleans()),
        st.tuples(st.just("pay_from_elsewhere"), BIDDERS, CENTS),
        st.tuples(st.just("pay_nobody"), BIDDERS, CENTS),
        st.tuples(st.just("claim"), BIDDERS),
        st.tuples(st.just("return_unidentified"), BIDDERS),
        st.tuples(st.just("reverse"), BIDDERS),
        st.tuples(st.just("return"), BIDDERS, st.sampled_from([Occasion.WITHDRAWN, Occasion.LOST, Occasion.FAILED])),
        st.tuples(st.just("withhold"), BIDDERS),
        st.tuples(st.just("instruct")),
        st.tuples(st.just("settle"), st.booleans()),
        st.tuples(st.just("retry")),
        st.tuples(st.just("send"), st.integers(0, 40)),
        st.tuples(st.just("days"), st.integers(1, 5)),
    ),
    max_size=14,
)  # fmt: skip


class History:
    """Two bidders, a bank and a platform; each step is whatever the world may do next."""

    def __init__(self, lot):
        self.lot, self.bidders = lot, lot.city.bidders[:2]
        self.accounts = [opened(lot, bidder) for bidder in self.bidders]

    def pay(self, who, amount, tell):
        banking.pay(self.accounts[who].number, amount, payer(self.bidders[who]), tell=tell)

    def pay_from_elsewhere(self, who, amount):
        banking.pay(self.accounts[who].number, amount, payer(self.bidders[who], account="6222111111111111"))

    def pay_nobody(self, who, amount):
        banking.pay("6229000000000000009", amount, payer(self.bidders[who]))

    def claim(self, who):
        for notice in BankNotice.objects.filter(state=BankNotice.State.UNIDENTIFIED)[:1]:
            bidder = self.bidders[who]
            actions.claim_payment(self.lot, bidder, notice.reference, by=bidder.somebody, at=database_now())

    def return_unidentified(self, who):
        for notice in BankNotice.objects.filter(state=BankNotice.State.UNIDENTIFIED)[:1]:
            actions.return_unidentified(notice, by=self.lot.city.staff, at=database_now())

    def reverse(self, who):
        for line in BankLine.objects.filter(direction="in", reversal=None, account=self.accounts[who].number)[:1]:
            banking.reverse(line)

    def go_back(self, who, occasion):
        actions.return_deposit(self.accounts[who], occasion, since=database_now(), at=database_now())

    def withhold(self, who):
        amount, now = held(self.accounts[who]), database_now()
        if amount > 0:
            # Withheld is only after the opening, when whose account it is has been disclosed.
            self.accounts[who].bidder = self.bidders[who]
            self.accounts[who].save(update_fields=["bidder"])
            decided = DepositWithholding.objects.create(
                account=self.accounts[who], ground="document", reason="x", amount=amount, decided_by=self.lot.city.staff, decided_at=now,
                objections_until=now - timedelta(seconds=1),
            )  # fmt: skip
            execute_withholding(decided, by=self.lot.city.staff, at=now)

    def instruct(self):
        send_refunds()

    def settle(self, well):
        for row in BankInstruction.objects.filter(state="accepted")[:1]:
            banking.settle(row, paid=well)

    def retry(self):
        for refund in DepositRefund.objects.filter(state=DepositRefund.State.FAILED)[:1]:
            actions.retry_refund(refund, by=self.lot.city.staff, at=database_now())

    def send(self, which):
        told = list(Callback.objects.order_by("pk"))
        if told:
            banking.send(told[which % len(told)])

    def days(self, count):
        jump_to(database_now() + timedelta(days=count))

    def step(self, name, *given):
        try:
            with transaction.atomic():
                getattr(self, "go_back" if name == "return" else name)(*given)
        except Refused:
            # The world may try what the platform refuses: the claim of another's money, a payment long over.
            pass

    def check(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        rows = trial_balance()
        assert sum(debit for _, debit, _ in rows) == sum(credit for _, _, credit in rows)
        told = {
            row.reference for row in BankNotice.objects.filter(kind__in=["payment", "reversal", "refund.paid"]).exclude(state="waiting")
        }
        at_bank = sum(row.amount * (1 if row.direction == "in" else -1) for row in BankLine.objects.all() if row.reference in told)
        # What the bank has told us of is what our books say is there.
        assert -balance(Ledger.BANK) == at_bank
        for account, bidder in zip(self.accounts, self.bidders, strict=True):
            assert held(account) >= 0
            self.check_bidder(account, bidder)

    def check_bidder(self, account, bidder):
        """Every cent that came into the account is held, on its way, gone once, or reversed by the bank."""
        entries = DepositEntry.objects.filter(account=account)
        came = sum(row.notice.amount for row in entries.filter(kind__in=["received", "claimed"]))
        reversals = -sum(
            p.amount
            for p in DepositPosting.objects.filter(entry__account=account, entry__kind="reversed", entry__refund=None, ledger="bank")
        )
        missing = -balance(Ledger.SUSPENSE, account=account) - sum(row.notice.amount for row in entries.filter(kind="claimed"))
        refunds = list(account.refunds.all())
        assert came - reversals + missing == held(account) + sum(row.amount for row in refunds)
        # No instruction was carried out twice, and nothing was paid that was not ordered.
        paid_out = list(BankInstruction.objects.filter(state="paid", account=account.number))
        assert len({row.reference.rpartition("-")[0] for row in paid_out}) == len(paid_out)
        assert {row.reference.rpartition("-")[0] for row in paid_out} <= {row.reference for row in refunds}


@pytest.mark.requirement("R096")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_over_any_history_the_books_sum_to_zero_and_nobodys_money_is_lost_or_paid_twice(world, steps):
    sid = transaction.savepoint()
    try:
        history = History(world)
        for step in steps:
            history.step(*(step if isinstance(step, tuple) else (step,)))
            history.check()
    finally:
        transaction.savepoint_rollback(sid)


@pytest.fixture
def world(db):
    return lot_with_deposits(holders=2)


@pytest.fixture
def account(world):
    return opened(world, world.city.bidders[0])


@pytest.mark.parametrize("moves", [{Ledger.BANK: D(1)}, {Ledger.BANK: D(2), Ledger.HELD: D(-1)}, {}])
def test_an_entry_that_does_not_sum_to_zero_cannot_be_committed(account, moves):
    with pytest.raises(IntegrityError), transaction.atomic():
        book("received", moves, account=account, value_at=database_now(), at=database_now())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_entries_are_only_ever_added(world):
    paid(world, world.city.bidders[0])
    for statement in (
        "DELETE FROM trading_depositposting", "UPDATE trading_depositposting SET amount = 1",
        "DELETE FROM trading_depositentry", "UPDATE trading_depositentry SET value_at = now()",
    ):  # fmt: skip
        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# Interest


def by_the_day(movements, until):
    """The definition, day by day: the first day counts, the last does not; settled balances begin anew."""
    days = sorted(movements)
    total, standing, n = D(0), D(0), 0
    day = days[0][0] if days else until
    while n < len(days) or day < until:
        while n < len(days) and days[n][0] <= day:
            standing += days[n][1]
            n += 1
            if standing == 0:
                total = D(0)
        if day >= until:
            break
        total += standing * demand_rate(day) / 100 / YEAR
        day += timedelta(days=1)
    return total.quantize(D("0.01"), ROUND_HALF_UP)


DAYS = st.integers(0, 400).map(lambda n: date(2024, 6, 1) + timedelta(days=n))


@settings(max_examples=80, deadline=None)
@given(movements=st.lists(st.tuples(DAYS, CENTS), max_size=5), back=st.booleans(), later=st.integers(0, 500))
def test_interest_is_what_counting_day_by_day_gives(movements, back, later):
    movements = sorted(movements)
    if back and movements:
        movements.append((movements[-1][0], -sum(amount for _, amount in movements)))
    until = (movements[-1][0] if movements else date(2025, 1, 1)) + timedelta(days=later)
    assert interest(movements, until) == by_the_day(movements, until)


@pytest.mark.parametrize(
    ("since", "until", "earned"),
    [
        (date(2025, 5, 20), date(2025, 5, 20), "0.00"),
        (date(2025, 5, 20), date(2025, 5, 21), "1.11"),
        (date(2025, 5, 19), date(2025, 5, 20), "2.22"),
        (date(2025, 5, 19), date(2025, 5, 21), "3.33"),
        (date(2025, 5, 20), date(2026, 5, 20), "405.56"),
    ],
)
def test_the_rate_of_each_day_holds(since, until, earned):
    assert interest([(since, D(800_000))], until) == D(earned)


def test_rates_follow_each_other_without_gap():
    for old, new in zip(DEMAND_RATES, DEMAND_RATES[1:], strict=False):
        assert new.since == old.until + timedelta(days=1)
    assert DEMAND_RATES[-1].until is None
