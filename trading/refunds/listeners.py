"""When a tender takes its course, deposits go back by themselves: each occasion with the period the law gives it."""

from datetime import datetime, time

from accounts.models import Organisation
from ledger.delivery import listens
from rulebook.clock import CITY, database_now
from trading.awards.events import AwardDecided, ContractFiled
from trading.awards.models import Contract
from trading.bidding.events import BidWithdrawn
from trading.bidding.models import Bid
from trading.deposits.actions import release_guarantee, return_deposit
from trading.deposits.events import RefundPaid
from trading.deposits.models import DepositAccount, DepositRefund, Guarantee
from trading.deposits.secrecy import tag_of
from trading.opening.events import OpeningRevealed
from trading.opening.models import OpenedBid
from trading.procedures.reaching import reach
from trading.procedures.rules.deposits import Occasion, return_of
from trading.projects.models import Lot
from trading.refunds.actions import return_deposits
from trading.tenders.events import LotFailed, LotTerminated, TenderTerminated


def lot_of(event):
    return Lot.objects.select_related("tender__project").get(tender__number=event.tender, no=int(event.lot))


@listens(BidWithdrawn)
def return_to_who_withdrew(event):
    """A bid withdrawn before the deadline, and not handed in again since."""
    lot = lot_of(event)
    bid = Bid.objects.filter(lot=lot, bidder__uscc=event.bidder).select_related("bidder").order_by("-rev").first()
    if bid is None or bid.state != Bid.State.WITHDRAWN:
        return
    now, tag = database_now(), tag_of(lot, bid.bidder)
    for account in DepositAccount.objects.filter(tag=tag):
        return_deposit(account, Occasion.WITHDRAWN, since=bid.received_at, at=now)
    for guarantee in Guarantee.objects.filter(tag=tag):
        release_guarantee(guarantee, at=now)


@listens(OpeningRevealed)
def return_to_who_did_not_bid(event):
    lot, now = lot_of(event), database_now()
    bidders = OpenedBid.objects.filter(opening__lot=lot).values_list("bid__bidder", flat=True)
    return_deposits(lot, Occasion.NOT_BID, since=lot.bids_due_at, at=now, but=list(bidders))


@listens(LotFailed)
def return_after_failure(event):
    now = database_now()
    return_deposits(lot_of(event), Occasion.FAILED, since=now, at=now)


@listens(TenderTerminated)
def return_after_termination(event):
    now = database_now()
    for lot in Lot.objects.filter(tender__number=event.tender, state=Lot.State.TERMINATED).select_related("tender__project"):
        return_deposits(lot, Occasion.TERMINATED, since=now, at=now)


@listens(LotTerminated)
def return_after_termination_of_a_lot(event):
    now = database_now()
    return_deposits(lot_of(event), Occasion.TERMINATED, since=now, at=now)


@listens(AwardDecided)
def return_to_losers_of_an_award(event):
    """Where the law lets losers wait for the award only, not for the contract."""
    lot, now = lot_of(event), database_now()
    if return_of(lot.tender.project.category, Occasion.LOST).period.start == "contract_signed":
        return
    winner = Organisation.objects.filter(uscc=event.winner).values_list("pk", flat=True)
    return_deposits(lot, Occasion.LOST, since=now, at=now, but=list(winner))


@listens(ContractFiled)
def return_after_contract(event):
    lot, now = lot_of(event), database_now()
    contract = Contract.objects.filter(award__lot=lot).select_related("award__candidate__result__bid__bid").latest("filed_at")
    winner = contract.award.candidate.result.bid.bid.bidder_id
    signed_at = datetime.combine(contract.signed_on, time(), tzinfo=CITY)
    return_deposits(lot, Occasion.WON, since=signed_at, at=now, bidders=[winner])
    return_deposits(lot, Occasion.LOST, since=signed_at, at=now, but=[winner])


# The occasions whose period a tender's clock shows; where two share its end, both must be over.
TIMED = (Occasion.LOST, Occasion.WON, Occasion.TERMINATED)


@listens(RefundPaid)
def mark_the_last_refund(event):
    """The statutory event is that everybody whom the period concerns has the deposit back."""
    lot = lot_of(event)
    paid = DepositRefund.objects.filter(reference=event.reference, state=DepositRefund.State.PAID).first()
    if paid is None or paid.reason not in TIMED:
        return
    ends = {occasion: return_of(lot.tender.project.category, occasion).period.end for occasion in TIMED}
    end = ends[Occasion(paid.reason)]
    together = [occasion for occasion in TIMED if ends[occasion] == end]
    if not DepositRefund.objects.filter(account__lot=lot, reason__in=together).exclude(state=DepositRefund.State.PAID).exists():
        reach(lot.tender, end, lot=lot, at=paid.paid_at)
