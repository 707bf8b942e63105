from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from disclosure.models import Notice
from documents.actions import ensure_printed
from documents.views import sent
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.procedures.clock import earliest_dates
from trading.procedures.procedures import PROCEDURES, steps_of
from trading.projects.models import Lot, Project, Tender
from trading.tenders import actions, forms
from trading.tenders.models import DocumentHolder
from web.doors import open_to


def managed(request, number):
    """A tender the person was assigned to; for others it does not exist here."""
    tender = get_object_or_404(Tender.objects.select_related("project__owner", "project__agency"), number=number)
    if not request.user.has_perm(actions.MANAGE, tender):
        raise Http404
    return tender


def published(number):
    return get_object_or_404(
        Tender.objects.select_related("project__owner", "project__agency", "document"), number=number, published_at__isnull=False
    )


@open_to("agency", "tenderee")
@require_safe
def agency_desk(request):
    mine = Tender.objects.filter(Q(project__agency=request.organisation) | Q(project__owner=request.organisation), number__isnull=False)
    drafts = Project.objects.filter(
        Q(agency=request.organisation) | Q(owner=request.organisation), state__in=[Project.State.DRAFT, Project.State.RETURNED]
    )
    rows = mine.select_related("project", "document").prefetch_related("lots").order_by("-pk")
    return render(
        request,
        "trading/tenders/agency_desk.html",
        {"page": Paginator(rows, 20).get_page(request.GET.get("page")), "drafts": drafts[:5]},
    )


@open_to("staff")
@require_safe
def staff_desk(request):
    now = database_now()
    soon = Lot.objects.filter(state__in=[Lot.State.BIDDING, Lot.State.OPENING]).select_related("tender").order_by("bids_due_at")
    return render(
        request,
        "trading/tenders/staff_desk.html",
        {
            "now": now,
            "openings": soon[:30],
            "intake": Project.objects.filter(state=Project.State.SUBMITTED).count(),
            "evaluating": Lot.objects.filter(state=Lot.State.EVALUATING).select_related("tender")[:30],
        },
    )


@open_to("agency", "tenderee")
@require_safe
def tender_work(request, number):
    """All there is to do for one tender."""
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    return render(
        request,
        "trading/tenders/work.html",
        {
            "tender": tender,
            "document": document,
            "lots": tender.lots.all(),
            "questions": tender.questions.filter(answered_at=None),
            "now": database_now(),
        },
    )


@open_to("agency", "tenderee")
def edit_document(request, number):
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    now = database_now()
    form = forms.DocumentForm(request.POST or None, instance=document, earliest=earliest_dates(now))
    if request.method == "POST" and form.is_valid():
        data, sections, lots = form.parts()
        actions.save_document(document, data=data, sections=sections, lots=lots, by=request.user)
        messages.success(request, "招标文件已保存。")
        return redirect("trading:publish", number)
    return render(
        request,
        "trading/tenders/edit.html",
        {"tender": tender, "document": document, "form": form, "fixed": document.sections.filter(fixed=True), "earliest": earliest_dates(now)},
    )


@open_to("agency", "tenderee")
def edit_criteria(request, number):
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    initial = list(document.criteria.order_by("no").values("part", "title", "standard", "points", "objective"))
    formset = forms.CriterionFormSet(request.POST or None, initial=initial, prefix="c")
    if request.method == "POST" and formset.is_valid():
        rows = [
            {key: value for key, value in row.items() if key != "DELETE"}
            for row in formset.cleaned_data
            if row and not row.get("DELETE")
        ]
        actions.save_criteria(document, rows, by=request.user)
        messages.success(request, "评审标准已保存。")
        return redirect("trading:publish", number)
    return render(request, "trading/tenders/criteria.html", {"tender": tender, "formset": formset})


@open_to("agency", "tenderee")
def publish(request, number):
    """The last look before publication: what still breaks a rule, and the button."""
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    now = database_now()
    form = forms.PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        moment, confirmed = form.cleaned_data["publish_at"], form.cleaned_data["clauses_confirmed"]
        try:
            if moment:
                actions.schedule_publication(document, moment, by=request.user, at=now, clauses_confirmed=confirmed)
                messages.success(request, "已安排定时发布。")
            else:
                actions.publish_tender(tender, by=request.user, at=now, clauses_confirmed=confirmed)
                messages.success(request, "公告已发布，公众现在就能看到。")
            return redirect("trading:tender_work", number)
        except Refused as refusal:
            form.add_refusal(refusal)
    return render(
        request,
        "trading/tenders/publish.html",
        {
            "tender": tender,
            "document": document,
            "form": form,
            "lots": tender.lots.all(),
            "problems": actions.problems_of(document, published_at=now),
            "sections": document.sections.all(),
            "criteria": document.criteria.all(),
        },
    )


