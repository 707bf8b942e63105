"""From the lock at the deadline to the signed opening record (trust §6).

Nothing about any bid is shown to anybody, host included, before every bid is settled; then all at once.
"""

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require, require_duty, require_member
from credit.queries import standing_of
from disclosure.models import Notice
from documents.actions import request_document
from ledger.acts import open_blind, record
from ledger.canonical import HJ, H, b64u, instant, money, unb64u
from rulebook.clock import CITY, city_day, database_now
from rulebook.refusals import Refused
from sealing.age import check_file_key, decrypt_chunks, parse_header
from sealing.container import Corrupt, unpack
from sealing.context import context_hash, seal_context
from sealing.keys import require_signed
from sealing.uploads import digest_of, discard, discard_unsubmitted
from sealing.vault import forget, store, unwrap_key, wrap_key
from trading.bidding.formschema import check_fields
from trading.bidding.models import Bid, BidEnvelope
from trading.bidding.queries import bids_root, heads
from trading.deposits.actions import disclose_deposits
from trading.deposits.queries import finding_for, findings
from trading.opening.events import (
    EnvelopeReturned,
    EnvelopesAdmitted,
    KeyFailed,
    KeyReleased,
    LotLocked,
    OpeningClosed,
    OpeningExtended,
    OpeningRevealed,
    OpeningStarted,
    secret_stream,
)
from trading.opening.lifecycle import OPENING
from trading.opening.models import (
    READY,
    CheckIn,
    Fallback,
    FallbackShare,
    HallLine,
    OpenedBid,
    OpenedFile,
    Opening,
    OpeningConfirmation,
    OpeningObjection,
)
from trading.outages.queries import require_made_good
from trading.procedures.reaching import reach
from trading.procedures.records import set_down
from trading.procedures.versions import procedure_of
from trading.projects.lifecycle import LOT
from trading.projects.models import Lot
from trading.projects.queries import SUPERVISE
from trading.tenders.actions import fail_lot, notice_of, shown
from trading.tenders.models import Envelope
from trading.tenders.queries import require_running

# Late transactions that began before the deadline have ended by then.
LOCK_AFTER = timedelta(seconds=10)
# How often the window for keys may be extended, with a reason on record (docs/trust.md §6.4).
EXTENSIONS = 2


@transaction.atomic
def lock_lot(lot, *, by, at):
    """Fix the set of bids once the deadline has passed; with too few, end the procedure without opening any."""
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender__project", "tender__document").get(pk=lot.pk)
    if lot.state != Lot.State.BIDDING or database_now() < lot.bids_due_at + LOCK_AFTER:
        raise Refused("not_due", "投标截止时间未到，不能锁定。", rule="《招标投标法》第三十四条")
    require_made_good(lot, database_now())
    bids = list(heads(lot))
    opening = Opening.objects.create(
        lot=lot, envelope=lot.tender.document.envelopes[0], locked_at=at, count=len(bids), bids_root=b64u(bids_root(bids))
    )
    Bid.objects.filter(pk__in=[bid.pk for bid in bids]).update(state=Bid.State.LOCKED)
    LOT.apply(lot, "lock")
    lot.save(update_fields=["state"])
    OpenedBid.objects.bulk_create(
        OpenedBid(opening=opening, bid=bid, order=place, credit=standing_of(bid.bidder, city_day(lot.bids_due_at)))
        for place, bid in enumerate(bids, start=1)
    )
    record(LotLocked(tender=lot.tender.number, lot=lot.key, n=len(bids), bids_root=opening.bids_root), by=by)
    for way in ("supply", "deposit", "bids"):
        set_down(lot, way, by=by, at=lot.bids_due_at)
    least = procedure_of(lot.tender).least_count("too_few", lot.tender.rules_on or city_day(at))
    if len(bids) < least.minimum:
        OPENING.apply(opening, "fail")
        opening.save(update_fields=["state"])
        fail_lot(lot, reason=f"投标截止时投标人为 {len(bids)} 家。{least.says}（{least.source}）。", by=by, at=at)
    return opening


