from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, F, Q, When
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Duty, Organisation, Person
from accounts.permissions import is_member
from accounts.stepup import official_act
from documents.actions import store_file
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from rulebook.workdays import one_calendar
from trading.catalogue.rules import AGREEMENT
from trading.projects import actions, entrusting, forms
from trading.projects.models import Category, Entrustment, Lot, Project, ProjectPaper, RegulatorRuling, Tender, ToleratedPaper
from trading.projects.queries import (
    bureaus,
    control_points,
    decision_for,
    handlers_of,
    missing,
    needs_ruling,
    of_centre,
    officers_of,
    registrant,
    regulators_of,
    ruling_of,
    standing_entrustment,
    submitted_to,
    targets_of,
    ways_for,
)
from trading.projects.rules import TOLERANCE, URGENCIES, intake_due
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
    waiting = Entrustment.objects.filter(body=request.organisation, state=Entrustment.State.WAITING).select_related("project__owner")
    return render(
        request, "trading/projects/list.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page")), "entrustments": waiting,
         "starts": Organisation.Kind.PROCURER not in request.organisation.kinds},
    )  # fmt: skip


@open_to("agency", "tenderee")
@require_POST
def create_project(request):
    project = actions.start_project(request.organisation, by=request.user)
    return redirect("trading:project", project.pk)


@open_to("agency", "tenderee")
def project(request, pk):
    """The registration: all sections on one page, saved as one types, handed in when complete.

    What makes no value yet is kept too, as it was typed, so that nothing is lost by a sign-in in between.
    """
    row = own_project(request, pk)
    editable = may_change(row, request.user)
    form = form_of(row, request.POST or None)
    if request.method == "POST":
        good = form.is_valid()
        typed = {name: request.POST.get(name, "") for name in form.errors}
        data = {name: value for name, value in form.cleaned_data.items() if name not in typed}
        row = actions.save_project(row, fitting(row, data), by=request.user, typed=typed)
        if request.headers.get("ETP-Part"):
            return render(
                request, "trading/projects/_saved.html", {**standing(row), "form": form, "fresh": form_of(row), "now": database_now()}
            )
        if good:
            messages.success(request, "已保存。")
            return redirect("trading:project", row.pk)
    return render(request, "trading/projects/project.html", page_of(row, editable, form=form))


def may_change(row, person):
    return row.state in actions.EDITABLE and actions.may_edit(row, person) and not actions.is_offered(row)


def form_of(row, posted=None):
    """The registration's form, with the procedures that the catalogue allows as it stands."""
    on = city_day(database_now())
    return forms.ProjectForm(posted, instance=row, initial=row.draft, ways=ways_for(row, decision_for(row, on), on), on=on)


def fitting(row, data):
    """What was filled in, with a procedure that the catalogue allows for it; only purchases have a form of organisation."""
    on = city_day(database_now())
    category, kind, estimate = (data.get(name) or getattr(row, name) for name in ("category", "kind", "estimate"))
    if category != Category.PROCUREMENT:
        data = {**data, "central_item": None, "organisation_form": ""}
    if kind != Project.Kind.EPC or category != Category.WORKS:
        data = {**data, "epc_stage": "", "epc_ground": ""}
    meant = Project(category=category, kind=kind, estimate=estimate, central_item=data.get("central_item"))
    decision = decision_for(meant, on)
    codes = [code for code, _ in ways_for(meant, decision, on)]
    if codes and data.get("procedure") not in codes:
        data["procedure"] = codes[0]
    return data


def standing(row):
    """Where the registration stands: what is missing, section by section, and what the catalogue says."""
    on = city_day(database_now())
    decision = decision_for(row, on)
    gaps = missing(row)
    bad = {gap.section for gap in gaps}
    steps = [("basics", "基本信息与批准"), ("lots", "标段"), ("papers", "材料"), ("submission", "核对提交")]
    first = next((name for name, _ in steps if name in bad), "submission")
    return {
        "project": row,
        "gaps": gaps,
        "steps": [
            {
                "name": name,
                "label": label,
                "state": "now" if name == first else "" if name in bad or name == "submission" else "done",
            }
            for name, label in steps
        ],
        "decision": decision,
        "ways": ways_for(row, decision, on) if decision else [],
    }


