"""Objections to the tenderee and complaints to the regulator, on their statutory clocks (supervision.md §1)."""

from datetime import timedelta

from django.db import transaction

from accounts.models import Duty, Organisation, Person
from accounts.permissions import require, require_duty, require_member
from disclosure.models import Notice
from documents.actions import request_document
from ledger.acts import record
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.periods import day_end
from rulebook.refusals import Refused
from supervision.remedies.events import (
    ComplaintCorrected,
    ComplaintDecided,
    ComplaintFiled,
    ComplaintReviewed,
    ComplaintWithdrawn,
    ObjectionAnswered,
    ObjectionFiled,
    ObjectionWithdrawn,
)
from supervision.remedies.models import Complaint, InvestigationNote, Objection
from supervision.remedies.queries import inspections_of, open_inspection
from trading.awards.actions import current_publicity, void_publicity
from trading.evaluation.actions import order_reevaluation
from trading.opening.models import OpenedBid
from trading.procedures.reaching import occurrences_of, reach
from trading.procedures.rules import works
from trading.procedures.timeline import Occurrence, by_name, permitted_day
from trading.projects.models import Lot
from trading.tenders.actions import MANAGE, fail_lot, resume_lot, suspend_lot
from trading.tenders.models import DocumentHolder, Suspension
from trading.tenders.notices import notice_of, shown

SUPERVISE = "trading.supervise_tender"


def locked_lot(pk):
    return (
        Lot.objects.select_for_update(of=["self"])
        .select_related("tender__project__owner", "tender__project__agency", "tender__project__regulator")
        .get(pk=pk)
    )


def about(row):
    return {"tender": row.lot.tender.number, "lot": row.lot.key, "number": row.number}


def happened(remedy, name, *, at):
    """Set down a statutory event of an objection or a complaint, by its number."""
    reach(remedy.lot.tender, name, at=at, lot=remedy.lot, reference=remedy.number)


@transaction.atomic
def file_objection(lot, organisation, *, matter, facts, claim, evidence, by, at):
    """A bidder objects; in time, and as one concerned. Until it is answered the lot stands still."""
    require_member(by, organisation)
    lot = locked_lot(lot.pk)
    rule = works.DOCUMENT_OBJECTION_REPLY if matter == Objection.Matter.DOCUMENT else works.RESULT_OBJECTION_REPLY
    if matter == Objection.Matter.DOCUMENT:
        check_document_objection(lot, organisation, at)
    else:
        check_result_objection(lot, organisation, at)
    year = city_day(at).year
    objection = Objection.objects.create(
        number=f"YY{year}-{next_number('objection', year):04d}", lot=lot, matter=matter, organisation=organisation, by=by, facts=facts,
        claim=claim, evidence=evidence, filed_at=at, due_at=rule.due_at(at),
    )  # fmt: skip
    # Who took the document is secret until the opening: an objection to it must not tell.
    secret = matter == Objection.Matter.DOCUMENT
    suspend_lot(
        lot, cause=Suspension.Cause.OBJECTION, reference=objection.number, reason=f"异议 {objection.number} 等待答复",
        by=Person.objects.platform() if secret else by, at=at,
    )  # fmt: skip
    for side in filter(None, (lot.tender.project.agency, lot.tender.project.owner)):
        tell_members(
            side, f"收到异议：{lot.tender.name}", f"请在 {shown(objection.due_at)} 前答复，答复前招标投标活动暂停。",
            link=f"/work/objections/{objection.number}/", key=f"objection/{objection.pk}",
        )  # fmt: skip
    happened(objection, f"{matter}_objection_filed", at=at)
    record(
        ObjectionFiled(**about(objection), matter=matter), by=None if secret else by, role="bidder",
        private={"by": by.pseudonym, "organisation": organisation.uscc} if secret else None,
    )  # fmt: skip
    return objection


def check_document_objection(lot, organisation, at):
    if not DocumentHolder.objects.filter(tender=lot.tender, organisation=organisation).exists():
        raise Refused("not_concerned", "只有获取了招标文件的潜在投标人可以对招标文件提出异议。", status=403)
    rule = works.DOCUMENT_OBJECTION
    if lot.state != Lot.State.BIDDING or city_day(at) > city_day(lot.bids_due_at) - timedelta(days=rule.days):
        raise Refused("late", "对招标文件的异议已过提出期限。", rule=f"{rule.source}：{rule.says}", next_step="可以依法向监督部门反映。")


