"""The doors of a host: what is asked of it, its sessions, its shared desks; and the public page."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.stepup import official_act
from experts.fees import CITY_STANDARD
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.projects.models import Category
from trading.remote import actions, forms
from trading.remote.actions.settling import desk_fees_of, half_days_of
from trading.remote.models import RemoteSession, SharedDesk
from trading.remote.queries import free_desks, hosts, shared_experts, subject_of
from trading.remote.rules import ANSWER, HALF_DAY, INTERRUPTION, OFFSITE_SHARE, SCOPE, SHARED_LISTS
from web.doors import number_in, open_to

S = RemoteSession.State


@open_to("public")
@require_safe
def remote_evaluation(request):
    """What is evaluated remotely here, who lends desks for it at what price, and how many experts are shared."""
    rows = hosts().select_related("remote_terms").prefetch_related("shared_desks")
    return render(
        request, "trading/remote/public.html",
        {
            "scope": SCOPE, "sizes": [(Category(code).label, least) for code, least in SCOPE.least.items()],
            "rules": (OFFSITE_SHARE, ANSWER, INTERRUPTION, HALF_DAY, SHARED_LISTS), "fees": CITY_STANDARD,
            "hosts": [
                {"host": row, "terms": getattr(row, "remote_terms", None), "experts": shared_experts(row),
                 "desks": [each for each in row.shared_desks.all() if each.active]}
                for row in rows
            ],
        },
    )  # fmt: skip


@open_to("host")
@require_safe
def host_desk(request):
    """What waits for the host, the oldest deadline first, and its sessions."""
    rows = RemoteSession.objects.filter(host=request.organisation).select_related("lot__tender")
    return render(
        request, "trading/remote/host_desk.html",
        {
            "waiting": rows.filter(state=S.REQUESTED).order_by("due_at"), "page": Paginator(rows.exclude(state=S.REQUESTED), 20).get_page(request.GET.get("page")),
            "now": database_now(), "rule": ANSWER,
            "desks": SharedDesk.objects.filter(host=request.organisation).aggregate(open=Count("pk", filter=Q(active=True)))["open"],
        },
    )  # fmt: skip


MOVES = {
    "confirm": "确认承接异地评标", "refuse": "答复不承接异地评标", "statement": "提交异地评标费用清单", "interrupt": None, "recording": None,
}  # fmt: skip
DONE = {
    "confirm": "工位已确认，主场可以抽取专家。", "refuse": "已答复不承接。", "statement": "费用清单已提交，等待主场确认。",
    "interrupt": "中断已报告，评标桌面已暂停。", "recording": "音视频记录已登记。",
}  # fmt: skip


def own_session(request, pk):
    return get_object_or_404(RemoteSession.objects.select_related("lot__tender", "host"), pk=pk, host=request.organisation)


@open_to("host")
@official_act(MOVES, target="异地评标会话 {pk}")
def host_session(request, pk):
    """One session as its host sees it: seats by number, never who sits there."""
    session, now, move = own_session(request, pk), database_now(), request.POST.get("move", "")
    given, refusal = host_forms(request, session, move), None
    if request.method == "POST" and move in given and given[move].is_valid():
        try:
            carry_out(session, move, given[move].cleaned_data, by=request.user, at=now)
        except Refused as refused:
            refusal = beside(given[move], refused)
        else:
            messages.success(request, DONE[move])
            return redirect("trading:host_session", pk)
    over = session.state in RemoteSession.OVER
    return render(
        request, "trading/remote/host_session.html",
        {
            "session": session, "refusal": refusal, "subject": subject_of(session.lot), "forms": given, "now": now, "rule": ANSWER, "longest": INTERRUPTION,
            "desks": session.desks.all(), "interruptions": session.interruptions.all(), "broken": session.broken(),
            "sealed": any(row.is_sealed(now) for row in session.interruptions.filter(ended_at=None)),
            "recordings": session.recordings.all(), "statements": session.statements.all(), "over": over,
            "half_days": half_days_of(session) if over else 0, "desk_fees": desk_fees_of(session) if over else 0, "half_day": HALF_DAY,
            "states_fees": session.state == S.FINISHED and not session.statements.filter(state="handed_in").exists(),
            "gathers": session.state in (S.DRAWN, S.CHECKED_IN, S.RUNNING, S.INTERRUPTED),
        },
    )  # fmt: skip


def beside(form, refusal):
    """Show a refusal beside the field it names. One of the whole act is answered, to stand above: the form may not be there any more."""
    if refusal.field in form.fields:
        form.add_refusal(refusal)
        return None
    return refusal


def host_forms(request, session, move):
    """{move: its form}; the one that was posted holds what was typed."""

    def filled(name, form, **more):
        mine = move == name
        return form(request.POST if mine else None, request.FILES if mine else None, prefix=name, **more)

    return {
        "confirm": filled("confirm", forms.DesksForm, free=free_desks(session)),
        "refuse": filled("refuse", forms.ReasonForm),
        "interrupt": filled("interrupt", forms.InterruptionForm),
        "recording": filled("recording", forms.RecordingForm),
        "statement": filled("statement", forms.StatementForm),
    }


def carry_out(session, move, good, *, by, at):
    if move == "confirm":
        actions.confirm_session(session, good["desks"], by=by, at=at)
    elif move == "refuse":
        actions.refuse_session(session, good["reason"], by=by, at=at)
    elif move == "interrupt":
        actions.report_interruption(session, good["what"], by=by, at=at)
    elif move == "recording":
        actions.register_recording(session, **good, by=by, at=at)
    elif move == "statement":
        actions.hand_in_statement(session, **good, by=by, at=at)


@open_to("host")
def host_desks(request):
    """The host's shared desks, and what it publishes beside them."""
    host, move, now = request.organisation, request.POST.get("move", ""), database_now()
    desk = SharedDesk.objects.filter(host=host, pk=number_in(request.POST if move else request.GET, "desk")).first()
    terms = getattr(host, "remote_terms", None)
    kept = {name: getattr(terms, name, "") for name in forms.TermsForm.base_fields}
    given = {
        "terms": forms.TermsForm(request.POST if move == "terms" else None, initial=kept),
        "desk": forms.DeskForm(request.POST if move == "desk" else None, instance=desk),
    }
    if request.method == "POST" and move in given and given[move].is_valid():
        good = given[move].cleaned_data
        try:
            if move == "terms":
                actions.publish_terms(host, **good, by=request.user, at=now)
            else:
                actions.save_desk(host, **good, desk=desk, by=request.user)
        except Refused as refusal:
            given[move].add_refusal(refusal)
        else:
            messages.success(request, "已公布。" if move == "terms" else "工位已保存。")
            return redirect("trading:host_desks")
    rows = SharedDesk.objects.filter(host=host)
    return render(request, "trading/remote/host_desks.html", {"forms": given, "rows": rows, "desk": desk})
