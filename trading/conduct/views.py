from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.stepup import official_act
from documents.actions import store_file
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.conduct import actions
from trading.conduct.checking import obstacle
from trading.conduct.forms import BendForm, StepForm
from trading.conduct.queries import bends_for, desk_of, limit_words, next_of, orders_of, runs_of, sides_of
from trading.procedures.procedures import strip_of
from trading.procedures.versions import offered, procedure_of, versions_of
from trading.procedures.vocabulary import LEADS, WAYS
from trading.projects.models import Category, Lot
from trading.projects.queries import SUPERVISE
from trading.tenders.models import Suspension
from web.doors import open_to

READERS = ("agency", "tenderee", "staff", "supervisor", "bidder")


def seen_lot(request, number, no):
    """A lot whose desk the reader may see; for others it does not exist."""
    lot = get_object_or_404(
        Lot.objects.select_related("tender__project__owner", "tender__project__agency", "tender__project__regulator"),
        tender__number=number,
        no=no,
    )
    if not sides_of(request.user, request.organisation, lot):
        raise Http404
    return lot


@open_to(*READERS)
@require_safe
def desk(request, number, no):
    """A lot's procedure: where it stands, what the reader may do now, what was done and what it left."""
    lot, now = seen_lot(request, number, no), database_now()
    procedure = procedure_of(lot.tender)
    stages = desk_of(lot, procedure, request.user, request.organisation, now)
    return render(
        request, "trading/conduct/desk.html",
        {
            "lot": lot, "tender": lot.tender, "procedure": procedure, "strip": strip_of(procedure, lot.state), "stages": stages,
            "next": next_of(stages), "bends": bends_for(lot, procedure, request.user, now), "leads": LEADS, "ways": WAYS, "now": now,
            "suspensions": Suspension.objects.filter(lot=lot).in_force(now),
            "orders": orders_of(lot, procedure) if request.user.has_perm(SUPERVISE, lot.tender) else (),
        },
    )  # fmt: skip


def step_named(number, no, code):
    lot = Lot.objects.select_related("tender").filter(tender__number=number, no=no).first()
    step = next((each for each in procedure_of(lot.tender).steps if each.code == code), None) if lot else None
    return f"{number} 第 {no} 标段“{step.label if step else code}”"


@open_to(*READERS)
@official_act("办理交易流程步骤", target=step_named)
def step(request, number, no, code):
    """The form of one step."""
    lot, now = seen_lot(request, number, no), database_now()
    procedure = procedure_of(lot.tender)
    wanted = actions.desk_step(procedure, code)
    actions.require_actor(request.user, request.organisation, lot, wanted, procedure, now)
    # Before the form is built, which names who may be chosen.
    if refusal := obstacle(lot, procedure, wanted, now):
        raise refusal
    form = StepForm(request.POST or None, request.FILES or None, step=wanted, lot=lot)
    if request.method == "POST" and form.is_valid():
        try:
            data = with_stored_files(form.cleaned_data, wanted, request, now)
            actions.complete_step(lot, code, data, by=request.user, at=now, organisation=request.organisation)
        except Refused as refusal:
            if refusal.status in (403, 404):
                raise
            form.add_refusal(refusal)
        else:
            messages.success(request, f"已办理：{wanted.label}。")
            return redirect("trading:steps", number, no)
    context = {
        "lot": lot, "tender": lot.tender, "procedure": procedure, "step": wanted, "form": form, "limits": limit_words(wanted.limits_on(city_day(now))),
        "actors": procedure.actors(wanted.actors),
    }  # fmt: skip
    return render(request, "trading/conduct/step.html", context)


def with_stored_files(data, wanted, request, at):
    """The form's values, uploads kept as files of the acting organisation."""
    found = dict(data)
    for field in wanted.fields:
        if field.kind == "file" and found.get(field.name):
            found[field.name] = store_file(found[field.name], by=request.user, organisation=request.organisation, purpose="step", at=at)
    return found


def bend_named(number, no, code):
    lot = Lot.objects.select_related("tender").filter(tender__number=number, no=no).first()
    found = next((each for each in procedure_of(lot.tender).bends if each.code == code), None) if lot else None
    return f"{number} 第 {no} 标段“{found.label if found else code}”"


@open_to("agency", "tenderee", "staff", "supervisor")
@official_act("改变交易流程走向", target=bend_named)
def bend(request, number, no, code):
    """Where the way bends: what follows, and the reason."""
    lot, now = seen_lot(request, number, no), database_now()
    procedure = procedure_of(lot.tender)
    found = next((each for each in bends_for(lot, procedure, request.user, now) if each.code == code), None)
    if found is None:
        raise Http404
    form = BendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.bend_way(lot, code, reason=form.cleaned_data["reason"], by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"已办理：{found.label}。")
            return redirect("trading:steps", number, no)
    context = {
        "lot": lot, "tender": lot.tender, "bend": found, "form": form, "limits": limit_words(found.rules), "leads": LEADS[found.leads],
        "back": procedure.step(found.back) if found.leads == "back" else None,
    }  # fmt: skip
    return render(request, "trading/conduct/bend.html", context)


@open_to("supervisor")
@official_act("恢复交易活动", target="{number} 第 {no} 标段")
def resume(request, number, no, pk):
    """The regulator lets a lot go on that it stopped here: the order, and the reason."""
    lot = seen_lot(request, number, no)
    order = get_object_or_404(orders_of(lot, procedure_of(lot.tender)), pk=pk)
    form = BendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.end_order(lot, pk, reason=form.cleaned_data["reason"], by=request.user, at=database_now())
        messages.success(request, "已恢复办理并发布恢复公告。")
        return redirect("trading:steps", number, no)
    return render(request, "trading/conduct/resume.html", {"lot": lot, "tender": lot.tender, "order": order, "form": form})


@open_to("staff", "supervisor")
@require_safe
def procedures(request):
    """All procedures, by category."""
    rows = offered(city_day(database_now()))
    groups = [{"label": Category(code).label, "rows": [each for each in rows if each.category == code]} for code in Category.values]
    return render(request, "trading/conduct/procedures.html", {"groups": [each for each in groups if each["rows"]]})


@open_to("staff", "supervisor")
@require_safe
def procedure(request, code):
    """One procedure as a diagram: stages, steps, documents, limits and bends, in the chosen version."""
    versions = versions_of(code)
    if not versions:
        raise Http404
    chosen = request.GET.get("version", "")
    shown = next((each for each in versions if each.since.isoformat() == chosen), None if chosen else versions[0])
    if shown is None:
        raise Http404
    return render(
        request, "trading/conduct/procedure.html",
        {"procedure": shown, "versions": versions, "stages": drawn(shown, city_day(database_now())), "runs": limit_words(runs_of(shown)), "today": city_day(database_now())},
    )  # fmt: skip


def drawn(shown, day):
    """The stages with their steps and the bends that leave them."""
    return [
        {
            "stage": stage,
            "actors": shown.actors_of(stage),
            "steps": [
                {"step": step, "actors": shown.actors(step.actors), "way": WAYS[step.way], "limits": limit_words(step.limits_on(day))}
                for step in stage.steps
            ],
            "bends": [
                {
                    "bend": bend, "actors": shown.actors(bend.actors), "leads": LEADS[bend.leads], "limits": limit_words(bend.rules),
                    "back": next((each.label for each in shown.steps if each.code == bend.back), ""),
                }
                for bend in shown.bends
                if set(bend.states) & set(stage.states)
            ],
        }
        for stage in shown.stages
    ]  # fmt: skip
