"""年度抽查: the regulator draws sittings of a year that is over, looks into each, hears the expert, concludes and publishes."""

from collections import Counter

from django.db import transaction

from disclosure.actions import publish_notice
from disclosure.models import Notice
from draws import actions as draws
from draws.models import Draw
from draws.offices import three_offices
from experts import rules
from experts.actions.appointment import ARCHIVE, suspend, words
from experts.actions.conduct import record_conduct
from experts.events import (
    SittingChecked,
    SittingConcluded,
    SittingCorrected,
    SittingRechecked,
    SittingStated,
    SpotCheckBegun,
    SpotCheckPublished,
)
from experts.models import CheckedSitting, SpotCheck, Suspension
from experts.permissions import refuse_own, regulators_of, require_regulator
from experts.spotchecks import rated_low, sittings_of, strata_of
from ledger.acts import record
from postbox.actions import tell
from rulebook.clock import city_day, database_now
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused

S, Outcome, C = SpotCheck.State, CheckedSitting.Outcome, CheckedSitting.Correction
SUBJECT = "expert-check"
RULE = "名单为本行业专家在抽查年度已经结束的全部评标场次；一标一考偏低的专家各自成组。每组随机排序后选取前若干场，数量不少于该组的百分之十（向上取整）。"


@transaction.atomic
def begin_check(year, *, centre, third, by, at):
    """Fix the year's sittings as a confidential list and begin the draw; each year once, a void draw is repeated."""
    regulator = regulators_of(by).first()
    if regulator is None:
        raise Forbidden("not_competent", "专家抽查须由行业主管部门的“主体审核”岗位办理。")
    if year >= city_day(at).year:
        raise Refused("year_running", f"{year} 年还没有结束，不能抽查。", rule=words(rules.SPOT_SHARE), field="year")
    sittings = list(sittings_of(regulator.sectors, year))
    if not sittings:
        raise Refused("no_sittings", f"{year} 年本行业专家没有已经结束的评标场次。", field="year")
    found = SpotCheck.objects.select_for_update(of=["self"]).select_related("draw").filter(regulator=regulator, year=year).first()
    if found is not None and found.draw.state != Draw.State.VOID:
        raise Refused("begun", f"{year} 年度的抽查已经发起。", next_step="请在抽查页面继续办理。")
    strata, groups = strata_of(sittings, rated_low(regulator.sectors, year))
    candidates = {
        name: [{"name": f"{row.expert.number} {row.tender_number} {row.title}", "sitting": row.pk} for row in rows] for name, rows in groups.items()
    }  # fmt: skip
    draw = draws.define_draw(
        Draw.Purpose.INSPECTION, title=f"{year} 年度评标专家抽查场次", subject=f"{SUBJECT}/{regulator.uscc}/{year}", rule=RULE, strata=strata,
        candidates=candidates, parties=three_offices(centre, third, by, regulator), confidential=True, repeats=found.draw if found else None, by=by, at=at,
    )  # fmt: skip
    check = found or SpotCheck(
        number=f"CC{city_day(at).year}-{next_number('expert-check', city_day(at).year):04d}", regulator=regulator, year=year
    )
    check.total, check.wanted, check.low = len(sittings), sum(row["take"] for row in strata), sum(row["id"] != "all" for row in strata)
    check.draw, check.begun_by, check.begun_at = draw, by, at
    check.save()
    for person in (centre, third):
        tell(person, f"请参加抽取：{draw.title}", "请进入抽取室提交随机数。", link=f"/me/draws/{draw.number}/", key=f"draw/{draw.number}")
    record(
        SpotCheckBegun(number=check.number, year=year, total=check.total, wanted=check.wanted, draw=draw.number), by=by, role="supervisor"
    )
    return check


def take_result(draw):
    """What the draw has chosen is to be looked into within the time."""
    check = SpotCheck.objects.select_for_update(of=["self"]).get(draw=draw)
    for place, row in enumerate(draws.chosen(draw), start=1):
        CheckedSitting.objects.create(check_of=check, sitting_id=draws.opened(row)["candidate"]["sitting"], place=place)
    check.state, check.due_at = S.CHECKING, rules.SPOT_DUE.due_at(database_now())
    check.save(update_fields=["state", "due_at"])


draws.register(Draw.Purpose.INSPECTION, draws.Purpose(conclude=take_result), room=SUBJECT)


def locked(row, by):
    """A drawn sitting whose regulator `by` stands for; nobody looks into their own work."""
    row = CheckedSitting.objects.select_for_update(of=["self"]).select_related("check_of", "sitting__expert__person").get(pk=row.pk)
    regulator = require_regulator(by, row.sitting.expert.sector)
    if regulator.pk != row.check_of.regulator_id and not regulators_of(by).filter(pk=row.check_of.regulator_id).exists():
        raise Forbidden("not_yours", "这次抽查由其他主管部门办理。")
    refuse_own(row.sitting.expert.person, by)
    return row


