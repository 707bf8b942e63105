from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.bidding.declaring import firm_lines, policy_of
from trading.deposits.queries import finding_for, findings
from trading.evaluation import actions, blind, committee, offsite, reading
from trading.evaluation.arithmetic import with_sums
from trading.evaluation.blind_desk import blind_desk
from trading.evaluation.bounds import ARRIVAL, MONITOR
from trading.evaluation.combining import prices_of
from trading.evaluation.drafts import draft_of, is_writing
from trading.evaluation.forms import CommitteeForm
from trading.evaluation.inquiry_views import inquiries_of
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.evaluation.seats import own_seat, require_fit, seated
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot
from trading.remote.queries import sessions_of
from trading.remote.rules import SCOPE
from web.doors import number_in, open_to


def lot_of(number, no):
    return get_object_or_404(Lot.objects.select_related("tender__project__owner", "tender__document"), tender__number=number, no=no)


@open_to("staff")
@official_act("抽取评标专家", target="{number} 第 {no} 标段")
def form_committee(request, number, no):
    """The centre draws the committee, sees who has confirmed, and opens the desk."""
    lot = lot_of(number, no)
    evaluation = committee.current_evaluation(lot)
    form = CommitteeForm(request.POST or None, people=committee.owner_people(lot), parties=committee.possible_parties(lot.tender))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            committee.form_committee(
                lot, size=data["size"], owner_representatives=list(data["owner_representatives"]), specialties=data["specialties"],
                starts_at=data["starts_at"], supervisor=data["supervisor"], tenderee=data["tenderee"], by=request.user, at=database_now(),
            )  # fmt: skip
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "抽取已发起，名单已固定。请三方分别进入抽取室提交随机数。")
            return redirect("trading:committee", number, no)
    rows = offsite.with_places(evaluation, CommitteeMember.called.filter(evaluation=evaluation)) if evaluation else []
    return render(
        request, "trading/evaluation/committee.html",
        {"lot": lot, "tender": lot.tender, "evaluation": evaluation, "form": form, "rows": rows,
         "confirmed": [row for row in rows if row.state == CommitteeMember.State.ACCEPTED],
         "wanted": evaluation.size + evaluation.monitored if evaluation else 0,
         "monitor": MONITOR if MONITOR.asks(lot.tender.project) else None, "more": open_seats(evaluation),
         "has_desk": procedure_of(lot.tender).is_sealed, "others": committee.owner_people(lot), "sessions": sessions_of(lot, evaluation.round if evaluation else 1),
         "covered": SCOPE.covers(lot.tender.project.category, lot.estimate), "scope": SCOPE, "now": database_now()},
    )  # fmt: skip


def open_seats(evaluation):
    """How many seats a further draw would fill; 0 while the drawn order still serves."""
    if evaluation is None or evaluation.draw_id is None or not committee.needs_more(evaluation):
        return 0
    return sum(committee.empty_seats(evaluation).values())


COMMITTEE = {
    "start": "开始评标", "absent": "更换缺席的评标专家", "recused": "更换回避的评标专家", "representative": "更换招标人代表",
}  # fmt: skip


@open_to("staff")
@require_POST
@official_act(COMMITTEE, target="{number} 第 {no} 标段")
def committee_move(request, number, no):
    """Start the evaluation, or replace an absent or partial member."""
    evaluation = committee.current_evaluation(lot_of(number, no))
    if evaluation is None:
        raise Http404
    now, move = database_now(), request.POST.get("move")
    if move == "start":
        actions.start_evaluation(evaluation, by=request.user, at=now)
        messages.success(request, "评标已开始，成员可以进入评标桌面，签署承诺后推举组长。")
        return redirect("trading:committee", number, no)
    member = get_object_or_404(CommitteeMember.called.filter(evaluation=evaluation), pk=number_in(request.POST, "member"))
    if move in (CommitteeMember.State.ABSENT, CommitteeMember.State.RECUSED):
        committee.replace_member(member, move, by=request.user, at=now)
        messages.success(request, "已更换，并按抽取顺序通知候补专家。")
    elif move == "representative":
        person = committee.owner_people(evaluation.lot).filter(pk=number_in(request.POST, "person")).first()
        committee.replace_representative(member, person, by=request.user, at=now)
        messages.success(request, "已更换招标人代表，签到码已发到其手机。")
    return redirect("trading:committee", number, no)


@open_to("expert", "tenderee")
@require_safe
def expert_desk(request):
    """One's own seats and invitations; nothing about the project before the seat is confirmed and pledged."""
    seats = CommitteeMember.called.of(request.user).select_related("evaluation__lot__tender").order_by("-called_at")
    for seat in seats:
        seat.place = offsite.place_of(seat)
    refusals = [(key, reason.label) for key, reason in committee.KEYS.items() if reason]
    return render(request, "trading/evaluation/expert_desk.html", {"seats": seats, "refusals": refusals})