def check_result_objection(lot, organisation, at):
    if not OpenedBid.objects.filter(opening__lot=lot, bid__bidder=organisation).exists():
        raise Refused("not_concerned", "只有本标段的投标人可以对评标结果提出异议。", status=403)
    publicity = current_publicity(lot)
    if publicity is None or at > publicity.until:
        raise Refused(
            "late", "对评标结果的异议应当在中标候选人公示期间提出。", rule=works.RESULT_OBJECTION_REPLY.source, next_step="可以依法向监督部门投诉。",
        )  # fmt: skip


@transaction.atomic
def answer_objection(objection, *, upheld, answer, by, at):
    """The tenderee's side answers; the lot goes on, or, upheld about the result, back to a new committee."""
    objection = Objection.objects.select_for_update(of=["self"]).select_related("lot__tender", "organisation").get(pk=objection.pk)
    require(by, MANAGE, objection.lot.tender)
    if objection.state != Objection.State.FILED:
        raise Refused("answered", "这件异议已经答复。")
    if not answer.strip():
        raise Refused("no_answer", "请写明答复内容和理由。", field="answer")
    objection.state = Objection.State.UPHELD if upheld else Objection.State.DISMISSED
    objection.answer, objection.answered_at, objection.answered_by = answer, at, by
    objection.save()
    let_go_on(objection, f"异议 {objection.number} 已答复", by=by, at=at)
    if upheld and objection.matter == Objection.Matter.RESULT:
        send_back(objection.lot, f"异议 {objection.number} 成立：{answer}", by=by, at=at)
    tell_members(
        objection.organisation, f"异议答复：{objection.lot.tender.name}", answer[:300], link="/me/remedies/", key=f"answer/{objection.pk}"
    )
    happened(objection, f"{objection.matter}_objection_replied", at=at)
    record(ObjectionAnswered(**about(objection), upheld=upheld), by=by)
    return objection


@transaction.atomic
def withdraw_objection(objection, *, by, at):
    """The one who objected takes it back before it is answered; the lot goes on."""
    objection = Objection.objects.select_for_update(of=["self"]).select_related("lot__tender", "organisation").get(pk=objection.pk)
    require_member(by, objection.organisation)
    if objection.state != Objection.State.FILED:
        raise Refused("answered", "这件异议已经办结，不能撤回。")
    objection.state = Objection.State.WITHDRAWN
    objection.save(update_fields=["state"])
    secret = objection.matter == Objection.Matter.DOCUMENT
    let_go_on(objection, f"异议 {objection.number} 已撤回", by=Person.objects.platform() if secret else by, at=at)
    happened(objection, "objection_withdrawn", at=at)
    record(ObjectionWithdrawn(**about(objection)), by=None if secret else by, role="bidder")
    return objection


def let_go_on(remedy, reason, *, by, at):
    """End the suspensions that stem from an objection or a complaint."""
    for stop in remedy.lot.suspensions.filter(reference=remedy.number, until=None):
        resume_lot(stop, by=by, at=at, reason=reason)


def send_back(lot, reason, *, by, at):
    publicity = current_publicity(lot)
    if publicity is not None:
        void_publicity(publicity, reason=reason, by=by, at=at)
    order_reevaluation(lot, reason=reason, by=by, at=at)


