"""Handing the centre's ratings to regulators as they are given, and taking note of them."""

from datetime import date

from django.db import transaction

from accounts.models import Duty
from accounts.permissions import is_member
from agencies.actions.assessments import tells_ratings as of_agencies
from agencies.models import Rating
from agencies.rules import ITEMS
from experts.actions.ratings import tells_ratings as of_experts
from experts.models import SessionRating
from experts.rules import ITEM_NAMES
from ledger.acts import record
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.periods import WORKING, MaximumPeriod
from rulebook.provisions import Consequence
from rulebook.refusals import Forbidden, Refused
from supervision.feedback.events import FeedbackAcknowledged, FeedbackHanded
from supervision.feedback.models import CentreFeedback
from trading.projects.models import Tender

ACKNOWLEDGED = MaximumPeriod(
    code="L-10", says="交易中心的评价即时反馈监督部门，监督部门三个工作日内确认收悉", source="本市专家和代理机构考核评价办法（时限为设计值，可调整）",
    since=date(2025, 1, 1), confidence="D", days=3, unit=WORKING, consequence=Consequence.ALERT,
)  # fmt: skip


@of_experts
def hand_expert_rating(rating, *, by, at):
    """The centre has rated an expert: the regulator that is asked to rate the same session has it at once."""
    if rating.role != SessionRating.Role.CENTRE:
        return
    assessment = rating.assessment
    other = assessment.ratings.filter(role=SessionRating.Role.REGULATOR).select_related("organisation").first()
    regulator = other.organisation if other else regulator_of(assessment.tender_number)
    if regulator is not None:
        items = [[ITEM_NAMES[name], value] for name, value in rating.points.items()]
        handed(
            regulator,
            assessment.tender_number,
            assessment.title,
            items,
            rating.total,
            rating.remark,
            expert=assessment.expert,
            by=by,
            at=at,
        )


@of_agencies
def hand_agency_rating(rating, *, by, at):
    if rating.side != Rating.Side.CENTRE:
        return
    assessment = rating.assessment
    regulator = regulator_of(assessment.tender_number)
    if regulator is not None:
        items = [[ITEMS[name].label, value] for name, value in rating.marks.items()]
        handed(
            regulator, assessment.tender_number, assessment.tender_name, items, rating.total, rating.comment, agency=assessment.agency, by=by, at=at
        )  # fmt: skip


def regulator_of(tender_number):
    tender = Tender.objects.filter(number=tender_number).select_related("project__regulator").first()
    return tender.project.regulator if tender else None


def handed(regulator, tender_number, title, items, total, remark, *, expert=None, agency=None, by, at):
    year = city_day(at).year
    row = CentreFeedback.objects.create(
        number=f"FK{year}-{next_number('feedback', year):05d}", regulator=regulator, expert=expert, agency=agency, tender_number=tender_number,
        title=title, items=items, total=total, remark=remark, handed_at=at, due_at=ACKNOWLEDGED.due_at(at),
    )  # fmt: skip
    tell_members(
        regulator,
        f"交易中心评价反馈：{title}",
        f"请在 {row.due_at:%Y-%m-%d} 前确认收悉。",
        link="/supervision/feedback/",
        key=f"feedback/{row.pk}",
    )
    about = expert.person.pseudonym if expert else agency.uscc
    record(FeedbackHanded(number=row.number), by=by, role="staff", private={"about": about, "tender": tender_number, "total": str(total)})
    return row


@transaction.atomic
def acknowledge(row, words, *, by, at):
    """The regulator has taken note, with what it makes of it."""
    row = CentreFeedback.objects.select_for_update(of=["self"]).select_related("regulator").get(pk=row.pk)
    if not is_member(by, row.regulator, Duty.REVIEW):
        raise Forbidden("not_yours", f"这项反馈由{row.regulator.name}的审核岗位确认。")
    if row.acknowledged_at:
        raise Refused("acknowledged", "这项反馈已经确认。", next_step="请刷新页面查看。")
    row.acknowledged_at, row.acknowledged_by, row.words = at, by, words
    row.save(update_fields=["acknowledged_at", "acknowledged_by", "words"])
    record(FeedbackAcknowledged(number=row.number), by=by, role="supervisor", private={"words": words})
    return row