@open_to("expert")
@require_POST
def answer(request, pk):
    """Answer an invitation on the page instead of by telephone."""
    seat = get_object_or_404(CommitteeMember.called.of(request.user), pk=pk)
    key = request.POST.get("answer")
    if key not in committee.KEYS:
        raise Refused("no_reason", "请选择不参加的原因。", field="answer", status=400)
    committee.answer_call(seat, committee.KEYS[key], at=database_now())
    messages.success(request, "已确认参加，签到码已发到你的手机。" if committee.KEYS[key] is None else "已登记不参加。")
    return redirect("trading:expert_desk")


def own_desk(request, pk):
    evaluation = get_object_or_404(Evaluation.objects.select_related("lot__tender__document"), pk=pk)
    seat = evaluation.members.of(request.user).filter(state=CommitteeMember.State.ACCEPTED).first()
    if seat is None or evaluation.state == Evaluation.State.FORMING:
        raise Http404
    require_fit(seat)
    return evaluation, seat


@open_to("expert", "tenderee")
@never_cache
def desk(request, pk):
    """The evaluation desk of one member: pledge, checks, scores, report. Nobody sees another's sheet here."""
    evaluation, seat = own_desk(request, pk)
    refusal = None
    if request.method == "POST":
        try:
            actions.advance(evaluation, at=database_now())
            work(request, evaluation)
        except Refused as refused:
            # The sheet comes back as it was filled in.
            refusal = refused
            evaluation.refresh_from_db()
        else:
            return redirect("trading:expert_desk") if request.POST.get("move") == "recuse" else redirect("trading:evaluation_desk", pk)
    if seat.arrived_at is None:
        return render(
            request, "trading/evaluation/not_arrived.html", {"seat": seat, "evaluation": evaluation, "rule": ARRIVAL, "refusal": refusal}
        )
    seats = list(seated(evaluation))
    chair = next((each for each in seats if each.chair), None)
    if seat.pledged_at and chair and blind.hides(evaluation):
        return blind_desk(
            request, evaluation, seat, seats=seats, refusal=refusal, joint=offsite.desk_words(evaluation, seat, database_now())
        )
    # What was typed comes back: as it was handed in and refused, or as it was kept. Marks that were given blind stand.
    marked = blind.given_blind(seat)
    remarks = {f"remark-{bid}-{row}": remark for (bid, row), (_, remark) in marked.items()}
    typed = (
        remarks
        | (request.POST.dict() or draft_of(seat))
        | {f"points-{bid}-{row}": str(points) for (bid, row), (points, _) in marked.items()}
    )
    reviewing = evaluation.state == Evaluation.State.REVIEWING
    bids = with_sums(evaluation.lot, list((actions.bids_of if reviewing else actions.valid_bids)(evaluation).prefetch_related("files")))
    for bid in bids:
        bid.firms = firm_lines(bid.form)
    # With two envelopes the prices are in the results alone.
    results = list(evaluation.results.select_related("bid__bid__bidder"))
    counted = prices_of(evaluation, bids)
    with_sums(evaluation.lot, [row.bid for row in results])
    return render(
        request, "trading/evaluation/desk.html",
        {
            "evaluation": evaluation, "seat": seat, "lot": evaluation.lot, "tender": evaluation.lot.tender, "bids": bids, "refusal": refusal,
            "deposits": deposits_of(evaluation.lot, bids),
            "sheets": [(bid, lines_of(evaluation, bid, typed)) for bid in bids], "counted": counted, "seats": seats, "stages": reading.stages_of(evaluation, seats),
            "library": library_of(evaluation, bids), "marked": {f"{bid}-{row}" for bid, row in marked}, "codes": blind.code_of(evaluation), "policy": policy_of(evaluation.lot.tender.document), "writing": is_writing(evaluation, seat),
            "judges_competition": seat.chair and evaluation.state in (Evaluation.State.REVIEWING, Evaluation.State.SCORING, Evaluation.State.PRICING)
            and actions.must_judge_competition(evaluation),
            "second": actions.second_opening(evaluation), "missing": actions.unsigned(evaluation) if actions.may_note_unsigned(evaluation, seat, database_now()) else (),
            "results": results, "rejections": evaluation.rejections.select_related("bid__bid__bidder"),
            "inquiries": inquiries_of(evaluation, database_now()), "now": database_now(),
            "lines": actions.report_of(evaluation)["workings"] if evaluation.state in ("combined", "signed") else [],
            "given": request.POST, "chair": chair,
            **offsite.desk_words(evaluation, seat, database_now()),
            "voices": sum(each.nominates_id is not None for each in seats), "open_motions": evaluation.motions.filter(state="open").count(),
        },
        status=refusal.status if refusal else 200,
    )  # fmt: skip


