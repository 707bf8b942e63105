"""Deposits of the demo city: who pays how, what the bank does overnight, and a few cases for each desk."""

from datetime import timedelta
from decimal import Decimal

from config.demo.bank import banking, issuing
from config.demo.bank.models import BankInstruction, GuaranteeFile
from config.demo.days import at, workday
from rulebook.clock import database_now
from trading.deposits import actions
from trading.deposits.models import DepositAccount, DepositRefund
from trading.deposits.tasks import send_refunds
from trading.refunds.actions import decide_withholding

# Instructions younger than this still wait at the bank, so that whoever tries the platform out can settle some.
BANK_TAKES = timedelta(hours=20)


def payer_of(bidder):
    return {"name": bidder.name, "account": bidder.basic_account, "bank": bidder.basic_bank}


def put_up(life, lot, bidder, place):
    """Most pay by transfer; now and then one gives an insurance, and one pays too much."""
    if (life.number + place) % 6 == 5:
        guarantee, _ = actions.apply_for_guarantee(lot, bidder, "insurance", by=bidder.handler, at=database_now())
        issuing.issue(GuaranteeFile.objects.get(reference=guarantee.reference))
        return
    account = actions.open_account(lot, bidder, by=bidder.handler, at=database_now())
    extra = Decimal(5_000) if (life.number + place) % 17 == 3 else Decimal(0)
    banking.pay(account.number, lot.deposit + extra, payer_of(bidder))


def work_overnight():
    """The platform instructs, the bank pays what has waited long enough."""
    if DepositRefund.objects.filter(state=DepositRefund.State.ORDERED).exists():
        send_refunds()
    for row in BankInstruction.objects.filter(state=BankInstruction.State.ACCEPTED, at__lte=database_now() - BANK_TAKES):
        banking.settle(row)


def withhold(life, bidder):
    """A bidder let the time for decryption pass: the tenderee keeps its deposit."""
    account = DepositAccount.objects.filter(lot=life.lot, bidder=bidder).first()
    if account is not None:
        reason = "该单位在规定的解密时限内没有解密投标文件，视为撤销投标文件，且未说明理由。"
        decide_withholding(account, "revoked", reason, by=life.owner.handler, at=database_now())


def cases(city):
    """Money that nobody can place, and the comparison with the bank."""
    yield at(workday(city.today, -1), 15, 20)
    somebody = city.bidders[-1]
    banking.pay("6229000000000000000", Decimal("80000.00"), payer_of(somebody))
    yield at(city.today, 1, 15) if city.now > at(city.today, 1, 15) else city.now
    actions.reconcile(workday(city.today, -1), by=city.staff, at=database_now())
