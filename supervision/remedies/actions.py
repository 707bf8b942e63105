"""Objections and challenges to the tenderee and complaints to the regulator, on their statutory clocks (supervision.md §1)."""

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
    ChallengeAnswered,
    ChallengeFiled,
    ChallengeWithdrawn,
    ComplaintCorrected,
    ComplaintDecided,
    ComplaintFiled,
    ComplaintReviewed,
    ComplaintWithdrawn,
    ObjectionAnswered,
    ObjectionFiled,
    ObjectionWithdrawn,
)
from supervision.remedies.links import links_for, participants_of
from supervision.remedies.models import Complaint, InvestigationNote, Objection, Remedy
from supervision.remedies.queries import UPHELD, answers_open_to, inspections_of, is_contracted, open_inspection, remedies_open_to
from supervision.remedies.regimes import is_procurement
from supervision.remedies.rules import CONTRACT_WAITS, REDO
from trading.awards.actions import current_publicity, void_publicity
from trading.awards.revoking import revoke_deal
from trading.conduct.actions import bend_way
from trading.evaluation.actions import order_reevaluation
from trading.opening.models import OpenedBid
from trading.procedures.reaching import occurrences_of, reach
from trading.procedures.rules import procurement, works
from trading.procedures.timeline import Occurrence, by_name, permitted_day
from trading.procedures.versions import procedure_of
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
def file_objection(lot, organisation, *, matter, facts, claim, evidence, by, at, step=""):
    """A bidder objects or, in government procurement, a supplier challenges; in time, and as one concerned.

    A works lot stands still until the answer; a procurement goes on (政府采购法 knows no such suspension before a complaint).
    """
    require_member(by, organisation)
    lot = locked_lot(lot.pk)
    if is_procurement(lot):
        return file_challenge(lot, organisation, matter, step, facts=facts, claim=claim, evidence=evidence, by=by, at=at)
    if matter == Objection.Matter.DOCUMENT:
        rule = works.DOCUMENT_OBJECTION_REPLY
        check_document_objection(lot, organisation, at)
    else:
        rule = works.RESULT_OBJECTION_REPLY
        check_result_objection(lot, organisation, at)
    year = city_day(at).year
    objection = Objection.objects.create(
        number=f"YY{year}-{next_number('objection', year):04d}", lot=lot, matter=matter, organisation=organisation, by=by, facts=facts,
        claim=claim, evidence=evidence, filed_at=at, due_at=rule.due_at(at),
    )  # fmt: skip
    suspend_lot(
        lot, cause=Suspension.Cause.OBJECTION, reference=objection.number, reason=f"异议 {objection.number} 等待答复",
        by=Person.objects.platform() if objection.hides_who else by, at=at,
    )  # fmt: skip
    ask_for_answer(objection, "答复前招标投标活动暂停。")
    happened(objection, f"{matter}_objection_filed", at=at)
    record_filer(objection, ObjectionFiled(**about(objection), matter=matter), by=by)
    return objection


def file_challenge(lot, organisation, matter, step, *, facts, claim, evidence, by, at):
    """A supplier challenges one link of a procurement; the purchaser's side has seven working days to answer (T-ZC-20, T-ZC-21)."""
    link = next((each for each in links_for(lot, organisation, at) if (each.matter, each.step) == (matter, step)), None)
    if link is None:
        raise Refused(
            "no_link", "这个环节尚未结束，或者与你单位无关，现在不能质疑。", field="link", rule="《政府采购法实施条例》第五十三条",
            next_step="请选择列出的环节；结果公告后，可以对采购结果质疑。",
        )  # fmt: skip
    if not link.is_open(at):
        procurement.CHALLENGE_FILING.refuse(
            f"对{link.label}的质疑期限已于 {shown(link.until)} 届满。",
            field="link",
            next_step="可以向采购人、代理机构询问，或者向监督部门反映。",
        )
    year = city_day(at).year
    challenge = Objection.objects.create(
        number=f"ZY{year}-{next_number('challenge', year):04d}", lot=lot, matter=matter, step=step, organisation=organisation, by=by,
        facts=facts, claim=claim, evidence=evidence, filed_at=at, due_at=procurement.CHALLENGE_REPLY.due_at(at),
    )  # fmt: skip
    ask_for_answer(challenge, f"{CONTRACT_WAITS.says}。")
    happened(challenge, "harm_known", at=day_end(link.known_on))
    happened(challenge, "challenge_filed", at=at)
    record_filer(challenge, ChallengeFiled(**about(challenge), matter=matter, step=step), by=by)
    return challenge