@transaction.atomic
def prepare_second(first, passed, *, by, at):
    """The first envelope is judged: the second is opened of the bids that passed it (OpenedBids of `first`), the others go back.

    The caller answers for who passed. The set stays the one locked at the deadline; what was read out of the first
    envelope stands beside the price that the second will show.
    """
    first = locked(first)
    lot = first.lot
    about = {"tender": lot.tender.number, "lot": lot.key, "envelope": Envelope.COMMERCIAL}
    passed = list(passed)
    for opened in first.bids.exclude(pk__in=[row.pk for row in passed]).select_related("bid__bidder"):
        opened.bid.envelopes.filter(name=Envelope.COMMERCIAL).update(returned_at=at)
        record(EnvelopeReturned(**about, bidder=opened.bidder.uscc, manifest=opened.bid.manifest_hash), by=by)
    second = Opening.objects.create(
        lot=lot, envelope=Envelope.COMMERCIAL, locked_at=first.locked_at, count=len(passed),
        bids_root=b64u(bids_root([row.bid for row in passed])), version=first.version + 1,
    )  # fmt: skip
    OpenedBid.objects.bulk_create(
        OpenedBid(
            opening=second, bid=row.bid, order=row.order, credit=row.credit,
            term_days=row.term_days, quality=row.quality, manager=row.manager,
        )
        for row in passed
    )  # fmt: skip
    record(EnvelopesAdmitted(**about, n=second.count, bids_root=second.bids_root), by=by)
    return second


def locked(opening):
    return Opening.objects.select_for_update(of=["self"]).select_related("lot__tender__document").get(pk=opening.pk)


def named(opening):
    """The opening's lot and envelope, as its entries name them."""
    return {"tender": opening.lot.tender.number, "lot": opening.lot.key, "envelope": str(opening.envelope)}


def about(opened):
    """The bid and envelope, as entries and signatures name them."""
    return {**named(opened.opening), "bidder": opened.bidder.uscc, "manifest": opened.bid.manifest_hash}


def say(opening, text, *, at, official=False):
    """Add a line to the hall's running record and let the watchers' pages know."""
    HallLine.objects.create(opening=opening, at=at, text=text, official=official)
    opening.version += 1
    opening.save(update_fields=["version"])


def require_going_on(opening):
    """Refuse once the lot has ended without an award: what is sealed then stays sealed for good."""
    if Lot.objects.select_for_update().get(pk=opening.lot_id).state not in (Lot.State.OPENING, Lot.State.EVALUATING):
        raise Refused("lot_over", "本标段的招标已经结束，不能再开启投标文件。", next_step="投标文件保持封存。", status=403)


@transaction.atomic
def stop_opening(opening, *, at):
    """The lot has ended before its bids were shown: every key that was handed over is forgotten, and whatever was read already."""
    opening = locked(opening)
    if opening.state not in (Opening.State.WAITING, Opening.State.KEYS, Opening.State.DECRYPTING):
        return
    OPENING.apply(opening, "stop")
    opening.save(update_fields=["state"])
    for file in OpenedFile.objects.filter(bid__opening=opening).select_related("vault"):
        file.delete()
        forget(file.vault)
    opening.bids.filter(state=OpenedBid.State.OPENED).update(state=OpenedBid.State.KEY_OK, price=None, form={})
    opening.bids.update(wrapped_key=None)
    FallbackShare.objects.filter(fallback__opened__opening=opening).update(wrapped=None)
    say(opening, "招标已经结束，开标停止。已交出的密钥已经销毁，投标文件保持封存。", at=at, official=True)


@transaction.atomic
def start_opening(opening, *, by, at):
    """The centre's host opens the hall: the window in which bidders release their keys begins."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    opening = locked(opening)
    require_running(opening.lot, at)
    require_going_on(opening)
    OPENING.apply(opening, "start")
    opening.host, opening.started_at = by, at
    opening.keys_until = at + timedelta(minutes=opening.lot.tender.document.decrypt_minutes)
    opening.save(update_fields=["state", "host", "started_at", "keys_until"])
    counted = f"通过第一信封评审的投标人 {opening.count} 家" if opening.is_second else f"共收到 {opening.count} 份投标文件"
    say(opening, f"主持人宣布{opening.name}开标。{counted}，请在解密时限内解密。", at=at, official=True)
    reach(opening.lot.tender, "opening", at=at, lot=opening.lot)
    record(OpeningStarted(**named(opening), keys_until=instant(opening.keys_until)), by=by, role="staff")
    return opening


@transaction.atomic
def check_in(opening, organisation, *, by, at):
    """A bidder signs in to the hall. Staying away does not hurt the bid."""
    require_member(by, organisation)
    opening = locked(opening)
    own_bid(opening, organisation)
    if opening.state in (Opening.State.CLOSED, Opening.State.FAILED, Opening.State.STOPPED):
        raise Refused("opening_over", "开标已经结束，不能再签到。")
    CheckIn.objects.get_or_create(opening=opening, organisation=organisation, defaults={"by": by, "at": at})


def own_bid(opening, organisation):
    """The organisation's locked bid in this opening; refused to everybody who has none."""
    mine = OpenedBid.objects.filter(opening=opening, bid__bidder=organisation).first()
    if mine is None:
        raise Refused("no_bid", "你单位没有递交本标段的有效投标文件。", status=403)
    return mine