def refuse_concluded(row):
    if row.concluded_at:
        raise Refused("concluded", "这一场次已经作出抽查结论。")


def require_words(text, field, label):
    if not text.strip():
        raise Refused(f"no_{field}", f"请填写{label}。", field=field, status=400)


def entered(event, row, *, by, role, **private):
    """Enter it without the expert's pseudonym: what stands in the log of a check is about a place in the draw."""
    expert = row.sitting.expert.person.pseudonym
    record(event, by=None if role == "expert" else by, role=role, private={"expert": expert, "sitting": row.sitting.key, **private})


@transaction.atomic
def check_sitting(row, findings, *, by, at):
    """What was found by each item: {item: {"ok", "note"}}; with a problem the expert is asked to be heard. May be written anew until concluded."""
    row = locked(row, by)
    refuse_concluded(row)
    for name, label in rules.SPOT_ITEMS.items():
        if not findings[name]["ok"] and not findings[name]["note"].strip():
            raise Refused("no_note", f"“{label.partition('：')[0]}”发现问题的，请写明事实。", field=f"{name}_note", status=400)
    changed = row.findings != findings
    row.findings, row.checked_by, row.checked_at = findings, by, at
    if row.problems and changed:
        # What is found now was not heard yet, whatever was said of something else.
        row.hear_until, row.stated_at = rules.SPOT_HEARING.due_at(at), None
        tell(
            row.sitting.expert.person, f"年度抽查：请说明情况（{row.sitting.title}）", f"请在 {row.hear_until:%Y-%m-%d} 前说明，逾期不影响作出结论。",
            link=ARCHIVE, key=f"expert-check/{row.pk}/{at.timestamp()}",
        )  # fmt: skip
    elif not row.problems:
        row.hear_until = None
    row.save()
    entered(SittingChecked(number=row.check_of.number, place=row.place), row, by=by, role="supervisor", findings=findings)
    return row


def own(row, by):
    row = (
        CheckedSitting.objects.select_for_update(of=["self"])
        .select_related("check_of__regulator", "sitting__expert__person")
        .get(pk=row.pk)
    )
    if row.sitting.expert.person_id != by.pk:
        raise Forbidden("not_own", "只能由专家本人说明。")
    return row


@transaction.atomic
def state_case(row, statement, *, by, at):
    """The expert is heard, once to each finding, while no conclusion stands; earlier words stay."""
    row = own(row, by)
    refuse_concluded(row)
    if not row.problems or row.stated_at:
        raise Refused("not_asked", "这一场次没有等待你说明的问题。")
    require_words(statement, "statement", "情况说明")
    row.statement, row.stated_at = f"{row.statement}\n{statement}".strip(), at
    row.save(update_fields=["statement", "stated_at"])
    tell(
        row.checked_by, f"专家已说明情况：{row.check_of.number} 第 {row.place} 场", link=where(row),
        key=f"expert-check/{row.pk}/stated/{at.timestamp()}",
    )  # fmt: skip
    entered(SittingStated(number=row.check_of.number, place=row.place), row, by=by, role="expert", statement=statement)
    return row


def where(row):
    return f"/supervision/experts/checks/{row.check_of.number}/{row.place}/"


@transaction.atomic
def conclude_sitting(row, *, outcome, opinion, code="", decision_number="", correct_by=None, until=None, by, at):
    """The conclusion: clean, praised, corrected by a day, entered as conduct, or suspended until a day.

    A problem has no consequence before the expert was heard or let the time pass.
    """
    row = locked(row, by)
    refuse_concluded(row)
    if row.checked_at is None:
        raise Refused("not_checked", "请先登记抽查情况。")
    require_words(opinion, "opinion", "抽查意见")
    refuse_unfitting(row, outcome, at)
    if outcome == Outcome.CORRECT:
        row.correct_by, row.correction = correction_day(correct_by, at), C.DUE
    expert, facts = row.sitting.expert, f"{row.check_of.year} 年度抽查（{row.check_of.number}）：{opinion}"
    if outcome in (Outcome.CONDUCT, Outcome.PRAISED):
        code = rules.PRAISE if outcome == Outcome.PRAISED else code
        if code not in rules.CONDUCT or (outcome == Outcome.CONDUCT and rules.CONDUCT[code].points > 0):
            raise Refused("no_code", "请选择要记入的行为。", field="code", status=400)
        row.conduct = record_conduct(
            expert, code, facts, decision_number=decision_number, tender_number=row.sitting.tender_number, by=by, at=at
        )
    elif outcome == Outcome.SUSPENDED:
        if until is None:
            raise Refused("no_until", "请填写暂停至哪一天。", field="until", status=400)
        suspend(expert, Suspension.Cause.CONDUCT, facts[:300], until=until, by=by, at=at)
    row.outcome, row.opinion, row.concluded_by, row.concluded_at = outcome, opinion, by, at
    row.save()
    tell(
        expert.person, f"年度抽查结论：{row.get_outcome_display()}（{row.sitting.title}）", opinion, link=ARCHIVE, key=f"expert-check/{row.pk}/concluded"
    )  # fmt: skip
    entered(SittingConcluded(number=row.check_of.number, place=row.place), row, by=by, role="supervisor", outcome=outcome, opinion=opinion)
    return row


