"""一标一评: the raters' forms, and what the agency sees."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.stepup import official_act
from agencies import actions, forms
from agencies.models import Assessment, Rating
from agencies.queries import ratings_waiting
from agencies.rules import RATING
from agencies.views.filling import fill_in
from rulebook.clock import city_day, database_now
from web.doors import open_to

RATERS = ("tenderee", "staff", "bidder")


@open_to(*RATERS)
@require_safe
def ratings(request):
    """What the organisation is asked to rate, and what it has rated."""
    now = database_now()
    done = Rating.objects.filter(organisation=request.organisation).exclude(at=None).select_related("assessment__agency")
    return render(
        request, "agencies/ratings.html",
        {"waiting": ratings_waiting(request.organisation, now), "page": Paginator(done.order_by("-at"), 20).get_page(request.GET.get("page")), "now": now},
    )  # fmt: skip


def rating_named(pk):
    found = Rating.objects.select_related("assessment__agency").filter(pk=pk).first()
    return f"{found.assessment.agency.name}在项目“{found.assessment.tender_name}”中的表现" if found else f"第 {pk} 号评价"


@open_to(*RATERS)
@official_act("评价代理机构", target=rating_named)
def rating(request, pk):
    """One rater's form."""
    row = get_object_or_404(Rating.objects.select_related("assessment__agency", "organisation"), pk=pk, organisation=request.organisation)
    if row.at is not None and request.method == "GET":
        raise Http404
    form = forms.RatingForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.rate(row, form.marks(), form.cleaned_data["comment"], by=request.user, at=database_now()),
        title=f"评价代理机构：{row.assessment.agency.name}", button="提交评价", done="评价已提交，谢谢。", back="agencies:ratings",
        crumbs=[("评价代理机构", reverse("agencies:ratings"))],
        facts=[("项目", f"{row.assessment.tender_name}（{row.assessment.tender_number}）"), ("截止", f"{city_day(row.assessment.due_at):%Y-%m-%d}")],
        notes="各项按 0 至 100 分打分；代理机构看到各方的平均分，看不到你单位的名称和单独打分。评价提交后不能更改。", grid=True,
    )  # fmt: skip


@open_to("agency")
@require_safe
def own_assessments(request):
    rows = Assessment.objects.filter(agency=request.organisation)
    return render(
        request, "agencies/assessments.html",
        {"page": Paginator(rows, 20).get_page(request.GET.get("page")), "rule": RATING, "now": database_now()},
    )  # fmt: skip


@open_to("agency")
@official_act("对评价结果说明情况", target="第 {pk} 号评价")
def own_assessment(request, pk):
    """One result, line by line, and the agency's own words about it."""
    row = get_object_or_404(Assessment, pk=pk, agency=request.organisation)
    if row.closed_at is None:
        raise Http404
    form = forms.StatementForm(request.POST or None, initial={"statement": row.statement})
    facts = [("项目", f"{row.tender_name}（{row.tender_number}）"), ("得分", row.score if row.score is not None else "没有评价")]
    facts += [(f"{line['side']}（{line['raters']} 家）", f"平均 {line['mean']} 分，权重 {line['weight']}%") for line in row.lines]
    facts.append(("说明情况截止", f"{city_day(row.state_until):%Y-%m-%d}"))
    return fill_in(
        request, form, lambda form: actions.state_case(row, form.cleaned_data["statement"], by=request.user, at=database_now()),
        title="项目评价结果", button="提交情况说明", done="情况说明已提交，与得分一并展示。", back="agencies:own_assessments",
        crumbs=[("项目评价", reverse("agencies:own_assessments"))], facts=facts, notes=f"{RATING.says}。依据：{RATING.source}。",
    )  # fmt: skip
