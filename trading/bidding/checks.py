"""What the audit compares: each revision of a bid with its blinded entry, and the sealed file with its size."""

from ledger.audit import register
from ledger.canonical import instant
from trading.bidding.manifest import manifest_hash
from trading.bidding.models import Bid


def bid_is_unchanged(body):
    said = body["d"]
    bid = Bid.objects.select_related("bidder").filter(manifest_hash=said["manifest"]).first()
    if bid is None:
        return "存证所说的投标清单不存在"
    if manifest_hash(bid.manifest) != said["manifest"]:
        return "投标清单的内容与存证不符"
    if (bid.bidder.uscc, bid.rev, instant(bid.received_at)) != (said["bidder"], said["rev"], said["received_at"]):
        return "投标的单位、版次或收到时间与存证不符"
    if any(is_damaged(envelope) for envelope in bid.envelopes.select_related("upload")):
        return "封存的投标文件缺失或大小不符"
    return None


def is_damaged(envelope):
    """What went back unopened is deleted after the opening; everything else stays as it was handed in."""
    if envelope.returned_at and envelope.upload.terminated_at:
        return False
    path = envelope.upload.path
    return not path.exists() or path.stat().st_size != envelope.size


for kind in ("bid.submitted", "bid.replaced", "bid.withdrawn"):
    register(kind, bid_is_unchanged)
