"""Declaring an outage, confirming it by a second person, and moving the deadlines that it touched. Nobody has to ask."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from disclosure.models import Notice
from documents.actions import request_document
from ledger.acts import record
from ledger.canonical import instant
from rulebook.refusals import Refused
from trading.outages.events import DeadlineRestored, OutageDeclared, OutageRefused
from trading.outages.measuring import confirmed, new_number
from trading.outages.models import LotExtension, Outage
from trading.outages.queries import rule_on
from trading.projects.models import Lot, Tender
from trading.tenders.actions.clarification import move_deadline
from trading.tenders.models import TenderDocument
from trading.tenders.notices import notice_of, shown, tell_parties


@transaction.atomic
def declare_outage(*, component, began_at, ended_at, reason, evidence, by, at):
    """The operator reports what the platform could not see itself (network, certificates), with evidence."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    if not began_at < ended_at <= at:
        raise Refused("outage_times", "恢复时间应在开始之后，且不晚于现在。", field="ended_at")
    if not rule_on(at).counts(began_at, ended_at):
        raise Refused("outage_short", "故障时间不足，不影响投标截止。", rule=rule_on(at).says, field="ended_at")
    outage = Outage.objects.create(
        number=new_number(at), component=component, source=Outage.Source.DECLARED, state=Outage.State.DECLARED, began_at=began_at,
        ended_at=ended_at, reason=reason, evidence=evidence, declared_by=by, declared_at=at,
    )  # fmt: skip
    record(
        OutageDeclared(outage=outage.number, component=component, began_at=instant(began_at), ended_at=instant(ended_at)),
        by=by, role="staff",
    )  # fmt: skip
    return outage


@transaction.atomic
def doubt_outage(outage, *, reason, by, at):
    """The operator doubts that an outage which the platform measures, and which does not end, is one: a second person decides."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    outage = Outage.objects.select_for_update(of=["self"]).get(pk=outage.pk)
    if outage.state != Outage.State.OPEN or outage.declared_by_id is not None:
        raise Refused("not_open", "只能对正在计时、尚未提出疑问的故障提出疑问。", next_step="请刷新页面。")
    if not reason.strip():
        raise Refused("no_reason", "请写明监测有误的理由。", field="reason")
    outage.declared_by, outage.reason = by, f"{outage.reason}运行人员认为监测有误：{reason}"
    outage.save(update_fields=["declared_by", "reason"])
    return outage


@transaction.atomic
def settle_declaration(outage, *, accepted, by, at):
    """Another person of the centre confirms or refuses a declared outage, or one that was doubted; confirmed, it moves deadlines at once.

    A doubted outage that is confirmed goes on until the platform itself sees its end.
    """
    require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    outage = Outage.objects.select_for_update(of=["self"]).get(pk=outage.pk)
    doubted = outage.state == Outage.State.OPEN and outage.declared_by_id is not None
    if outage.state != Outage.State.DECLARED and not doubted:
        raise Refused("settled", "这次故障已经复核。", next_step="请刷新页面。")
    if outage.declared_by_id == by.pk:
        raise Refused("second_person", "复核人不能是报告人。", next_step="请由另一位工作人员复核。", rule="故障认定双人复核")
    if doubted and accepted:
        outage.declared_by = None
        outage.save(update_fields=["declared_by"])
        return outage
    outage.state = Outage.State.CONFIRMED if accepted else Outage.State.REFUSED
    outage.confirmed_by, outage.confirmed_at = by, at
    outage.save()
    record(confirmed(outage) if accepted else OutageRefused(outage=outage.number), by=by, role="staff")
    if accepted:
        make_good(outage, by=by, at=at)
    return outage


def make_good(outage, *, by, at):
    """Move the deadline of every tender that a confirmed outage touched and that has not been looked at for it."""
    rule = rule_on(at)
    lots = Lot.objects.filter(
        state=Lot.State.BIDDING, bids_due_at__gt=outage.began_at, bids_due_at__lt=outage.ended_at + rule.within,
        tender__published_at__lt=outage.ended_at,
    ).exclude(extensions__outage=outage)  # fmt: skip
    for pk in lots.order_by("tender").values_list("tender", flat=True).distinct():
        extend_deadline(pk, outage, by=by, at=at)


@transaction.atomic
def extend_deadline(tender_id, outage, *, by, at):
    """Move one tender's deadline for an outage, once: with a notice, a message to all who hold the document, a certificate."""
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tender_id)
    # Whoever submits, moves the deadline or locks the bids waits for these rows, or has been before us.
    lots = list(tender.lots.select_for_update().filter(state=Lot.State.BIDDING).exclude(extensions__outage=outage))
    rule = rule_on(at)
    lots = [lot for lot in lots if rule.touches(outage.began_at, outage.ended_at, lot.bids_due_at)]
    if not lots:
        return
    new = max(deadline_after(rule, outage, lot) for lot in lots)
    rows = [LotExtension(outage=outage, lot=lot, old=lot.bids_due_at, new=max(new, lot.bids_due_at), at=at) for lot in lots]
    moving = [row.lot for row in rows if row.moved]
    if moving:
        certificate = certify(tender, outage, rows, by=by, at=at)
        notice = announce(tender, outage, rows, rule, certificate, by=by, at=at)
        for row in rows:
            row.certificate, row.notice = certificate, notice
        move(tender, moving, new, outage, by=by, at=at)
        tell_parties(
            tender, f"投标截止时间顺延：{tender.name}", f"因平台故障，投标截止时间自动顺延至 {shown(new)}，无需申请。", notice,
            key=f"outage/{outage.pk}/{tender.pk}",
        )  # fmt: skip
    LotExtension.objects.bulk_create(rows)


