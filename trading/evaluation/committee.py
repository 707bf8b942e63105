"""Forming the committee: who may sit, the draw that three parties make, the calls by phone, the seats in drawn order."""

from collections import Counter

from django.db import transaction
from django.db.models import Q

from accounts.models import Duty, Organisation, Person
from accounts.permissions import require_duty
from draws import actions as draws
from draws.models import Draw, DrawParty
from experts.actions import sessions
from experts.models import Expert, Sitting
from experts.queries import UNFIT, Need, candidates, kept_out
from ledger.acts import record
from postbox.actions import end_call, place_call, tell_members
from rulebook.clock import CITY, database_now
from rulebook.refusals import Refused
from sealing.keys import holder_key_of
from trading.evaluation import offsite
from trading.evaluation.attendance import send_code
from trading.evaluation.bounds import CALL, LARGE_BUDGET, LARGE_COMMITTEE, MONITOR, ONE_REPRESENTATIVE
from trading.evaluation.drafts import forget_drafts
from trading.evaluation.events import CommitteeDrawn
from trading.evaluation.models import CommitteeMember, Evaluation, MotionVote, RejectionMotion
from trading.evaluation.offsite import MEMBERS, MONITORS, group_of
from trading.evaluation.seats import REPLACEABLE
from trading.opening.models import OpenedBid
from trading.procedures.reaching import reach
from trading.procedures.records import records_of
from trading.procedures.rules.works import COMMITTEE_EXPERT_SHARE, COMMITTEE_SIZE
from trading.projects.models import Category, Lot
from trading.projects.queries import SUPERVISE, may_handle
from trading.remote.actions import draw_sessions
from trading.tenders.queries import require_running

RULE = "从符合专业要求且无须回避的专家中随机排序，依次选取；同一工作单位只选一人；拒绝、缺席或回避的由候补依次替换。"
MONITOR_RULE = "监标专家另行抽取一名，不是评标委员会成员，也不与其同一工作单位。"
REMOTE_RULE = "远程异地评标：主场和各副场的席位分组抽取，各组只从本地区的专家中抽取，并在本组内补位。"
State, Refusal = CommitteeMember.State, CommitteeMember.Refusal
# What the keys of a call mean: the first comes, the others say why not.
KEYS = {"1": None, "2": Refusal.BUSY, "3": Refusal.ILL, "4": Refusal.INTEREST, "5": Refusal.OTHER}
# What an answer makes of the seat, and what the pool keeps of it. Who must step aside has not turned anybody down.
ANSWERS = dict.fromkeys(Refusal, (State.REFUSED, Sitting.Answer.REFUSED)) | {
    None: (State.ACCEPTED, Sitting.Answer.ACCEPTED),
    Refusal.INTEREST: (State.RECUSED, Sitting.Answer.RECUSED),
}


def interested_codes(lot):
    """The 统一社会信用代码 of all with an interest in the lot: bidders, who signed up, tenderee, agency, regulator."""
    project = lot.tender.project
    codes = set(OpenedBid.objects.filter(opening__lot=lot).values_list("bid__bidder__uscc", flat=True))
    # Without sealed bids, those who took steps of the procedure as bidders.
    codes |= set(records_of(lot).exclude(organisation=None).values_list("organisation__uscc", flat=True))
    codes |= {row.uscc for row in (project.owner, project.agency, project.regulator) if row is not None}
    return codes


def need_of(lot, specialties, starts_at):
    """What the draw asks of the pool. 回避: nobody employed by an interested party now or within three years, nor who declared
    an interest in one (招标投标法实施条例第四十六条), nor who sat on this lot before.
    """
    category, codes = lot.tender.project.category, interested_codes(lot)
    return Need(
        specialties=tuple(specialties),
        starts_at=starts_at,
        interested=frozenset(codes),
        names=frozenset(Organisation.objects.filter(uscc__in=codes).values_list("name", flat=True)),
        owner=lot.tender.project.owner.uscc,
        trade=category,
        pool=Expert.Pool.VILLAGE if category == Category.VILLAGE else Expert.Pool.CITY,
        without=frozenset(seat.expert.number for seat in CommitteeMember.called.filter(evaluation__lot=lot, owner_representative=False)),
    )


def words_of_kept_out(need):
    """How many of the fitting specialties could not be listed, by reason."""
    rows = [f"{row['words']} {row['count']} 人" for row in kept_out(need) if row["code"] not in UNFIT]
    return f"未列入：{'，'.join(rows)}。" if rows else ""


