"""一标一评: opened when a tender's result is public, rated by three sides, closed by the last of them or by the clock."""

from collections.abc import Callable
from decimal import Decimal

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty, require_member
from agencies.actions.register import require_agency, require_text
from agencies.events import AgencyRated, AssessmentClosed, AssessmentOpened
from agencies.models import Assessment, Rating
from agencies.rules import ITEMS, RATING_PERIOD, STATEMENT_PERIOD, combined, total_of
from ledger.acts import record
from ledger.canonical import money
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.refusals import Refused

# Rooms above are told of each rating as it is handed in: function(rating, by=, at=).
_told: list[Callable] = []


def tells_ratings(function):
    """Register who hears of every rating; used as a decorator."""
    _told.append(function)
    return function


@transaction.atomic
def open_assessment(agency, tender_number, tender_name, raters, *, at):
    """Ask the raters for their judgement of the agency in one tender; once only. `raters` are (side, organisation)."""
    row, made = Assessment.objects.get_or_create(
        agency=agency,
        tender_number=tender_number,
        defaults={"tender_name": tender_name, "opened_at": at, "due_at": RATING_PERIOD.due_at(at)},
    )
    if not made:
        return row
    asked = {organisation.pk: (side, organisation) for side, organisation in reversed(list(raters)) if organisation.pk != agency.pk}
    for side, organisation in asked.values():
        rating = Rating.objects.create(assessment=row, side=side, organisation=organisation)
        tell_members(
            organisation, f"请评价代理机构：{agency.name}", f"项目“{tender_name}”，请在 {city_day(row.due_at):%Y-%m-%d} 前评价。",
            link=f"/agency-ratings/{rating.pk}/", key=f"agency-rating/{rating.pk}",
        )  # fmt: skip
    record(AssessmentOpened(agency=agency.uscc, tender=tender_number, raters=len(asked)), by=None)
    return row


@transaction.atomic
def rate(rating, marks, comment, *, by, at):
    """One side's judgement, given once. A mark below sixty asks for a reason."""
    assessment = Assessment.objects.select_for_update().get(pk=rating.assessment_id)
    rating = Rating.objects.select_related("organisation").get(pk=rating.pk)
    if rating.side == Rating.Side.CENTRE:
        require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)
    require_member(by, rating.organisation)
    if rating.at is not None:
        raise Refused("rated", "你单位已经评价过这个项目。")
    if assessment.closed_at is not None or at > assessment.due_at:
        raise Refused("over", "评价时间已过。")
    for name, item in ITEMS.items():
        if name not in marks or not 0 <= marks[name] <= 100:
            raise Refused("bad_mark", f"请为“{item.label}”打 0 至 100 分。", field=name, status=400)
    if min(marks.values()) < 60:
        require_text(comment, "comment", "低于 60 分的理由")
    rating.marks = {name: str(marks[name]) for name in ITEMS}
    rating.total, rating.comment, rating.by, rating.at = total_of(rating.marks), comment, by, at
    rating.save()
    for tell_room in _told:
        tell_room(rating, by=by, at=at)
    record(
        AgencyRated(agency=assessment.agency.uscc, tender=assessment.tender_number, side=rating.side), by=by,
        private={"marks": rating.marks, "organisation": rating.organisation.uscc},
    )  # fmt: skip
    if not assessment.ratings.filter(at=None).exists():
        closed(assessment, at=at)
    return rating


@transaction.atomic
def close_assessment(assessment, *, at):
    """The time to rate is over: what was given counts."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if assessment.closed_at is not None or at <= assessment.due_at:
        raise Refused("not_due", "评价还在进行，或者已经结束。")
    closed(assessment, at=at)


def closed(assessment, *, at):
    totals: dict[str, list[Decimal]] = {side: [] for side in Rating.Side.values}
    for rating in assessment.ratings.exclude(total=None):
        totals[rating.side].append(rating.total)
    assessment.score, assessment.lines = combined(totals)
    assessment.closed_at, assessment.state_until = at, STATEMENT_PERIOD.due_at(at)
    assessment.save()
    if assessment.score is not None:
        tell_members(
            assessment.agency, f"项目评价结果：{assessment.score} 分", f"项目“{assessment.tender_name}”，可在 {city_day(assessment.state_until):%Y-%m-%d} 前说明情况。",
            link=f"/me/agency/assessments/{assessment.pk}/", key=f"agency-assessment/{assessment.pk}",
        )  # fmt: skip
    score = money(assessment.score) if assessment.score is not None else ""
    record(AssessmentClosed(agency=assessment.agency.uscc, tender=assessment.tender_number, score=score), by=None)


@transaction.atomic
def state_case(assessment, statement, *, by, at):
    """The agency says how it sees the result; its words stand beside the score."""
    assessment = Assessment.objects.select_for_update(of=["self"]).select_related("agency").get(pk=assessment.pk)
    require_agency(by, assessment.agency)
    require_text(statement, "statement", "情况说明")
    if assessment.closed_at is None or at > assessment.state_until:
        raise Refused("statement_over", "说明情况的时间未到或者已过。", rule=f"{STATEMENT_PERIOD.source}：{STATEMENT_PERIOD.says}")
    assessment.statement, assessment.stated_at = statement, at
    assessment.save(update_fields=["statement", "stated_at"])