@transaction.atomic
def file_complaint(objection, organisation, *, facts, claim, evidence, by, at):
    """Not content with the answer, or left without one: appeal to the regulator within ten days, answering time apart."""
    require_member(by, organisation)
    objection = Objection.objects.select_related("lot__tender__project__regulator").get(pk=objection.pk, organisation=organisation)
    if objection.answered_at is None and at <= objection.due_at:
        raise Refused(
            "objection_first", "异议还在答复期内，答复后（或逾期未答复）才能投诉。", rule="《招标投标法实施条例》第六十条：应当先向招标人提出异议",
            next_step=f"答复期限到 {shown(objection.due_at)}。",
        )  # fmt: skip
    known_at = objection.answered_at or objection.due_at
    if at > works.COMPLAINT_FILING.due_at(known_at):
        raise Refused("late", "投诉已超过法定期限。", rule=f"{works.COMPLAINT_FILING.source}：{works.COMPLAINT_FILING.says}")
    if objection.complaints.exclude(state=Complaint.State.WITHDRAWN).exists():
        raise Refused("again", "同一事项已经投诉，不能重复投诉。", rule="《工程建设项目招标投标活动投诉处理办法》第十二条")
    year = city_day(at).year
    complaint = Complaint.objects.create(
        number=f"TS{year}-{next_number('complaint', year):04d}", lot=objection.lot, objection=objection, organisation=organisation, by=by,
        regulator=objection.lot.tender.project.regulator, facts=facts, claim=claim, evidence=evidence, filed_at=at,
        acceptance_due_at=works.COMPLAINT_ACCEPTANCE.due_at(at),
    )  # fmt: skip
    tell_members(
        complaint.regulator, f"收到投诉：{objection.lot.tender.name}", f"请在 {shown(complaint.acceptance_due_at)} 前决定是否受理。",
        link="/supervision/", key=f"complaint/{complaint.pk}",
    )  # fmt: skip
    happened(complaint, "harm_known", at=known_at)
    happened(complaint, "complaint_filed", at=at)
    record(ComplaintFiled(**about(complaint)), by=by, role="bidder")
    return complaint


def handled(complaint, by):
    complaint = (
        Complaint.objects.select_for_update(of=["self"]).select_related("lot__tender", "organisation", "regulator").get(pk=complaint.pk)
    )
    require_duty(by, Organisation.Kind.REGULATOR, Duty.COMPLAINTS)
    require(by, SUPERVISE, complaint.lot.tender)
    return complaint


@transaction.atomic
def review_complaint(complaint, outcome, *, reasons="", by, at):
    """Accept, refuse, or ask once for corrections; acceptance starts the clock of the decision."""
    complaint = handled(complaint, by)
    if complaint.state != Complaint.State.FILED:
        raise Refused("reviewed", f"该投诉当前为“{complaint.get_state_display()}”，不能审查。")
    if outcome == Complaint.State.CORRECTION and complaint.correction:
        raise Refused("asked_once", "补正内容应当一次告知，不能再次要求补正。", field="outcome")
    if outcome != Complaint.State.ACCEPTED and not reasons.strip():
        raise Refused("no_reasons", "请写明不予受理的理由或需要补正的内容。", field="reasons")
    reach(complaint.lot.tender, "complaint_acceptance_decided", at=at, lot=complaint.lot, reference=filing_of(complaint))
    complaint.state, complaint.correction = outcome, reasons
    if outcome == Complaint.State.ACCEPTED:
        complaint.accepted_at, complaint.decision_due_at = at, works.COMPLAINT_DECISION.due_at(at)
    complaint.save()
    tell_members(
        complaint.organisation,
        f"投诉{complaint.get_state_display()}：{complaint.lot.tender.name}",
        reasons,
        link="/me/remedies/",
        key=f"review/{complaint.pk}/{outcome}",
    )
    if outcome == Complaint.State.ACCEPTED:
        happened(complaint, "complaint_accepted", at=at)
    record(ComplaintReviewed(**about(complaint), outcome=outcome), by=by, role="supervisor")
    return complaint


def filing_of(complaint):
    """Names the filing that is being examined: once it was corrected, the time to decide on acceptance runs anew."""
    return f"{complaint.number}/2" if complaint.correction else complaint.number


def investigated(complaint):
    if complaint.state != Complaint.State.ACCEPTED:
        raise Refused("not_accepted", "投诉受理后才能进行此操作。")


@transaction.atomic
def order_suspension(complaint, reason, *, by, at):
    """The regulator stops the lot while it investigates (条例第六十二条)."""
    complaint = handled(complaint, by)
    investigated(complaint)
    if complaint.lot.suspensions.filter(reference=complaint.number, until=None).exists():
        raise Refused("suspended", "该标段已因本投诉暂停。")
    return suspend_lot(complaint.lot, cause=Suspension.Cause.ORDER, reference=complaint.number, reason=reason, by=by, at=at)


