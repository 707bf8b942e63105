"""Complaints about agencies: filed by anybody with a name, answered by the agency, decided by the regulator."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from accounts.stepup import official_act
from agencies import actions, forms
from agencies.models import AgencyComplaint
from agencies.rules import COMPLAINT_ACCEPTANCE, COMPLAINT_DECISION, COMPLAINT_HEARING
from agencies.views.filling import fill_in
from documents.actions import store_file
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to

CLOCKS = (COMPLAINT_ACCEPTANCE, COMPLAINT_HEARING, COMPLAINT_DECISION)


def paged(request, rows):
    return Paginator(rows, 20).get_page(request.GET.get("page"))


@open_to("signed_in")
def new_complaint(request, uscc):
    """Complain about an agency under one's name, for the organisation one acts for or for oneself."""
    row = get_object_or_404(Organisation.objects.of_kind(Organisation.Kind.AGENCY).active(), uscc=uscc)
    form = forms.ComplaintForm(request.POST or None, request.FILES or None)

    def file(form):
        data, now = dict(form.cleaned_data), database_now()
        # Kept as the complainant's own: the agency is not to learn who complained.
        proof = data.pop("evidence")
        proof = proof and store_file(proof, by=request.user, organisation=None, purpose="agency_complaint", at=now)
        actions.file_complaint(row, **data, evidence=proof, organisation=request.organisation, by=request.user, at=now)

    return fill_in(
        request, form, file, title=f"投诉代理机构：{row.name}", button="提交投诉", done="投诉已提交，监督部门会告知是否受理和处理结果。",
        back="agencies:own_complaints", crumbs=[(row.name, reverse("credit:organisation", args=[uscc]))],
        notes="实名投诉；监督部门为投诉人保密，代理机构只会看到所反映的事实，请不要在事实中写出自己的名称。" + "；".join(f"{rule.says}" for rule in CLOCKS) + "。",
        signed=False,
    )  # fmt: skip


@open_to("signed_in")
@require_safe
def own_complaints(request):
    """What one has complained of, and what became of it."""
    page = paged(request, AgencyComplaint.objects.filter(complainant=request.user).select_related("agency", "regulator"))
    return render(request, "agencies/own_complaints.html", {"page": page, "open": AgencyComplaint.OPEN})


@open_to("signed_in")
@require_POST
def withdraw_complaint(request, number):
    row = get_object_or_404(AgencyComplaint, number=number, complainant=request.user)
    actions.withdraw_complaint(row, by=request.user, at=database_now())
    messages.success(request, "投诉已撤回。")
    return redirect("agencies:own_complaints")


@open_to("supervisor")
@require_safe
def complaints(request):
    """The office's complaints about agencies, the open ones first, with their clocks."""
    rows = AgencyComplaint.objects.filter(regulator=request.organisation).select_related("agency").order_by("closed_at", "filed_at")
    return render(request, "agencies/complaints.html", {"page": paged(request, rows), "now": database_now(), "office": True})


MOVES = {"take": "决定是否受理代理机构投诉", "decide": "处理代理机构投诉"}


@open_to("supervisor")
@official_act(MOVES, target="投诉 {number}")
def complaint(request, number):
    """One complaint at the office: who, what, the agency's answer, and the two decisions."""
    row = get_object_or_404(
        AgencyComplaint.objects.select_related("agency", "complainant", "organisation", "regulator", "evidence", "entry__rule"),
        number=number, regulator=request.organisation,
    )  # fmt: skip
    move, now = request.POST.get("move", ""), database_now()
    given = {
        "take": forms.TakeComplaintForm(request.POST if move == "take" else None),
        "decide": forms.DecideComplaintForm(
            request.POST if move == "decide" else None, request.FILES if move == "decide" else None, on=city_day(now)
        ),
    }
    if request.method == "POST":
        if move not in given:
            raise Http404
        if given[move].is_valid():
            do = actions.take_complaint if move == "take" else actions.decide_complaint
            try:
                do(row, **given[move].cleaned_data, by=request.user, at=now)
                messages.success(request, f"{MOVES[move]}：已办理。")
                return redirect("agencies:complaint", number)
            except Refused as refusal:
                given[move].add_refusal(refusal)
    context = {"row": row, "forms": given, "form": given.get(move), "now": now, "clocks": CLOCKS}
    return render(request, "agencies/complaint.html", context)


def told(request):
    """Complaints that the agency has been told of."""
    return AgencyComplaint.objects.filter(agency=request.organisation).exclude(accepted_at=None)


@open_to("agency")
@require_safe
def agency_complaints(request):
    page = paged(request, told(request).select_related("agency"))
    return render(request, "agencies/complaints.html", {"page": page, "now": database_now(), "office": False})


@open_to("agency")
@official_act("说明投诉情况", target="投诉 {number}")
def answer_complaint(request, number):
    """What is alleged, without who alleges it, and the agency's answer."""
    row = get_object_or_404(told(request), number=number)
    form = forms.StatementForm(request.POST or None, initial={"statement": row.statement})
    facts = [
        ("反映的问题", row.get_matter_display()),
        ("事实", row.facts),
        ("相关项目", row.tender_number or "没有写明"),
        ("状态", row.get_state_display()),
    ]
    if row.outcome:
        facts += [("核查结论", row.get_outcome_display()), ("处理意见", row.decision)]
    return fill_in(
        request, form, lambda form: actions.answer_complaint(row, form.cleaned_data["statement"], by=request.user, at=database_now()),
        title=f"对投诉 {row.number} 说明情况", button="提交说明", done="说明已提交。", back="agencies:agency_complaints",
        crumbs=[("收到的投诉", reverse("agencies:agency_complaints"))], facts=facts, notes=f"{COMPLAINT_HEARING.says}（{COMPLAINT_HEARING.source}）。",
    )  # fmt: skip
