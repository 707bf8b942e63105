"""Complaints about agencies: filed under a name, taken or not, the agency heard, decided, and where founded entered as conduct."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import is_member, require_member
from agencies.actions.register import require_agency, require_text
from agencies.events import ComplaintAnswered, ComplaintDecided, ComplaintFiled, ComplaintTaken, ComplaintWithdrawn
from agencies.models import AgencyComplaint
from agencies.rules import COMPLAINT_ACCEPTANCE, COMPLAINT_DECISION, COMPLAINT_HEARING, sectors_of
from credit.actions import report_conduct
from documents.actions import store_file
from ledger.acts import record
from postbox.actions import tell, tell_members
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused

S, Outcome = AgencyComplaint.State, AgencyComplaint.Outcome
OWN = "/me/agency-complaints/"


def office_for(category):
    """The regulator that answers for agencies in a category of trade, or the comprehensive one; None without either."""
    rows = Organisation.objects.of_kind(Organisation.Kind.REGULATOR).active().order_by("pk")
    return (
        rows.filter(sectors__contains=[category]).first()
        or rows.filter(sectors__overlap=list(sectors_of(category))).first()
        or rows.filter(sectors=[]).first()
    )


@transaction.atomic
def file_complaint(agency, *, category, matter, tender_number, facts, evidence, organisation, by, at):
    """Whoever is affected complains, for their organisation or for themselves; the competent regulator has it at once."""
    if Organisation.Kind.AGENCY not in agency.kinds:
        raise Refused("no_agency", "只能反映代理机构的问题。", status=400)
    if is_member(by, agency):
        raise Refused("own_agency", "不能投诉本单位。", field="facts")
    if organisation is not None:
        require_member(by, organisation)
    require_text(facts, "facts", "事实")
    if any(name and name in facts for name in (by.name, organisation.name if organisation else "")):
        raise Refused(
            "names_you", "事实中写有你或你单位的名称，代理机构会看到这段文字。", field="facts", next_step="请改为“本人”“我单位”。"
        )
    regulator = office_for(category)
    if regulator is None:
        raise Refused("no_office", "这一类别还没有登记监督部门。", field="category", next_step="请向综合监管部门反映。")
    year = city_day(at).year
    row = AgencyComplaint.objects.create(
        number=f"DT{year}-{next_number('agency-complaint', year):04d}", agency=agency, complainant=by, organisation=organisation, regulator=regulator,
        category=category, matter=matter, tender_number=tender_number.strip(), facts=facts.strip(), evidence=evidence, filed_at=at,
        accept_by=COMPLAINT_ACCEPTANCE.due_at(at),
    )  # fmt: skip
    tell_members(
        regulator, f"投诉代理机构：{agency.name}（{row.get_matter_display()}）", f"请在 {row.accept_by:%Y-%m-%d} 前决定是否受理。", link=office_link(row),
        key=f"agency-complaint/{row.pk}",
    )  # fmt: skip
    told = {"by": by.pseudonym, "organisation": organisation.uscc if organisation else "", "facts": row.facts, "tender": row.tender_number}
    record(ComplaintFiled(agency=agency.uscc, number=row.number, matter=matter), by=None, role="person", private=told)
    return row


def office_link(row):
    return f"/supervision/agency-complaints/{row.number}/"


def at_office(row, by, *states):
    row = (
        AgencyComplaint.objects.select_for_update(of=["self"])
        .select_related("agency", "complainant", "regulator", "evidence")
        .get(pk=row.pk)
    )
    if not is_member(by, row.regulator, Duty.COMPLAINTS):
        raise Forbidden("not_yours", f"这件投诉由{row.regulator.name}的投诉岗位办理。")
    if row.complainant_id == by.pk:
        raise Refused("own_case", "不能办理本人提出的投诉。", next_step="请由同事办理。")
    if row.state not in states:
        raise Refused("wrong_state", f"投诉当前为“{row.get_state_display()}”，不能进行此操作。")
    return row


@transaction.atomic
def take_complaint(row, accepted, opinion, *, by, at):
    """The office looks into it, or says why not. From then on the agency may be heard and the clock of the decision runs."""
    row = at_office(row, by, S.FILED)
    if not accepted:
        require_text(opinion, "opinion", "不予受理的理由")
    row.state, row.opinion = S.ACCEPTED if accepted else S.REJECTED, opinion
    if accepted:
        row.accepted_at, row.hear_until, row.decide_by = at, COMPLAINT_HEARING.due_at(at), COMPLAINT_DECISION.due_at(at)
        tell_members(
            row.agency, f"收到对你单位的投诉：{row.get_matter_display()}", f"请在 {row.hear_until:%Y-%m-%d} 前说明情况。",
            link=f"/me/agency/complaints/{row.number}/", key=f"agency-complaint/{row.pk}/taken",
        )  # fmt: skip
    else:
        row.closed_by, row.closed_at = by, at
    row.save()
    tell(
        row.complainant, f"投诉 {row.number}：{row.get_state_display()}", opinion, link=OWN, key=f"agency-complaint/{row.pk}/answer"
    )  # fmt: skip
    record(
        ComplaintTaken(agency=row.agency.uscc, number=row.number, accepted=accepted), by=by, role="supervisor", private={"opinion": opinion}
    )
    return row


@transaction.atomic
def withdraw_complaint(row, *, by, at):
    row = AgencyComplaint.objects.select_for_update(of=["self"]).select_related("agency", "regulator").get(pk=row.pk)
    if row.complainant_id != by.pk:
        raise Forbidden("not_own", "只有投诉人可以撤回。")
    if row.state not in AgencyComplaint.OPEN:
        raise Refused("wrong_state", f"投诉当前为“{row.get_state_display()}”，不能撤回。")
    row.state, row.closed_at = S.WITHDRAWN, at
    row.save(update_fields=["state", "closed_at"])
    tell_members(row.regulator, f"投诉 {row.number} 已撤回", link=office_link(row), key=f"agency-complaint/{row.pk}/withdrawn")
    record(ComplaintWithdrawn(agency=row.agency.uscc, number=row.number), by=None, role="person", private={"by": by.pseudonym})
    return row


@transaction.atomic
def answer_complaint(row, statement, *, by, at):
    """The agency is heard; a later answer within the time replaces an earlier one."""
    row = AgencyComplaint.objects.select_for_update(of=["self"]).select_related("agency", "regulator").get(pk=row.pk)
    require_agency(by, row.agency)
    if row.state != S.ACCEPTED or at > row.hear_until:
        raise Refused("hearing_over", "说明情况的期限已过。" if row.state == S.ACCEPTED else "这件投诉没有等待说明。")
    require_text(statement, "statement", "情况说明")
    row.statement, row.stated_at = statement, at
    row.save(update_fields=["statement", "stated_at"])
    tell_members(
        row.regulator, f"代理机构已说明情况：{row.number}", link=office_link(row), key=f"agency-complaint/{row.pk}/heard/{at.timestamp()}"
    )
    record(ComplaintAnswered(agency=row.agency.uscc, number=row.number), by=by, role="agency", private={"statement": statement})
    return row


@transaction.atomic
def decide_complaint(row, *, outcome, decision, conduct, evidence, decision_number, by, at):
    """The office decides, once the agency was heard or let its time pass; what is founded becomes an item of its conduct.

    The item goes the way of all conduct: a second person checks it, the agency may state its case, then it counts.
    """
    row = at_office(row, by, S.ACCEPTED)
    require_text(decision, "decision", "处理意见")
    if not row.stated_at and at <= row.hear_until:
        raise Refused(
            "not_heard", f"代理机构可以在 {row.hear_until:%Y-%m-%d} 前说明情况。", next_step="收到说明后，或者期限届满后再作处理。",
            rule=f"{COMPLAINT_HEARING.source}：{COMPLAINT_HEARING.says}",
        )  # fmt: skip
    founded = outcome in (Outcome.FOUNDED, Outcome.PARTLY)
    if founded and conduct is None:
        raise Refused("no_conduct", "属实的，请选择应当记入的信用行为。", field="conduct", status=400)
    if not founded and conduct is not None:
        raise Refused("unfounded", "不属实的投诉不能记入信用行为。", field="conduct")
    row.outcome, row.decision, row.state, row.closed_by, row.closed_at = outcome, decision, S.DECIDED, by, at
    if founded:
        row.entry = entered(row, conduct, evidence, decision_number, by=by, at=at)
    row.save()
    title = f"投诉 {row.number} 的处理：{row.get_outcome_display()}"
    tell(row.complainant, title, decision, link=OWN, key=f"agency-complaint/{row.pk}/decided")
    tell_members(row.agency, title, decision, link=f"/me/agency/complaints/{row.number}/", key=f"agency-complaint/{row.pk}/decided")
    record(
        ComplaintDecided(agency=row.agency.uscc, number=row.number, outcome=outcome, item=conduct.code if conduct else ""), by=by,
        role="supervisor", private={"decision": decision},
    )  # fmt: skip
    return row


def entered(row, conduct, evidence, decision_number, *, by, at):
    file = store_file(evidence, by=by, organisation=row.regulator, purpose="credit", at=at) if evidence else row.evidence
    if file is None:
        raise Refused("no_evidence", "投诉没有附证明材料，请上传核查取得的证据。", field="evidence", status=400)
    return report_conduct(
        row.agency, conduct, facts=f"投诉 {row.number} 查实：{row.decision}", evidence=file, decision_number=decision_number,
        tender_number=row.tender_number, reporter=row.regulator, by=by, at=at,
    )  # fmt: skip
