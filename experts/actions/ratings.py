"""一标一考: after each session three sides rate each expert; the weighted score closes the assessment and stands."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction

from accounts.models import Duty
from accounts.permissions import require_member
from experts import rules
from experts.events import ExpertRated
from experts.models import SessionAssessment, SessionRating
from ledger.acts import record
from postbox.actions import tell, tell_members
from rulebook.refusals import Refused

# Which post rates for each side.
POST = {
    SessionRating.Role.CENTRE: Duty.DRAW,
    SessionRating.Role.OWNER: Duty.HANDLER,
    SessionRating.Role.REGULATOR: Duty.REVIEW,
}


# Rooms above are told of each rating as it is handed in: function(rating, by=, at=).
_told: list[Callable] = []


def tells_ratings(function):
    """Register who hears of every rating; used as a decorator."""
    _told.append(function)
    return function


@transaction.atomic
def open_assessment(expert, tender_number, lot_key, raters, *, title, at):
    """Ask the sides to rate an expert after a session: {role: organisation}. Called once per expert at the end of an evaluation."""
    row, made = SessionAssessment.objects.get_or_create(
        expert=expert, tender_number=tender_number, lot_key=lot_key,
        defaults={"title": title, "opened_at": at, "due_at": rules.RATING_DUE.due_at(at)},
    )  # fmt: skip
    if not made:
        return row
    for role, organisation in raters.items():
        SessionRating.objects.create(assessment=row, role=role, organisation=organisation)
        tell_members(
            organisation, f"请对评标专家作一标一考：{title}", f"请在 {row.due_at:%Y-%m-%d} 前完成。", link="/expert-ratings/",
            key=f"expert-rating/{tender_number}/{lot_key}",
        )  # fmt: skip
    return row


@transaction.atomic
def rate(rating, points, remark, *, by, at):
    """Hand in one side's rating: {item: points}. It cannot be changed; the last one closes the assessment."""
    rating = (
        SessionRating.objects.select_for_update(of=["self"]).select_related("assessment__expert__person", "organisation").get(pk=rating.pk)
    )
    assessment = SessionAssessment.objects.select_for_update().get(pk=rating.assessment_id)
    require_member(by, rating.organisation, POST[rating.role])
    if rating.at:
        raise Refused("rated", "这项评价已经提交，不能修改。")
    if assessment.closed_at:
        raise Refused(
            "closed", f"评价期已于 {assessment.due_at:%Y-%m-%d} 结束。", rule=f"{rules.RATING_DUE.source}：{rules.RATING_DUE.says}"
        )
    check_points(points, remark)
    rating.points = {name: str(value) for name, value in points.items()}
    rating.total, rating.remark, rating.by, rating.at = sum(points.values(), Decimal(0)), remark, by, at
    rating.save()
    for tell_room in _told:
        tell_room(rating, by=by, at=at)
    if not assessment.ratings.filter(at=None).exists():
        close(assessment, by=by, at=at)
    return rating


def check_points(points, remark):
    limits = rules.RATING_ITEMS.parts
    for name, most in limits.items():
        if name not in points or not 0 <= points[name] <= most:
            raise Refused("out_of_range", f"{rules.ITEM_NAMES[name]}应在 0 到 {most} 分之间。", field=name, status=400)
    if sum(points.values()) < rules.GRADES.steps[-1][1] and not remark.strip():
        raise Refused("no_reason", "合计低于 60 分的，请写明事实。", field="remark", status=400)


def weighted(totals):
    """The score of the sides that rated: {role: total}; the shares of those who stayed silent fall to the others."""
    shares = rules.RATING_SHARES.parts
    whole = sum((shares[role] for role in totals), Decimal(0))
    score = sum((shares[role] * total for role, total in totals.items()), Decimal(0)) / whole
    return score.quantize(Decimal("0.1"), ROUND_HALF_UP)


def close(assessment, *, by, at):
    rated = {row.role: row.total for row in assessment.ratings.exclude(at=None)}
    assessment.closed_at = at
    assessment.score = weighted(rated) if rated else None
    assessment.save(update_fields=["closed_at", "score"])
    person = assessment.expert.person
    if rated:
        tell(person, f"一标一考得分 {assessment.score}", assessment.title, link="/expert/archive/", key=f"expert-rated/{assessment.pk}")
    record(
        ExpertRated(expert=person.pseudonym, ratings=len(rated)), by=by,
        private={"tender": assessment.tender_number, "lot": assessment.lot_key, "score": str(assessment.score)},
    )  # fmt: skip


@transaction.atomic
def close_overdue(assessment, *, by, at):
    """Time is up: the score is made of what there is."""
    assessment = SessionAssessment.objects.select_for_update(of=["self"]).select_related("expert__person").get(pk=assessment.pk)
    if assessment.closed_at is None and at > assessment.due_at:
        close(assessment, by=by, at=at)