def page_of(row, editable, *, form, refusal=None):
    tender = row.tenders.order_by("pk").first()
    return {
        **standing(row),
        "tender": tender,
        "form": form,
        "editable": editable,
        "lots": tender.lots.all(),
        "points": control_points(row),
        "paper_form": forms.PaperForm(auto_id="paper_%s"),
        "papers": row.papers.select_related("file"),
        "urgency": URGENCIES.get(row.urgency),
        "reviews": row.reviews.all(),
        "refusal": refusal,
        "entrustment": standing_entrustment(row) or row.entrustments.first(),
        "registering": row.state in actions.EDITABLE,
    }


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
        form.cleaned_data["file"],
        by=request.user,
        organisation=request.organisation,
        purpose="project",
        at=database_now(),
    )
    actions.attach_paper(row, form.cleaned_data["kind"], file, by=request.user)
    messages.success(request, "材料已上传。")
    return redirect("trading:project", row.pk)


@open_to("agency", "tenderee")
@require_POST
def remove_lot(request, pk, no):
    row = own_project(request, pk)
    actions.remove_lot(get_object_or_404(Lot, tender__project=row, no=no), by=request.user)
    messages.success(request, "标段已删除。")
    return redirect("trading:project", pk)


@open_to("agency", "tenderee")
@require_POST
def remove_paper(request, pk, paper):
    row = own_project(request, pk)
    actions.remove_paper(get_object_or_404(ProjectPaper, project=row, pk=paper), by=request.user)
    messages.success(request, "材料已移除。")
    return redirect("trading:project", pk)


@open_to("agency", "tenderee")
@official_act("作出容缺承诺", target="项目登记 {pk}")
def promise_paper(request, pk):
    """Promise a paper for later, or take the promise back."""
    row = own_project(request, pk)
    form = forms.PromiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.promise_paper(row, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "承诺已登记，随登记一并提交。")
            return redirect("trading:project", pk)
    return render(request, "trading/projects/promise.html", {"project": row, "form": form, "rule": TOLERANCE})


@open_to("agency", "tenderee")
@require_POST
def withdraw_promise(request, pk, paper):
    row = own_project(request, pk)
    actions.withdraw_promise(get_object_or_404(ToleratedPaper, project=row, pk=paper), by=request.user)
    messages.success(request, "承诺已撤回，请随登记提交该材料。")
    return redirect("trading:project", pk)


@open_to("agency", "tenderee")
@require_POST
def submit(request, pk):
    """Hand the registration in; what is missing is listed at the top with the way to each field."""
    row = own_project(request, pk)
    try:
        actions.submit_project(row, by=request.user, at=database_now())
    except Refused as refusal:
        if refusal.status == 403:
            raise
        form = form_of(row)
        context = page_of(row, may_change(row, request.user), form=form, refusal=refusal)
        return render(request, "trading/projects/project.html", context, status=refusal.status)
    messages.success(request, "登记已提交，交易中心将在一个工作日内受理。")
    return redirect("trading:project", row.pk)


ENTRUSTING = {"entrust": "委托集中采购机构", "withdraw": "撤回委托"}
ANSWERING = {"accept": "接受委托", "decline": "退回委托"}


