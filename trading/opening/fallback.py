"""Opening a bid without its bidder's key: asked for, approved, and carried out by k holders (docs/trust.md §6.4).

Every step is on record, blinded until the reveal. Nothing here can be done before the lot is locked and the host has
opened the hall, and no organisation has enough shares to do it alone.
"""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require, require_duty, require_member
from ledger.acts import record
from ledger.canonical import H, b64u, unb64u
from rulebook.refusals import Forbidden, Refused
from sealing.age import check_file_key, parse_header
from sealing.context import context_hash
from sealing.keys import signed_by
from sealing.models import EncryptionKey
from sealing.shares import combine, commitment, committed
from sealing.vault import unwrap_key, wrap_key
from trading.holders.queries import policy_of
from trading.opening.actions import about, context_of, locked, own_bid, require_going_on
from trading.opening.events import (
    FallbackApproved,
    FallbackBadShare,
    FallbackFailed,
    FallbackOpened,
    FallbackRefused,
    FallbackRequested,
    FallbackShareGiven,
)
from trading.opening.models import Fallback, FallbackShare, OpenedBid, Opening
from trading.projects.queries import SUPERVISE

# Failed commitments from so many organisations show that the bidder sealed something else than shares.
ORGANISATIONS_AGAINST = 2
RULE = "《电子招标投标办法》第三十一条"


def in_window(opening, at):
    """The opening, locked; refused outside the window for keys."""
    opening = locked(opening)
    if opening.state != Opening.State.KEYS or at >= opening.keys_until:
        raise Refused(
            "keys_closed", "现在不在解密时限内。", rule=RULE, next_step="应急解密须在宣布开标之后、解密截止之前进行。", status=403
        )
    require_going_on(opening)
    return opening


def policy_for(opened):
    return policy_of(opened.opening.lot, opened.bid.manifest["policy"])


def request_object(opened, reason):
    """What a bidder signs (label `fallback-request`) to ask for the emergency opening of its own bid."""
    return {"v": 1, **about(opened), "reason": reason}


@transaction.atomic
def request_by_bidder(opening, organisation, reason, signature, *, by, at):
    """A bidder that cannot use its key asks that the holders open its bid; the Fallback."""
    require_member(by, organisation)
    opening = in_window(opening, at)
    opened = locked_bid(own_bid(opening, organisation), opening)
    if signed_by(by, "fallback-request", request_object(opened, reason), signature) is None:
        raise Refused(
            "bad_signature", "签名无法核对：请使用你本人已登记的签名密钥。", next_step="没有签名密钥的，请联系主持人代为申请。", status=400
        )
    return requested(opened, Fallback.AskedBy.BIDDER, reason, by=by, at=at)