def deadline_after(rule, outage, lot):
    """Where the deadline falls: outages that overlap are one, counted from the deadline before the first of them."""
    before = LotExtension.objects.filter(lot=lot, outage__began_at__lte=outage.ended_at, outage__ended_at__gte=outage.began_at)
    before = list(before.select_related("outage").order_by("at"))
    began = min([outage.began_at, *(row.outage.began_at for row in before)])
    ended = max([outage.ended_at, *(row.outage.ended_at for row in before)])
    return rule.new_deadline(began, ended, before[0].old if before else lot.bids_due_at)


def move(tender, lots, new, outage, *, by, at):
    """A deadline still ahead is changed; one that passed during the outage is set anew, which the ledger says apart."""
    document = TenderDocument.objects.get(tender=tender)
    ahead = [lot for lot in lots if at < lot.bids_due_at]
    for lot in lots:
        if lot not in ahead:
            record(
                DeadlineRestored(
                    tender=tender.number, lot=lot.key, old=instant(lot.bids_due_at), new=instant(new), outage=outage.number
                ),
                by=by,
            )  # fmt: skip
            lot.bids_due_at = new
            lot.save(update_fields=["bids_due_at"])
    move_deadline(document, ahead, new, by=by, at=at, hall=None)


def certify(tender, outage, rows, *, by, at):
    """The certificate of the outage that any bidder may show: what failed, from when to when, which deadlines it moved."""
    return request_document(
        "outage_certificate", subject=tender.stream, title=f"平台故障证明（{outage.number}）", by=by, at=at, public=not tender.private,
        context={
            "number": outage.number, "component": outage.get_component_display(), "source": outage.get_source_display(),
            "began_at": shown(outage.began_at), "ended_at": shown(outage.ended_at), "minutes": outage.minutes, "reason": outage.reason,
            "tender": tender.name, "lots": [{"name": row.lot.name, "old": shown(row.old), "new": shown(row.new)} for row in rows],
        },
    )  # fmt: skip


def announce(tender, outage, rows, rule, certificate, *, by, at):
    new = max(row.new for row in rows)
    return notice_of(
        tender, Notice.Kind.POSTPONED, title=f"{tender.name}投标截止时间顺延公告", context={"outage": outage, "rows": rows, "rule": rule, "certificate": certificate},
        facts=[
            ("故障编号", outage.number), ("故障时间", f"{shown(outage.began_at)} 至 {shown(outage.ended_at)}（{outage.minutes} 分钟）"),
            *((f"{row.lot.name}原投标截止", shown(row.old)) for row in rows), ("顺延后的投标截止（开标）", shown(new)),
        ],
        due_at=new, by=by, at=at,
    )  # fmt: skip


def keep_watch(*, by, at):
    """Make good every confirmed outage whose time still touches a deadline."""
    rule = rule_on(at)
    for outage in Outage.objects.filter(state=Outage.State.CONFIRMED, ended_at__gt=at - 2 * rule.within).order_by("began_at"):
        make_good(outage, by=by, at=at)
