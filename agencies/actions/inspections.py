"""The regulator's yearly inspection: drawn, looked into, concluded, corrected; and orders that stop new business."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from agencies.actions.register import require_agency, require_text
from agencies.actions.selection import invite
from agencies.events import (
    AgencyRestricted,
    CorrectionRechecked,
    CorrectionReported,
    InspectionBegun,
    InspectionConcluded,
    RestrictionLifted,
    TenderInspected,
)
from agencies.models import InspectedTender, Inspection, Restriction
from agencies.queries import business_of
from agencies.rules import CITY_RULES, INSPECTED_SHARE, LONGEST_CORRECTION, inspected
from credit.actions import report_conduct
from disclosure.actions import publish_notice
from disclosure.models import Notice
from documents.actions import store_file
from draws import actions as draws
from draws.models import Draw
from draws.offices import three_offices
from ledger.acts import record
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Refused

S, R, C = Inspection.State, Inspection.Result, Inspection.Correction
SUBJECT = "agency-inspection"
RULE = "名单为该代理机构检查年度由本部门监督的全部代理项目，随机排序后选取前若干个，数量不少于全部项目的百分之二十五（向上取整）。"


def require_regulator(by):
    return require_duty(by, Organisation.Kind.REGULATOR, Duty.CREDIT)


@transaction.atomic
def begin_inspection(agency, year, *, centre, third, by, at):
    """Fix the year's business of an agency as an open list, and begin the draw of at least a quarter of it.

    `centre` and `third` (somebody of a tenderee or an agency) draw with the regulator. Each year once; a void draw is repeated.
    """
    regulator = require_regulator(by)
    if year >= city_day(at).year:
        # The quarter is of the whole year's business: a year that still runs could be done with after its first few tenders.
        raise Refused(
            "year_running", f"{year} 年的代理业务还没有结束，不能发起这一年度的检查。", field="year",
            rule=f"{INSPECTED_SHARE.source}：{INSPECTED_SHARE.says}", next_step="请选择已经结束的年度。",
        )  # fmt: skip
    rows = business_of(agency, year, regulator.sectors)
    if not rows:
        raise Refused("no_business", f"“{agency.name}”{year} 年没有由你单位监督的代理项目。")
    found = Inspection.objects.select_for_update().filter(agency=agency, year=year, regulator=regulator).first()
    if found is not None and found.draw.state != Draw.State.VOID:
        raise Refused("begun", f"{year} 年度的检查已经发起。", next_step="请在检查页面继续办理。")
    wanted = inspected(len(rows), city_day(at))
    draw = draws.define_draw(
        Draw.Purpose.INSPECTION, title=f"{agency.name} {year} 年度检查项目", subject=f"{SUBJECT}/{agency.uscc}/{year}/{regulator.pk}", rule=RULE,
        strata=[{"id": "all", "name": f"{year} 年度代理项目", "take": wanted}],
        candidates={"all": [{"name": f"{row.number} {row.name}".strip(), "tender": row.number, "title": row.name} for row in rows]},
        parties=three_offices(centre, third, by, regulator), confidential=False, repeats=found.draw if found else None, by=by, at=at,
    )  # fmt: skip
    inspection = found or Inspection(
        number=f"DJ{city_day(at).year}-{next_number('agency-inspection', city_day(at).year):04d}",
        agency=agency,
        year=year,
        regulator=regulator,
    )
    inspection.total, inspection.wanted, inspection.draw, inspection.begun_by, inspection.begun_at = len(rows), wanted, draw, by, at
    inspection.save()
    invite(draw, centre, third)
    record(
        InspectionBegun(agency=agency.uscc, number=inspection.number, year=year, total=len(rows), wanted=wanted, draw=draw.number),
        by=by, role="supervisor",
    )  # fmt: skip
    return inspection


def take_result(draw):
    """What the draw has chosen is to be looked into."""
    inspection = Inspection.objects.select_for_update(of=["self"]).select_related("agency").get(draw=draw)
    for place, row in enumerate(draws.chosen(draw), start=1):
        candidate = draws.opened(row)["candidate"]
        InspectedTender.objects.create(
            inspection=inspection, tender_number=candidate["tender"], tender_name=candidate["title"], place=place
        )
    inspection.state = S.INSPECTING
    inspection.save(update_fields=["state"])
    tell_members(
        inspection.agency, f"{inspection.year} 年度检查：抽取 {inspection.wanted} 个项目", "请按监督部门的要求准备项目资料。",
        link=f"/agency-inspections/{inspection.number}/", key=f"agency-inspection/{inspection.number}/drawn",
    )  # fmt: skip


draws.register(Draw.Purpose.INSPECTION, draws.Purpose(conclude=take_result), room=SUBJECT)


def locked(inspection, by, state):
    regulator = require_regulator(by)
    inspection = Inspection.objects.select_for_update(of=["self"]).select_related("agency", "regulator").get(pk=inspection.pk)
    if inspection.regulator_id != regulator.pk and not by.is_superuser:
        raise Refused("not_yours", "这次检查由其他监督部门办理。", status=403)
    if inspection.state != state:
        raise Refused("wrong_state", f"检查当前为“{inspection.get_state_display()}”，不能进行此操作。")
    return inspection


@transaction.atomic
def inspect_tender(row, *, clean, findings, by, at):
    """What was found in one drawn tender; it may be written anew until the inspection is concluded."""
    inspection = locked(row.inspection, by, S.INSPECTING)
    row = InspectedTender.objects.select_for_update().get(pk=row.pk, inspection=inspection)
    require_text(findings, "findings", "检查情况")
    row.clean, row.findings, row.inspected_by, row.inspected_at = clean, findings, by, at
    row.save()
    record(
        TenderInspected(agency=inspection.agency.uscc, number=inspection.number, tender=row.tender_number),
        by=by,
        role="supervisor",
        private={"clean": clean, "findings": findings},
    )
    return row


@transaction.atomic
def conclude_inspection(inspection, *, result, opinion, correct_by, order_number, conduct, evidence, by, at):
    """The result of the year: published, told to the joint meeting's departments, and with a conduct entered into credit.

    A failed agency corrects by a day and takes on nothing new until a recheck has accepted it.
    """
    inspection = locked(inspection, by, S.INSPECTING)
    agency, rows = inspection.agency, list(inspection.tenders.all())
    waiting = [row.tender_number for row in rows if row.inspected_at is None]
    if waiting:
        raise Refused(
            "not_done", f"还有 {len(waiting)} 个项目没有检查记录：{'、'.join(waiting)}。", next_step="请先登记全部项目的检查情况。"
        )
    require_text(opinion, "opinion", "检查意见")
    if result != R.PASSED:
        check_correction(correct_by, at)
    inspection.result, inspection.opinion, inspection.state, inspection.concluded_at = result, opinion, S.CONCLUDED, at
    inspection.correct_by = None if result == R.PASSED else correct_by
    inspection.correction = C.NONE if result == R.PASSED else C.DUE
    if result == R.FAILED:
        require_text(order_number, "order_number", "决定文书号")
        stop(
            agency, Restriction.Kind.INSPECTION, order_number, CITY_RULES, f"{inspection.year} 年度检查不合格", city_day(at), None, inspection.regulator,
            by=by, at=at, inspection=inspection,
        )  # fmt: skip
    inspection.notice = published(inspection, rows, by=by, at=at)
    inspection.save()
    if conduct is not None:
        enter_conduct(inspection, conduct, evidence, order_number, by=by, at=at)
    told(inspection)
    record(
        InspectionConcluded(agency=agency.uscc, number=inspection.number, result=result, notice=inspection.notice.number),
        by=by,
        role="supervisor",
    )
    return inspection


def check_correction(correct_by, at):
    if correct_by is None:
        raise Refused("correct_by", "请填写整改期限。", field="correct_by", status=400)
    if correct_by <= city_day(at):
        raise Refused("correct_by", "整改期限应在今天之后。", field="correct_by")
    if correct_by > LONGEST_CORRECTION.due_on(city_day(at)):
        LONGEST_CORRECTION.refuse(f"整改期限最迟为 {LONGEST_CORRECTION.due_on(city_day(at)):%Y-%m-%d}。", field="correct_by")


def published(inspection, rows, *, by, at):
    """The notice of the result: the public board is what media and the credit site take it from."""
    facts = [
        ("代理机构", inspection.agency.name), ("检查年度", f"{inspection.year} 年"), ("检查单位", inspection.regulator.name),
        ("当年代理项目", f"{inspection.total} 个"), ("随机抽查", f"{inspection.wanted} 个（抽取编号 {inspection.draw.number}）"),
        ("发现问题的项目", f"{sum(not row.clean for row in rows)} 个"), ("检查结果", inspection.get_result_display()),
    ]  # fmt: skip
    if inspection.correct_by:
        facts.append(("整改期限", inspection.correct_by.isoformat()))
    return publish_notice(
        Notice.Kind.AGENCY_INSPECTION, title=f"{inspection.agency.name} {inspection.year} 年度检查结果", facts=facts, category="QT",
        context={"inspection": inspection, "rows": rows, "share": INSPECTED_SHARE}, owner_name=inspection.regulator.name,
        agency_name=inspection.agency.name, by=by, at=at,
    )  # fmt: skip


def enter_conduct(inspection, conduct, evidence, order_number, *, by, at):
    if evidence is None:
        raise Refused("no_evidence", "登记信用行为的，请上传证据材料。", field="evidence", status=400)
    file = store_file(evidence, by=by, organisation=inspection.regulator, purpose="credit", at=at)
    report_conduct(
        inspection.agency, conduct, facts=f"{inspection.year} 年度检查：{inspection.opinion}", evidence=file, decision_number=order_number,
        tender_number="", by=by, at=at,
    )  # fmt: skip


def told(inspection):
    """The agency, and all departments of the joint meeting."""
    link, key = f"/notices/{inspection.notice.number}/", f"agency-inspection/{inspection.number}/result"
    title = f"{inspection.agency.name} {inspection.year} 年度检查结果：{inspection.get_result_display()}"
    tell_members(inspection.agency, title, inspection.opinion, link=f"/agency-inspections/{inspection.number}/", key=key)
    for kind in (Organisation.Kind.REGULATOR, Organisation.Kind.CENTRE):
        for each in Organisation.objects.of_kind(kind).active():
            tell_members(each, title, "报联席会议各成员单位。", link=link, key=key)


@transaction.atomic
def report_correction(inspection, report, *, by, at):
    """The agency says what it has mended."""
    inspection = Inspection.objects.select_for_update(of=["self"]).select_related("agency", "regulator").get(pk=inspection.pk)
    require_agency(by, inspection.agency)
    if inspection.correction != C.DUE:
        raise Refused("wrong_state", "这次检查没有待报告的整改。")
    require_text(report, "report", "整改报告")
    inspection.report, inspection.correction = report, C.REPORTED
    inspection.save(update_fields=["report", "correction"])
    tell_members(
        inspection.regulator, f"整改报告：{inspection.agency.name}", link=f"/agency-inspections/{inspection.number}/",
        key=f"agency-inspection/{inspection.number}/report/{at.timestamp()}",
    )  # fmt: skip
    record(CorrectionReported(agency=inspection.agency.uscc, number=inspection.number), by=by, role="agency")


@transaction.atomic
def recheck_correction(inspection, *, accepted, recheck, correct_by, by, at):
    """The regulator looks again: accepted, and the restriction falls; or corrected further until another day."""
    inspection = locked(inspection, by, S.CONCLUDED)
    if inspection.correction != C.REPORTED:
        raise Refused("wrong_state", "代理机构尚未报告整改。")
    require_text(recheck, "recheck", "复查意见")
    inspection.recheck = recheck
    if accepted:
        inspection.correction = C.ACCEPTED
        for row in inspection.restrictions.filter(lifted_at=None):
            lift(row, recheck, by=by, at=at)
    else:
        check_correction(correct_by, at)
        inspection.correction, inspection.correct_by = C.DUE, correct_by
    inspection.save()
    tell_members(
        inspection.agency, f"整改复查：{'通过' if accepted else '未通过'}", recheck, link=f"/agency-inspections/{inspection.number}/",
        key=f"agency-inspection/{inspection.number}/recheck/{at.timestamp()}",
    )  # fmt: skip
    record(CorrectionRechecked(agency=inspection.agency.uscc, number=inspection.number, accepted=accepted), by=by, role="supervisor")
    return inspection


@transaction.atomic
def suspend_agency(agency, *, order_number, basis, reason, until, by, at):
    """A violator stops at once: by a regulator's order, until a day."""
    regulator = require_regulator(by)
    for text, field, label in ((order_number, "order_number", "决定文书号"), (basis, "basis", "依据"), (reason, "reason", "事由")):
        require_text(text, field, label)
    if until <= city_day(at):
        raise Refused("until", "截止日期应在今天之后。", field="until")
    return stop(agency, Restriction.Kind.ORDER, order_number, basis, reason, city_day(at), until, regulator, by=by, at=at)


