from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from documents.actions import store_file
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.catalogue.queries import decide
from trading.projects import actions, forms
from trading.projects.models import Lot, Project
from web.doors import open_to


def own_project(request, pk):
    """A project that the acting organisation registered; others do not exist for it."""
    row = get_object_or_404(Project.objects.select_related("owner", "agency"), pk=pk)
    if request.organisation not in (row.agency, row.owner):
        raise Http404
    return row


@open_to("agency", "tenderee")
@require_safe
def project_list(request):
    rows = Project.objects.filter(Q(agency=request.organisation) | Q(owner=request.organisation))
    return render(request, "trading/projects/list.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


@open_to("agency", "tenderee")
@require_POST
def create_project(request):
    project = actions.start_project(request.organisation, by=request.user)
    return redirect("trading:project", project.pk)


@open_to("agency", "tenderee")
def project(request, pk):
    """The registration: all sections on one page, saved as one types, handed in when complete."""
    row = own_project(request, pk)
    editable = row.state in actions.EDITABLE and actions.may_edit(row, request.user)
    form = forms.ProjectForm(request.POST or None, instance=row)
    if request.method == "POST":
        if form.is_valid():
            row = actions.save_project(row, form.cleaned_data, by=request.user)
            if request.headers.get("HX-Request"):
                return HttpResponse(f"已自动保存 {database_now().astimezone():%H:%M:%S}")
            messages.success(request, "已保存。")
            return redirect("trading:project", row.pk)
        if request.headers.get("HX-Request"):
            return HttpResponse("有内容格式不对，暂未保存", status=200)
    tender = row.tenders.first()
    return render(
        request,
        "trading/projects/project.html",
        {
            "project": row,
            "tender": tender,
            "form": form,
            "editable": editable,
            "lots": tender.lots.all(),
            "lot_form": forms.LotForm(),
            "paper_form": forms.PaperForm(),
            "papers": row.papers.select_related("file"),
            "reviews": row.reviews.all(),
            "gaps": actions.missing(row) if editable else [],
            "decision": decide(row.category, row.kind, row.estimate, on=city_day(database_now())) if row.estimate else None,
        },
    )


@open_to("agency", "tenderee")
def lot(request, pk, no=None):
    """Add a lot, or change one."""
    row = own_project(request, pk)
    found = get_object_or_404(Lot, tender__project=row, no=no) if no else None
    form = forms.LotForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        actions.save_lot(row, form.cleaned_data, by=request.user, lot=found)
        messages.success(request, "标段已保存。")
        return redirect("trading:project", row.pk)
    return render(request, "trading/projects/lot.html", {"project": row, "form": form, "lot": found})


@open_to("agency", "tenderee")
@require_POST
def add_paper(request, pk):
    row = own_project(request, pk)
    form = forms.PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refused("no_file", "请选择要上传的文件。", status=400)
    file = store_file(
        form.cleaned_data["file"], by=request.user, organisation=request.organisation, purpose="project", at=database_now()
    )
    actions.attach_paper(row, form.cleaned_data["kind"], file, by=request.user)
    messages.success(request, "材料已上传。")
    return redirect("trading:project", row.pk)


@open_to("agency", "tenderee")
@require_POST
def submit(request, pk):
    row = own_project(request, pk)
    actions.submit_project(row, by=request.user, at=database_now())
    messages.success(request, "登记已提交，交易中心将在一个工作日内受理。")
    return redirect("trading:project", row.pk)


@open_to("staff")
@require_safe
def intake(request):
    rows = Project.objects.filter(state=Project.State.SUBMITTED).select_related("owner", "agency").order_by("submitted_at")
    return render(request, "trading/projects/intake.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


@open_to("staff")
def review(request, pk):
    row = get_object_or_404(Project.objects.select_related("owner", "agency"), pk=pk)
    form = forms.ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.review_project(row, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "受理结果已登记。")
            return redirect("trading:intake")
    tender = row.tenders.first()
    return render(
        request,
        "trading/projects/review.html",
        {
            "project": row, "tender": tender, "lots": tender.lots.all(), "form": form,
            "papers": row.papers.select_related("file"), "reviews": row.reviews.all(),
        },
    )  # fmt: skip
