"""Forming the committee: who may sit, the random draw, the calls by phone, the seats filled in drawn order."""

from django.db import transaction

from accounts.models import Duty, Organisation, Person
from accounts.permissions import require_duty
from draws.actions import draw_order
from experts.models import Expert
from ledger.acts import record
from postbox.actions import place_call, send_sms
from rulebook.refusals import Refused
from trading.evaluation.events import CommitteeDrawn
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.opening.models import OpenedBid
from trading.procedures.rules.works import COMMITTEE_EXPERT_SHARE, COMMITTEE_SIZE
from trading.projects.models import Lot
from trading.tenders.queries import require_running


def interested_codes(lot):
    """The 统一社会信用代码 of all with an interest in the lot: bidders, tenderee, agency, regulator."""
    project = lot.tender.project
    codes = set(OpenedBid.objects.filter(opening__lot=lot).values_list("bid__bidder__uscc", flat=True))
    codes |= {row.uscc for row in (project.owner, project.agency, project.regulator) if row is not None}
    return codes


def eligible_experts(lot, specialties):
    """Active experts of the specialties with no interest in the lot, and who never sat on it before.

    回避: an expert employed by an interested party, or who declared an interest in one, is never in the pool
    (招标投标法实施条例第四十六条).
    """
    codes = interested_codes(lot)
    return (
        Expert.objects.active()
        .filter(specialties__overlap=specialties)
        .exclude(employer_uscc__in=codes)
        .exclude(avoided__uscc__in=codes)
        .exclude(seats__evaluation__lot=lot)
        .select_related("person")
        .distinct()
    )


@transaction.atomic
def form_committee(lot, *, size, owner_representatives, specialties, starts_at, by, at):
    """Draw a committee of `size` with the given owner's representatives, and call the first experts in drawn order.

    Refused when the composition breaks the law (odd, at least five, experts two thirds) or the pool is too small.
    """
    require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)
    lot = Lot.objects.select_for_update().select_related("tender__project").get(pk=lot.pk)
    if lot.state != Lot.State.EVALUATING:
        raise Refused("not_now", "开标结束后才能组建评标委员会。")
    require_running(lot, at)
    check_composition(size, len(owner_representatives))
    evaluation = current_evaluation(lot) or Evaluation.objects.create(lot=lot)
    if evaluation.draw_id:
        raise Refused("drawn", "本次评标的专家已经抽取，不得重新抽取。", rule="《招标投标法》第三十七条")
    pool = {expert.number: expert for expert in eligible_experts(lot, specialties)}
    wanted = size - len(owner_representatives)
    if len({expert.employer_uscc or expert.number for expert in pool.values()}) < wanted:
        raise Refused(
            "pool_too_small",
            f"符合条件且无须回避的专家只有 {len(pool)} 名，不足 {wanted} 名。",
            next_step="请增加相近专业，或申请异地抽取。",
        )
    draw = draw_order("committee", lot.bid_stream, list(pool), by=by, at=at)
    evaluation.size, evaluation.owner_seats, evaluation.starts_at = size, len(owner_representatives), starts_at
    evaluation.draw = draw
    evaluation.save()
    for place, person in enumerate(owner_representatives, start=1):
        CommitteeMember.objects.create(
            evaluation=evaluation,
            person=person,
            owner_representative=True,
            order=place,
            state=CommitteeMember.State.ACCEPTED,
            called_at=at,
            answered_at=at,
        )
    fill_seats(evaluation, at=at)
    record(
        CommitteeDrawn(tender=lot.tender.number, lot=lot.key, round=evaluation.round, size=size, pool_digest=draw.pool_digest),
        by=by,
        role="staff",
        private={"seed": draw.seed, "order": draw.order},
    )
    return evaluation


def check_composition(size, owner_seats):
    COMMITTEE_SIZE.check(size)
    if size % 2 == 0:
        raise Refused("even", "评标委员会成员人数应为单数。", rule=COMMITTEE_SIZE.source, field="size")
    COMMITTEE_EXPERT_SHARE.check(size - owner_seats, base=size)


