"""Choosing an intermediary: freely, by a draw that anybody can compute again, or among proposals by stated criteria."""

from decimal import Decimal

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty, require_member
from agencies.actions.register import require_agency, require_text
from agencies.events import AgencyChosen, AgencyDeclined, AgencyProposed, AgencyRequested, AgencyRequestWithdrawn, proposals_stream
from agencies.models import AgencyContract, AgencyRequest, Proposal
from agencies.queries import drawn_from, free_agencies, is_free, require_free
from agencies.rules import AGENCY_SERVICES, FREE_CHOICE, POWERS, PROPOSAL_PERIOD, category_of, rounded
from draws import actions as draws
from draws.models import Draw, DrawParty
from ledger.acts import open_blind, record
from ledger.canonical import HJ, b64u, money
from postbox.actions import tell, tell_members
from rulebook.clock import CITY, city_day, database_now
from rulebook.numbering import next_number
from rulebook.refusals import Refused

W, S = AgencyRequest.Way, AgencyRequest.State
SUBJECT = "agency-request"
RULE = (
    "委托人自愿采用随机抽取。名单为代理机构名册中登记了该项业务、愿意参加抽取、未被限制承接新业务的全部机构，随机排序后选取第一名；"
    "被抽中的机构不接受委托的，由候补依次替换。抽取结果不影响委托人依法自行选择。"
)


def link_of(request):
    return f"/agency-requests/{request.number}/"


@transaction.atomic
def make_request(owner, data, *, by, at, agency=None):
    """A tenderee says what it needs and how it will choose. With its own choice the agency stands at once."""
    require_member(by, owner)
    if Organisation.Kind.TENDEREE not in owner.kinds:
        raise Refused("not_tenderee", "只有招标人（采购人）可以委托代理机构。", status=403)
    way = data["way"]
    if way == W.COMPETITION:
        PROPOSAL_PERIOD.check(at, data["due_at"], field="due_at", subject="方案提交截止时间")
        check_criteria(data["criteria"])
    day = city_day(at)
    request = AgencyRequest.objects.create(
        number=f"WT{day.year}-{next_number('agency-request', day.year):04d}", owner=owner, made_by=by, made_at=at,
        state={W.DIRECT: S.OPEN, W.DRAW: S.OPEN, W.COMPETITION: S.PROPOSING}[way],
        **{name: data[name] for name in ("service", "way", "project_name", "scope", "fee_limit")},
        criteria=data["criteria"] if way == W.COMPETITION else [], due_at=data["due_at"] if way == W.COMPETITION else None,
    )  # fmt: skip
    record(AgencyRequested(request=request.number, owner=owner.uscc, service=request.service, way=way), by=by, role="tenderee")
    if way == W.DIRECT:
        if agency is None or Organisation.Kind.AGENCY not in agency.kinds or not agency.is_active:
            raise Refused("no_agency", "请选择受托的机构。", field="agency", status=400)
        if agency.pk == owner.pk:
            raise own_mandate("agency")
        require_free(agency, day, category_of(request.service))
        chosen(request, agency, f"委托人自行选择（{FREE_CHOICE.source}）", by=by, at=at)
    elif way == W.COMPETITION:
        for each in free_agencies(request.service, day):
            tell_members(
                each, f"邀请提交代理服务方案：{request.project_name}", f"请在 {request.due_at.astimezone(CITY):%Y-%m-%d %H:%M} 前提交报价和方案。",
                link=link_of(request), key=f"agency-request/{request.number}",
            )  # fmt: skip
    return request


def own_mandate(field):
    return Refused("own_mandate", "委托人不能委托本单位。", field=field, status=400)


def check_criteria(criteria):
    if not criteria or sum(row["weight"] for row in criteria) != 100:
        raise Refused("criteria", "评选标准的权重合计应为 100。", field="criteria", status=400)


