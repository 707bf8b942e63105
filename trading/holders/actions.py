"""Appointing emergency holders, and their drills before the deadline (docs/trust.md §3.1, §6.4)."""

import hmac
import secrets

from django.db import transaction

from ledger.acts import record
from ledger.canonical import H, b64u
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing import context
from sealing.hpke import seal
from sealing.keys import signed_by
from sealing.shares import share_info
from sealing.signatures import load_p256
from trading.holders.events import HolderReady, PolicySigned
from trading.holders.models import OpeningPolicy, PolicyHolder
from trading.holders.queries import LEAST, MOST, possible_holders
from trading.projects.models import Lot
from trading.projects.permissions import require_handler

DRILL = "etp/drill/v1"


def drafted_policy(lot, chosen, k):
    """The policy that `chosen` (keys with roles, in order) and `k` make; Refused if the constraints are not kept."""
    check_holders(chosen, k)
    holders = [
        {
            "id": key.enrolled_by.pseudonym,
            "org": key.organisation.uscc,
            "role": str(role),
            "spki": b64u(bytes(key.spki)),
            "kid": key.kid,
        }
        for key, role in chosen
    ]
    window = lot.tender.document.decrypt_minutes
    return context.opening_policy(lot.tender.number, lot.key, window_min=window, holders=holders, k=k)


def check_holders(chosen, k):
    """2 ≤ k ≤ n ≤ 7, each of another organisation: whoever opens a bid, k organisations stand behind it."""
    if not LEAST <= k <= len(chosen) <= MOST:
        raise Refused(
            "bad_holders",
            f"持钥人须为 {LEAST} 至 {MOST} 人，开启所需人数不少于 {LEAST} 人且不超过持钥人数。",
            next_step="请调整持钥人或开启所需人数。",
            field="k",
            status=400,
        )
    if len({key.organisation_id for key, _ in chosen}) < len(chosen):
        raise Refused(
            "bad_holders",
            "每个单位只能有一名持钥人：任何一个单位都不能独自开启投标文件。",
            next_step="请减少该单位的持钥人，或增加其他单位的持钥人。",
            field="holders",
            status=400,
        )


def chosen_keys(tender, kids):
    """The keys of these names among those that may hold a share, in the order of the page."""
    found = [row for row in possible_holders(tender) if row[0].kid in kids]
    if len(found) != len(set(kids)):
        raise Refused(
            "bad_holders", "所选持钥人的密钥已停用或不能用于本项目。", next_step="请刷新页面重新选择。", field="holders", status=400
        )
    return found


@transaction.atomic
def sign_policy(lot, kids, k, signature, *, by):
    """Put the lot under an opening policy with emergency holders; the OpeningPolicy.

    `signature` is the handler's (label `opening-policy`) over the very policy that `drafted_policy` gives. Bids already
    handed in keep the policy they were sealed under. Refused after the deadline by the database's clock.
    """
    require_handler(by, lot.tender)
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender__project", "tender__document").get(pk=lot.pk)
    require_open(lot)
    chosen = chosen_keys(lot.tender, kids)
    policy = drafted_policy(lot, chosen, k)
    key = signed_by(by, "opening-policy", policy, signature)
    if key is None:
        raise Refused(
            "bad_signature", "签名无法核对：请使用你本人已登记的签名密钥。", next_step="请重新载入密钥文件后再签署。", status=400,
        )  # fmt: skip
    digest = context.policy_hash(policy)
    if OpeningPolicy.objects.filter(hash=digest).exists():
        raise Refused("policy_known", "这份开标授权已经签署。")
    spki = b64u(bytes(key.spki))
    entry = record(
        PolicySigned(tender=lot.tender.number, lot=lot.key, policy=policy, policy_hash=digest, signature=signature, spki=spki), by=by
    )
    signed = OpeningPolicy.objects.create(
        lot=lot, body=policy, hash=digest, signature=signature, spki=spki, signed_by=by, signed_at=entry.at, entry=entry
    )
    PolicyHolder.objects.bulk_create(
        PolicyHolder(policy=signed, place=place, key=each, role=role) for place, (each, role) in enumerate(chosen, start=1)
    )
    return signed


def require_open(lot):
    """Holders are appointed, and drilled, before the deadline: afterwards nothing about the opening may change."""
    if lot.state not in (Lot.State.REGISTERED, Lot.State.BIDDING) or (lot.bids_due_at and database_now() >= lot.bids_due_at):
        raise Refused("deadline_passed", "投标截止时间已过，开标授权不能再变更。", rule="《招标投标法》第三十四条", status=403)


def own_place(holder, by):
    if holder.key.enrolled_by_id != by.pk:
        raise Forbidden("not_holder", "你不是这份开标授权的持钥人。")


@transaction.atomic
def begin_drill(holder, *, by):
    """Give the holder something that only its key opens: `{"enc", "body", "bound_to"}`, base64url."""
    own_place(holder, by)
    require_open(holder.policy.lot)
    secret, bound_to = secrets.token_bytes(32), H("drill-context", holder.policy.hash.encode())
    enc, body = seal(load_p256(bytes(holder.key.spki)), share_info(DRILL, bound_to), secret)
    holder.drill_digest = b64u(H("drill", secret))
    holder.save(update_fields=["drill_digest"])
    return {"enc": b64u(enc), "body": b64u(body), "bound_to": b64u(bound_to)}


def ready_object(holder, digest):
    """What a holder signs (label `holder-ready`) once the drill was opened."""
    lot = holder.policy.lot
    return {
        "v": 1,
        "tender": lot.tender.number,
        "lot": lot.key,
        "policy": holder.policy.hash,
        "holder": holder.key.kid,
        "digest": digest,
    }


@transaction.atomic
def end_drill(holder, digest, signature, *, by, at):
    """The holder opened the drill and signed its digest: the key is at hand and works."""
    own_place(holder, by)
    holder = PolicyHolder.objects.select_for_update(of=["self"]).select_related("policy__lot__tender", "key").get(pk=holder.pk)
    require_open(holder.policy.lot)
    if not holder.drill_digest or not hmac.compare_digest(holder.drill_digest, digest):
        raise Refused("wrong_key", "该密钥不能打开演练内容。", next_step="请确认载入的是持钥人密钥文件，再重新演练。", status=400)
    if signed_by(by, "holder-ready", ready_object(holder, digest), signature) is None:
        raise Refused("bad_signature", "签名无法核对：请使用你本人已登记的签名密钥。", status=400)
    holder.drill_digest, holder.drilled_at = "", at
    holder.save(update_fields=["drill_digest", "drilled_at"])
    lot = holder.policy.lot
    record(
        HolderReady(
            tender=lot.tender.number, lot=lot.key, policy=holder.policy.hash, holder=holder.key.kid, org=holder.key.organisation.uscc
        ),
        by=by,
        role=holder.role,
    )
