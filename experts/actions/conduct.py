"""What experts answer for: conduct with its consequences, its publication, the year's assessment."""

from decimal import Decimal

from django.db import transaction

from documents.actions import request_document, void_document
from experts import rules
from experts.actions.appointment import ARCHIVE, bar, dismiss, leave, locked, put_off, words
from experts.events import ConductRecorded, ConductWithdrawn, ExpertGraded, SanctionPublished
from experts.models import ConductRecord, Departure, Expert, Suspension, YearlyAssessment
from experts.permissions import refuse_own, require_regulator
from ledger.acts import record
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.periods import add_months
from rulebook.refusals import Refused

GRAVE = 4


@transaction.atomic
def record_conduct(expert, code, facts, *, decision_number="", tender_number="", by, at):
    """Enter conduct in the expert's record, whether or not they still are in the pool; what removes does so at once."""
    expert = locked(expert)
    regulator = require_regulator(by, expert.sector)
    refuse_own(expert.person, by)
    rule = rules.CONDUCT[code]
    if rule.severity == GRAVE and not decision_number.strip():
        raise Refused(
            "needs_decision", "严重违规须有生效的处理决定，请填写决定文书号。", rule=words(rule), field="decision_number", status=400
        )
    row = ConductRecord.objects.create(
        expert=expert, code=code, says=rule.says, severity=rule.severity, points=rule.points, facts=facts, decision_number=decision_number,
        tender_number=tender_number, regulator=regulator, by=by, at=at, on=city_day(at),
    )  # fmt: skip
    tell(expert.person, f"记入专家档案：{rule.says}", facts, link=ARCHIVE, key=f"expert-conduct/{row.pk}")
    record(
        ConductRecorded(expert=expert.person.pseudonym, code=code, points=f"{rule.points:.2f}"), by=by, role="supervisor",
        private={"facts": facts, "decision": decision_number},
    )  # fmt: skip
    if rule.removes and expert.is_standing:
        dismiss(expert, rule.says, decision_number=decision_number, for_good=rule.for_good, by=by, at=at)
    elif rule.for_good:
        bar(expert, rule.says, decision_number=decision_number, by=by, at=at)
    return row


@transaction.atomic
def withdraw_conduct(row, reason, *, by, at):
    """A record that was wrong counts no more; that it stood there remains visible."""
    row = ConductRecord.objects.select_for_update(of=["self"]).select_related("expert__person", "decision").get(pk=row.pk)
    require_regulator(by, row.expert.sector)
    refuse_own(row.expert.person, by)
    if row.withdrawn_at:
        raise Refused("withdrawn", "这条记录已经撤销。")
    if not reason.strip():
        raise Refused("no_reason", "请写明撤销的理由。", field="reason", status=400)
    row.withdrawn_at, row.withdrawn_reason = at, reason
    row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    if row.decision:
        # The reason may name what was alleged; the log, which anybody reads, learns only that it holds no more.
        void_document(row.decision, reason="行为记录已撤销", by=by, at=at)
    # Whoever was barred by this very record may apply again; a bar of another record stands.
    row.expert.departures.filter(for_good=True, at=row.at, decision_number=row.decision_number).update(for_good=False)
    record(ConductWithdrawn(expert=row.expert.person.pseudonym, code=row.code), by=by, role="supervisor", private={"reason": reason})