def refuse_unfitting(row, outcome, at):
    if outcome in (Outcome.PRAISED, Outcome.CLEAN) and row.problems:
        raise Refused("problems", "发现问题的场次不能作出此结论。", field="outcome", next_step="说明成立的，请先修改抽查情况。")
    if outcome in (Outcome.CORRECT, Outcome.CONDUCT, Outcome.SUSPENDED) and not row.problems:
        raise Refused("no_problems", "抽查没有发现问题，不能作出处理。", field="outcome")
    if row.problems and not row.stated_at and at <= row.hear_until:
        raise Refused(
            "not_heard", f"专家可以在 {row.hear_until:%Y-%m-%d} 前说明情况。", rule=words(rules.SPOT_HEARING),
            next_step="收到说明后，或者期限届满后再作结论。",
        )  # fmt: skip


def correction_day(day, at):
    if day is None:
        raise Refused("no_day", "请填写改正期限。", field="correct_by", status=400)
    latest = rules.SPOT_CORRECTION.due_on(city_day(at))
    if not city_day(at) < day <= latest:
        rules.SPOT_CORRECTION.refuse(f"改正期限应在明天至 {latest:%Y-%m-%d} 之间。", field="correct_by")
    return day


@transaction.atomic
def report_correction(row, report, *, by, at):
    row = own(row, by)
    if row.correction != C.DUE:
        raise Refused("wrong_state", "没有等待你改正的事项。")
    require_words(report, "report", "改正情况")
    row.report, row.correction = report, C.REPORTED
    row.save(update_fields=["report", "correction"])
    tell(
        row.concluded_by,
        f"专家已报告改正：{row.check_of.number} 第 {row.place} 场",
        link=where(row),
        key=f"expert-check/{row.pk}/{at.timestamp()}",
    )
    entered(SittingCorrected(number=row.check_of.number, place=row.place), row, by=by, role="expert", report=report)
    return row


@transaction.atomic
def recheck_sitting(row, *, accepted, recheck, correct_by=None, by, at):
    """The regulator looks again: corrected, or another day is set."""
    row = locked(row, by)
    overdue = row.correction == C.DUE and row.correct_by < city_day(at)
    if row.correction != C.REPORTED and not overdue:
        raise Refused("wrong_state", "专家尚未报告改正，期限也没有届满。")
    require_words(recheck, "recheck", "复核意见")
    row.recheck, row.correction = recheck, C.ACCEPTED if accepted else C.DUE
    if not accepted:
        row.correct_by = correction_day(correct_by, at)
    row.save()
    tell(
        row.sitting.expert.person, f"改正复核：{'通过' if accepted else '未通过'}", recheck, link=ARCHIVE, key=f"expert-check/{row.pk}/{at.timestamp()}"
    )  # fmt: skip
    entered(
        SittingRechecked(number=row.check_of.number, place=row.place, accepted=accepted), row, by=by, role="supervisor", recheck=recheck
    )
    return row


@transaction.atomic
def publish_check(check, *, by, at):
    """All drawn sittings are concluded: the summary goes on the board, in numbers, without names."""
    check = SpotCheck.objects.select_for_update(of=["self"]).select_related("regulator", "draw").get(pk=check.pk)
    if not regulators_of(by).filter(pk=check.regulator_id).exists():
        raise Forbidden("not_yours", "这次抽查由其他主管部门办理。")
    rows = list(check.sittings.all())
    waiting = sum(row.concluded_at is None for row in rows)
    if check.state != S.CHECKING or waiting:
        raise Refused("not_done", f"还有 {waiting} 场没有抽查结论。" if waiting else "现在不能公布抽查结果。")
    counts = Counter(row.outcome for row in rows)
    lines = [(label, counts[value]) for value, label in Outcome.choices]
    facts = [
        ("抽查年度", f"{check.year} 年"), ("抽查单位", check.regulator.name), ("全部场次", f"{check.total} 场"),
        ("随机抽查", f"{check.wanted} 场（抽取编号 {check.draw.number}）"), *((label, f"{count} 场") for label, count in lines),
    ]  # fmt: skip
    check.notice = publish_notice(
        Notice.Kind.EXPERT_CHECK, title=f"{check.regulator.name} {check.year} 年度评标专家抽查结果", facts=facts, category="QT",
        context={"check": check, "lines": lines, "share": rules.SPOT_SHARE}, owner_name=check.regulator.name, by=by, at=at,
    )  # fmt: skip
    check.state = S.PUBLISHED
    check.save(update_fields=["state", "notice"])
    record(SpotCheckPublished(number=check.number, notice=check.notice.number), by=by, role="supervisor")
    return check
