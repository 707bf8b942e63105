"""Guarantees and insurances in place of cash: applied for through the platform, believed on the issuer's signature alone."""

import secrets
from datetime import date

from django.db import transaction

from ledger.canonical import money
from rulebook.refusals import Refused
from trading.deposits.actions.accounts import require_participant
from trading.deposits.actions.refunds import note, put_aside
from trading.deposits.events import GuaranteeEnded, GuaranteeIssued
from trading.deposits.gateways import GatewayFailed, issuer
from trading.deposits.models import Guarantee
from trading.deposits.queries import suffices, validity_of
from trading.deposits.secrecy import hide, owner_of, tag_of
from trading.procedures.rules.works import DEPOSIT_VALIDITY
from trading.projects.models import Lot

State = Guarantee.State


def apply_for_guarantee(lot, bidder, kind, *, by, at):
    """Apply to the issuer in the bidder's name; answers (guarantee, address where the bidder goes on)."""
    guarantee = keep_application(lot, bidder, kind, by=by, at=at)
    applicant = {"name": bidder.name, "uscc": bidder.uscc}
    try:
        url = issuer().apply(
            guarantee.reference, kind=guarantee.kind, applicant=applicant, amount=guarantee.amount, valid_until=guarantee.valid_until
        )
    except GatewayFailed as wrong:
        raise Refused("issuer_away", "保函平台暂时没有应答。", next_step="请稍后再试，或改用银行转账。", status=503) from wrong
    return guarantee, url


@transaction.atomic
def keep_application(lot, bidder, kind, *, by, at):
    """One application waits at a time; asking again for the same kind takes it up where it was left."""
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender__document").get(pk=lot.pk)
    require_participant(lot, bidder, by=by, at=at)
    tag, validity = tag_of(lot, bidder), validity_of(lot)
    # One that became too short when the deadline moved may be followed by another.
    if any(suffices(lot, row) for row in Guarantee.objects.filter(tag=tag, state=State.ISSUED)):
        raise Refused("guaranteed", "你单位在本标段已有一份有效保函，无需再次申请。")
    waiting = Guarantee.objects.filter(tag=tag, state=State.APPLIED, kind=kind, amount=lot.deposit, valid_until=validity).first()
    return waiting or Guarantee.objects.create(
        lot=lot, tag=tag, hidden=hide(bidder.uscc), kind=kind, reference=f"BH{secrets.token_hex(10)}", amount=lot.deposit,
        valid_until=validity, applied_at=at,
    )  # fmt: skip


def locked_guarantee(reference):
    rows = Guarantee.objects.select_for_update(of=["self"]).select_related("lot__tender__document", "bidder")
    return rows.filter(reference=reference).first()


def take_issue(notice, said, *, at):
    """The issuer has issued: it counts if it is the bidder's, in time, high and long enough."""
    guarantee = locked_guarantee(notice.about)
    if guarantee is None or guarantee.state not in (State.APPLIED, State.REVOKED):
        put_aside(notice, "出具机构报告的保函没有对应的申请，须人工核对。")
        return
    # A revocation that was told first has the last word.
    revoked = guarantee.state == State.REVOKED
    guarantee.number, guarantee.issuer, guarantee.code = str(said["number"])[:80], str(said["issuer"])[:120], str(said.get("code", ""))[:40]
    guarantee.issued_at = notice.value_at
    guarantee.shortfall = "；".join(shortfalls(guarantee, notice, said))
    guarantee.amount, guarantee.valid_until = notice.amount, date.fromisoformat(said["valid_until"])
    if not revoked:
        guarantee.state = State.INSUFFICIENT if guarantee.shortfall else State.ISSUED
    guarantee.save()
    note(
        guarantee.lot, guarantee.reference,
        GuaranteeIssued, {"amount": said["amount"], "valid_until": said["valid_until"], "sufficient": guarantee.state == State.ISSUED},
        what="guarantee", at=at,
    )  # fmt: skip


def shortfalls(guarantee, notice, said):
    """Why an issued guarantee does not do, in Chinese."""
    lot, bidder, validity = guarantee.lot, owner_of(guarantee), validity_of(guarantee.lot)
    if (said["applicant"]["uscc"], said["applicant"]["name"]) != (bidder.uscc, bidder.name):
        yield "被保证人与投标人不一致"
    if notice.amount < lot.deposit:
        yield f"担保金额不足 {lot.deposit:,.2f} 元"
    if date.fromisoformat(said["valid_until"]) < validity:
        yield f"有效期应不早于 {validity:%Y-%m-%d}（{DEPOSIT_VALIDITY.says}）"
    if lot.bids_due_at is None or notice.value_at >= lot.bids_due_at:
        yield "在投标截止之后出具"


def take_revocation(notice, said, *, at):
    """The issuer takes a guarantee back; it no longer counts, whichever of the two notices came first."""
    guarantee = locked_guarantee(notice.about)
    if guarantee is None or guarantee.state in (State.RELEASED, State.CLAIMED):
        put_aside(notice, "出具机构撤销的保函没有对应的申请，或已退保、索赔，须人工核对。")
        return
    guarantee.state, guarantee.ended_at = State.REVOKED, notice.value_at
    guarantee.shortfall = "出具机构已撤销"
    guarantee.save(update_fields=["state", "ended_at", "shortfall"])
    note_end(guarantee, at=at)


@transaction.atomic
def release_guarantee(guarantee, *, at):
    """No longer needed: the bidder may have its counter-security back. The issuer is told by the task that releases."""
    guarantee = Guarantee.objects.select_for_update(of=["self"]).select_related("lot__tender").get(pk=guarantee.pk)
    if guarantee.state == State.ISSUED:
        guarantee.state, guarantee.ended_at = State.RELEASED, at
        guarantee.save(update_fields=["state", "ended_at"])
        note_end(guarantee, at=at)
    return guarantee


def note_end(guarantee, *, at):
    about = {"amount": money(guarantee.amount), "reason": str(guarantee.state)}
    note(guarantee.lot, guarantee.reference, GuaranteeEnded, about, what="guarantee", at=at)