@transaction.atomic
def publish_sanction(row, *, basis, decision, by, at):
    """Make the decision public for as long as its kind is shown: a sealed document that anybody can check, and its line on the board."""
    row = ConductRecord.objects.select_for_update(of=["self"]).select_related("expert__person", "regulator").get(pk=row.pk)
    require_regulator(by, row.expert.sector)
    rule = rules.CONDUCT[row.code]
    if row.published_at or row.withdrawn_at:
        raise Refused("published", "这条记录已经公开或者撤销。")
    if not rule.display_months:
        raise Refused("not_shown", f"“{rule.says}”不属于公开的违规行为。", rule=words(rule))
    row.decision = request_document(
        "expert_decision",
        subject=f"expert/{row.expert.person.pseudonym}",
        title=f"关于对评标专家{row.expert.person.name}的处理决定",
        context={
            "expert": row.expert.person.name, "number": row.expert.number, "conduct": row.says, "facts": row.facts, "basis": basis,
            "decision": decision, "decision_number": row.decision_number, "issuer": row.regulator.name,
        },
        by=by,
        at=at,
        public=True,
    )  # fmt: skip
    row.published_at, row.published_until = at, add_months(city_day(at), rule.display_months)
    row.save(update_fields=["decision", "published_at", "published_until"])
    record(
        SanctionPublished(document=row.decision.number), by=by, role="supervisor",
        private={"expert": row.expert.person.pseudonym, "code": row.code},
    )  # fmt: skip
    return row


def score_of_year(expert, year):
    """Base 100 and the points of the year's conduct that stands; (score, lines)."""
    rows = expert.conduct.filter(on__year=year, withdrawn_at=None).order_by("on", "pk")
    lines = [[row.says, row.on.isoformat(), f"{row.points:.2f}"] for row in rows]
    score = rules.YEARLY_BASE + sum((row.points for row in rows), Decimal(0))
    return max(Decimal(0), min(score, rules.YEARLY_MOST)), lines


@transaction.atomic
def assess_year(expert, year, *, by, at):
    """The year's score and grade, with what follows from a fail: suspended to correct in time, dismissed the second time."""
    expert = locked(expert)
    require_regulator(by, expert.sector)
    refuse_own(expert.person, by)
    if expert.yearly_assessments.filter(year=year).exists():
        raise Refused("assessed", f"{year} 年度考核已经作出。")
    score, lines = score_of_year(expert, year)
    grade = rules.GRADES.grade(score)
    consequence = ""
    if grade == "fail" and expert.is_standing:
        consequence = consequences(expert, year, by=by, at=at)
    row = YearlyAssessment.objects.create(
        expert=expert, year=year, score=score, grade=grade, lines=lines, consequence=consequence, by=by, at=at
    )
    tell(
        expert.person,
        f"{year} 年度考核：{row.get_grade_display()}",
        f"得分 {score}。{consequence}",
        link=ARCHIVE,
        key=f"expert-year/{row.pk}",
    )
    record(
        ExpertGraded(expert=expert.person.pseudonym, year=year, grade=grade), by=by, role="supervisor",
        private={"score": f"{score:.2f}", "lines": lines},
    )  # fmt: skip
    return row


def consequences(expert, year, *, by, at):
    if expert.yearly_assessments.filter(grade="fail", year__gte=year - 2).exists():
        leave(expert, Departure.Kind.DISMISSED, rules.FAILED_AGAIN.says, by=by, at=at)
        return rules.FAILED_AGAIN.says
    until = rules.months_later(rules.FAILED, city_day(at))
    put_off(expert, Suspension.Cause.ASSESSMENT, rules.FAILED.says, until=until, by=by, at=at)
    return f"{rules.FAILED.says}（至 {until:%Y-%m-%d}）"


@transaction.atomic
def assess_all(organisation, year, *, by, at):
    """Assess the year of everybody of the regulator's sectors who has no assessment of it yet, but oneself; how many."""
    rows = Expert.objects.in_pool().filter(sector__in=organisation.sectors).exclude(yearly_assessments__year=year).exclude(person=by)
    found = [assess_year(expert, year, by=by, at=at) for expert in rows]
    return len(found)


@transaction.atomic
def suspend_untrained(expert, *, by, at):
    """The yearly training has run out: no draw until it is met, and the conduct that belongs to it."""
    expert = locked(expert)
    require_regulator(by, expert.sector)
    if expert.trained_until >= city_day(at):
        raise Refused("trained", "该专家的培训仍在有效期内。")
    record_conduct(expert, "EX12", f"培训考试有效期至 {expert.trained_until:%Y-%m-%d}，期满未达标。", by=by, at=at)
    return put_off(locked(expert), Suspension.Cause.TRAINING, rules.UNTRAINED.says, until=None, by=by, at=at)