def locked(request, *states):
    request = AgencyRequest.objects.select_for_update(of=["self"]).select_related("owner").get(pk=request.pk)
    if request.state not in states:
        raise Refused(
            "wrong_state", f"委托需求当前为“{request.get_state_display()}”，不能进行此操作。", next_step="请刷新页面查看最新状态。"
        )
    return request


def chosen(request, agency, reason, *, by, at, draw=""):
    """The agency is chosen; a contract is begun with the words both sides already know."""
    request.agency, request.chosen_at, request.reason, request.state = agency, at, reason, S.CHOSEN
    request.save()
    proposal = request.proposals.filter(agency=agency).first()
    day = city_day(at)
    AgencyContract.objects.create(
        number=f"DL{day.year}-{next_number('agency-contract', day.year):04d}", request=request, owner=request.owner, agency=agency,
        service=request.service, project_name=request.project_name, scope=request.scope, written_by=by or request.made_by, written_at=at,
        powers=POWERS if request.service in AGENCY_SERVICES[:2] else "", fee=proposal.fee if proposal else None, starts_on=day,
        fee_basis="quoted" if proposal else "purchase" if request.service == "procurement" else "market",
    )  # fmt: skip
    tell_members(
        agency, f"已被选定：{request.project_name}", f"{request.owner.name}通过{request.get_way_display()}选定你单位，请等待其提供委托合同。",
        link=link_of(request), key=f"agency-chosen/{request.number}/{agency.pk}",
    )  # fmt: skip
    record(AgencyChosen(request=request.number, agency=agency.uscc, draw=draw), by=by)


@transaction.atomic
def begin_draw(request, *, supervisor, tenderee, by, at):
    """The centre begins the draw of a request over an open list; `supervisor` and `tenderee` draw with it."""
    centre = require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)
    request = locked(request, S.OPEN, S.DRAWING)
    void = None
    if request.draw is not None:
        if request.draw.state != Draw.State.VOID:
            raise Refused("drawn", "这项委托已经发起抽取。")
        void = request.draw
    if request.way != W.DRAW:
        raise Refused("other_way", "委托人没有选择随机抽取。")
    office = supervisor.organisations().filter(kinds__contains=[Organisation.Kind.REGULATOR]).first()
    if office is None or not request.owner.memberships.filter(person=tenderee, until=None).exists():
        raise Refused("bad_parties", "抽取须由交易中心、监督部门和委托人各一名人员共同参加。", field="tenderee" if office else "supervisor")
    agencies = list(drawn_from(request, city_day(at)))
    if not agencies:
        raise Refused("nobody", f"名册中没有可以参加抽取的{request.get_service_display()}机构。", next_step="请委托人改用其他方式选择。")
    request.draw = draws.define_draw(
        Draw.Purpose.AGENCY, title=f"{request.project_name}{request.get_service_display()}机构", subject=f"{SUBJECT}/{request.number}", rule=RULE,
        strata=[{"id": "all", "name": request.get_service_display(), "take": 1}],
        candidates={"all": [{"name": row.name, "uscc": row.uscc, "service": request.service} for row in agencies]},
        parties=[
            (DrawParty.Role.CENTRE, by, centre),
            (DrawParty.Role.SUPERVISOR, supervisor, office),
            (DrawParty.Role.TENDEREE, tenderee, request.owner),
        ],
        confidential=False, repeats=void, by=by, at=at,
    )  # fmt: skip
    request.state = S.DRAWING
    request.save()
    invite(request.draw, supervisor, tenderee)
    return request.draw


def invite(draw, *people):
    """Tell those who draw with the one who began it that they are waited for."""
    for person in people:
        tell(person, f"请参加抽取：{draw.title}", "请进入抽取室提交随机数。", link=f"/me/draws/{draw.number}/", key=f"draw/{draw.number}")


def may_not_work(candidate, taken):
    """Who was restricted after the list was fixed is passed over."""
    found = Organisation.objects.filter(uscc=candidate["uscc"]).first()
    return None if is_free(found, city_day(database_now()), category_of(candidate["service"])) else "restricted"


