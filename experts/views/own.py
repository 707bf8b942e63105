"""Doors of an expert: the archive, one's time, changes, fees."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from experts import rules
from experts.actions import changes
from experts.actions.appointment import leave_pool
from experts.actions.sessions import fees_between
from experts.classification import words_of
from experts.fees import STANDARDS
from experts.forms import CHANGES, AbsenceForm, ReasonForm
from experts.models import Absence, ChangeRequest, CheckedSitting
from rulebook.clock import CITY, city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to


@open_to("expert")
def archive(request):
    """All that the pool keeps of the expert, who looked at the protected part, and the times they cannot come."""
    expert, now = request.user.expert, database_now()
    move = request.POST.get("move", "")
    absence = AbsenceForm(request.POST if move == "absence" else None)
    leaving = ReasonForm(request.POST if move == "leave" else None, prefix="leave")
    try:
        if move == "absence" and absence.is_valid():
            changes.add_absence(expert, absence.cleaned_data, by=request.user, at=now)
            messages.success(request, "已登记，这段时间不会抽取到你。")
            return redirect("experts:archive")
        if move == "remove_absence":
            changes.remove_absence(get_object_or_404(Absence, pk=request.POST.get("absence") or 0, expert=expert), by=request.user, at=now)
            return redirect("experts:archive")
        if move == "leave" and leaving.is_valid():
            leave_pool(expert, leaving.cleaned_data["reason"], by=request.user, at=now)
            messages.success(request, "你已退出专家库。")
            return redirect("experts:archive")
    except Refused as refusal:
        (leaving if move == "leave" else absence).add_refusal(refusal)
    return render(request, "experts/archive.html", archive_of(expert, now, absence, leaving))


def archive_of(expert, now, absence, leaving):
    day = city_day(now)
    return {
        "expert": expert, "now": now, "today": day, "absence_form": absence, "leave_form": leaving, "form": leaving if leaving.errors else absence,
        "specialties": [words_of(code) for code in expert.specialties], "absences": expert.absences.filter(until__gt=now),
        "avoided": expert.avoided.all(), "employments": expert.person.employments.all(), "changes": expert.changes.all()[:20],
        "change_kinds": ChangeRequest.Kind.choices, "looks": expert.person.looks_at_me.select_related("by", "organisation")[:50],
        "look_count": expert.person.looks_at_me.count(), "assessments": expert.assessments.exclude(closed_at=None)[:20],
        "years": expert.yearly_assessments.all()[:10], "conduct": expert.conduct.all()[:50], "suspensions": expert.suspensions.all()[:10],
        "departures": expert.departures.all(), "liability": rules.LIABILITY,
        "checked": CheckedSitting.objects.filter(sitting__expert=expert).exclude(checked_at=None).select_related("sitting", "check_of")[:20],
    }  # fmt: skip


@open_to("expert")
def new_change(request):
    """Report a change: one form for each kind."""
    kind = request.GET.get("kind", "")
    if kind not in CHANGES:
        raise Http404
    expert = request.user.expert
    initial = CHANGES[kind].initial_of(expert.specialties) if kind == ChangeRequest.Kind.SPECIALTY else None
    form = CHANGES[kind](request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changes.ask_change(
                expert, kind, form.change(), form.cleaned_data["reason"], form.cleaned_data["file"], by=request.user, at=database_now()
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "变更已提交，等待行业主管部门审核。")
            return redirect("experts:archive")
    return render(request, "experts/change.html", {"form": form, "kind": ChangeRequest.Kind(kind).label})


@open_to("expert")
@require_safe
def fees(request):
    """The year's sessions with what each pays and why."""
    this_year = city_day(database_now()).year
    year = int(asked) if (asked := request.GET.get("year", "")).isdigit() and 2000 <= int(asked) <= this_year else this_year
    rows, total = fees_between(request.user.expert, datetime(year, 1, 1, tzinfo=CITY), datetime(year + 1, 1, 1, tzinfo=CITY))
    return render(
        request, "experts/fees.html",
        {"page": Paginator(rows, 20).get_page(request.GET.get("page")), "total": total, "year": year, "this_year": this_year,
         "standards": STANDARDS},
    )  # fmt: skip