@transaction.atomic
def add_note(complaint, text, *, by, at, file=None):
    complaint = handled(complaint, by)
    investigated(complaint)
    return InvestigationNote.objects.create(complaint=complaint, by=by, at=at, text=text, file=file)


@transaction.atomic
def begin_inspection(complaint, text, *, by, at):
    """A test, an appraisal or a review by experts begins: until it ends, the time for the decision stands still (条例第六十一条)."""
    complaint = handled(complaint, by)
    investigated(complaint)
    if open_inspection(complaint):
        raise Refused("inspecting", "已有一项检验、检测、鉴定或专家评审正在进行。", next_step="请先登记其结束。")
    reach(
        complaint.lot.tender,
        "inspection_started",
        at=at,
        lot=complaint.lot,
        reference=f"{complaint.number}/{inspections_of(complaint) + 1}",
    )
    return InvestigationNote.objects.create(complaint=complaint, by=by, at=at, text=f"检验、检测、鉴定或专家评审开始：{text}")


@transaction.atomic
def end_inspection(complaint, text, *, by, at):
    """It has ended: the decision is due so much later as it took."""
    complaint = handled(complaint, by)
    investigated(complaint)
    reference = open_inspection(complaint)
    if reference is None:
        raise Refused("not_inspecting", "没有正在进行的检验、检测、鉴定或专家评审。")
    reach(complaint.lot.tender, "inspection_ended", at=at, lot=complaint.lot, reference=reference)
    anchor = Occurrence("complaint_accepted", complaint.accepted_at, complaint.number)
    known = by_name(occurrences_of(complaint.lot.tender, complaint.lot))
    due, _ = permitted_day(works.COMPLAINT_DECISION, anchor, known, city_day(at))
    complaint.decision_due_at = day_end(due)
    complaint.save(update_fields=["decision_due_at"])
    return InvestigationNote.objects.create(complaint=complaint, by=by, at=at, text=f"检验、检测、鉴定或专家评审结束：{text}")


@transaction.atomic
def decide_complaint(complaint, *, upheld, findings, basis, decision, remedy, by, at):
    """Decide with reasons, publish, and carry the decision out on the lot."""
    complaint = handled(complaint, by)
    investigated(complaint)
    rule = works.COMPLAINT_INVESTIGATORS
    if complaint.notes.values("by").distinct().count() < rule.minimum:
        rule.refuse(f"目前只有一人或没有人作过调查记录（{rule.says}）。", next_step="请由另一名办案人员补充调查记录。")
    if not all(text.strip() for text in (findings, basis, decision)):
        raise Refused("incomplete", "查明事实、处理依据和处理意见都须写明。")
    if not upheld and remedy != Complaint.Remedy.NONE:
        raise Refused("remedy", "驳回投诉时不能责令重新评标或重新招标。", field="remedy")
    lot = locked_lot(complaint.lot_id)
    complaint.state = Complaint.State.UPHELD if upheld else Complaint.State.DISMISSED
    complaint.findings, complaint.basis, complaint.decision, complaint.remedy = findings, basis, decision, remedy
    complaint.decided_at, complaint.decided_by = at, by
    project = lot.tender.project
    complaint.document = request_document(
        "complaint_decision", subject=lot.tender.stream, title=f"投诉处理决定书（{complaint.number}）", by=by, at=at, public=not lot.tender.private,
        context={
            "number": complaint.number, "complainant": complaint.organisation.name, "respondent": project.owner.name, "tender": lot.tender.name,
            "facts": complaint.facts, "claim": complaint.claim, "findings": findings, "basis": basis, "decision": decision,
            "regulator": complaint.regulator.name,
        },
    )  # fmt: skip
    complaint.notice = notice_of(
        lot.tender, Notice.Kind.COMPLAINT, title=f"{lot.tender.name}投诉处理决定", lot=lot, by=by, at=at, context={"complaint": complaint},
        facts=[("投诉编号", complaint.number), ("投诉人", complaint.organisation.name), ("被投诉人", project.owner.name), ("处理结果", complaint.get_state_display())],
    )  # fmt: skip
    complaint.save()
    let_go_on(complaint, f"投诉 {complaint.number} 已作出处理决定", by=by, at=at)
    reason = f"投诉处理决定 {complaint.number}：{decision}"
    if remedy == Complaint.Remedy.REEVALUATE:
        send_back(lot, reason, by=by, at=at)
    elif remedy == Complaint.Remedy.RETENDER:
        fail_lot(lot, reason=reason, by=by, at=at)
    for side in filter(None, (complaint.organisation, project.owner, project.agency)):
        tell_members(side, f"投诉处理决定：{lot.tender.name}", link=f"/notices/{complaint.notice.number}/", key=f"decision/{complaint.pk}")
    happened(complaint, "complaint_decided", at=at)
    record(ComplaintDecided(**about(complaint), upheld=upheld, remedy=remedy, notice=complaint.notice.number), by=by, role="supervisor")
    return complaint


