from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from guardian.shortcuts import get_objects_for_user

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from supervision.inquiries import actions, forms
from supervision.inquiries.models import Inquiry
from supervision.remedies.models import Objection
from supervision.remedies.regimes import PROCUREMENT, WORKS
from trading.procedures.rules.procurement import INQUIRY_REPLY
from trading.projects.models import Category, Tender
from trading.projects.queries import MANAGE, may_handle
from trading.tenders.queries import require_sight
from web.doors import open_to


@open_to("public")
@require_safe
def replies(request, number):
    """What was asked and objected about a tender, and the answers: public, without the names of who asked."""
    tender = get_object_or_404(Tender.objects.select_related("project"), number=number, published_at__isnull=False)
    require_sight(request.user, request.organisation, tender)
    procurement = tender.project.category == Category.PROCUREMENT
    return render(
        request, "supervision/inquiries/replies.html",
        {
            "tender": tender, "inquiries": tender.inquiries.exclude(answered_at=None), "procurement": procurement, "rule": INQUIRY_REPLY,
            "waiting": tender.inquiries.filter(answered_at=None).count(),
            "objections": Objection.objects.filter(lot__tender=tender).exclude(answered_at=None).select_related("lot__tender__project"),
            "word": (PROCUREMENT if procurement else WORKS).protest, "is_bidder": "bidder" in request.audiences,
        },
    )  # fmt: skip


@open_to("bidder")
def new_inquiry(request, number):
    tender = get_object_or_404(Tender.objects.select_related("project"), number=number, published_at__isnull=False)
    require_sight(request.user, request.organisation, tender)
    form = forms.InquiryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.file_inquiry(tender, request.organisation, form.cleaned_data["text"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"询问 {made.number} 已提交，答复后会通知你单位。")
            return redirect("supervision:own_inquiries")
    return render(request, "supervision/inquiries/ask.html", {"form": form, "tender": tender, "rule": INQUIRY_REPLY})


def listed(request, rows, template, **context):
    page = Paginator(rows.select_related("tender").order_by(F("answered_at").desc(nulls_first=True), "due_at"), 20)
    return render(request, template, {"page": page.get_page(request.GET.get("page")), "now": database_now(), **context})


@open_to("bidder")
@require_safe
def own_inquiries(request):
    return listed(request, Inquiry.objects.filter(organisation=request.organisation), "supervision/inquiries/own.html")


@open_to("agency", "tenderee")
@require_safe
def inquiries(request):
    """What waits for my side's answer, the earliest due first."""
    mine = get_objects_for_user(request.user, MANAGE, Tender, with_superuser=False)
    return listed(request, Inquiry.objects.filter(tender__in=mine), "supervision/inquiries/list.html", answers=True)


@open_to("agency", "tenderee")
@official_act("答复询问", target="询问 {number}")
def inquiry(request, number):
    """Answer an inquiry; who asked is not shown."""
    found = get_object_or_404(Inquiry.objects.select_related("tender__project__owner", "tender__project__agency"), number=number)
    if not may_handle(request.user, found.tender):
        raise Http404
    form = forms.AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_inquiry(found, form.cleaned_data["answer"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已答复并公开。")
            return redirect("supervision:inquiries")
    return render(
        request, "supervision/inquiries/answer.html", {"inquiry": found, "form": form, "now": database_now(), "rule": INQUIRY_REPLY}
    )


@open_to("staff")
def intake(request):
    """The centre sees every inquiry and its clock, and takes in for the purchaser what comes by telephone or letter."""
    form = forms.TakeInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        good = form.cleaned_data
        try:
            made = actions.take_in_inquiry(good["tender"], good["uscc"], good["text"], good["channel"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"已登记为询问 {made.number}，并转采购人、代理机构答复。")
            return redirect("supervision:inquiry_intake")
    return listed(request, Inquiry.objects.all(), "supervision/inquiries/list.html", form=form)