@transaction.atomic
def request_by_host(opened, reason, *, by, at):
    """The host asks, with a reason, on behalf of a bidder that cannot even sign."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    opening = in_window(opened.opening, at)
    return requested(locked_bid(opened, opening), Fallback.AskedBy.HOST, reason, by=by, at=at)


def locked_bid(opened, opening):
    opened = OpenedBid.objects.select_for_update(of=["self"]).select_related("bid__bidder", "bid__lot__tender").get(pk=opened.pk)
    opened.opening = opening
    return opened


def requested(opened, asked_by, reason, *, by, at):
    if not reason.strip():
        raise Refused("no_reason", "请写明申请应急解密的理由。", field="reason", status=400)
    if policy_for(opened)["fallback"] == "none":
        raise Refused(
            "no_holders", "本标段没有设置持钥人，投标文件只能由投标人自己解密。", rule=RULE, next_step="请在解密时限内载入密钥文件解密。"
        )
    if opened.state != OpenedBid.State.PENDING or Fallback.objects.filter(opened=opened).exists():
        # Whether a bid is already open is known to its bidder alone: the host gets the same answer either way.
        raise Refused("no_fallback", "这份投标文件不能申请应急解密：已经解密，或已经申请过。")
    fallback = Fallback.objects.create(opened=opened, asked_by=asked_by, requested_by=by, requested_at=at, reason=reason[:200])
    record(FallbackRequested(**about(opened), by=str(asked_by), reason=fallback.reason), by=by, role=str(asked_by))
    touched(opened.opening)
    return fallback


def touched(opening):
    """Let the pages that watch this opening know that something changed for somebody."""
    opening.version += 1
    opening.save(update_fields=["version"])


def locked_fallback(fallback, at):
    """The fallback with its bid and opening, locked in that order; refused outside the window for keys."""
    opening = in_window(fallback.opened.opening, at)
    opened = locked_bid(fallback.opened, opening)
    fallback = Fallback.objects.select_for_update().get(pk=fallback.pk)
    fallback.opened = opened
    return fallback


@transaction.atomic
def decide(fallback, *, approve, reason, by, at):
    """A supervisor of the tender approves the emergency opening, or refuses it with a reason."""
    require(by, SUPERVISE, fallback.opened.opening.lot.tender)
    fallback = locked_fallback(fallback, at)
    if fallback.state != Fallback.State.REQUESTED:
        raise Refused("decided", "这项申请已经处理。", next_step="请刷新页面查看。")
    if not approve and not reason.strip():
        raise Refused("no_reason", "不批准的，请写明理由。", field="reason", status=400)
    fallback.state = Fallback.State.APPROVED if approve else Fallback.State.REFUSED
    fallback.decided_by, fallback.decided_at, fallback.decision = by, at, reason[:200]
    fallback.save()
    happened = FallbackApproved if approve else FallbackRefused
    record(happened(**about(fallback.opened), reason=fallback.decision), by=by, role="supervisor")
    touched(fallback.opened.opening)


def own_key(fallback, by):
    """The holder's key with which `by` stands in the bid's policy; Forbidden for everybody else."""
    kids = [holder["kid"] for holder in policy_for(fallback.opened)["holders"]]
    key = EncryptionKey.objects.filter(kid__in=kids, role=EncryptionKey.Role.HOLDER, enrolled_by=by).select_related("organisation").first()
    if key is None:
        raise Forbidden("not_holder", "你不是这份投标文件的持钥人。")
    return key


def share_object(opened, kid, digest):
    """What a holder signs (label `fallback-share`): `digest` is the commitment of what is handed in, or "" for nothing."""
    return {"v": 1, **about(opened), "holder": kid, "digest": digest}


def give_share(fallback, share, signature, *, by, at):
    """Take in one holder's share (17 bytes, base64url; empty: "I cannot open it"), signed; whether it was right.

    A wrong one is on record under the holder's signature, and refused.
    """
    if not take_share(fallback, share, signature, by=by, at=at):
        raise Refused(
            "bad_share",
            "提交的份额与投标文件中的承诺不符，已记录。",
            rule=RULE,
            next_step="请确认载入的是登记为持钥人的密钥文件；仍不能打开的，请告知主持人。",
        )


@transaction.atomic
def take_share(fallback, share, signature, *, by, at):
    fallback = locked_fallback(fallback, at)
    opened = fallback.opened
    key = own_key(fallback, by)
    if fallback.state != Fallback.State.APPROVED:
        raise Refused("not_approved", "这项应急解密未获批准或已经结束。", next_step="请刷新页面查看。", status=403)
    if fallback.shares.filter(kid=key.kid, right=True).exists():
        raise Refused("share_given", "你已经提交过份额。")
    bound_to = context_hash(context_of(opened))
    digest = b64u(commitment(bound_to, decoded(share))) if share else ""
    if signed_by(by, "fallback-share", share_object(opened, key.kid, digest), signature) is None:
        raise Refused("bad_signature", "签名无法核对：请使用你本人已登记的签名密钥。", status=400)
    header = header_of(opened)
    wanted = b64u(committed(next(each for each in header.stanzas if each.args[:2] == ("etp/share", key.kid))))
    right = digest == wanted
    # A holder may try again after a mistake; each wrong try counts once against the bid, by organisation.
    FallbackShare.objects.create(
        fallback=fallback,
        kid=key.kid,
        org=key.organisation.uscc,
        by=by,
        right=right,
        wrapped=wrap_key(decoded(share)) if right else None,
        at=at,
    )
    whose = {"holder": key.kid, "org": key.organisation.uscc}
    if right:
        record(FallbackShareGiven(**about(opened), **whose, commit=digest), by=by, role="holder")
        combined(fallback, header, at=at)
    else:
        record(FallbackBadShare(**about(opened), **whose, digest=digest, signature=signature), by=by, role="holder")
        judged(fallback, at=at)
    touched(opened.opening)
    return right


def decoded(share):
    try:
        data = unb64u(share)
    except ValueError:
        data = b""
    if len(data) != 17:
        raise Refused("bad_share", "份额格式不对。", next_step="请重新载入密钥文件。", status=400)
    return data


def header_of(opened):
    with opened.sealed.upload.open() as sealed:
        return parse_header(sealed)


def combined(fallback, header, *, at):
    """With k right shares the file key is there: the bid is settled, and the shares are forgotten."""
    opened = fallback.opened
    policy = policy_for(opened)
    right = list(fallback.shares.filter(right=True))
    if len(right) < policy["k"]:
        return
    key = combine([unwrap_key(bytes(row.wrapped)) for row in right])
    fallback.shares.update(wrapped=None)
    if not check_file_key(header, key):
        failed(fallback, "持钥人份额均与承诺相符，但合成的密钥不能打开文件：封存时写入了无效份额", at=at)
        return
    digest = b64u(H("file-key", context_hash(context_of(opened)) + key))
    opened.state, opened.key_released_at, opened.key_digest, opened.wrapped_key = OpenedBid.State.FALLBACK_OK, at, digest, wrap_key(key)
    opened.save(update_fields=["state", "key_released_at", "key_digest", "wrapped_key"])
    fallback.state = Fallback.State.OPENED
    fallback.save(update_fields=["state"])
    record(FallbackOpened(**about(opened), digest=digest), by=None)


def judged(fallback, *, at):
    """Shares that fail in the hands of several organisations were sealed wrongly; one failing holder proves nothing."""
    rows = fallback.shares.all()
    kept = {row.kid for row in rows if row.right}
    against = {row.org for row in rows if not row.right and row.kid not in kept}
    policy = policy_for(fallback.opened)
    left = {holder["kid"] for holder in policy["holders"]} - {row.kid for row in rows if not row.right and row.kid not in kept}
    if len(against) >= ORGANISATIONS_AGAINST and len(left) < policy["k"]:
        failed(fallback, "多家单位的持钥人都不能打开各自的份额：封存时写入了无效份额", at=at)


def failed(fallback, reason, *, at):
    opened = fallback.opened
    opened.state, opened.reason = OpenedBid.State.UNOPENED_BIDDER, reason
    opened.save(update_fields=["state", "reason"])
    fallback.state = Fallback.State.FAILED
    fallback.save(update_fields=["state"])
    fallback.shares.update(wrapped=None)
    record(FallbackFailed(**about(opened), reason=reason), by=None)