@open_to("tenderee")
@official_act(ENTRUSTING, target="项目登记 {pk}")
def entrust(request, pk):
    """The purchaser entrusts its purchase, or takes it back while it is a draft."""
    row = own_project(request, pk)
    if row.owner != request.organisation or row.category != Category.PROCUREMENT:
        raise Http404
    standing, now = standing_entrustment(row), database_now()
    if request.method == "POST" and request.POST.get("move") == "withdraw":
        if standing is None:
            raise Http404
        entrusting.withdraw_entrustment(standing, by=request.user, at=now)
        messages.success(request, "委托已撤回。")
        return redirect("trading:project", pk)
    form = forms.EntrustmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entrusting.entrust_project(row, **form.cleaned_data, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已送受托机构，等待答复。")
            return redirect("trading:project", pk)
    context = {"project": row, "form": form, "entrustment": standing, "rule": AGREEMENT, "registering": row.state in actions.EDITABLE}
    return render(request, "trading/projects/entrust.html", context)


@open_to("agency", "tenderee")
@official_act(ANSWERING, target="委托 {pk}")
def entrustment(request, pk):
    """One entrustment, for both its sides; the body answers it, and reads it no longer once the purchase is out of its hands."""
    found = get_object_or_404(Entrustment.objects.select_related("project__owner", "body"), pk=pk)
    if request.organisation not in (found.body, found.project.owner):
        raise Http404
    mine = request.organisation == found.body
    if mine and found.state not in Entrustment.STANDING:
        raise Http404
    form = forms.AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("move") == "accept":
                entrusting.accept_entrustment(found, by=request.user, at=database_now())
            else:
                entrusting.decline_entrustment(found, form.cleaned_data["reason"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已答复采购人。")
            return redirect("trading:projects")
    may_decline = found.state in Entrustment.STANDING and found.project.state in actions.EDITABLE
    context = {"entrustment": found, "project": found.project, "form": form, "rule": AGREEMENT, "answers": mine and may_decline}
    return render(request, "trading/projects/entrustment.html", context)


@open_to("staff")
@require_safe
def intake(request):
    """What waits for intake, the green channel first, each with the day that the centre has promised."""
    rows = submitted_to(request.organisation).select_related("owner", "agency").prefetch_related("tolerances")
    page = Paginator(rows.order_by(Case(When(urgency="", then=1), default=0), "submitted_at"), 20).get_page(request.GET.get("page"))
    return render(
        request, "trading/projects/intake.html",
        {"page": page, "rows": [(row, URGENCIES.get(row.urgency), intake_due(row)) for row in page], "now": database_now()},
    )  # fmt: skip


def project_named(pk):
    found = Project.objects.filter(pk=pk).first()
    return f"项目登记“{found.name}”" if found else f"第 {pk} 号项目登记"


@open_to("staff")
@official_act({"accepted": "受理项目登记", "returned": "退回项目登记"}, field="outcome", target=project_named)
def review(request, pk):
    row = get_object_or_404(Project.objects.select_related("owner", "agency").exclude(state=Project.State.DRAFT), pk=pk)
    regulators, conflict = regulators_of(row), needs_ruling(row)
    # The one that holds, else the one that is still waited for.
    ruling = ruling_of(row) or RegulatorRuling.objects.filter(project=row, ruled_at=None).first()
    form = forms.ReviewForm(
        request.POST or None, project=row, regulators=regulators, officers=officers_of(request.organisation), ruled=conflict or ruling_of(row) is not None,
        initial={"regulator": regulators.first(), "officer": request.user},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            actions.review_project(row, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "受理结果已登记。")
            return redirect("trading:intake")
    tender = row.tenders.order_by("pk").first()
    return render(
        request,
        "trading/projects/review.html",
        {
            "project": row, "tender": tender, "lots": tender.lots.all(), "form": form, "points": control_points(row),
            "papers": row.papers.select_related("file"), "reviews": row.reviews.all(), "urgency": URGENCIES.get(row.urgency),
            "conflict": conflict, "ruling": ruling, "regulators": regulators, "question": forms.RulingRequestForm(),
        },
    )  # fmt: skip


@open_to("staff")
@require_POST
@official_act("提请指定监督部门", target=project_named)
def ask_ruling(request, pk):
    """Several departments could supervise: ask the comprehensive regulator to name one."""
    row = get_object_or_404(Project, pk=pk)
    form = forms.RulingRequestForm(request.POST)
    if not form.is_valid():
        raise Refused("no_question", "请写明项目涉及哪些部门的职责。", status=400)
    actions.ask_ruling(row, form.cleaned_data["question"], by=request.user, at=database_now())
    messages.success(request, "已提请综合监管部门指定监督部门。")
    return redirect("trading:review_project", pk)


def of_a_bureau(request):
    if request.organisation not in bureaus():
        raise Http404


@open_to("supervisor")
@require_safe
def rulings(request):
    """The comprehensive regulator's list of projects that several departments could supervise."""
    of_a_bureau(request)
    rows = RegulatorRuling.objects.select_related("project__owner", "regulator").order_by(F("ruled_at").desc(nulls_first=True), "asked_at")
    return render(request, "trading/projects/rulings.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


@open_to("supervisor")
@official_act("指定监督部门", target="监督部门指定 {pk}")
def ruling(request, pk):
    """Name the department that supervises a project."""
    of_a_bureau(request)
    found = get_object_or_404(RegulatorRuling.objects.select_related("project__owner", "regulator", "asked_by", "ruled_by"), pk=pk)
    form = forms.RulingForm(request.POST or None, candidates=found.candidates.order_by("pk"))
    if request.method == "POST" and form.is_valid():
        try:
            actions.rule_regulator(found, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已指定，并通知各部门和交易中心。")
            return redirect("trading:rulings")
    return render(request, "trading/projects/ruling.html", {"ruling": found, "form": form})


@open_to("staff")
@require_safe
def green_channel(request):
    """The centre's projects of the green channel, the newest first, each with its officer and what was promised by when."""
    now = database_now()
    rows = of_centre(Project.objects.exclude(green_at=None), request.organisation).select_related("owner", "officer")
    page = Paginator(rows.prefetch_related("tenders").order_by("-green_at"), 20).get_page(request.GET.get("page"))
    with one_calendar():
        listed = [(row, URGENCIES[row.urgency], [(each, each.is_late(now)) for each in targets_of(row)]) for row in page]
    return render(request, "trading/projects/green.html", {"page": page, "rows": listed, "now": now, "mine": request.user})


@open_to("staff")
def change_officer(request, pk):
    row = get_object_or_404(of_centre(Project.objects.exclude(green_at=None), request.organisation), pk=pk)
    form = forms.OfficerForm(request.POST or None, officers=officers_of(request.organisation), initial={"officer": row.officer_id})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_officer(row, form.cleaned_data["officer"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "专办员已调整。")
            return redirect("trading:green_channel")
    return render(request, "trading/projects/officer.html", {"project": row, "form": form})


def managed_by_mine(request, number):
    """A tender that the acting organisation registered; for others it does not exist here."""
    found = get_object_or_404(Tender.objects.select_related("project__owner", "project__agency"), number=number)
    if registrant(found.project) != request.organisation:
        raise Http404
    return found


@open_to("agency", "tenderee")
def handlers(request, number):
    """Who of the organisation works on a tender; its manager appoints them."""
    found = managed_by_mine(request, number)
    people = handlers_of(found)
    others = Person.objects.filter(
        memberships__organisation=request.organisation, memberships__until=None
    ).exclude(pk__in=[row.pk for row in people])  # fmt: skip
    form = forms.HandlerForm(request.POST or None, people=others)
    if request.method == "POST" and form.is_valid():
        actions.assign_staff(found, form.cleaned_data["person"], by=request.user)
        messages.success(request, f"已指定{form.cleaned_data['person'].name}为经办人。")
        return redirect("trading:handlers", number)
    may = is_member(request.user, request.organisation, Duty.MANAGER)
    context = {"tender": found, "people": people, "form": form, "may_appoint": may}
    return render(request, "trading/projects/handlers.html", context)


@open_to("agency", "tenderee")
@require_POST
def withdraw_handler(request, number, person):
    found = managed_by_mine(request, number)
    actions.withdraw_staff(found, get_object_or_404(Person, pk=person), by=request.user)
    messages.success(request, "已移除经办人。")
    return redirect("trading:handlers", number)
