"""Returning deposits when a lot has come to its end, and withholding one for a reason the law knows."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty, require_member
from ledger.acts import record
from ledger.canonical import instant, money
from postbox.actions import tell_members
from rulebook.refusals import Refused
from trading.awards.models import Award, Candidate
from trading.deposits.actions import order_refund, release_guarantee, return_deposit
from trading.deposits.actions.refunds import basic_account_of
from trading.deposits.books import Ledger, book, held
from trading.deposits.gateways import GatewayFailed, issuer
from trading.deposits.models import DepositAccount, DepositEntry, DepositRefund, Guarantee
from trading.deposits.secrecy import mark
from trading.opening.models import OpenedBid
from trading.procedures.rules.deposits import GROUNDS, WITHHOLDING_ANSWER, Occasion
from trading.projects.models import Lot
from trading.refunds.events import (
    WithholdingAnswered,
    WithholdingDecided,
    WithholdingExecuted,
    WithholdingObjected,
    WithholdingRevoked,
)
from trading.refunds.models import DepositWithholding

State = DepositWithholding.State
OPEN = (State.DECIDED, State.OBJECTED)


def return_deposits(lot, occasion, *, since, at, bidders=None, but=()):
    """Return what the lot's bidders have put up; of `bidders` only if given, and not of those in `but` (both by their pk).

    Deposits under an open decision to withhold stay. Doing it again changes nothing: what was ordered is held no longer.
    """
    for model, back in ((DepositAccount, None), (Guarantee, release_guarantee)):
        rows = model.objects.filter(lot=lot).exclude(withholdings__state__in=OPEN)
        if bidders is not None:
            rows = rows.filter(bidder__in=bidders)
        for row in rows.exclude(bidder__in=but) if but else rows:
            if back is None:
                return_deposit(row, occasion, since=since, at=at)
            else:
                back(row, at=at)


def ground_of(key):
    found = next((ground for ground in GROUNDS if ground.key == key), None)
    if found is None:
        raise Refused("no_ground", "请选择法定情形。", field="ground", status=400)
    return found


def about(deposit):
    number = deposit.number if isinstance(deposit, DepositAccount) else deposit.reference
    return {"tender": deposit.lot.tender.number, "lot": deposit.lot.key, "deposit": mark("deposit", number)}


def applies(ground, deposit):
    """Whether what is on record about the bidder bears the ground out."""
    bids = OpenedBid.objects.filter(opening__lot=deposit.lot, bid__bidder=deposit.bidder)
    if ground.key == "revoked":
        return bids.filter(state=OpenedBid.State.UNOPENED_BIDDER).exists()
    if ground.key == "no_contract":
        chosen = Candidate.objects.filter(result__bid__in=bids)
        return chosen.filter(passed_over_at__isnull=False).exists() or Award.objects.filter(candidate__in=chosen).exists()
    return True


@transaction.atomic
def decide_withholding(deposit, ground, reason, *, by, at):
    """The tenderee decides, with facts and reasons, that a deposit does not go back; the bidder is told and may object."""
    deposit = (
        type(deposit).objects.select_for_update(of=["self"]).select_related("lot__tender__project__owner", "bidder").get(pk=deposit.pk)
    )
    require_member(by, deposit.lot.tender.project.owner)
    ground = ground_of(ground)
    if deposit.bidder is None:
        raise Refused("not_opened", "开标前任何人都不得知道谁缴纳了保证金。", rule="《招标投标法》第二十二条", status=403)
    if not reason.strip():
        raise Refused("no_reason", "请写明事实和理由。", field="reason", status=400)
    if not applies(ground, deposit):
        raise Refused(
            "ground_missing", "平台记录中没有该投标人符合所选情形的事实。", rule=f"{ground.source}：{ground.says}", field="ground"
        )
    cash = isinstance(deposit, DepositAccount)
    amount = held(deposit) if cash else deposit.amount
    if amount <= 0 or (not cash and deposit.state != Guarantee.State.ISSUED):
        raise Refused("nothing_held", "这笔保证金已经退付、退保或划出，不能再作不予退还的决定。")
    if deposit.withholdings.filter(state__in=OPEN).exists():
        raise Refused("decided", "这笔保证金已有一项不予退还的决定。", next_step="请刷新页面。")
    until = WITHHOLDING_ANSWER.due_at(at)
    made = DepositWithholding.objects.create(
        account=deposit if cash else None, guarantee=None if cash else deposit, ground=ground.key, reason=reason.strip(), amount=amount,
        decided_by=by, decided_at=at, objections_until=until,
    )  # fmt: skip
    tell_bidder(made, "招标人决定不予退还投标保证金", f"依据：{ground.source}。如有异议，请在期限内提出；对答复不服的，可以依法投诉。")
    record(
        WithholdingDecided(**about(deposit), ground=ground.source, amount=money(amount), objections_until=instant(until)),
        by=by, role="tenderee", private={"reason": made.reason},
    )  # fmt: skip
    return made


def tell_bidder(withholding, subject, body):
    lot = withholding.deposit.lot
    link, key = (
        f"/me/bids/{lot.tender.number}/{lot.no}/deposit/",
        f"withholding/{withholding.pk}/{withholding.state}/{bool(withholding.answer)}",
    )
    tell_members(withholding.deposit.bidder, f"{subject}：{lot.tender.name}", body, link=link, key=key)


def locked(withholding, *states):
    rows = DepositWithholding.objects.select_for_update(of=["self"]).select_related(
        "account__lot__tender__project__owner", "guarantee__lot__tender__project__owner", "account__bidder", "guarantee__bidder"
    )
    found = rows.get(pk=withholding.pk)
    if found.state not in states:
        raise Refused("not_now", "这项决定现在不能这样办理。", next_step="请刷新页面。")
    return found


@transaction.atomic
def object_to_withholding(withholding, text, *, by, at):
    """The bidder says why the deposit is to go back; nothing is carried out before the tenderee has answered."""
    withholding = locked(withholding, State.DECIDED)
    require_member(by, withholding.deposit.bidder)
    if at > withholding.objections_until:
        WITHHOLDING_ANSWER.check(withholding.decided_at, at, subject="异议")
    if not text.strip():
        raise Refused("no_text", "请写明异议的事实和理由。", field="objection", status=400)
    withholding.state, withholding.objection, withholding.objected_at = State.OBJECTED, text.strip(), at
    withholding.save(update_fields=["state", "objection", "objected_at"])
    owner = withholding.deposit.lot.tender.project.owner
    tell_members(owner, "投标人对不予退还保证金的决定有异议", "请答复后再由交易中心执行。", key=f"withholding/{withholding.pk}/objected")
    record(WithholdingObjected(**about(withholding.deposit)), by=by, role="bidder", private={"text": withholding.objection})


@transaction.atomic
def answer_objection(withholding, answer, *, by, at):
    """The tenderee answers and stays by its decision; to give way, it revokes."""
    withholding = locked(withholding, State.OBJECTED)
    require_member(by, withholding.deposit.lot.tender.project.owner)
    if withholding.answered_at is not None:
        raise Refused("answered", "这项异议已经答复。")
    if not answer.strip():
        raise Refused("no_answer", "请写明答复。", field="answer", status=400)
    withholding.answer, withholding.answered_at = answer.strip(), at
    withholding.save(update_fields=["answer", "answered_at"])
    tell_bidder(withholding, "招标人已答复你的异议", "对答复不服的，可以依法投诉。")
    record(WithholdingAnswered(**about(withholding.deposit)), by=by, role="tenderee", private={"text": withholding.answer})


@transaction.atomic
def revoke_withholding(withholding, reason, *, by, at):
    """The tenderee gives way: the deposit goes back like everybody's, at once where the others' already has."""
    withholding = locked(withholding, *OPEN)
    lot = withholding.deposit.lot
    require_member(by, lot.tender.project.owner)
    if not reason.strip():
        raise Refused("no_reason", "请写明撤销的理由。", field="reason", status=400)
    withholding.state, withholding.closed_by, withholding.closed_at = State.REVOKED, by, at
    withholding.save(update_fields=["state", "closed_by", "closed_at"])
    if lot.state in (Lot.State.CONTRACTED, Lot.State.ARCHIVED, Lot.State.FAILED, Lot.State.TERMINATED):
        occasion = Occasion.FAILED if lot.state == Lot.State.FAILED else Occasion.LOST
        return_deposits(lot, occasion, since=at, at=at, bidders=[withholding.deposit.bidder_id])
    tell_bidder(withholding, "不予退还保证金的决定已撤销", "保证金将按规定退还。")
    record(WithholdingRevoked(**about(withholding.deposit), reason=reason.strip()[:300]), by=by, role="tenderee")


@transaction.atomic
def execute_withholding(withholding, *, by, at):
    """The centre carries the decision out, after the time for objecting and with every objection answered.

    The decision stays locked while the issuer is asked to pay: what is revoked meanwhile is not claimed, and asking
    the issuer again is harmless.
    """
    require_duty(by, Organisation.Kind.CENTRE, Duty.DEPOSITS)
    withholding = locked(withholding, *OPEN)
    require_executable(withholding, at)
    if withholding.guarantee is not None:
        try:
            issuer().claim(
                f"{withholding.guarantee.reference}-claim",
                number=withholding.guarantee.number,
                amount=withholding.amount,
                reason=withholding.reason,
            )
        except GatewayFailed as wrong:
            raise Refused("issuer_away", "出具机构暂时没有应答。", next_step="请稍后再试。", status=503) from wrong
    return carry_out(withholding, by=by, at=at)


def require_executable(withholding, at):
    waiting = withholding.answered_at is None if withholding.state == State.OBJECTED else at <= withholding.objections_until
    if waiting:
        raise Refused(
            "objections_open",
            "异议期未满，或投标人的异议还没有答复，不能执行。",
            rule=f"{WITHHOLDING_ANSWER.source}：{WITHHOLDING_ANSWER.says}",
        )


def carry_out(withholding, *, by, at):
    owner = withholding.deposit.lot.tender.project.owner
    if withholding.account is not None:
        if not owner.basic_account:
            raise Refused(
                "no_account", f"{owner.name}还没有登记基本账户，款项无处划付。", next_step="请招标人先在“单位信息”中登记基本账户。"
            )
        account = (
            DepositAccount.objects.select_for_update(of=["self"])
            .select_related("lot__tender__project__owner")
            .get(pk=withholding.account_id)
        )
        ground = ground_of(withholding.ground)
        withholding.amount = held(account)
        moves = {Ledger.HELD: withholding.amount, Ledger.WITHHELD: -withholding.amount}
        book(DepositEntry.Kind.WITHHELD, moves, account=account, value_at=at, at=at)
        withholding.payment = order_refund(
            account=account, amount=withholding.amount, ledger=Ledger.WITHHELD, reason=DepositRefund.Reason.WITHHELD,
            payee=basic_account_of(owner), due_at=WITHHOLDING_ANSWER.due_at(at), basis=f"{ground.source}：{ground.says}", value_at=at, at=at,
        )  # fmt: skip
    else:
        Guarantee.objects.filter(pk=withholding.guarantee_id).update(state=Guarantee.State.CLAIMED, ended_at=at)
    withholding.state, withholding.closed_by, withholding.closed_at = State.EXECUTED, by, at
    withholding.save()
    tell_bidder(withholding, "投标保证金不予退还，已执行", f"金额 {withholding.amount:,.2f} 元。对此不服的，可以依法投诉。")
    record(WithholdingExecuted(**about(withholding.deposit), amount=money(withholding.amount)), by=by, role="staff")
    return withholding