def release_object(opened, digest):
    """What a bidder signs to release the key of an envelope."""
    return {"v": 1, **about(opened), "digest": digest}


def release_key(opened, file_key, signature, *, by, at):
    """Take in a bid's file key (16 bytes, base64url) with its signed release; a wrong key may be tried again."""
    key = decoded(file_key)
    fits = take_key(opened, key, signature, by=by, at=at)
    if not fits:
        raise Refused(
            "wrong_key",
            "该密钥不能解密此投标文件（在解密时限内可再试）。",
            rule="《电子招标投标办法》第三十一条",
            next_step="请确认载入的是封存这份投标文件时使用的密钥文件。",
        )


def decoded(file_key):
    try:
        key = unb64u(file_key)
    except ValueError:
        key = b""
    if len(key) != 16:
        raise Refused("wrong_key", "密钥格式不对。", next_step="请重新载入密钥文件。", status=400)
    return key


@transaction.atomic
def take_key(opened, key, signature, *, by, at):
    """Whether the key opens the bid; both outcomes are on record, known to nobody but the bidder until the reveal."""
    opening = locked(opened.opening)
    opened = OpenedBid.objects.select_for_update(of=["self"]).select_related("bid__bidder", "bid__lot__tender").get(pk=opened.pk)
    opened.opening = opening
    require_member(by, opened.bidder)
    if opening.state != Opening.State.KEYS or at >= opening.keys_until:
        raise Refused(
            "keys_closed",
            "现在不在解密时限内，平台不接收密钥。",
            rule="《电子招标投标办法》第三十一条",
            next_step="解密须在主持人宣布开标之后、解密截止之前进行。",
            status=403,
        )
    require_going_on(opening)
    if opened.state in READY:
        return True
    context = context_hash(context_of(opened))
    digest = b64u(H("file-key", context + key))
    signed = release_object(opened, digest)
    cert = require_signed(by, "key-release", signed, signature, at=at)
    with opened.sealed.upload.open() as sealed:
        fits = check_file_key(parse_header(sealed), key)
    if fits:
        opened.state = OpenedBid.State.KEY_OK
        opened.key_released_at = at
        opened.key_digest = digest
        opened.wrapped_key = wrap_key(key)
        opened.save(update_fields=["state", "key_released_at", "key_digest", "wrapped_key"])
        record(KeyReleased(**about(opened), digest=digest), by=by, role="bidder", cert=cert)
    else:
        opened.failed_keys += 1
        opened.save(update_fields=["failed_keys"])
        record(KeyFailed(**about(opened), attempts=opened.failed_keys), by=by, role="bidder", cert=cert)
    return fits


def context_of(opened):
    """The seal context that the envelope was sealed in, rebuilt from what the platform knows."""
    bid, envelope = opened.bid, opened.sealed
    return seal_context(
        tender=bid.lot.tender.number,
        lot=bid.lot.key,
        envelope=envelope.name,
        bidder=bid.bidder.uscc,
        seal=envelope.seal,
        policy=bid.manifest["policy"],
    )


