"""The doors of a remote evaluation where sessions meet seats: the centre's page, signing in at a host, the members' discussion and room."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation import discussing, offsite
from trading.evaluation.attendance import sign_in
from trading.evaluation.bounds import ARRIVAL
from trading.evaluation.committee import current_evaluation
from trading.evaluation.forms import ArrivalForm
from trading.evaluation.models import Evaluation
from trading.evaluation.permissions import AT_WORK
from trading.evaluation.views import lot_of
from trading.remote import actions as remote
from trading.remote import forms
from trading.remote.conference import LocalConference, conference
from trading.remote.models import MeetingMove, RemoteSession
from trading.remote.queries import lines_of, moves_of, present_in
from trading.remote.rules import ANSWER, INTERRUPTION, OFFSITE_SHARE, SCOPE, TALK
from trading.remote.views import beside, own_session
from web.doors import number_in, open_to

S = RemoteSession.State
MOVES = {
    "request": "申请异地评标副场", "withdraw": "撤回异地评标申请", "resume": "恢复异地评标", "accept": "确认异地评标费用清单",
    "return": "退回异地评标费用清单", "interrupt": None, "recording": None, "take": None,
}  # fmt: skip
DONE = {
    "request": "申请已发给副场。", "withdraw": "申请已撤回。", "resume": "已宣布恢复。", "accept": "费用清单已确认，会话结算完毕。",
    "return": "费用清单已退回副场。", "interrupt": "中断已登记，评标桌面已暂停。", "recording": "音视频记录已登记。",
    "take": "会议系统的记录已登记。",
}  # fmt: skip
FORMS = {
    "request": forms.RequestForm, "withdraw": forms.ReasonForm, "resume": forms.ResumeForm, "return": forms.ReasonForm,
    "interrupt": forms.InterruptionForm, "recording": forms.RecordingForm,
}  # fmt: skip


@open_to("staff")
@official_act(MOVES, target="{number} 第 {no} 标段")
def remote_desk(request, number, no):
    """The centre's page of a remote evaluation: asking hosts, signing in at the main venue, breaks, recordings, settlement."""
    lot = lot_of(number, no)
    evaluation, now, move = current_evaluation(lot), database_now(), request.POST.get("move", "")
    sessions = RemoteSession.objects.filter(lot=lot).select_related("host", "lot__tender").order_by("-requested_at")
    asked = sessions.filter(pk=number_in(request.POST, "session")).first()
    form = FORMS[move](request.POST, request.FILES, prefix=prefix_of(move, asked)) if move in FORMS else None
    refusal = None
    if request.method == "POST" and move in MOVES and (form is None or form.is_valid()):
        try:
            carry_out(request, lot, evaluation, asked, move, form and form.cleaned_data, at=now)
        except Refused as refused:
            refusal = beside(form, refused) if form else refused
        else:
            messages.success(request, DONE[move])
            return redirect("trading:remote", number, no)
    seats = offsite.main_seats(evaluation) if evaluation and evaluation.draw_id else []
    return render(
        request, "trading/remote/staff.html",
        {
            "lot": lot, "tender": lot.tender, "evaluation": evaluation, "refusal": refusal, "now": now, "scope": SCOPE, "covered": is_covered(lot), "answer": ANSWER,
            "share": OFFSITE_SHARE, "longest": INTERRUPTION, "sessions": [told(each, now, (move, asked, form)) for each in sessions],
            "asks": form if move == "request" else forms.RequestForm(prefix="request"),
            "may_ask": evaluation is None or evaluation.draw_id is None, "seats": seats if offsite_now(evaluation) else [],
        },
    )  # fmt: skip


def offsite_now(evaluation):
    return evaluation is not None and evaluation.finished_at is None and bool(offsite.offsite_seats(evaluation))


def is_covered(lot):
    return SCOPE.covers(lot.tender.project.category, lot.estimate)


def prefix_of(move, session):
    return f"{move}-{session.pk}" if session else move


def told(session, now, posted):
    """One session for the page: what it is, and the forms of what can be done now; the posted one as it was filled in."""
    move, asked, form = posted
    given = {name: kind(prefix=prefix_of(name, session)) for name, kind in FORMS.items() if name != "request"}
    if form is not None and asked == session:
        given[move] = form
    broken = session.broken()
    return {
        "session": session, "forms": given, "broken": broken, "sealed": broken is not None and broken.is_sealed(now),
        "overdue": session.is_overdue(now), "desks": session.desks.all(), "interruptions": session.interruptions.all(),
        "recordings": session.recordings.all(), "statements": session.statements.all(), "over": session.state in RemoteSession.OVER,
        "waits": session.statements.filter(state="handed_in").exists(), "may_withdraw": session.state in (S.REQUESTED, S.CONFIRMED),
    }  # fmt: skip


