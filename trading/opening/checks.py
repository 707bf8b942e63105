"""What the audit compares: the locked set of bids and the table read out, with their digests."""

from ledger.audit import register
from ledger.canonical import HJ, b64u
from trading.bidding.models import Bid
from trading.bidding.queries import bids_root
from trading.opening.actions import table_of
from trading.opening.models import OpenedBid, Opening


def opening_of(said):
    """The opening that an entry speaks of; the lock, and entries of older days, name no envelope and mean the first."""
    openings = Opening.objects.filter(lot__tender__number=said["tender"], lot__no=int(said["lot"]))
    return openings.filter(envelope=said["envelope"]).first() if "envelope" in said else openings.order_by("pk").first()


def locked_set_is_unchanged(body):
    said = body["d"]
    opening = opening_of(said)
    if opening is None:
        return f"标段 {said['lot']} 没有开标记录"
    bids = list(Bid.objects.filter(opened__opening=opening))
    if (len(bids), b64u(bids_root(bids))) != (said["n"], said["bids_root"]):
        return "锁定的投标集合与存证不符"
    return None


def table_is_unchanged(body):
    said = body["d"]
    opening = opening_of(said)
    bids = list(OpenedBid.objects.filter(opening=opening).select_related("bid__bidder"))
    if b64u(HJ("opening-table", table_of(bids))) != said["table"]:
        return "开标一览表与存证不符"
    return None


register("lot.locked", locked_set_is_unchanged)
register("envelope.admitted", locked_set_is_unchanged)
register("opening.revealed", table_is_unchanged)