@transaction.atomic
def propose_extension(opening, *, minutes, reason, by, at):
    """The host asks for a longer window, with the reason; it takes effect when a supervisor agrees (trust §6.4)."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    opening = locked(opening)
    require_extendable(opening, at)
    opening.proposed_minutes, opening.proposed_reason = minutes, reason
    opening.save(update_fields=["proposed_minutes", "proposed_reason"])
    say(opening, f"主持人提请延长解密时限 {minutes} 分钟，等待监督人员同意：{reason}", at=at)


def require_extendable(opening, at):
    if opening.state != Opening.State.KEYS or at >= opening.keys_until:
        raise Refused("keys_closed", "只能在解密时限内延长解密时限。")
    if opening.extensions >= EXTENSIONS:
        raise Refused("extended_enough", f"解密时限最多延长 {EXTENSIONS} 次。")


@transaction.atomic
def agree_extension(opening, *, by, at):
    """A supervisor agrees to the proposed extension: the window is longer, at most twice, with the reason on record."""
    opening = locked(opening)
    require(by, SUPERVISE, opening.lot.tender)
    require_extendable(opening, at)
    if opening.proposed_minutes is None:
        raise Refused("nothing_proposed", "主持人没有提请延长解密时限。", next_step="请刷新页面。")
    minutes, reason = opening.proposed_minutes, opening.proposed_reason
    opening.extensions += 1
    opening.keys_until += timedelta(minutes=minutes)
    opening.proposed_minutes, opening.proposed_reason = None, ""
    opening.save(update_fields=["keys_until", "extensions", "proposed_minutes", "proposed_reason"])
    say(opening, f"解密时限延长至 {opening.keys_until.astimezone(CITY):%H:%M:%S}：{reason}", at=at, official=True)
    record(OpeningExtended(**named(opening), keys_until=instant(opening.keys_until), reason=reason), by=by, role="supervisor")


@transaction.atomic
def settle_keys(opening, *, by, at):
    """End the key stage: at the window's end, or as soon as all keys are in. Who released none counts as revoked.

    A bid whose emergency opening was asked for, or approved, and not carried out stays closed by the platform's fault.
    """
    opening = locked(opening)
    waiting = opening.bids.filter(state=OpenedBid.State.PENDING)
    if opening.state != Opening.State.KEYS or (at < opening.keys_until and waiting.exists()):
        raise Refused("keys_open", "解密时限未到，且仍有投标人未解密。", next_step="请等待解密时限结束。")
    require_going_on(opening)
    waiting.filter(fallback__state__in=[Fallback.State.REQUESTED, Fallback.State.APPROVED]).update(
        state=OpenedBid.State.UNOPENED_PLATFORM, reason="已申请应急解密，但在解密时限内没有完成，责任不在投标人"
    )
    FallbackShare.objects.filter(fallback__opened__opening=opening).update(wrapped=None)
    waiting.update(
        state=OpenedBid.State.UNOPENED_BIDDER,
        reason="因投标人原因未在规定时间内解密，视为撤销投标文件（《电子招标投标办法》第三十一条）",
    )
    OPENING.apply(opening, "decrypt")
    opening.save(update_fields=["state"])
    say(opening, "解密时限结束，正在读取投标文件，全部读取后统一唱标。", at=at)
    return opening


@transaction.atomic
def reveal(opening, *, by, at):
    """Every bid is settled: show all of them to everybody at once, and open the blinded entries of the lot."""
    opening = locked(opening)
    bids = list(opening.bids.select_related("bid__bidder"))
    if any(bid.state in (OpenedBid.State.PENDING, *READY) for bid in bids):
        raise Refused("unsettled", "仍有投标文件没有读取完毕。")
    require_going_on(opening)
    OPENING.apply(opening, "reveal")
    opening.revealed_at = at
    opening.save(update_fields=["state", "revealed_at"])
    record(
        OpeningRevealed(
            **named(opening),
            n=len(bids),
            opened=sum(bid.state == OpenedBid.State.OPENED for bid in bids),
            table=b64u(HJ("opening-table", table_of(bids))),
        ),
        by=by,
    )
    lot = opening.lot
    open_blind(private_stream=secret_stream(lot.tender.number, lot.key, opening.envelope), stream=lot.tender.stream, by=by)
    if not opening.is_second:
        disclose_deposits(lot, by=by, at=at)
    for bid in bids:
        say(opening, f"{bid.order} 号 {bid.bidder.name}：{read_out(bid, opening)}"[:300], at=at)
    return opening


def read_out(bid, opening):
    """What is said aloud of a bid; prices that stay sealed for now are not known to anybody."""
    if bid.state != OpenedBid.State.OPENED:
        return bid.get_state_display()
    if opening.shows_prices:
        return f"报价 {bid.price:,.2f} 元"
    return f"工期 {bid.term_days} 日历天，项目经理 {bid.manager}，质量承诺 {bid.quality}；报价仍封存在第二信封"


def table_of(bids):
    """What was read out, in canonical form, for the digest in the ledger."""
    return [
        {
            "bidder": bid.bidder.uscc,
            "manifest": bid.bid.manifest_hash,
            "state": str(bid.state),
            "price": money(bid.price) if bid.price is not None else None,
        }
        for bid in bids
    ]


@transaction.atomic
def object_in_hall(opening, organisation, text, *, by, at):
    """A bidder objects to the opening on the spot; the record can't be closed before it is answered."""
    require_member(by, organisation)
    opening = locked(opening)
    own_bid(opening, organisation)
    if opening.state not in (Opening.State.KEYS, Opening.State.DECRYPTING, Opening.State.REVEALED):
        raise Refused(
            "not_now", "只能在开标进行中当场提出异议。", rule="《招标投标法实施条例》第四十四条",
            next_step="对评标结果的异议，请在候选人公示期内提出。",
        )  # fmt: skip
    objection = OpeningObjection.objects.create(opening=opening, organisation=organisation, by=by, text=text, at=at)
    reach(opening.lot.tender, "opening_objection_raised", at=at, lot=opening.lot, reference=str(objection.pk))
    say(opening, "有投标人提出异议，等待答复。", at=at)
    return objection