def possible_parties(tender):
    """Who may take part in drawing the committee beside the centre: {role: people with keys}."""
    owner, agency, regulator = tender.project.owner, tender.project.agency, tender.project.regulator
    sides = [each for each in (owner, agency) if each is not None]
    handlers = Person.objects.filter(memberships__organisation__in=sides, memberships__until=None).distinct()
    officials = Person.objects.filter(memberships__organisation=regulator, memberships__until=None).distinct()
    return {
        DrawParty.Role.SUPERVISOR: [each for each in officials if each.has_perm(SUPERVISE, tender) and holder_key_of(each)],
        DrawParty.Role.TENDEREE: [each for each in handlers if may_handle(each, tender) and holder_key_of(each)],
    }


def parties_of(lot, supervisor, tenderee, *, by):
    """(role, person, organisation) of the three who draw; Refused for anybody who may not take part."""
    allowed = possible_parties(lot.tender)
    if supervisor not in allowed[DrawParty.Role.SUPERVISOR] or tenderee not in allowed[DrawParty.Role.TENDEREE]:
        raise Refused(
            "bad_parties",
            "抽取须由交易中心、监督部门和招标人（代理机构）各一名已登记密钥的人员共同参加。",
            next_step="请其先在“我的密钥”中登记持钥人密钥。",
            field="supervisor" if supervisor not in allowed[DrawParty.Role.SUPERVISOR] else "tenderee",
            status=400,
        )
    side = Organisation.objects.filter(memberships__person=tenderee, memberships__until=None).filter(
        pk__in=[lot.tender.project.owner_id, lot.tender.project.agency_id]
    )
    centre = require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)
    return [
        (DrawParty.Role.CENTRE, by, centre),
        (DrawParty.Role.SUPERVISOR, supervisor, lot.tender.project.regulator),
        (DrawParty.Role.TENDEREE, tenderee, side.first()),
    ]


@transaction.atomic
def form_committee(lot, *, size, owner_representatives, specialties, starts_at, supervisor, tenderee, by, at):
    """Begin the draw of a committee of `size` with the given owner's representatives; its seats are filled by the result.

    `supervisor` and `tenderee` are the people who make the random seed together with `by`. Refused when the composition
    breaks the law (odd, at least five, experts two thirds) or the pool is too small.
    """
    centre = require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)
    lot = Lot.objects.select_for_update().select_related("tender__project").get(pk=lot.pk)
    if lot.state != Lot.State.EVALUATING:
        raise Refused("not_now", "开标结束后才能组建评标委员会。")
    require_running(lot, at)
    check_composition(size, len(owner_representatives), lot)
    evaluation = current_evaluation(lot) or Evaluation.objects.create(lot=lot)
    void = evaluation.draw if evaluation.draw_id and evaluation.draw.state == Draw.State.VOID else None
    more = evaluation.draw_id and void is None and needs_more(evaluation)
    if evaluation.draw_id and void is None and not more:
        raise Refused("drawn", "本次评标的专家已经抽取，不得重新抽取。", rule="《招标投标法》第三十七条")
    joint = offsite.sessions_to_draw(evaluation)
    # A further draw, when the drawn order is used up, fills the seats that are left empty.
    if more:
        size, owner_representatives, wanted = evaluation.size, [], empty_seats(evaluation)
    else:
        evaluation.monitored = MONITOR.asks(lot.tender.project)
        offsite.check_sessions(joint, size=size, owner_seats=len(owner_representatives), starts_at=starts_at)
        away = {each.group: each.seats for each in joint}
        wanted = {MEMBERS: size - len(owner_representatives) - sum(away.values()), **away, MONITORS: int(evaluation.monitored)}
    pools = pools_of(need_of(lot, specialties, starts_at), joint, wanted, centre, seated=employers_of(standing_seats(evaluation)))
    # The list of draws is public, and a private tender has no name there.
    subject = f"邀请招标项目 {lot.tender.number} 第 {lot.no} 标段" if lot.tender.private else f"{lot.tender.name}{lot.name}"
    names = {MEMBERS: "评标专家", MONITORS: "监标专家"} | {
        each.group: f"异地评标专家（第 {no} 组）" for no, each in enumerate(joint, start=1)
    }
    draw = draws.define_draw(
        Draw.Purpose.COMMITTEE,
        title=f"{subject}评标专家",
        subject=lot.bid_stream,
        rule=RULE + (MONITOR_RULE if wanted[MONITORS] else "") + (REMOTE_RULE if joint else ""),
        strata=[{"id": each, "name": names[each], "take": count} for each, count in wanted.items() if count > 0],
        candidates={each: pools[each] for each, count in wanted.items() if count > 0},
        parties=parties_of(lot, supervisor, tenderee, by=by),
        confidential=True,
        repeats=void,
        by=by,
        at=at,
    )
    if not more:
        evaluation.size, evaluation.owner_seats, evaluation.starts_at = size, len(owner_representatives), starts_at
    evaluation.draw = draw
    evaluation.save()
    if not more:
        draw_sessions(joint)
    for place, person in enumerate(owner_representatives, start=1):
        if not evaluation.members.of(person).exists():
            send_code(CommitteeMember.taken(
                evaluation, person, order=place, owner_representative=True, state=State.ACCEPTED, called_at=at, answered_at=at,
            ))  # fmt: skip
    sessions.note_request(f"committee/{evaluation.pk}", specialties, sum(wanted.values()), at=at)
    reach(lot.tender, "expert_draw", at=at, lot=lot, reference=str(evaluation.round))
    record(CommitteeDrawn(tender=lot.tender.number, lot=lot.key, round=evaluation.round, size=size, draw=draw.number), by=by, role="staff")
    return evaluation