def ask_for_answer(objection, meanwhile):
    """Tell the tenderee's side that it must answer, by when, and what holds until then."""
    word, tender = objection.regime.protest, objection.lot.tender
    for side in filter(None, (tender.project.agency, tender.project.owner)):
        tell_members(
            side, f"收到{word}：{tender.name}", f"请在 {shown(objection.due_at)} 前答复，{meanwhile}",
            link=f"/work/objections/{objection.number}/", key=f"objection/{objection.pk}",
        )  # fmt: skip


def record_filer(row, event, *, by):
    """Set down what the side that protests or complains has done; by whom, only where that is no secret."""
    secret = row.hides_who
    record(
        event, by=None if secret else by, role="bidder",
        private={"by": by.pseudonym, "organisation": row.organisation.uscc} if secret else None,
    )  # fmt: skip


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
def answer_objection(objection, *, upheld, answer, remedy=Remedy.NONE, by, at):
    """The tenderee's side answers. An objection's lot goes on or, upheld about the result, back to a new committee.

    Whoever answers a challenge says what follows for the lot, as far as its procedure lets it go back (94号令 第十六条).
    """
    objection = locked_objection(objection)
    require(by, MANAGE, objection.lot.tender)
    word = objection.regime.protest
    if objection.state != Objection.State.FILED:
        raise Refused("answered", f"这件{word}已经答复。")
    if not answer.strip():
        raise Refused("no_answer", "请写明答复内容和理由。", field="answer")
    if is_procurement(objection.lot):
        check_remedy(objection.lot, upheld, remedy)
    elif upheld and objection.matter == Objection.Matter.RESULT:
        remedy = Remedy.REEVALUATE
    objection.state = Objection.State.UPHELD if upheld else Objection.State.DISMISSED
    objection.answer, objection.answered_at, objection.answered_by, objection.remedy = answer, at, by, remedy
    objection.save()
    let_go_on(objection, f"{word} {objection.number} 已答复", by=by, at=at)
    carry_out(objection.lot, remedy, f"{word} {objection.number} 成立：{answer}", by=by, at=at)
    tell_members(
        objection.organisation, f"{word}答复：{objection.lot.tender.name}", answer[:300], link="/me/remedies/", key=f"answer/{objection.pk}"
    )
    if is_procurement(objection.lot):
        tell_of_answer(objection)
        happened(objection, "challenge_replied", at=at)
        record(ChallengeAnswered(**about(objection), upheld=upheld, remedy=remedy), by=by)
    else:
        happened(objection, f"{objection.matter}_objection_replied", at=at)
        record(ObjectionAnswered(**about(objection), upheld=upheld), by=by)
    return objection


def locked_objection(objection):
    rows = Objection.objects.select_for_update(of=["self"]).select_related("lot__tender__project__regulator", "organisation")
    return rows.get(pk=objection.pk)


def gone_too_far(lot):
    """Why nothing can be undone any more, in the words of a refusal."""
    return "合同已经订立" if is_contracted(lot) else f"标段当前为“{lot.get_state_display()}”"


def check_remedy(lot, upheld, remedy):
    """Refuse a consequence that the answer does not bear, or that the lot has gone too far for."""
    if remedy == Remedy.NONE:
        return
    if not upheld:
        raise Refused("remedy", "质疑不成立的，采购活动继续，不能退回或者重新开展。", field="remedy", rule=f"{REDO}第十六条")
    if remedy not in answers_open_to(lot):
        raise Refused(
            "too_late", f"{gone_too_far(lot)}，不能由采购人退回或者重新开展。", field="remedy",
            rule=f"{REDO}第十六条、第三十二条", next_step="请如实答复；质疑供应商可以投诉，由财政部门依法处理。",
        )  # fmt: skip


def tell_of_answer(challenge):
    """The other suppliers concerned read the answer too (94号令 第十三条); a changed result is reported to the regulator (第十六条)."""
    tender = challenge.lot.tender
    others = [] if challenge.hides_who else participants_of(challenge.lot).exclude(pk=challenge.organisation_id)
    for other in others:
        tell_members(
            other, f"质疑答复：{tender.name}", f"采购人、代理机构已答复对{challenge.about}的质疑。", link=f"/tenders/{tender.number}/replies/",
            key=f"answer/{challenge.pk}/{other.pk}",
        )  # fmt: skip
    if challenge.remedy != Remedy.NONE and tender.project.regulator:
        tell_members(
            tender.project.regulator, f"质疑成立，采购结果改变：{tender.name}", challenge.answer[:300], link=f"/tenders/{tender.number}/replies/",
            key=f"answer/{challenge.pk}/regulator",
        )  # fmt: skip