@transaction.atomic
def answer_objection(objection, answer, *, by, at):
    """The host answers on the spot, for all to read and for the record."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    opening = locked(objection.opening)
    objection = OpeningObjection.objects.select_for_update().get(pk=objection.pk)
    if objection.answered_at is not None:
        raise Refused("answered", "这条异议已经答复。")
    objection.answer, objection.answered_by, objection.answered_at = answer, by, at
    objection.save(update_fields=["answer", "answered_by", "answered_at"])
    reach(opening.lot.tender, "opening_objection_answered", at=at, lot=opening.lot, reference=str(objection.pk))
    say(opening, f"对异议的答复：{answer}"[:300], at=at, official=True)


@transaction.atomic
def confirm_record(opening, organisation, *, by, at):
    """A bidder signs what was read out."""
    require_member(by, organisation)
    opening = locked(opening)
    own_bid(opening, organisation)
    if opening.state != Opening.State.REVEALED:
        raise Refused("not_now", "唱标结束后才能确认开标记录。")
    OpeningConfirmation.objects.get_or_create(opening=opening, organisation=organisation, defaults={"by": by, "at": at})
    opening.version += 1
    opening.save(update_fields=["version"])


@transaction.atomic
def close_opening(opening, *, by, at):
    """End the opening: every objection answered, the record printed and published, the lot handed to evaluation.

    A lot without a single readable bid ends here.
    """
    require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    opening = locked(opening)
    if opening.objections.filter(answered_at=None).exists():
        raise Refused(
            "unanswered", "还有开标异议没有答复，不能结束开标。", rule="《招标投标法实施条例》第四十四条：招标人应当当场作出答复，并制作记录",
        )  # fmt: skip
    OPENING.apply(opening, "close")
    opening.closed_at = at
    lot = (
        Lot.objects.select_for_update(of=["self"])
        .select_related("tender__project__owner", "tender__project__agency")
        .get(pk=opening.lot_id)
    )
    context = record_of(opening, lot)
    opening.record = request_document(
        "opening_record",
        subject=lot.tender.stream,
        title=f"{lot.tender.name}{lot.name}{opening.name}开标记录",
        context=context,
        by=by,
        at=at,
        public=not lot.tender.private,
    )
    opening.save(update_fields=["state", "closed_at", "record"])
    if not opening.is_second:
        LOT.apply(lot, "close_opening")
        lot.save(update_fields=["state"])
        set_down(lot, "opening", by=by, at=at, document=opening.record)
    notice = notice_of(
        lot.tender, Notice.Kind.OPENING, title=f"{lot.tender.name}{lot.name}{opening.name}开标记录", context={"record": context}, lot=lot, by=by, at=at,
        facts=[("标段", lot.name), *([("信封", opening.name)] if opening.name else []), ("开标时间", context["opened_at"]), ("投标人", f"{opening.count} 家")],
    )  # fmt: skip
    say(opening, "开标结束，开标记录已公布。", at=at, official=True)
    record(
        OpeningClosed(
            **named(opening), opened=opening.bids.filter(state=OpenedBid.State.OPENED).count(), record=notice.number,
            discarded=discard_unsubmitted(lot.tender.number, lot.key, at=at) + discard_returned(opening, at=at),
        ),
        by=by, role="staff",
    )  # fmt: skip
    # After a second opening the evaluation that waits for it decides, since some of its bids may still be valid.
    if not opening.is_second and not opening.bids.filter(state=OpenedBid.State.OPENED).exists():
        fail_lot(lot, reason="没有一份投标文件能够解密读取，无法评标。", by=by, at=at)
    return opening


def discard_returned(opening, *, at):
    """Delete the files that went back unopened, once the opening that they were sealed for is over; how many."""
    returned = BidEnvelope.objects.filter(bid__lot=opening.lot, name=opening.envelope, upload__terminated_at=None).exclude(returned_at=None)
    uploads = [row.upload for row in returned.select_related("upload")]
    for upload in uploads:
        discard(upload, at)
    return len(uploads)


def record_of(opening, lot):
    """The opening record's content, as printed and published."""
    project, known = lot.tender.project, findings(lot)
    return {
        "tender": lot.tender.name,
        "lot": lot.name,
        "owner": project.owner.name,
        "agency": project.agency.name if project.agency else "无",
        "envelope": opening.name,
        "prices": opening.shows_prices,
        "opened_at": shown(opening.started_at if opening.is_second else lot.bids_due_at),
        "host": opening.host.name,
        "returned": [
            row.bid.bidder.name
            for row in BidEnvelope.objects.filter(bid__lot=lot, name=opening.envelope)
            .exclude(returned_at=None)
            .select_related("bid__bidder")
        ],
        "bids": [
            {
                "order": bid.order,
                "name": bid.bidder.name,
                "state": bid.get_state_display(),
                "price": money(bid.price) if bid.price is not None else None,
                "term_days": bid.term_days,
                "manager": bid.manager,
                "quality": bid.quality,
                "deposit": finding_for(lot, bid.bidder, known).words,
            }
            for bid in opening.bids.select_related("bid__bidder")
        ],
        "objections": [
            {"at": shown(row.at), "name": row.organisation.name, "text": row.text, "answer": row.answer}
            for row in opening.objections.select_related("organisation")
        ],
        "confirmations": [row.organisation.name for row in opening.confirmations.select_related("organisation")],
    }