def take_result(draw):
    """The drawn agency is chosen, in the transaction that brings the result; when all were passed over, nobody is."""
    request = AgencyRequest.objects.select_for_update(of=["self"]).select_related("owner").get(draw=draw)
    rows, at = draws.chosen(draw), database_now()
    if rows:
        chosen_by_draw(request, rows[0], at=at)
    else:
        close_without(request, f"随机抽取 {draw.number}：名单中的机构均已不能承接新业务，没有选定机构。")


def close_without(request, reason):
    """Nobody of the drawn order is left: the tenderee chooses anew."""
    request.agency, request.state, request.reason = None, S.CLOSED, reason
    request.save(update_fields=["agency", "state", "reason"])
    tell_members(
        request.owner, f"没有选定机构：{request.project_name}", reason, link=link_of(request), key=f"agency-request/{request.number}/nobody"
    )


def chosen_by_draw(request, row, *, at):
    agency = Organisation.objects.get(uscc=draws.opened(row)["candidate"]["uscc"])
    chosen(request, agency, f"随机抽取 {request.draw.number}", by=None, at=at, draw=request.draw.number)


def go_on_without(request, agency, code, *, by, at):
    """The drawn agency does not come: the next of the drawn order takes its place; with none left the request is closed."""
    left = next(row for row in draws.chosen(request.draw) if draws.opened(row)["candidate"]["uscc"] == agency.uscc)
    try:
        came = draws.replace(left, code, by=by)
    except Refused as refusal:
        if refusal.code != "standbys_used_up":
            raise
        close_without(request, f"随机抽取 {request.draw.number}：候补机构已全部用完，没有选定机构。")
    else:
        chosen_by_draw(request, came, at=at)


draws.register(Draw.Purpose.AGENCY, draws.Purpose(skips=may_not_work, conclude=take_result), room=SUBJECT)


@transaction.atomic
def propose(request, agency, *, fee, plan, file, by, at):
    """An agency offers its fee and plan, or changes them while there is time."""
    require_agency(by, agency)
    request = locked(request, S.PROPOSING)
    if at >= request.due_at:
        raise Refused("too_late", "方案提交时间已过。")
    if agency.pk == request.owner_id:
        raise own_mandate("fee")
    require_free(agency, city_day(at), category_of(request.service))
    require_text(plan, "plan", "服务方案")
    if request.fee_limit is not None and fee > request.fee_limit:
        raise Refused("too_dear", f"报价不能高于服务费上限 {request.fee_limit:,.2f} 元。", field="fee")
    row, _ = Proposal.objects.update_or_create(
        request=request, agency=agency, defaults={"fee": fee, "plan": plan, "file": file, "sent_by": by, "sent_at": at}
    )
    digest = b64u(
        HJ("agency-proposal", {"v": 1, "agency": agency.uscc, "fee": money(fee), "plan": plan, "file": file.sha256 if file else ""})
    )
    record(AgencyProposed(request=request.number, agency=agency.uscc, digest=digest), by=by, role="agency")
    return row


def open_proposals(request, *, by):
    """Who proposed what may be known from now on: the blinded entries are opened beside the request's own."""
    if request.proposals.exists():
        open_blind(private_stream=proposals_stream(request.number), stream=f"{SUBJECT}/{request.number}", by=by)


