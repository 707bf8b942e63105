from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.stepup import official_act
from documents.actions import store_file
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.outages import actions, forms
from trading.outages.models import LotExtension, Outage
from trading.outages.queries import months_of, rule_on
from web.doors import open_to


@open_to("public")
@require_safe
def availability(request):
    """How reliably the platform was there, which outages it had, and what they did to deadlines."""
    now = database_now()
    rows = Outage.objects.filter(state__in=[Outage.State.OPEN, Outage.State.CONFIRMED])
    rows = rows.prefetch_related(
        Prefetch("extensions", LotExtension.objects.filter(lot__tender__private=False).select_related("lot__tender", "certificate"))
    )
    return render(
        request, "trading/outages/availability.html",
        {"page": Paginator(rows, 20).get_page(request.GET.get("page")), "months": months_of(now), "rule": rule_on(now), "now": now},
    )  # fmt: skip


@open_to("staff")
@official_act("报告平台故障", target="平台故障")
def outages(request):
    """The operator's desk: report what the platform could not see itself; settle what another reported."""
    now = database_now()
    form = forms.OutageForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        evidence = store_file(data.pop("evidence"), by=request.user, organisation=request.organisation, purpose="outage", at=now)
        try:
            made = actions.declare_outage(**data, evidence=evidence, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"故障 {made.number} 已报告，等待另一位工作人员复核。")
            return redirect("trading:outages")
    rows = Outage.objects.select_related("declared_by", "confirmed_by", "evidence").prefetch_related("extensions__lot__tender")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "trading/outages/outages.html", {"form": form, "page": page, "rule": rule_on(now), "now": now})


MOVES = {"confirm": "确认平台故障", "refuse": "不认定平台故障", "doubt": None}


@open_to("staff")
@require_POST
@official_act(MOVES, target="故障 {number}")
def settle_outage(request, number):
    found = get_object_or_404(Outage, number=number)
    move, now = request.POST.get("move"), database_now()
    if move == "doubt":
        actions.doubt_outage(found, reason=request.POST.get("reason", ""), by=request.user, at=now)
        messages.success(request, "已提出疑问，等待另一位工作人员复核。")
    elif move in MOVES:
        actions.settle_declaration(found, accepted=move == "confirm", by=request.user, at=now)
        messages.success(request, "复核结果已登记。受影响的截止时间由平台自动顺延。" if move == "confirm" else "已登记不予认定。")
    return redirect("trading:outages")
