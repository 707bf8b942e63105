"""What is known of sealed bids: the heads of a lot, the root over them, and the receipts."""

from django.conf import settings
from django.db import transaction

from accounts.models import Organisation
from ledger.canonical import b64u, instant, jcs, money
from ledger.merkle import inclusion_proof, leaf_hash, root
from ledger.proofs import proof_of
from ledger.signer import signer
from rulebook.refusals import Refused
from trading.bidding.declaring import declares_of
from trading.bidding.models import Bid
from trading.bidding.parts import asked_by
from trading.holders.queries import opening_policy, policy_file, policy_hash
from trading.tenders.bill import bill_row


def heads(lot):
    """The bids that count: each bidder's newest revision, unless it was withdrawn."""
    return Bid.objects.filter(lot=lot).heads().select_related("bidder").order_by("manifest_hash")


def bidders_of(lot):
    """Whose bids count: from the lock on that changes no more."""
    return Organisation.objects.filter(bids__in=Bid.objects.filter(lot=lot).heads())


def last_revision(lot, bidder):
    return Bid.objects.filter(lot=lot, bidder=bidder).order_by("-rev").first()


def head_leaves(bids):
    """The leaves of `bids_root`: manifest hash and time of each head, sorted by manifest hash."""
    ordered = sorted(bids, key=lambda bid: bid.manifest_hash)
    return [leaf_hash(jcs({"manifest": bid.manifest_hash, "received_at": instant(bid.received_at)})) for bid in ordered]


def bids_root(bids):
    return root(head_leaves(bids))


def proof_in_root(bid, bids):
    """How a bidder shows that the locked set contains its own bid: index, size and path."""
    ordered = sorted(bids, key=lambda row: row.manifest_hash)
    index = [row.pk for row in ordered].index(bid.pk)
    return {
        "index": index,
        "size": len(ordered),
        "proof": [b64u(step) for step in inclusion_proof(head_leaves(bids), index)],
    }


def receipt_of(bid):
    """The signed receipt with its inclusion proof, made once when the sequencer has placed the entry; else None."""
    if bid.receipt is None:
        place = proof_of(bid.entry)
        if place is None:
            return None
        body = {
            "v": 1,
            "action": bid.action,
            "tender": bid.lot.tender.number,
            "lot": bid.lot.key,
            "bidder": bid.bidder.uscc,
            "rev": bid.rev,
            "manifest": bid.manifest_hash,
            "received_at": instant(bid.received_at),
            "deadline": instant(bid.deadline),
            "entry": {"salt": b64u(bytes(bid.entry.salt)), "body": bid.entry.inner},
            "index": place["index"],
            "size": place["size"],
            "root": place["root"],
            "proof": place["proof"],
            "checkpoint": place["checkpoint"],
        }
        keep_receipt(bid, {"receipt": body, "signature": signer().sign_receipt("receipt", body)})
    return bid.receipt


def offline_terms(lot):
    """The policy file with what else the offline sealing page must know; Refused while the policy waits for its place in the log.

    Without holders there is nothing to sign: `signature`, `spki`, `entry` and `proof` are then null.
    """
    found = policy_file(lot) or {
        "v": 1, "type": "etp-policy", "tender": lot.tender.number, "lot": lot.key, "policy": opening_policy(lot),
        "policy_hash": policy_hash(lot), "signature": None, "spki": None, "bindings": [], "entry": None, "proof": None,
    }  # fmt: skip
    if found["signature"] and found["proof"] is None:
        raise Refused("ledger_behind", "开标授权正在登记入账。", next_step="请稍候几秒再下载。", status=503)
    return found | {
        "title": f"{lot.tender.name}（{lot.name}）",
        "context": {"origin": settings.ETP_ORIGIN, "envelopes": list(lot.tender.document.envelopes)},
        "form": {
            "limit": money(lot.price_limit) if lot.price_limit else "",
            "quality": lot.quality,
            "bill": [bill_row(row) for row in lot.bill.all()],
            "asked": asked_by(lot.tender.document),
            "blind": lot.tender.document.blind_technical,
            **({"declares": declares} if (declares := declares_of(lot.tender.document)) else {}),
        },
        "ledger": {"name": signer().name, "key": b64u(signer().ledger_public_key())},
    }


@transaction.atomic
def keep_receipt(bid, receipt):
    """Store the receipt unless another request was faster; whoever asks later gets the same bytes."""
    locked = Bid.objects.select_for_update().get(pk=bid.pk)
    if locked.receipt is None:
        locked.receipt = receipt
        locked.save(update_fields=["receipt"])
    bid.receipt = locked.receipt
