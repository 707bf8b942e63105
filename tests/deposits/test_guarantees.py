"""Guarantees count on the issuer's signed word alone, if they are the bidder's, high, long and early enough."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from config.demo.bank import banking, issuing
from config.demo.bank.models import Callback, GuaranteeFile
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.bids import jump_to
from tests.factories.deposits import guaranteed, lot_with_deposits, standing
from trading.deposits.actions import apply_for_guarantee
from trading.deposits.gateways import issuer
from trading.deposits.models import BankNotice, Guarantee
from trading.deposits.queries import validity_of
from trading.deposits.tasks import send_refunds
from trading.projects.models import Lot
from trading.refunds.actions import return_deposits


@pytest.fixture
def lot(db):
    return lot_with_deposits(due_in=timedelta(days=3))


@pytest.fixture
def bidder(lot):
    return lot.city.bidders[0]


def applied(lot, bidder, kind="bank"):
    lot = Lot.objects.select_related("tender__document").get(pk=lot.pk)
    guarantee, url = apply_for_guarantee(lot, bidder, kind, by=bidder.somebody, at=database_now())
    return guarantee, GuaranteeFile.objects.get(reference=guarantee.reference), url


@pytest.mark.requirement("R097")
def test_a_guarantee_is_taken_in_place_of_cash_with_its_facts(lot, bidder):
    assert not standing(lot, bidder).ok
    guarantee = guaranteed(lot, bidder)
    assert (guarantee.state, guarantee.amount) == (Guarantee.State.ISSUED, lot.deposit)
    assert (bool(guarantee.number), bool(guarantee.code), guarantee.issuer) == (True, True, "清江示例财产保险股份有限公司（虚构）")
    assert guarantee.valid_until == validity_of(lot)
    assert (standing(lot, bidder).ok, standing(lot, bidder).words) == (True, "保证保险已验真")
    assert issuer().verify(guarantee.number, guarantee.code)["state"] == "issued"


@pytest.mark.parametrize(("days", "state"), [(-1, "insufficient"), (0, "issued"), (1, "issued")])
def test_it_must_hold_as_long_as_the_bid(lot, bidder, days, state):
    assert guaranteed(lot, bidder, valid_until=validity_of(lot) + timedelta(days=days)).state == state


@pytest.mark.parametrize(("amount", "state"), [("199999.99", "insufficient"), ("200000.00", "issued")])
def test_it_must_be_as_high_as_the_deposit(lot, bidder, amount, state):
    guarantee = guaranteed(lot, bidder, amount=D(amount))
    assert guarantee.state == state
    assert ("担保金额不足" in guarantee.shortfall) is (state == "insufficient")


@pytest.mark.parametrize(("seconds", "state"), [(-5, "issued"), (5, "insufficient")])
def test_it_must_be_issued_before_the_deadline(lot, bidder, seconds, state):
    guarantee, file, _ = applied(lot, bidder)
    jump_to(lot.bids_due_at + timedelta(seconds=seconds))
    issuing.issue(file)
    guarantee.refresh_from_db()
    assert guarantee.state == state


def test_it_must_be_the_bidders_own(lot, bidder):
    guarantee, file, _ = applied(lot, bidder)
    file.applicant = {"name": "别人", "uscc": lot.city.bidders[1].uscc}
    file.save()
    issuing.issue(file)
    guarantee.refresh_from_db()
    assert (guarantee.state, guarantee.shortfall) == (Guarantee.State.INSUFFICIENT, "被保证人与投标人不一致")


def test_one_taken_back_counts_no_more_whichever_notice_came_first(lot, bidder):
    guarantee, file, _ = applied(lot, bidder)
    issued = issuing.issue(file, tell=False)
    issuing.revoke(file)
    assert not standing(lot, bidder).ok
    banking.send(issued)
    assert not standing(lot, bidder).ok
    guarantee.refresh_from_db()
    assert guarantee.state == Guarantee.State.REVOKED


def test_the_bank_cannot_issue_guarantees(lot, bidder):
    _, file, _ = applied(lot, bidder)
    told = issuing.issue(file, tell=False)
    told.source = "bank"
    banking.send(told)
    assert "拒收" in told.answer
    assert not BankNotice.objects.exists()


def test_applying_again_takes_up_the_waiting_application_and_a_good_one_is_enough(lot, bidder):
    first, file, _ = applied(lot, bidder)
    second, _, _ = applied(lot, bidder)
    assert first == second
    issuing.issue(file)
    with pytest.raises(Refused, match="已有一份有效保函"):
        applied(lot, bidder)


def test_after_the_tender_it_is_released_and_the_issuer_told(lot, bidder):
    guarantee = guaranteed(lot, bidder)
    return_deposits(lot, "failed", since=database_now(), at=database_now())
    send_refunds()
    guarantee.refresh_from_db()
    assert (guarantee.state, bool(guarantee.release_told_at)) == (Guarantee.State.RELEASED, True)
    assert GuaranteeFile.objects.get().state == "released"
    assert Callback.objects.filter(source="issuer").count() == 1


def test_one_that_a_moved_deadline_has_outrun_counts_no_more_and_another_may_follow(lot, bidder):
    guaranteed(lot, bidder)
    Lot.objects.filter(pk=lot.pk).update(bids_due_at=lot.bids_due_at + timedelta(days=15))
    assert (standing(lot, bidder).ok, standing(lot, bidder).words) == (False, "保函有效期或者金额已不足")
    second = guaranteed(lot, bidder)
    assert (second.state, standing(lot, bidder).ok) == (Guarantee.State.ISSUED, True)