@open_to("agency", "tenderee")
def clarify(request, number):
    tender = managed(request, number)
    waiting = tender.questions.filter(answered_at=None)
    form = forms.ClarificationForm(request.POST or None, questions=waiting)
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish_clarification(
                tender,
                text=form.cleaned_data["text"],
                answers=form.answers(),
                affects_bids=form.cleaned_data["affects_bids"],
                new_bids_due_at=form.cleaned_data["new_bids_due_at"],
                by=request.user,
                at=database_now(),
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "澄清已发布并通知全部文件获取人。")
            return redirect("trading:tender_work", number)
    return render(request, "trading/tenders/clarify.html", {"tender": tender, "form": form})


@open_to("agency", "tenderee")
def terminate(request, number):
    tender = managed(request, number)
    form = forms.ReasonForm(request.POST or None, number=tender.number)
    if request.method == "POST" and form.is_valid():
        actions.terminate_tender(tender, reason=form.cleaned_data["reason"], by=request.user, at=database_now())
        messages.success(request, "已终止招标并发布公告。")
        return redirect("trading:tender_work", number)
    return render(request, "trading/tenders/terminate.html", {"tender": tender, "form": form})


@open_to("agency", "tenderee")
@require_POST
def next_round(request, number, no):
    tender = managed(request, number)
    lot = get_object_or_404(Lot, tender=tender, no=no)
    again = actions.open_next_round(lot, by=request.user, at=database_now())
    messages.success(request, "已建立新一次招标，请修改招标文件后发布。")
    return redirect("trading:tender_work", again.number)


@open_to("public")
@require_safe
def tender(request, number):
    """The public page of a tender: where it stands, and everything that was published about it."""
    row = published(number)
    organisation = request.organisation if "bidder" in request.audiences else None
    lots = list(row.lots.all())
    return render(
        request,
        "trading/tenders/tender.html",
        {
            "tender": row,
            "document": row.document,
            "lots": lots,
            "steps": steps_of(PROCEDURES[row.procedure], lots[0].state),
            "notices": Notice.objects.filter(tender_number=row.number),
            "questions": row.questions.exclude(answered_at=None),
            "holds": organisation and DocumentHolder.objects.filter(tender=row, organisation=organisation).exists(),
            "is_bidder": organisation is not None,
            "now": database_now(),
            "nav": "notices",
        },
    )


@open_to("public")
@require_safe
def openings(request):
    """The days to come: which lots are opened when."""
    rows = Lot.objects.filter(state__in=[Lot.State.BIDDING, Lot.State.OPENING]).select_related("tender__project__owner")
    page = Paginator(rows.order_by("bids_due_at"), 30).get_page(request.GET.get("page"))
    return render(request, "trading/tenders/openings.html", {"page": page, "nav": "openings", "now": database_now()})


@open_to("bidder")
@require_POST
def obtain(request, number):
    row = published(number)
    actions.obtain_document(row, request.organisation, by=request.user, at=database_now())
    messages.success(request, "已取得招标文件，可以下载、提问和编制投标文件。获取人名单在开标前保密。")
    return redirect("trading:tender", number)


@open_to("bidder", "agency", "tenderee", "staff", "supervisor")
@require_safe
def download(request, number):
    """The tender document, for who holds it and for those who work on or watch the tender."""
    row = published(number)
    holds = DocumentHolder.objects.filter(tender=row, organisation=request.organisation).exists()
    works = request.user.has_perm(actions.MANAGE, row) or request.user.has_perm("trading.supervise_tender", row)
    if not (holds or works or "staff" in request.audiences):
        raise Refused("no_document", "请先在项目页面获取招标文件（免费）。", status=403)
    return sent(ensure_printed(row.document.printed).file)


@open_to("bidder")
def ask(request, number):
    row = published(number)
    form = forms.QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_question(row, request.organisation, form.cleaned_data["text"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "问题已提交。答复会对所有人公开，不会显示你单位的名称。")
            return redirect("trading:tender", number)
    return render(request, "trading/tenders/ask.html", {"tender": row, "form": form})