@transaction.atomic
def withdraw_objection(objection, *, by, at):
    """The one who objected takes it back before it is answered; the lot goes on."""
    objection = locked_objection(objection)
    require_member(by, objection.organisation)
    word = objection.regime.protest
    if objection.state != Objection.State.FILED:
        raise Refused("answered", f"这件{word}已经办结，不能撤回。")
    objection.state = Objection.State.WITHDRAWN
    objection.save(update_fields=["state"])
    secret = objection.hides_who
    let_go_on(objection, f"{word} {objection.number} 已撤回", by=Person.objects.platform() if secret else by, at=at)
    challenge = is_procurement(objection.lot)
    happened(objection, "challenge_withdrawn" if challenge else "objection_withdrawn", at=at)
    event = ChallengeWithdrawn if challenge else ObjectionWithdrawn
    record_filer(objection, event(**about(objection)), by=by)
    return objection


def let_go_on(remedy, reason, *, by, at):
    """End the suspensions that stem from an objection or a complaint."""
    for stop in remedy.lot.suspensions.filter(reference=remedy.number, until=None):
        resume_lot(stop, by=by, at=at, reason=reason)


def carry_out(lot, remedy, reason, *, by, at):
    """What an upheld protest or a decision does to the lot: its result falls, and it goes back as its procedure bends, or fails."""
    if remedy == Remedy.NONE:
        return
    if not procedure_of(lot.tender).is_sealed:
        revoke_deal(lot, reason=reason, by=by, at=at)
        if remedy == Remedy.REEVALUATE:
            bend_way(lot, UPHELD, reason=reason, by=by, at=at)
            return
    publicity = current_publicity(lot)
    if publicity is not None:
        void_publicity(publicity, reason=reason, by=by, at=at)
    if remedy == Remedy.REEVALUATE:
        order_reevaluation(lot, reason=reason, by=by, at=at)
    else:
        fail_lot(lot, reason=reason, by=by, at=at)


@transaction.atomic
def file_complaint(objection, organisation, *, facts, claim, evidence, by, at):
    """Not content with the answer, or left without one: appeal to the regulator in the time that the lot's branch of law gives."""
    require_member(by, organisation)
    objection = locked_objection(objection)
    regime = objection.regime
    if objection.organisation != organisation:
        raise Refused("not_yours", f"只有提出{regime.protest}的单位可以投诉。", status=403, rule=regime.protest_first)
    if objection.state == Objection.State.WITHDRAWN:
        raise Refused(
            "withdrawn", f"{regime.protest}已经撤回，不能就它投诉。", rule=regime.protest_first,
            next_step=f"仍有意见的，请在期限内重新提出{regime.protest}，对答复不满意再投诉；也可以向监督部门反映。",
        )  # fmt: skip
    if objection.answered_at is None and at <= objection.due_at:
        raise Refused(
            "objection_first", f"{regime.protest}还在答复期内，答复后（或逾期未答复）才能投诉。", rule=regime.protest_first,
            next_step=f"答复期限到 {shown(objection.due_at)}。",
        )  # fmt: skip
    known_at = objection.reply_over_at
    if at > objection.complaint_until:
        raise Refused("late", "投诉已超过法定期限。", rule=f"{regime.filing.source}：{regime.filing.says}")
    if objection.complaints.exclude(state=Complaint.State.WITHDRAWN).exists():
        raise Refused(
            "again",
            "同一事项已经投诉，不能重复投诉。",
            rule=regime.complain_once,
            next_step="请在“异议、质疑与投诉”中查看已提交的投诉，需要的可以补充或者撤回。",
        )
    year = city_day(at).year
    complaint = Complaint.objects.create(
        number=f"TS{year}-{next_number('complaint', year):04d}", lot=objection.lot, objection=objection, organisation=organisation, by=by,
        regulator=objection.lot.tender.project.regulator, facts=facts, claim=claim, evidence=evidence, filed_at=at,
        acceptance_due_at=regime.acceptance.due_at(at),
    )  # fmt: skip
    tell_members(
        complaint.regulator, f"收到投诉：{objection.lot.tender.name}", f"请在 {shown(complaint.acceptance_due_at)} 前决定是否受理。",
        link="/supervision/", key=f"complaint/{complaint.pk}",
    )  # fmt: skip
    happened(complaint, regime.filing.start, at=known_at)
    happened(complaint, "complaint_filed", at=at)
    record_filer(complaint, ComplaintFiled(**about(complaint)), by=by)
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
    regime = complaint.regime
    reach(complaint.lot.tender, regime.checked, at=at, lot=complaint.lot, reference=filing_of(complaint))
    complaint.state, complaint.correction = outcome, reasons
    if outcome == Complaint.State.ACCEPTED:
        complaint.accepted_at = at
        complaint.decision_due_at = decision_due(complaint, at)
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
    if is_procurement(complaint.lot):
        note_review(complaint, outcome, at=at)
    record(ComplaintReviewed(**about(complaint), outcome=outcome), by=by, role="supervisor")
    return complaint