def pools_of(need, joint, wanted, centre, *, seated):
    """{group: candidates} of a draw, without employers that sit already; Refused where a group has too few."""
    needs = offsite.needs_by_group(need, joint, centre)
    found = {group: [row for row in candidates(each) if row["employer"] not in seated] for group, each in needs.items()}
    for group, rows in found.items():
        # The monitor is drawn from the same people as the members of the main venue.
        count = wanted[group] + (wanted[MONITORS] if group == MEMBERS else 0)
        if len({row["employer"] or row["expert"] for row in rows}) < count:
            where = next((f"{each.host.name}所在地区" for each in joint if each.group == group), "")
            raise Refused(
                "pool_too_small",
                f"{where}符合条件且无须回避的专家只有 {len(rows)} 名，不足 {count} 名。{words_of_kept_out(needs[group])}",
                next_step="请增加相近专业，或申请异地抽取。",
            )
    return {**found, MONITORS: found[MEMBERS]}


def passes_over(candidate, taken):
    """Who is passed over in the drawn order: a second expert of one employer, who is chosen already, who may no longer be called."""
    if candidate["expert"] in {each["expert"] for each in taken}:
        return "chosen_already"
    if candidate["employer"] and candidate["employer"] in {each["employer"] for each in taken}:
        return "same_employer"
    return None if Expert.objects.active().filter(number=candidate["expert"]).exists() else "inactive"


def call_chosen(draw):
    """Seat and call everybody who is chosen now and was not called yet, in drawn order.

    Who was called in this evaluation before, for the other group of the draw, makes way for the next of the order.
    """
    evaluation = Evaluation.objects.select_for_update().get(draw=draw)
    called = CommitteeMember.called.filter(evaluation=evaluation)
    for row in draws.chosen(draw):
        number = draws.opened(row)["candidate"]["expert"]
        expert = Expert.objects.select_related("person").get(number=number)
        known = called.of(expert.person).first()
        if known is None:
            call(
                CommitteeMember.taken(
                    evaluation, expert.person, expert, candidate=row, order=called.count() + 1, monitor=row.stratum == MONITORS,
                    called_at=database_now(),
                )
            )  # fmt: skip
        elif known.candidate_id != row.pk:
            next_in_order(row, evaluation, "called_before", by=None)


draws.register(Draw.Purpose.COMMITTEE, draws.Purpose(skips=passes_over, conclude=call_chosen))


def check_composition(size, owner_seats, lot=None):
    """Refuse a committee that the law does not allow; a large procurement asks for seven (M-05)."""
    COMMITTEE_SIZE.check(size)
    if lot is not None and lot.tender.project.category == Category.PROCUREMENT and lot.estimate >= LARGE_BUDGET:
        LARGE_COMMITTEE.check(size)
    if size % 2 == 0:
        raise Refused("even", "评标委员会成员人数应为单数。", rule=COMMITTEE_SIZE.source, field="size")
    COMMITTEE_EXPERT_SHARE.check(size - owner_seats, base=size)
    if lot is not None and lot.tender.project.category == Category.WORKS:
        ONE_REPRESENTATIVE.check(owner_seats, field="owner_representatives")


def current_evaluation(lot):
    return Evaluation.objects.filter(lot=lot).order_by("-round").first()


def standing_seats(evaluation):
    """The seats that are taken, or called and not answered yet, the monitor's among them."""
    standing = [State.CALLED, State.ACCEPTED]
    return CommitteeMember.called.filter(evaluation=evaluation, state__in=standing)