def stop(agency, kind, order_number, basis, reason, since, until, regulator, *, by, at, inspection=None):
    row = Restriction.objects.create(
        agency=agency, kind=kind, order_number=order_number, basis=basis, reason=reason, since=since, until=until, regulator=regulator, by=by, at=at,
        inspection=inspection,
    )  # fmt: skip
    tell_members(agency, f"暂停承接新业务：{order_number}", reason, link="/me/agency/", key=f"agency-restriction/{row.pk}")
    record(
        AgencyRestricted(agency=agency.uscc, order=order_number, since=since.isoformat(), until=until.isoformat() if until else ""),
        by=by, role="supervisor",
    )  # fmt: skip
    return row


@transaction.atomic
def lift_restriction(row, reason, *, by, at, decision=""):
    """The regulator that gave an order ends it early. A failed inspection ends by its recheck, or by a `decision` on an appeal."""
    regulator = require_regulator(by)
    row = Restriction.objects.select_for_update(of=["self"]).select_related("agency").get(pk=row.pk)
    if row.regulator_id != regulator.pk and not by.is_superuser:
        raise Refused("not_yours", "这项决定由其他监督部门作出。", status=403)
    if row.lifted_at is not None:
        raise Refused("wrong_state", "已解除的限制不能再次解除。")
    if row.kind == Restriction.Kind.INSPECTION and not decision.strip():
        raise Refused(
            "no_decision",
            "年度检查不合格的限制在复查通过后解除；因复议、诉讼撤销的，请填写决定（判决）文书号。",
            field="decision",
            status=400,
        )
    require_text(reason, "reason", "解除理由")
    lift(row, f"{reason}（{decision}）" if decision else reason, by=by, at=at, decision=decision)


def lift(row, reason, *, by, at, decision=""):
    row.lifted_at, row.lifted_reason = at, reason
    row.save(update_fields=["lifted_at", "lifted_reason"])
    tell_members(row.agency, f"恢复承接新业务：{row.order_number}", reason, link="/me/agency/", key=f"agency-restriction/{row.pk}/lifted")
    record(RestrictionLifted(agency=row.agency.uscc, order=row.order_number, decision=decision), by=by, role="supervisor")