def current_evaluation(lot):
    return Evaluation.objects.filter(lot=lot).order_by("-round").first()


def fill_seats(evaluation, *, at):
    """Call the next experts of the drawn order until every seat has somebody called or confirmed.

    One person per employer: a second expert of the same employer is passed over.
    """
    seated = evaluation.members.filter(state__in=[CommitteeMember.State.CALLED, CommitteeMember.State.ACCEPTED])
    free = evaluation.size - seated.count()
    known = set(evaluation.members.exclude(expert=None).values_list("expert__number", flat=True))
    employers = set(seated.exclude(expert__employer_uscc="").values_list("expert__employer_uscc", flat=True))
    place = evaluation.members.count()
    for number in evaluation.draw.order:
        if not free:
            return
        if number in known:
            continue
        expert = Expert.objects.select_related("person").get(number=number)
        if expert.state != Expert.State.ACTIVE or (expert.employer_uscc and expert.employer_uscc in employers):
            continue
        place += 1
        free -= 1
        employers.add(expert.employer_uscc)
        member = CommitteeMember.objects.create(evaluation=evaluation, expert=expert, person=expert.person, order=place, called_at=at)
        call(member)
    if free:
        raise Refused(
            "standbys_used_up",
            f"候补专家已全部通知，仍缺 {free} 名。",
            next_step="请增加专业或申请异地抽取后重新组建。",
        )


def call(member):
    """Call the expert by voice. The text names neither the project nor anybody in it (experts.md §3.6)."""
    when = member.evaluation.starts_at.astimezone()
    place_call(
        member.person.mobile,
        f"清江市公共资源交易中心邀请你参加评标，时间 {when:%m月%d日%H时%M分}，地点交易中心评标区。参加请按 1，不参加请按 2。",
        key=f"committee/{member.pk}",
        purpose="committee",
    )


@transaction.atomic
def answer_call(member, accepted, *, at):
    """The expert's answer by phone or page; a refusal calls the next in the drawn order at once."""
    evaluation = Evaluation.objects.select_for_update().get(pk=member.evaluation_id)
    member = CommitteeMember.objects.select_related("person").get(pk=member.pk)
    if member.state != CommitteeMember.State.CALLED:
        raise Refused("answered", "你已经答复过这次邀请。")
    if evaluation.state not in (Evaluation.State.FORMING, Evaluation.State.REVIEWING, Evaluation.State.SCORING):
        raise Refused("formed", "评标已经结束，不能再答复。")
    member.state = CommitteeMember.State.ACCEPTED if accepted else CommitteeMember.State.REFUSED
    member.answered_at = at
    member.save(update_fields=["state", "answered_at"])
    if accepted:
        send_sms(member.person.mobile, "你已确认参加评标，请携带身份证件按时到场。", key=f"committee/{member.pk}/confirmed")
    else:
        fill_seats(evaluation, at=at)


@transaction.atomic
def replace_member(member, state, *, by, at):
    """An expert is absent or must step aside: what they did is void, the next in the drawn order is called."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)
    evaluation = Evaluation.objects.select_for_update().get(pk=member.evaluation_id)
    member = CommitteeMember.objects.get(pk=member.pk)
    if evaluation.state not in (Evaluation.State.FORMING, Evaluation.State.REVIEWING, Evaluation.State.SCORING):
        raise Refused("not_now", "评标已汇总，不能再更换成员。")
    if member.owner_representative or member.state not in (CommitteeMember.State.CALLED, CommitteeMember.State.ACCEPTED):
        raise Refused("not_seated", "只能更换已通知或已确认的专家。")
    member.state = state
    member.chair = False
    member.save(update_fields=["state", "chair"])
    member.opinions.all().delete()
    member.scores.all().delete()
    fill_seats(evaluation, at=at)


def owner_people(lot):
    """Who of the owner's side may sit: the members of the tenderee's organisation."""
    return Person.objects.filter(memberships__organisation=lot.tender.project.owner, memberships__until=None)
