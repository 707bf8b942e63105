"""The regulator's oversight of agencies: yearly inspections, orders; and the agency's side of it."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Organisation
from accounts.stepup import official_act
from agencies import actions, forms
from agencies.models import Inspection, Restriction
from agencies.queries import business_by_agency, business_of
from agencies.rules import CITY_RULES, INSPECTED_SHARE, LONGEST_CORRECTION, RESTRICTED, inspected
from agencies.views.filling import fill_in
from agencies.views.register import agency_named
from draws.models import Draw
from rulebook.clock import city_day, database_now
from web.doors import open_to


def years(on):
    """The years an inspection may be of: those that are over."""
    return (on.year - 1, on.year - 2)


@open_to("supervisor")
@require_safe
def oversight(request):
    """Every agency with its business of a year under this regulator, its inspection, and what stops it."""
    on = city_day(database_now())
    year = next((each for each in years(on) if str(each) == request.GET.get("year")), on.year - 1)
    page = Paginator(Organisation.objects.of_kind(Organisation.Kind.AGENCY).active(), 20).get_page(request.GET.get("page"))
    agencies = list(page)
    business = business_by_agency(agencies, year, request.organisation.sectors)
    held = {
        row.agency_id: row
        for row in Inspection.objects.filter(year=year, regulator=request.organisation, agency__in=agencies).select_related("draw")
    }
    stops: dict[int, list[Restriction]] = {}
    for row in Restriction.objects.in_force(on).filter(agency__in=agencies).select_related("regulator"):
        stops.setdefault(row.agency_id, []).append(row)
    rows = []
    for row in agencies:
        total = len(business[row.pk])
        found = held.get(row.pk)
        rows.append(
            {
                "agency": row, "total": total, "wanted": inspected(total, on), "inspection": found, "stops": stops.get(row.pk, []),
                "may_begin": total and (found is None or found.draw.state == Draw.State.VOID),
            }
        )  # fmt: skip
    context = {"page": page, "rows": rows, "year": year, "years": years(on), "rule": INSPECTED_SHARE, "restricted": RESTRICTED}
    return render(request, "agencies/oversight.html", context)


@open_to("supervisor")
@official_act("发起代理机构年度检查", target=agency_named)
def begin_inspection(request, uscc):
    row, on = get_object_or_404(Organisation.objects.of_kind(Organisation.Kind.AGENCY), uscc=uscc), city_day(database_now())
    form = forms.InspectionForm(request.POST or None, years=years(on))
    counts = {year: len(business_of(row, year, request.organisation.sectors)) for year in years(on)}
    return fill_in(
        request, form, lambda form: actions.begin_inspection(row, **form.cleaned_data, by=request.user, at=database_now()),
        title=f"年度检查：{row.name}", button="固定名单并发起抽取", done="名单已固定。请三方分别进入抽取室提交随机数。", back="agencies:inspections",
        crumbs=[("代理机构监管", reverse("agencies:oversight"))],
        facts=[(f"{year} 年代理项目", f"{total} 个，抽查 {inspected(total, on)} 个") for year, total in counts.items()],
        notes=f"{INSPECTED_SHARE.says}。依据：{INSPECTED_SHARE.source}。名单为你单位监督的全部代理项目，公开；抽取由三方共同完成，任何人都可以重算。",
    )  # fmt: skip


@open_to("supervisor")
@official_act("作出暂停承接新业务决定", target=agency_named)
def suspend(request, uscc):
    row = get_object_or_404(Organisation.objects.of_kind(Organisation.Kind.AGENCY), uscc=uscc)
    form = forms.SuspensionForm(request.POST or None, initial={"basis": CITY_RULES})
    return fill_in(
        request, form, lambda form: actions.suspend_agency(row, **form.cleaned_data, by=request.user, at=database_now()),
        title=f"暂停承接新业务：{row.name}", button="登记决定并即时生效", done="决定已登记，即时生效。", back="agencies:oversight",
        crumbs=[("代理机构监管", reverse("agencies:oversight"))],
        notes=f"{RESTRICTED.says}。登记后该机构不能登记新项目、签订新的委托合同，也不参加抽取和遴选。",
    )  # fmt: skip


@open_to("supervisor")
@official_act("解除暂停承接新业务", target="第 {pk} 号限制")
def lift(request, pk):
    row = get_object_or_404(Restriction.objects.select_related("agency"), pk=pk, lifted_at=None)
    form = forms.LiftForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.lift_restriction(row, **form.cleaned_data, by=request.user, at=database_now()),
        title=f"解除限制：{row.agency.name}", button="解除", done="限制已解除。", back="agencies:oversight",
        crumbs=[("代理机构监管", reverse("agencies:oversight"))], facts=[("决定文书号", row.order_number), ("事由", row.reason)],
    )  # fmt: skip


def seen(request):
    rows = Inspection.objects.select_related("agency", "regulator", "draw", "notice")
    return rows if Organisation.Kind.REGULATOR in request.organisation.kinds else rows.filter(agency=request.organisation)


@open_to("agency", "supervisor")
@require_safe
def inspections(request):
    page = Paginator(seen(request), 20).get_page(request.GET.get("page"))
    return render(request, "agencies/inspections.html", {"page": page, "supervising": "supervisor" in request.audiences})


@open_to("agency", "supervisor")
@require_safe
def inspection(request, number):
    """One inspection: the draw, each drawn tender, the result, the correction."""
    row = get_object_or_404(seen(request), number=number)
    mine = row.regulator == request.organisation
    rows = list(row.tenders.all())
    context = {
        "row": row, "rows": rows, "mine": mine, "is_agency": row.agency == request.organisation, "today": city_day(database_now()),
        "told": mine or row.state == Inspection.State.CONCLUDED, "ready": mine and row.state == Inspection.State.INSPECTING and all(each.inspected_at for each in rows),
        "party": row.draw.parties.filter(person=request.user).exists() and row.draw.state not in (Draw.State.RESULT, Draw.State.VOID),
    }  # fmt: skip
    return render(request, "agencies/inspection.html", context)


def found(request, number):
    row = get_object_or_404(seen(request), number=number)
    return row, reverse("agencies:inspection", args=[number]), [
        ("代理机构检查", reverse("agencies:inspections")), (row.number, reverse("agencies:inspection", args=[number]))
    ]  # fmt: skip


@open_to("supervisor")
@official_act("登记检查情况", target="检查 {number} 第 {pk} 号项目")
def inspect(request, number, pk):
    row, back, crumbs = found(request, number)
    tender = get_object_or_404(row.tenders, pk=pk)
    form = forms.FindingsForm(
        request.POST or None, initial={"clean": None if tender.clean is None else int(tender.clean), "findings": tender.findings}
    )
    return fill_in(
        request, form, lambda form: actions.inspect_tender(tender, **form.cleaned_data, by=request.user, at=database_now()), title="登记检查情况",
        button="登记", done="检查情况已登记。", back=back, crumbs=crumbs,
        facts=[("代理机构", row.agency.name), ("项目", f"{tender.tender_name}（{tender.tender_number}）")],
    )  # fmt: skip


@open_to("supervisor")
@official_act("作出年度检查结果并公开", target="检查 {number}")
def conclude(request, number):
    row, back, crumbs = found(request, number)
    now = database_now()
    form = forms.ConclusionForm(request.POST or None, request.FILES or None, on=city_day(now))
    rows = list(row.tenders.all())
    bad = sum(1 for each in rows if each.clean is False)
    return fill_in(
        request, form, lambda form: actions.conclude_inspection(row, **form.cleaned_data, by=request.user, at=now), title="作出检查结果",
        button="作出结果并公开", done="检查结果已公开，并告知代理机构和联席会议各成员单位。", back=back, crumbs=crumbs,
        facts=[("代理机构", row.agency.name), ("年度", f"{row.year} 年"), ("抽查", f"{row.wanted} 个，发现问题的 {bad} 个")],
        notes=f"不合格的，自作出之日起暂停承接新业务，整改经复查通过后解除。{LONGEST_CORRECTION.says}。",
    )  # fmt: skip


@open_to("agency")
@official_act("报告检查整改情况", target="检查 {number}")
def correct(request, number):
    row, back, crumbs = found(request, number)
    form = forms.CorrectionForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.report_correction(row, form.cleaned_data["report"], by=request.user, at=database_now()),
        title="报告整改情况", button="提交整改报告", done="整改报告已提交，等待复查。", back=back, crumbs=crumbs,
        facts=[("检查意见", row.opinion), ("整改期限", f"{row.correct_by:%Y-%m-%d}" if row.correct_by else "—")],
    )  # fmt: skip


@open_to("supervisor")
@official_act("复查检查整改情况", target="检查 {number}")
def recheck(request, number):
    row, back, crumbs = found(request, number)
    form = forms.RecheckForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.recheck_correction(row, **form.cleaned_data, by=request.user, at=database_now()), title="复查整改情况",
        button="登记复查结果", done="复查结果已登记。", back=back, crumbs=crumbs, facts=[("检查意见", row.opinion), ("整改报告", row.report)],
    )  # fmt: skip