def filing_of(complaint):
    """Names the filing that is being examined: once a works complaint was corrected, the time to decide on acceptance runs anew.

    In procurement the time for a correction is only left out of account (94号令 第二十七条).
    """
    return f"{complaint.number}/2" if complaint.correction and not is_procurement(complaint.lot) else complaint.number


def note_review(complaint, outcome, *, at):
    """What a review in procurement sets down: the correction asked for, the refusal told, or the copies sent (T-ZC-24, T-ZC-25, T-ZC-27)."""
    if outcome == Complaint.State.CORRECTION:
        happened(complaint, "correction_asked", at=at)
    elif outcome == Complaint.State.REFUSED:
        happened(complaint, "complaint_found_unfit", at=at)
        happened(complaint, "non_acceptance_told", at=at)
    else:
        send_copies(complaint, at=at)


def send_copies(complaint, *, at):
    """The purchaser's side reads the complaint, and has five working days to explain itself (94号令 第二十一条、第二十二条)."""
    tender, rule = complaint.lot.tender, procurement.RESPONDENT_STATEMENT
    for side in filter(None, (tender.project.owner, tender.project.agency)):
        tell_members(
            side, f"投诉答复通知：{tender.name}",
            f"{complaint.regulator.name}已受理投诉 {complaint.number}，请在 {shown(rule.due_at(at))} 前向其书面说明并提交证据。"
            f"\n投诉事项与事实：{complaint.facts}\n请求和主张：{complaint.claim}",
            link=f"/work/objections/{complaint.objection.number}/", key=f"complaint-copy/{complaint.pk}/{side.pk}",
        )  # fmt: skip
    happened(complaint, "complaint_copies_sent", at=at)


def decision_due(complaint, at):
    """Until when the regulator must decide, without what the law leaves out of account."""
    rule = complaint.regime.decision
    since = complaint.filed_at if rule.start == "complaint_filed" else complaint.accepted_at
    known = by_name(occurrences_of(complaint.lot.tender, complaint.lot))
    due, _ = permitted_day(rule, Occurrence(rule.start, since, complaint.number), known, city_day(at))
    return day_end(due)


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
    complaint.decision_due_at = decision_due(complaint, at)
    complaint.save(update_fields=["decision_due_at"])
    return InvestigationNote.objects.create(complaint=complaint, by=by, at=at, text=f"检验、检测、鉴定或专家评审结束：{text}")


