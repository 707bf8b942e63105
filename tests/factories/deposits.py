"""Bidders that put up deposits, and the simulated bank and issuer they deal with."""

from config.demo.bank import banking, issuing
from config.demo.bank.models import GuaranteeFile
from rulebook.clock import database_now
from tests.factories.trading import published_lot
from trading.deposits.actions import apply_for_guarantee, open_account
from trading.deposits.models import DepositAccount
from trading.deposits.queries import standing_of
from trading.deposits.secrecy import tag_of
from trading.deposits.tasks import send_refunds
from trading.projects.models import Lot


def lot_with_deposits(holders=3, **more):
    """A published lot that asks for a deposit; its bidders hold the document and have basic accounts."""
    lot = published_lot(holders=holders, **more)
    for place, bidder in enumerate(lot.city.bidders):
        bidder.basic_bank, bidder.basic_account = "清江市商业银行（虚构）", f"62220000000000{place:02d}"
        bidder.save()
    owner = lot.city.owner
    owner.basic_bank, owner.basic_account = "清江市财政专户开户行（虚构）", "6222999999999999"
    owner.save()
    return lot


def opened(lot, bidder):
    return open_account(Lot.objects.select_related("tender__document").get(pk=lot.pk), bidder, by=bidder.somebody, at=database_now())


def account_of(lot, bidder):
    return DepositAccount.objects.get(tag=tag_of(lot, bidder))


def payer(bidder, **more):
    return {"name": bidder.name, "account": bidder.basic_account, "bank": bidder.basic_bank, **more}


def paid(lot, bidder, amount=None, **more):
    """The bidder opens its sub-account and pays into it from its basic account."""
    account = opened(lot, bidder)
    return banking.pay(account.number, lot.deposit if amount is None else amount, payer(bidder), **more)


def guaranteed(lot, bidder, kind="insurance", **more):
    lot = Lot.objects.select_related("tender__document").get(pk=lot.pk)
    guarantee, _ = apply_for_guarantee(lot, bidder, kind, by=bidder.somebody, at=database_now())
    issuing.issue(GuaranteeFile.objects.get(reference=guarantee.reference), **more)
    guarantee.refresh_from_db()
    return guarantee


def standing(lot, bidder):
    return standing_of(Lot.objects.get(pk=lot.pk), bidder)


def settle():
    """The platform instructs, the bank pays and says so."""
    send_refunds()
    banking.settle_all()