@transaction.atomic
def correct_complaint(complaint, *, facts, claim, evidence, by, at):
    """The complainant makes good what was missing; the time to decide on acceptance starts anew."""
    complaint = owned(complaint, by)
    if complaint.state != Complaint.State.CORRECTION:
        raise Refused("no_correction", "该投诉不需要补正。")
    complaint.facts, complaint.claim, complaint.evidence = facts, claim, evidence or complaint.evidence
    complaint.state, complaint.acceptance_due_at = Complaint.State.FILED, works.COMPLAINT_ACCEPTANCE.due_at(at)
    complaint.save()
    reach(complaint.lot.tender, "complaint_filed", at=at, lot=complaint.lot, reference=filing_of(complaint))
    tell_members(
        complaint.regulator, f"投诉已补正：{complaint.lot.tender.name}", f"请在 {shown(complaint.acceptance_due_at)} 前决定是否受理。",
        link=f"/supervision/complaints/{complaint.number}/", key=f"corrected/{complaint.pk}",
    )  # fmt: skip
    record(ComplaintCorrected(**about(complaint)), by=by, role="bidder")
    return complaint


def owned(complaint, by):
    complaint = (
        Complaint.objects.select_for_update(of=["self"]).select_related("lot__tender", "organisation", "regulator").get(pk=complaint.pk)
    )
    require_member(by, complaint.organisation)
    return complaint


@transaction.atomic
def withdraw_complaint(complaint, *, reason, by, at):
    """Take a complaint back: at once before it is accepted; afterwards the regulator must give leave (11号令 第十九条)."""
    complaint = owned(complaint, by)
    if not complaint.is_open or complaint.withdrawal_asked_at:
        raise Refused("over", "该投诉已经办结或已申请撤回。")
    if not reason.strip():
        raise Refused("no_reason", "请写明撤回的理由。", field="reason")
    complaint.withdrawal_asked_at, complaint.withdrawal_reason = at, reason
    if complaint.state != Complaint.State.ACCEPTED:
        complaint.state = Complaint.State.WITHDRAWN
    complaint.save()
    tell_members(
        complaint.regulator, f"投诉人{'撤回投诉' if complaint.state == Complaint.State.WITHDRAWN else '申请撤回投诉'}：{complaint.lot.tender.name}",
        reason, link=f"/supervision/complaints/{complaint.number}/", key=f"withdrawal/{complaint.pk}",
    )  # fmt: skip
    if complaint.state == Complaint.State.WITHDRAWN:
        happened(complaint, "complaint_withdrawn", at=at)
    record(ComplaintWithdrawn(**about(complaint), granted=complaint.state == Complaint.State.WITHDRAWN), by=by, role="bidder")
    return complaint


@transaction.atomic
def grant_withdrawal(complaint, *, by, at):
    """No violation shows and nobody is harmed: the regulator lets the complaint rest, and the lot goes on."""
    complaint = handled(complaint, by)
    investigated(complaint)
    if complaint.withdrawal_asked_at is None:
        raise Refused("not_asked", "投诉人没有申请撤回。")
    complaint.state = Complaint.State.WITHDRAWN
    complaint.save(update_fields=["state"])
    let_go_on(complaint, f"投诉 {complaint.number} 已准予撤回", by=by, at=at)
    tell_members(complaint.organisation, f"准予撤回投诉：{complaint.lot.tender.name}", link="/me/remedies/", key=f"granted/{complaint.pk}")
    happened(complaint, "complaint_withdrawn", at=at)
    record(ComplaintWithdrawn(**about(complaint), granted=True), by=by, role="supervisor")
    return complaint