@transaction.atomic
def decide_complaint(complaint, *, upheld, findings, basis, decision, remedy, by, at):
    """Decide with reasons, publish, and carry the decision out on the lot."""
    complaint = handled(complaint, by)
    investigated(complaint)
    rule = complaint.regime.investigators
    if rule and complaint.notes.values("by").distinct().count() < rule.minimum:
        rule.refuse(f"目前只有一人或没有人作过调查记录（{rule.says}）。", next_step="请由另一名办案人员补充调查记录。")
    if not all(text.strip() for text in (findings, basis, decision)):
        raise Refused("incomplete", "查明事实、处理依据和处理意见都须写明。")
    if not upheld and remedy != Complaint.Remedy.NONE:
        raise Refused("remedy", f"驳回投诉时不能{complaint.regime.remedies[remedy]}。", field="remedy")
    lot = locked_lot(complaint.lot_id)
    if remedy not in remedies_open_to(lot):
        raise Refused(
            "too_late", f"{gone_too_far(lot)}，不能{complaint.regime.remedies[remedy]}。", field="remedy", rule=complaint.regime.handling,
            next_step="请改选列出的处理措施，并在处理意见中写明。",
        )  # fmt: skip
    if upheld and is_contracted(lot):
        decision = f"{decision}\n{complaint.regime.after_contract}"
    complainant = complaint.complainant_named(at)
    complaint.state = Complaint.State.UPHELD if upheld else Complaint.State.DISMISSED
    complaint.findings, complaint.basis, complaint.decision, complaint.remedy = findings, basis, decision, remedy
    complaint.decided_at, complaint.decided_by = at, by
    project = lot.tender.project
    complaint.document = request_document(
        "complaint_decision", subject=lot.tender.stream, title=f"投诉处理决定书（{complaint.number}）", by=by, at=at, public=not lot.tender.private,
        context={
            "number": complaint.number, "complainant": complainant, "respondent": project.owner.name, "tender": lot.tender.name,
            "facts": complaint.facts, "claim": complaint.claim, "findings": findings, "basis": basis, "decision": decision,
            "regulator": complaint.regulator.name,
        },
    )  # fmt: skip
    complaint.notice = notice_of(
        lot.tender, Notice.Kind.COMPLAINT, title=f"{lot.tender.name}投诉处理决定", lot=lot, by=by, at=at, context={"complaint": complaint},
        facts=[("投诉编号", complaint.number), ("投诉人", complainant), ("被投诉人", project.owner.name), ("处理结果", complaint.get_state_display())],
    )  # fmt: skip
    complaint.save()
    let_go_on(complaint, f"投诉 {complaint.number} 已作出处理决定", by=by, at=at)
    carry_out(lot, remedy, f"投诉处理决定 {complaint.number}：{decision}", by=by, at=at)
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
    complaint.state, complaint.acceptance_due_at = Complaint.State.FILED, complaint.regime.acceptance.due_at(at)
    complaint.save()
    corrected = "complaint_corrected" if is_procurement(complaint.lot) else "complaint_filed"
    reach(complaint.lot.tender, corrected, at=at, lot=complaint.lot, reference=filing_of(complaint))
    tell_members(
        complaint.regulator, f"投诉已补正：{complaint.lot.tender.name}", f"请在 {shown(complaint.acceptance_due_at)} 前决定是否受理。",
        link=f"/supervision/complaints/{complaint.number}/", key=f"corrected/{complaint.pk}",
    )  # fmt: skip
    record_filer(complaint, ComplaintCorrected(**about(complaint)), by=by)
    return complaint


def owned(complaint, by):
    complaint = (
        Complaint.objects.select_for_update(of=["self"]).select_related("lot__tender", "organisation", "regulator").get(pk=complaint.pk)
    )
    require_member(by, complaint.organisation)
    return complaint


@transaction.atomic
def withdraw_complaint(complaint, *, reason, by, at):
    """Take a complaint back, which ends it; an accepted one in works only with the regulator's leave (11号令 第十九条、94号令 第三十条)."""
    complaint = owned(complaint, by)
    if not complaint.is_open or complaint.withdrawal_asked_at:
        raise Refused("over", "该投诉已经办结或已申请撤回。")
    if not reason.strip():
        raise Refused("no_reason", "请写明撤回的理由。", field="reason")
    complaint.withdrawal_asked_at, complaint.withdrawal_reason = at, reason
    if complaint.state != Complaint.State.ACCEPTED or not complaint.regime.asks_leave:
        complaint.state = Complaint.State.WITHDRAWN
    complaint.save()
    tell_members(
        complaint.regulator, f"投诉人{'撤回投诉' if complaint.state == Complaint.State.WITHDRAWN else '申请撤回投诉'}：{complaint.lot.tender.name}",
        reason, link=f"/supervision/complaints/{complaint.number}/", key=f"withdrawal/{complaint.pk}",
    )  # fmt: skip
    if complaint.state == Complaint.State.WITHDRAWN:
        let_go_on(complaint, f"投诉 {complaint.number} 已撤回", by=Person.objects.platform(), at=at)
        happened(complaint, "complaint_withdrawn", at=at)
    record_filer(complaint, ComplaintWithdrawn(**about(complaint), granted=complaint.state == Complaint.State.WITHDRAWN), by=by)
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