@transaction.atomic
def choose_proposal(request, marks, proposal, reason, *, by, at):
    """The tenderee marks every proposal by the stated criteria and takes the first of those that may take on something new; between
    equals it says why.

    `marks` is {proposal id: [mark of 0 to 100 for each criterion]}.
    """
    request = locked(request, S.PROPOSING)
    require_member(by, request.owner)
    if at < request.due_at:
        raise Refused("not_due", "方案提交截止后才能评选。")
    rows = list(request.proposals.select_related("agency"))
    for row in rows:
        given = marks.get(row.pk, [])
        if len(given) != len(request.criteria):
            raise Refused("incomplete", f"请为“{row.agency.name}”的每一项标准打分。", status=400)
        row.marks = [str(mark) for mark in given]
        row.total = rounded(
            sum((Decimal(mark) * each["weight"] for mark, each in zip(given, request.criteria, strict=True)), Decimal(0)) / 100
        )
        row.save(update_fields=["marks", "total"])
    day, category = city_day(at), category_of(request.service)
    free = [row for row in rows if is_free(row.agency, day, category)]
    if not free:
        raise Refused("nobody", "提交方案的机构都已不能承接新业务。", next_step="请撤回需求，另行选择。")
    taken = next(row for row in rows if row.pk == proposal.pk)
    require_free(taken.agency, day, category)
    best = max(row.total for row in free)
    if taken.total < best:
        raise Refused("not_first", "应选定按公布标准得分最高的机构。", field="proposal", next_step="请核对打分，或重新组织遴选。")
    if sum(row.total == best for row in free) > 1:
        require_text(reason, "reason", "得分相同时的选定理由")
    open_proposals(request, by=by)
    chosen(request, taken.agency, reason or f"按公布的标准得分最高（{taken.total} 分）", by=by, at=at)
    for row in rows:
        if row.pk != taken.pk:
            tell_members(
                row.agency, f"遴选结果：{request.project_name}", f"选定{taken.agency.name}，你单位得 {row.total} 分。", link=link_of(request),
                key=f"agency-request/{request.number}/result",
            )  # fmt: skip
    return request


@transaction.atomic
def decline_request(request, agency, reason, *, by, at):
    """The chosen agency does not take the mandate: the next of the drawn order comes, else the tenderee chooses anew."""
    require_agency(by, agency)
    request = locked(request, S.CHOSEN)
    if request.agency_id != agency.pk:
        raise Refused("not_chosen", "你单位不是这项委托的选定机构。", status=403)
    require_text(reason, "reason", "不接受委托的原因")
    contract = request.contracts.exclude(state=AgencyContract.State.ENDED).select_for_update().get()
    if contract.state == AgencyContract.State.SIGNED:
        raise Refused("signed", "委托合同已经签订，不能再拒绝。", next_step="请与委托人协商终止合同。")
    contract.state, contract.ended_at, contract.ended_reason = AgencyContract.State.ENDED, at, f"代理机构不接受委托：{reason}"
    contract.save()
    record(AgencyDeclined(request=request.number, agency=agency.uscc, reason=reason), by=by, role="agency")
    tell_members(
        request.owner, f"选定机构不接受委托：{request.project_name}", reason, link=link_of(request),
        key=f"agency-declined/{request.number}/{agency.pk}",
    )  # fmt: skip
    if request.draw is not None:
        go_on_without(request, agency, "declined", by=by, at=at)
        return request
    request.agency, request.state, request.reason = None, S.CLOSED, "选定机构不接受委托"
    request.save()
    return request


@transaction.atomic
def close_request(request, reason, *, by, at):
    """The tenderee gives its request up before an agency is chosen; while a draw runs it cannot."""
    request = locked(request, S.OPEN, S.PROPOSING, S.DRAWING)
    require_member(by, request.owner)
    if request.state == S.DRAWING and request.draw.state != Draw.State.VOID:
        raise Refused("drawing", "抽取正在进行，不能撤回。", next_step="请等待抽取结果。")
    require_text(reason, "reason", "撤回原因")
    request.state, request.reason = S.CLOSED, reason
    request.save(update_fields=["state", "reason"])
    record(AgencyRequestWithdrawn(request=request.number, reason=reason), by=by, role="tenderee")
    open_proposals(request, by=by)
    for row in request.proposals.select_related("agency"):
        tell_members(
            row.agency, f"委托需求已撤回：{request.project_name}", reason, link=link_of(request),
            key=f"agency-request/{request.number}/withdrawn",
        )  # fmt: skip
    return request