def decrypt_bid(opened, *, at):
    """Open one bid whose key fits: stream it through every check into the vault, and read its form.

    What fails a check is CORRUPT, the bidder's failure, unless the platform's own copy is no longer what was submitted.
    """
    opened = OpenedBid.objects.select_related("bid__bidder", "bid__lot__tender", "opening").get(pk=opened.pk)
    if opened.state not in READY or opened.wrapped_key is None:
        return
    kept = []
    try:
        with opened.sealed.upload.open() as sealed:
            chunks = decrypt_chunks(unwrap_key(bytes(opened.wrapped_key)), sealed)
            form = unpack(chunks, context_of(opened), lambda member, pieces: kept.append((member, store(pieces))))
        values = read_form(form, opened.opening.envelope)
    except (ValueError, Corrupt):
        if digest_of(opened.sealed.upload.path) != opened.sealed.sha256:
            settle_bid(opened, OpenedBid.State.UNOPENED_PLATFORM, {"reason": "平台保存的密文与递交时不一致，责任在平台"}, [])
        else:
            settle_bid(opened, OpenedBid.State.CORRUPT, {"reason": "文件内容与清单不符，不能读取"}, [])
        return
    settle_bid(opened, OpenedBid.State.OPENED, values, kept)


def read_form(form, envelope):
    """Price, term, manager and quality, as far as the envelope's form has them; ValueError if it is not what was asked for."""
    check_fields(form, envelope)
    values = {"form": form}
    if "price" in form:
        values["price"] = price_in(form)
    if "term_days" in form:
        if type(form["term_days"]) is not int:
            raise Corrupt("the term is not written as asked")
        values |= {"term_days": form["term_days"], "quality": str(form["quality"])[:120], "manager": str(form["manager"])[:60]}
    return values


def price_in(form):
    try:
        price = Decimal(form["price"])
    except (InvalidOperation, TypeError) as wrong:
        raise Corrupt("the price is no number") from wrong
    if not price.is_finite() or price <= 0 or money(price) != form["price"]:
        raise Corrupt("the price is not written as asked")
    return price


@transaction.atomic
def settle_bid(opened, state, values, kept):
    """Write down how a bid came out; the released key is forgotten, only its digest stays.

    Nothing is kept of a bid that was settled, or whose opening was stopped, while it was read.
    """
    row = OpenedBid.objects.select_for_update(of=["self"]).get(pk=opened.pk)
    if row.state not in READY or row.wrapped_key is None:
        for _, vault in kept:
            forget(vault)
        return
    row.state, row.wrapped_key = state, None
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    OpenedFile.objects.bulk_create(
        OpenedFile(
            bid=row, path=member.path, name=member.name[:255], size=member.size, sha256=member.sha256,
            content_type=member.type[:100], vault=vault,
        )
        for member, vault in kept
    )  # fmt: skip