def employers_of(seats):
    """The employers of the experts in these seats, as a draw's list names them."""
    experts = [seat.expert for seat in seats if seat.expert]
    return {each.employer_uscc or each.employer for each in experts} - {""}


def empty_seats(evaluation):
    """{group of the draw: how many of its seats stand empty}"""
    taken = Counter(group_of(seat) for seat in standing_seats(evaluation).select_related("candidate"))
    away = offsite.offsite_seats(evaluation)
    wanted = {MEMBERS: evaluation.size - sum(away.values()), **away, MONITORS: int(evaluation.monitored)}
    return {group: count - taken[group] for group, count in wanted.items()}


def needs_more(evaluation):
    """Whether the drawn order of a group is used up while its seats stand empty: then, and only then, a further draw is lawful."""
    draw = evaluation.draw
    if draw.state != Draw.State.RESULT:
        return False
    return any(count > 0 and not draws.has_standby(draw, group) for group, count in empty_seats(evaluation).items())


def next_standby(member, reason, *, by):
    """Who refuses, stays away or must step aside is replaced by the next of the drawn order, who is called at once.

    With the order used up the seat stays empty, and the centre is told: a further draw fills it.
    """
    evaluation = member.evaluation
    if member.candidate.draw_id != evaluation.draw_id:
        # Seated by an earlier draw, whose order is used up.
        tell_used_up(evaluation)
        return
    next_in_order(member.candidate, evaluation, reason, by=by)


def next_in_order(candidate, evaluation, reason, *, by):
    try:
        with transaction.atomic():
            draws.replace(candidate, reason, by=by)
    except Refused as refusal:
        if refusal.code != "standbys_used_up":
            raise
        tell_used_up(evaluation)
        return
    call_chosen(evaluation.draw)


def tell_used_up(evaluation):
    lot = evaluation.lot
    centre = Organisation.objects.of_kind(Organisation.Kind.CENTRE).filter(sectors=[], memberships__duties__overlap=[Duty.DRAW]).distinct()
    for row in centre:
        tell_members(
            row, f"评标专家候补已用完：{lot.tender.number} 第 {lot.no} 标段", "还有席位空缺，请补充抽取。",
            link=f"/staff/committees/{lot.tender.number}/{lot.no}/", key=f"used-up/{evaluation.pk}/{CommitteeMember.called.filter(evaluation=evaluation).count()}",
        )  # fmt: skip


def call(member):
    """Call the expert by voice. The text names neither the project nor anybody in it (experts.md §3.6)."""
    lot, key = member.evaluation.lot, f"committee/{member.pk}"
    member.answer_by = member.called_at + CALL.within
    member.save(update_fields=["answer_by"])
    sessions.note_call(
        member.expert, key=key, request_key=f"committee/{member.evaluation_id}", tender_number=lot.tender.number, lot_key=lot.key,
        title=f"{lot.tender.name}{lot.name}", owner_uscc=lot.tender.project.owner.uscc, starts_at=member.evaluation.starts_at,
        at=member.called_at,
    )  # fmt: skip
    when = member.evaluation.starts_at.astimezone(CITY)
    refusals = "，".join(f"{reason.label}按 {number}" for number, reason in KEYS.items() if reason)
    place_call(
        member.person.mobile,
        f"清江市公共资源交易中心邀请你参加评标，时间 {when:%m月%d日%H时%M分}，地点{offsite.place_of(member)}。参加请按 1；不参加的，{refusals}。",
        keys={number: reason.label if reason else "参加" for number, reason in KEYS.items()},
        key=key,
        purpose="committee",
        confidential=True,
    )


@transaction.atomic
def answer_call(member, refusal, *, at):
    """The expert's answer by phone or page: comes (None), or a `Refusal`, after which the next in the drawn order is called at once."""
    evaluation, member = waiting(member)
    if evaluation.state not in changeable(member):
        raise Refused("formed", "评标已经结束，不能再答复。")
    if refusal is None and member.expert and member.expert.state != Expert.State.ACTIVE:
        raise Refused("not_active", "你的评标专家资格已暂停或者终止，不能参加评审。", status=403)
    member.state, answer = ANSWERS[refusal]
    member.refusal, member.answered_at = refusal or "", at
    member.save(update_fields=["state", "refusal", "answered_at"])
    key = f"committee/{member.pk}"
    end_call(key, next(number for number, meaning in KEYS.items() if meaning == refusal), at=at)
    sessions.note_answer(key, answer, at=at)
    if refusal is None:
        send_code(member)
    else:
        next_standby(member, str(member.state), by=None)


