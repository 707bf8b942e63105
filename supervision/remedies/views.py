from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from guardian.shortcuts import get_objects_for_user

from documents.actions import store_file
from rulebook.clock import database_now
from rulebook.refusals import Refused
from supervision.remedies import actions, forms
from supervision.remedies.models import Complaint, Objection
from trading.projects.models import Lot, Tender
from web.doors import open_to


def kept(request, file, at):
    """The evidence that came with a form, if any."""
    return file and store_file(file, by=request.user, organisation=request.organisation, purpose="remedy", at=at)


@open_to("bidder")
@require_safe
def own_remedies(request):
    return render(
        request, "supervision/own.html",
        {
            "objections": Objection.objects.filter(organisation=request.organisation).select_related("lot__tender").prefetch_related("complaints"),
            "complaints": Complaint.objects.filter(organisation=request.organisation).select_related("lot__tender", "document"),
        },
    )  # fmt: skip


@open_to("bidder")
def new_objection(request, number, no):
    lot = get_object_or_404(Lot.objects.select_related("tender"), tender__number=number, no=no, tender__published_at__isnull=False)
    first = "document" if lot.state == Lot.State.BIDDING else "result"
    form = forms.ObjectionForm(request.POST or None, request.FILES or None, initial={"matter": first})
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, database_now()
        try:
            evidence = kept(request, data.pop("evidence"), now)
            actions.file_objection(lot, request.organisation, **data, evidence=evidence, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "异议已提出，招标人须在三日内答复，答复前招标投标活动暂停。")
            return redirect("supervision:own")
    return render(request, "supervision/form.html", {"form": form, "lot": lot, "title": "提出异议", "button": "提交异议"})


@open_to("bidder")
def new_complaint(request, objection):
    found = get_object_or_404(Objection.objects.select_related("lot__tender"), number=objection, organisation=request.organisation)
    form = forms.ComplaintForm(request.POST or None, request.FILES or None, initial={"facts": found.facts, "claim": found.claim})
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, database_now()
        try:
            evidence = kept(request, data.pop("evidence"), now)
            actions.file_complaint(found, request.organisation, **data, evidence=evidence, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "投诉已提交，监督部门三个工作日内决定是否受理。")
            return redirect("supervision:own")
    return render(request, "supervision/form.html", {"form": form, "lot": found.lot, "title": "投诉", "button": "提交投诉"})


@open_to("bidder")
@require_POST
def withdraw(request, number):
    found = get_object_or_404(Complaint, number=number, organisation=request.organisation)
    actions.withdraw_complaint(found, by=request.user, at=database_now())
    messages.success(request, "投诉已撤回。")
    return redirect("supervision:own")


@open_to("agency", "tenderee")
@require_safe
def objections(request):
    mine = get_objects_for_user(request.user, "trading.manage_tender", Tender)
    rows = Objection.objects.filter(lot__tender__in=mine).select_related("lot__tender", "organisation")
    return render(request, "supervision/objections.html", {"rows": rows, "now": database_now()})


@open_to("agency", "tenderee")
def objection(request, number):
    found = get_object_or_404(Objection.objects.select_related("lot__tender", "organisation", "evidence"), number=number)
    if not request.user.has_perm("trading.manage_tender", found.lot.tender):
        raise Http404
    form = forms.AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_objection(
                found, upheld=form.cleaned_data["upheld"] == "1", answer=form.cleaned_data["answer"], by=request.user, at=database_now()
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已答复。")
            return redirect("supervision:objections")
    return render(request, "supervision/objection.html", {"objection": found, "form": form})


@open_to("supervisor")
@require_safe
def desk(request):
    rows = Complaint.objects.filter(regulator=request.organisation).select_related("lot__tender", "organisation")
    return render(request, "supervision/desk.html", {"rows": rows, "now": database_now()})


@open_to("supervisor")
def complaint(request, number):
    """One complaint from its receipt to the published decision."""
    found = get_object_or_404(
        Complaint.objects.select_related("lot__tender__project", "organisation", "objection", "evidence", "document"),
        number=number, regulator=request.organisation,
    )  # fmt: skip
    wanted = request.POST.get("move", "")
    given = {name: form(request.POST if wanted == name else None) for name, form in MOVES.items()}
    if request.method == "POST" and wanted in given and given[wanted].is_valid():
        try:
            carry_out(found, wanted, given[wanted].cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            given[wanted].add_refusal(refusal)
        else:
            messages.success(request, "已登记。")
            return redirect("supervision:complaint", number)
    return render(
        request, "supervision/complaint.html",
        {"complaint": found, "forms": given, "notes": found.notes.select_related("by"), "now": database_now(),
         "stops": found.lot.suspensions.filter(until=None)},
    )  # fmt: skip


MOVES = {"review": forms.ReviewForm, "note": forms.NoteForm, "suspend": forms.SuspensionForm, "decide": forms.DecisionForm}


def carry_out(found, move, data, *, by, at):
    if move == "review":
        actions.review_complaint(found, data["outcome"], reasons=data["reasons"], by=by, at=at)
    elif move == "note":
        actions.add_note(found, data["text"], by=by, at=at)
    elif move == "suspend":
        actions.order_suspension(found, data["reason"], by=by, at=at)
    else:
        actions.decide_complaint(found, **{**data, "upheld": data["upheld"] == "1"}, by=by, at=at)