def carry_out(request, lot, evaluation, session, move, good, *, at):
    act = {"by": request.user, "at": at}
    if move == "request":
        if evaluation is not None and evaluation.draw_id:
            raise Refused("drawn", "专家已经抽取，不能再申请副场。")
        return remote.request_session(lot, evaluation.round if evaluation else 1, **good, **act)
    if session is None:
        raise Http404
    if move == "withdraw":
        return remote.withdraw_session(session, good["reason"], **act)
    if move == "interrupt":
        return remote.report_interruption(session, good["what"], **act)
    if move == "resume":
        return offsite.resume(evaluation_of(session), session, resumes_at=good["resumes_at"], **act)
    if move == "recording":
        return remote.register_recording(session, **good, **act)
    if move == "take":
        return remote.take_recordings(session, offsite.reference_of(evaluation_of(session)), **act)
    return remote.answer_statement(session, accepted=move == "accept", reason=good["reason"] if good else "", **act)


def evaluation_of(session):
    return get_object_or_404(Evaluation, lot=session.lot_id, round=session.round)


@open_to("host")
def host_arrivals(request, pk):
    """The host's people sign in the seats of their own group, by code and card."""
    session = own_session(request, pk)
    evaluation = get_object_or_404(Evaluation.objects.select_related("lot"), lot=session.lot_id, round=session.round)
    if session.state in (S.REQUESTED, S.CONFIRMED, *RemoteSession.GONE):
        raise Http404
    form = ArrivalForm(request.POST or None, gate=False)
    if request.method == "POST" and form.is_valid():
        try:
            seat = sign_in(evaluation, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"{seat.order} 号席已签到，人、证、名单相符。")
            return redirect("trading:host_arrivals", pk)
    return render(
        request, "trading/remote/arrivals.html",
        {
            "session": session, "seats": offsite.seats_of(evaluation, session.group), "form": form, "rule": ARRIVAL,
            "open": evaluation.finished_at is None and session.broken() is None,
        },
    )  # fmt: skip


def listening(request, pk):
    """(evaluation, own seat) of a member or monitor of a remote evaluation that has begun."""
    evaluation = get_object_or_404(Evaluation.objects.select_related("lot__tender"), pk=pk)
    seat = discussing.listening_seat(evaluation, request.user)
    if seat is None or evaluation.state == Evaluation.State.FORMING or not offsite.sessions_for(evaluation):
        raise Http404
    return evaluation, seat


@open_to("expert", "tenderee")
@never_cache
def discussion(request, pk):
    """What the members of a remote evaluation write to each other; the monitor reads."""
    evaluation, seat = listening(request, pk)
    refusal = None
    if request.method == "POST":
        try:
            discussing.write_to_all(evaluation, request.POST.get("text", ""), by=request.user, at=database_now())
        except Refused as refused:
            refusal = refused
        else:
            return redirect("trading:discussion", pk)
    return render(
        request, "trading/remote/discussion.html",
        {
            "evaluation": evaluation, "lot": evaluation.lot, "tender": evaluation.lot.tender, "seat": seat, "lines": lines_of(evaluation.lot, evaluation.round),
            "refusal": refusal, "given": request.POST.get("text", ""), "rule": TALK, "open": evaluation.state in AT_WORK and not seat.monitor,
            "halt": offsite.halt_of(evaluation, database_now()),
        },
        status=refusal.status if refusal else 200,
    )  # fmt: skip


@open_to("expert", "tenderee")
@never_cache
def meeting(request, pk):
    """The simulated meeting room: who of which venue is there, since when, and whose screen is shown."""
    if not isinstance(conference(), LocalConference):
        raise Http404
    evaluation, seat = listening(request, pk)
    if request.method == "POST" and request.POST.get("kind") in MeetingMove.Kind.values:
        discussing.move_in_meeting(evaluation, seat, request.POST["kind"], at=database_now())
        return redirect("trading:meeting", pk)
    present = present_in(evaluation.lot, evaluation.round)
    return render(
        request, "trading/remote/meeting.html",
        {
            "evaluation": evaluation, "lot": evaluation.lot, "tender": evaluation.lot.tender, "seat": seat, "present": present,
            "mine": next((each for each in present if each["seat"] == seat.order), None), "moves": moves_of(evaluation.lot, evaluation.round),
        },
    )  # fmt: skip
