from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.projects.models import Lot
from trading.projects.queries import SUPERVISE
from trading.venues.queries import opening_place_of
from trading.witness import actions, forms
from trading.witness.models import LotWitness
from trading.witness.queries import checklist, concerns_for, progress_of, record_of, witnessed_lots
from trading.witness.risks import BY_CODE
from trading.witness.stages import automatic_lines, is_over, reached, stages_of
from web.doors import open_to


def seen_lot(request, number, no):
    """A lot whose record the person may read: the centre's any, a supervisor's own; for others there is none."""
    rows = Lot.objects.select_related("tender__project__regulator", "tender__project__agency", "tender__project__owner", "tender__document")
    lot = get_object_or_404(rows, tender__number=number, no=no)
    if "staff" not in request.audiences and not request.user.has_perm(SUPERVISE, lot.tender):
        raise Http404
    return lot


@open_to("staff")
@require_safe
def witness_desk(request):
    """The lots in progress with the witness of each; those that I witness first."""
    running = LotWitness.objects.filter(until=None).select_related("person")
    rows = witnessed_lots().select_related("tender").prefetch_related(Prefetch("witnesses", running, to_attr="named"), "witness_records")
    mine = rows.filter(witnesses__person=request.user, witnesses__until=None).order_by("bids_due_at")
    page = Paginator(rows.order_by("-bids_due_at", "pk"), 20).get_page(request.GET.get("page"))
    return render(request, "trading/witness/desk.html", {"mine": mine, "page": page})


@open_to("staff", "supervisor")
@require_safe
def witness_lot(request, number, no):
    lot = seen_lot(request, number, no)
    return redirect("trading:witness_stage", number, no, reached(lot)[-1])


# A line in one's own record is signed with the stage; naming and signing are acts of their own.
STAGE_ACTS = {"line": None, "check": None, "name": "指定见证人员", "sign": "签署见证记录"}


@open_to("staff", "supervisor")
@official_act(STAGE_ACTS, target="{number} 第 {no} 标段")
def witness_stage(request, number, no, stage):
    """One stage: what the ledger says, what was seen, the risk check-list, the signature."""
    lot, now = seen_lot(request, number, no), database_now()
    if stage not in reached(lot):
        raise Http404
    found, rows = record_of(lot, stage), checklist(lot, stage, now)
    wanted = request.POST.get("move", "")
    booking = opening_place_of(lot.tender)
    given = {
        "line": forms.LineForm(
            request.POST if wanted == "line" else None,
            initial={"seen_at": now, "place": booking.place if booking and stage == "opening" else ""},
        ),
        "check": forms.ChecklistForm(request.POST if wanted == "check" else None, rows=rows),
        "name": forms.WitnessForm(request.POST if wanted == "name" else None),
    }
    if request.method == "POST":
        if "staff" not in request.audiences:
            raise Http404
        form = given.get(wanted)
        if wanted == "sign":
            actions.sign_record(lot, stage, by=request.user, at=now)
            messages.success(request, "见证记录已签署，摘要已存证。")
            return redirect("trading:witness_stage", number, no, stage)
        if form is not None and form.is_valid():
            try:
                carry_out(wanted, lot, stage, form, {"by": request.user, "at": now})
            except Refused as refusal:
                form.add_refusal(refusal)
            else:
                messages.success(request, "已保存。")
                return redirect("trading:witness_stage", number, no, stage)
    return render(
        request, "trading/witness/stage.html",
        {
            "lot": lot, "stage": stage, "label": dict(stages_of(lot))[stage].label, "record": found, "progress": progress_of(lot),
            "automatic": automatic_lines(lot)[stage], "lines": found.lines.select_related("by") if found else (), "checklist": rows,
            "open": [row for row in rows if row.is_open], "over": is_over(lot, stage), "forms": given,
            "witness": lot.witnesses.filter(until=None).select_related("person").first(), "writes": "staff" in request.audiences, "now": now,
        },
    )  # fmt: skip


def carry_out(move, lot, stage, form, act):
    if move == "line":
        actions.write_line(lot, stage, **form.cleaned_data, **act)
    elif move == "name":
        actions.name_witness(lot, form.cleaned_data["person"], **act)
    else:
        for code, verdict, note in form.changed():
            actions.answer_point(lot, stage, code, verdict, note=note, **act)


@open_to("staff", "supervisor")
@require_safe
def witness_card(request, number, no):
    """The card that the witness of a lot wears, to be printed."""
    lot = seen_lot(request, number, no)
    witness = lot.witnesses.filter(until=None).select_related("person").first()
    if witness is None:
        raise Refused("no_witness", "这个标段还没有指定见证人员。", next_step="请先在见证记录页面指定。")
    return render(request, "trading/witness/card.html", {"lot": lot, "witness": witness, "booking": opening_place_of(lot.tender)})


@open_to("supervisor")
@require_safe
def concerns(request):
    """What the centre's witnesses found doubtful in the tenders a supervisor watches."""
    page = Paginator(concerns_for(request.user), 20).get_page(request.GET.get("page"))
    for row in page.object_list:
        row[1].lot, row[1].label = row[1].record.lot, dict(stages_of(row[1].record.lot))[row[1].record.stage].label
    return render(request, "trading/witness/concerns.html", {"page": page, "points": BY_CODE})
