"""Submit, replace and withdraw sealed bids. The database's clock decides, inside the transaction, what is in time."""

from django.db import connection, transaction

from accounts.permissions import require_member
from credit.queries import is_excluded
from ledger.acts import record
from ledger.canonical import b64u, instant
from ledger.signer import signer
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from sealing.keys import encryption_key_of, require_signed
from sealing.models import Upload
from trading.bidding.events import BidReplaced, BidSubmitted, BidWithdrawn
from trading.bidding.manifest import check_shape, check_upload, manifest_hash
from trading.bidding.models import Bid, BidEnvelope
from trading.holders.queries import opening_policy, policy_hash
from trading.projects.models import Lot
from trading.tenders.models import DocumentHolder
from trading.tenders.queries import require_open_to, require_qualified


def submit_bid(lot, bidder, manifest, signature, *, by):
    """Take in one signed revision of a sealed bid (or its withdrawal) and answer (bid, signed ack).

    Bytes, signature and header are checked first; then one short transaction locks the lot against a moving deadline,
    asks the database's clock, and accepts only what comes before it. Submitting the same manifest again gives the
    same answer. Refusals: `deadline_passed`, `stale_revision`, `not_encrypted`, `upload_incomplete`, …
    """
    require_member(by, bidder)
    check_shape(manifest, lot=lot, bidder=bidder, policy=policy_hash(lot))
    cert = require_signed(by, "bid-manifest", manifest, signature, at=database_now())
    earlier = Bid.objects.filter(manifest_hash=manifest_hash(manifest)).first()
    if earlier is not None:
        return earlier, ack_of(earlier)
    if manifest["action"] == "submit":
        check_entitled(lot, bidder)
    uploads = [uploaded(lot, bidder, envelope) for envelope in manifest["envelopes"]]
    bid = accept_revision(lot, bidder, manifest, signature, uploads, by=by, cert=cert)
    return bid, ack_of(bid)


def uploaded(lot, bidder, envelope):
    """The upload that a manifest's envelope speaks of; Refused unless it was sent as that envelope, is whole, and fits."""
    upload = Upload.objects.filter(
        owner=bidder, tender=lot.tender.number, lot=lot.key, envelope=envelope["name"], seal=envelope["seal"], terminated_at=None
    ).first()
    if upload is None or upload.has_expired(database_now()):
        raise Refused("no_upload", "没有找到对应的上传文件。", next_step="请先上传封存文件。", status=404)
    check_upload(upload, envelope, key=encryption_key_of(bidder), policy=opening_policy(lot))
    return upload


def check_entitled(lot, bidder):
    """Only who took the document may bid, of an invited tender only who was invited; nobody who tenders it or whom a decision bars."""
    require_open_to(lot.tender, bidder)
    require_qualified(lot.tender, [lot], bidder)
    if not DocumentHolder.objects.filter(tender=lot.tender, organisation=bidder).exists():
        raise Refused("no_document", "你单位尚未获取本项目的招标文件。", next_step="请先在项目页面获取招标文件（免费）。")
    if is_excluded(bidder, lot.tender.project.category, city_day(database_now())):
        raise Refused(
            "excluded",
            "你单位处于禁止参与期内，平台不能接收投标。",
            rule="《招标投标法实施条例》第三十八条、生效的处理决定",
            next_step="对决定有异议的，可向作出决定的部门申请复核。",
            status=403,
        )


@transaction.atomic
def accept_revision(lot, bidder, manifest, signature, uploads, *, by, cert):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
        # FOR SHARE: bidders do not wait for each other, but a moving deadline or the lock waits for them all.
        cursor.execute("SELECT bids_due_at, state FROM trading_lot WHERE id = %s FOR SHARE", [lot.pk])
        deadline, state = cursor.fetchone()
        # Revisions of one bidder come one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"bid/{lot.pk}/{bidder.pk}"])
    now = database_now()
    if state != Lot.State.BIDDING or deadline is None or now >= deadline:
        raise deadline_passed(now)
    last = Bid.objects.filter(lot=lot, bidder=bidder).order_by("-rev").first()
    if last is not None and last.manifest_hash == manifest_hash(manifest):
        return last
    expected = (last.rev + 1, last.manifest_hash) if last else (1, None)
    withdrawing = manifest["action"] == "withdraw"
    nothing_there = withdrawing and (last is None or last.state != Bid.State.SUBMITTED)
    if (manifest["rev"], manifest["prev"]) != expected or nothing_there:
        raise Refused("stale_revision", "已有更新的版本，请刷新后重试。", next_step="刷新页面，核对最新一版后再操作。")
    if BidEnvelope.objects.filter(upload__in=uploads).exists():
        raise Refused("seal_used", "这份封存文件已经递交过。", next_step="请重新封存后再递交。")
    replaces = last is not None and last.state == Bid.State.SUBMITTED
    if replaces:
        last.state = Bid.State.WITHDRAWN if withdrawing else Bid.State.SUPERSEDED
        last.save(update_fields=["state"])
    bid = Bid(
        lot=lot,
        bidder=bidder,
        rev=manifest["rev"],
        action=manifest["action"],
        manifest=manifest,
        manifest_hash=manifest_hash(manifest),
        signature=signature,
        signed_by=by,
        received_at=now,
        deadline=deadline,
        state=Bid.State.WITHDRAWN if withdrawing else Bid.State.SUBMITTED,
    )
    happened = BidWithdrawn if withdrawing else BidReplaced if replaces else BidSubmitted
    bid.entry = record(
        happened(
            tender=lot.tender.number,
            lot=lot.key,
            bidder=bidder.uscc,
            rev=bid.rev,
            manifest=bid.manifest_hash,
            received_at=instant(now),
        ),
        by=by,
        role="bidder",
        cert=cert,
    )
    bid.save()
    BidEnvelope.objects.bulk_create(
        BidEnvelope(bid=bid, name=row["name"], seal=row["seal"], upload=upload, size=row["size"], sha256=row["sha256"])
        for row, upload in zip(manifest["envelopes"], uploads, strict=True)
    )
    refuse_if_late(deadline)
    return bid


def refuse_if_late(deadline):
    """Asked once more as the last statement: waiting for a lock must not carry a bid over the deadline."""
    now = database_now()
    if now >= deadline:
        raise deadline_passed(now)


def deadline_passed(now):
    return Refused(
        "deadline_passed",
        f"投标截止时间已过，平台依规拒收。服务器时间 {instant(now)}",
        rule="《招标投标法》第二十八条",
        next_step="投标截止后不再接收、替换或撤回投标文件。",
        status=403,
    )


def ack_of(bid):
    """The platform's signed promise, given at once: this leaf will stand in the ledger within 60 seconds."""
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
        "leaf": b64u(bytes(bid.entry.leaf_hash)),
        "promise": 60,
    }
    return {"ack": body, "signature": signer().sign_receipt("ack", body)}