def waiting(member):
    """The evaluation, locked, and the seat that waits for its answer; Refused once there is one."""
    evaluation = Evaluation.objects.select_for_update().get(pk=member.evaluation_id)
    member = CommitteeMember.called.get(pk=member.pk)
    if member.state != State.CALLED:
        raise Refused("answered", "你已经答复过这次邀请，或者答复时间已过。", rule=f"{CALL.source}：{CALL.says}")
    return evaluation, member


@transaction.atomic
def give_up(member, *, at):
    """Nobody took the call, or no answer came in time: the next in the drawn order is called."""
    evaluation, member = waiting(member)
    if evaluation.state not in changeable(member):
        return
    member.state, member.answered_at = State.NO_ANSWER, at
    member.save(update_fields=["state", "answered_at"])
    end_call(f"committee/{member.pk}", at=at)
    sessions.note_answer(f"committee/{member.pk}", Sitting.Answer.NO_ANSWER, at=at)
    next_standby(member, "no_answer", by=None)


def unanswered(at):
    """The seats whose call waits for an answer no longer."""
    due = Q(answer_by__lte=at) | Q(answer_by=None, called_at__lte=at - CALL.within)
    return CommitteeMember.called.filter(due, state=State.CALLED, evaluation__finished_at=None)


def changeable(member):
    """The stages at which a seat may still be filled anew; a monitor's until the report is signed, for nobody signs without one."""
    return (*REPLACEABLE, Evaluation.State.PRICING, Evaluation.State.COMBINED) if member.monitor else REPLACEABLE


@transaction.atomic
def replace_member(member, state, *, by, at):
    """An expert is absent or must step aside: what they did is void, the next in the drawn order is called."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)
    vacate(member, state, by=by, at=at)


@transaction.atomic
def step_aside(member, *, by, at):
    """The expert finds an interest once the bidders are known, and goes before having pledged; nobody else need act, or learn who it was."""
    if member.person != by or member.pledged_at:
        raise Refused("pledged", "已经签署承诺，不能自行回避。", next_step="请告知交易中心工作人员办理回避。")
    vacate(member, State.RECUSED, by=None, at=at)


def vacate(member, state, *, by, at):
    evaluation = Evaluation.objects.select_for_update().get(pk=member.evaluation_id)
    member = CommitteeMember.called.get(pk=member.pk)
    if evaluation.state not in changeable(member):
        raise Refused("not_now", "评标已汇总，不能再更换成员。")
    if member.owner_representative or member.state != State.ACCEPTED:
        raise Refused("not_seated", "只能更换已确认的专家。", next_step="未答复的，平台在答复时间过后自动通知候补。", rule=CALL.source)
    if member.chair:
        # The others choose anew; the voice of whoever comes is heard then.
        evaluation.members.update(nominates=None)
    evaluation.members.filter(nominates=member).update(nominates=None)
    member.state, member.chair, member.nominates = state, False, None
    member.save(update_fields=["state", "chair", "nominates"])
    sessions.note_missed(f"committee/{member.pk}", str(state), at=at)
    forget_drafts(member)
    member.sheets.all().delete()
    member.opinions.all().delete()
    MotionVote.objects.filter(member=member, motion__state=RejectionMotion.State.OPEN).delete()
    next_standby(member, str(state), by=by)
    offsite.gather(evaluation)


@transaction.atomic
def replace_representative(member, person, *, by, at):
    """Before the desk opens, the tenderee sends another of its people in place of a representative who does not come."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)
    evaluation = Evaluation.objects.select_for_update(of=["self"]).select_related("lot__tender__project").get(pk=member.evaluation_id)
    member = evaluation.members.get(pk=member.pk)
    if evaluation.state != Evaluation.State.FORMING or not member.owner_representative or member.state != State.ACCEPTED:
        raise Refused("not_now", "评标开始以前，才能更换已确定的招标人代表。")
    if person is None or person not in owner_people(evaluation.lot) or evaluation.members.of(person).exists():
        raise Refused("no_person", "请选择招标人的另一名人员。", field="person", status=400)
    member.state, member.arrived_at = State.ABSENT, None
    member.save(update_fields=["state", "arrived_at"])
    order = CommitteeMember.called.filter(evaluation=evaluation).count() + 1
    send_code(CommitteeMember.taken(
        evaluation, person, order=order, owner_representative=True, state=State.ACCEPTED, called_at=at, answered_at=at,
    ))  # fmt: skip


def owner_people(lot):
    """Who of the owner's side may sit: the members of the tenderee's organisation."""
    return Person.objects.filter(memberships__organisation=lot.tender.project.owner, memberships__until=None)