def deposits_of(lot, bids):
    """How each bidder's deposit stood at the deadline, for the committee to judge by the tender document."""
    known = findings(lot)
    return {bid.pk: finding_for(lot, bid.bidder, known) for bid in bids}


def lines_of(evaluation, bid, given):
    """The lines of one bid's sheet at this stage, with what was typed into them."""
    if evaluation.state == Evaluation.State.REVIEWING:
        rows = actions.checks_for(evaluation, bid)
    else:
        rows = sorted(actions.judged_criteria(evaluation), key=lambda row: row.place)
    answers = reading.answers_of(bid, [row for row in rows if row.pk])
    return [
        {
            "answer": answers.get(row.pk), "criterion": row, "name": f"{bid.pk}-{row.pk}", "choice": given.get(f"check-{bid.pk}-{row.pk}"),
            "reason": given.get(f"reason-{bid.pk}-{row.pk}", ""), "points": given.get(f"points-{bid.pk}-{row.pk}", ""),
            "remark": given.get(f"remark-{bid.pk}-{row.pk}", ""),
        }
        for row in rows
    ]  # fmt: skip


def library_of(evaluation, bids):
    """What the reader on the page can open: the tender's papers, and each bid's files with the pages that answer the criteria."""
    criteria = reading.asked_of(evaluation.lot.tender.document)
    return {
        "papers": reading.papers_of(evaluation),
        "bids": [
            {
                "key": str(bid.pk), "name": bid.bidder.name,
                "files": [
                    {"key": str(file.pk), "name": file.name, "url": reverse("trading:evaluation_file", args=[evaluation.pk, file.pk]), "pdf": reading.is_pdf(file)}
                    for file in bid.files.all()
                ],
                "answers": {row: {"file": str(file.pk), "page": page} for row, (file, page) in reading.answers_of(bid, criteria).items()},
            }
            for bid in bids
        ],
    }  # fmt: skip


def work(request, evaluation):
    """Hand in what the desk's form says, at the stage the evaluation is in."""
    now, move, data = database_now(), request.POST.get("move"), request.POST
    if move == "pledge":
        actions.make_pledge(evaluation, by=request.user, at=now)
    elif move == "chair":
        choice = evaluation.members.filter(pk=number_in(data, "chair")).first()
        actions.elect_chair(evaluation, choice, by=request.user, at=now)
        messages.success(request, "已推举，全体成员推举后产生组长。")
    elif move == "review":
        opinions = {
            (bid.pk, check.pk): (data.get(f"check-{bid.pk}-{check.pk}") == "1", data.get(f"reason-{bid.pk}-{check.pk}", "").strip())
            for bid in actions.bids_of(evaluation)
            for check in actions.checks_for(evaluation, bid)
            if f"check-{bid.pk}-{check.pk}" in data
        }
        actions.submit_review(evaluation, opinions, by=request.user, at=now)
        messages.success(request, "初步评审意见已提交。")
    elif move == "blind":
        blind.submit_blind_marks(evaluation, blind_marks(evaluation, data), by=request.user, at=now)
        messages.success(request, "技术（暗标）评分已提交。")
    elif move == "competition":
        actions.judge_competition(evaluation, goes_on=data.get("goes_on") == "1", opinion=data.get("opinion", ""), by=request.user, at=now)
    elif move == "scores":
        marks = {
            (bid.pk, row.pk): (points_of(data.get(f"points-{bid.pk}-{row.pk}", "")), data.get(f"remark-{bid.pk}-{row.pk}", ""))
            for bid in actions.valid_bids(evaluation)
            for row in actions.judged_criteria(evaluation)
        }
        actions.submit_scores(evaluation, marks, by=request.user, at=now)
        messages.success(request, "评分已提交。")
    elif move == "recuse":
        committee.step_aside(own_seat(evaluation, request.user), by=request.user, at=now)
        messages.success(request, "已登记回避，候补专家已收到通知。")
    elif move == "unsigned":
        missing = evaluation.members.filter(pk=number_in(data, "missing")).first()
        actions.note_unsigned(evaluation, missing, data.get("reason", ""), by=request.user, at=now)
        messages.success(request, "已记录在案。")
    elif move == "sign":
        actions.sign_report(evaluation, dissent=data.get("dissent", ""), by=request.user, at=now)
        messages.success(request, "评标报告已签署。")


def blind_marks(evaluation, data):
    places, criteria = range(len(blind.coded(evaluation))), blind.blind_criteria(evaluation)
    names = {(place, row.pk): f"{place}-{row.pk}" for place in places for row in criteria}
    return {key: (points_of(data.get(f"points-{name}", "")), data.get(f"remark-{name}", "")) for key, name in names.items()}


def points_of(text):
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or value.normalize().as_tuple().exponent < -2:
        raise Refused("no_points", "请为每一项填写得分，最多两位小数。", next_step="请补全后再提交。", status=400)
    return value
