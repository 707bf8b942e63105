"""Doors of the yearly spot check: the regulator draws, looks, concludes and publishes; the expert is heard and corrects."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.stepup import official_act
from draws.models import Draw
from experts import rules
from experts.actions import spotchecks
from experts.forms import BeginCheckForm, SpotConclusionForm, SpotFindingsForm, SpotRecheckForm, StatementForm
from experts.models import CheckedSitting, SpotCheck
from experts.spotchecks import facts_of, sittings_of
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to


def years(on):
    """The years a spot check may be of: those that are over."""
    return (on.year - 1, on.year - 2)


def own_checks(request):
    return SpotCheck.objects.filter(regulator=request.organisation).select_related("draw", "notice")


@open_to("supervisor")
@official_act("发起评标专家年度抽查", target="本行业上一年度评标场次")
def checks(request):
    """The office's spot checks by year, and the form that begins one."""
    on = city_day(database_now())
    form = BeginCheckForm(request.POST or None, years=years(on))
    if request.method == "POST" and form.is_valid():
        try:
            check = spotchecks.begin_check(**form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "名单已固定。请三方分别进入抽取室提交随机数。")
            return redirect("experts:check", check.number)
    counts = [(year, sittings_of(request.organisation.sectors, year).count()) for year in years(on)]
    context = {"rows": own_checks(request), "form": form, "counts": counts, "share": rules.SPOT_SHARE, "low": rules.SPOT_LOW}
    return render(request, "experts/checks.html", context)


@open_to("supervisor")
@require_safe
def check(request, number):
    """One year's check: the draw, the drawn sittings, what is still open."""
    row, now = get_object_or_404(own_checks(request), number=number), database_now()
    rows = list(row.sittings.select_related("sitting__expert__person"))
    context = {
        "row": row, "rows": rows, "overdue": row.state == SpotCheck.State.CHECKING and now > row.due_at, "today": city_day(now),
        "ready": row.state == SpotCheck.State.CHECKING and all(each.concluded_at for each in rows), "due": rules.SPOT_DUE,
        "party": row.draw.parties.filter(person=request.user).exists() and row.draw.state not in (Draw.State.RESULT, Draw.State.VOID),
    }  # fmt: skip
    return render(request, "experts/check.html", context)


MOVES = {"find": "登记专家抽查情况", "conclude": "作出专家抽查结论", "recheck": "复核专家改正情况"}


@open_to("supervisor")
@official_act(MOVES, target="抽查 {number} 第 {place} 场")
def checked_sitting(request, number, place):
    """The form of one drawn sitting: facts beside each item, findings, the expert's words, the conclusion."""
    row = get_object_or_404(
        CheckedSitting.objects.select_related("check_of", "sitting__expert__person", "conduct"),
        check_of__in=own_checks(request), check_of__number=number, place=place,
    )  # fmt: skip
    move, now = request.POST.get("move", ""), database_now()
    forms = {
        "find": SpotFindingsForm(request.POST if move == "find" else None, findings=row.findings),
        "conclude": SpotConclusionForm(request.POST if move == "conclude" else None),
        "recheck": SpotRecheckForm(request.POST if move == "recheck" else None),
    }
    if request.method == "POST":
        if move not in forms:
            raise Http404
        if forms[move].is_valid():
            try:
                act(row, move, forms[move], by=request.user, at=now)
                messages.success(request, f"{MOVES[move]}：已办理。")
                return redirect("experts:checked_sitting", number, place)
            except Refused as refusal:
                forms[move].add_refusal(refusal)
    facts = facts_of(row.sitting)
    items = [(label, row.findings.get(name), facts[name]) for name, label in rules.SPOT_ITEMS.items()]
    unreported = row.correction == CheckedSitting.Correction.DUE and row.correct_by < city_day(now)
    context = {
        "unreported": unreported,
        "row": row,
        "items": items,
        "forms": forms,
        "form": forms.get(move),
        "now": now,
        "hearing": rules.SPOT_HEARING,
    }
    return render(request, "experts/checked_sitting.html", context)


def act(row, move, form, *, by, at):
    if move == "find":
        spotchecks.check_sitting(row, form.findings(), by=by, at=at)
    elif move == "conclude":
        spotchecks.conclude_sitting(row, **form.cleaned_data, by=by, at=at)
    else:
        spotchecks.recheck_sitting(row, **form.cleaned_data, by=by, at=at)


@open_to("supervisor")
@require_POST
@official_act("公布专家抽查结果", target="抽查 {number}")
def publish(request, number):
    spotchecks.publish_check(get_object_or_404(own_checks(request), number=number), by=request.user, at=database_now())
    messages.success(request, "抽查结果已公布。")
    return redirect("experts:check", number)


@open_to("expert")
def own_checked(request, pk):
    """What was found in the expert's own sitting: to be heard, and to report what was mended."""
    row = get_object_or_404(
        CheckedSitting.objects.exclude(checked_at=None).select_related("check_of__regulator", "sitting"),
        pk=pk, sitting__expert=request.user.expert,
    )  # fmt: skip
    form = StatementForm(request.POST or None)
    reporting = row.correction == CheckedSitting.Correction.DUE
    if request.method == "POST" and form.is_valid():
        do = spotchecks.report_correction if reporting else spotchecks.state_case
        try:
            do(row, form.cleaned_data["words"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已提交。")
            return redirect("experts:own_checked", pk)
    items = [(label, row.findings.get(name)) for name, label in rules.SPOT_ITEMS.items()]
    stating = not reporting and row.problems and not row.stated_at and not row.concluded_at
    return render(
        request, "experts/own_checked.html", {"row": row, "items": items, "form": form, "reporting": reporting, "stating": stating}
    )
