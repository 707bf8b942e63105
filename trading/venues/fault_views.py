"""Fault tickets of the rooms."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render

from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.venues import actions, forms
from trading.venues.models import VenueFault
from trading.venues.queries import troubled_by
from web.doors import open_to


@open_to("staff")
def faults(request):
    """What is broken, which bookings it troubles, what was repaired; and reporting a fault."""
    now = database_now()
    form = forms.FaultForm(request.POST or None, initial={"venue": request.GET.get("venue", "")})
    if request.method == "POST" and form.is_valid():
        good = form.cleaned_data
        try:
            actions.report_fault(good.pop("venue"), **good, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "故障已登记，场地管理人员已收到通知。")
            return redirect("trading:faults")
    rows = VenueFault.objects.select_related("venue", "reported_by", "repaired_by")
    page = Paginator(rows.exclude(repaired_at=None).order_by("-repaired_at"), 20).get_page(request.GET.get("page"))
    waiting = [(row, troubled_by(row, now)) for row in rows.filter(repaired_at=None)]
    return render(request, "trading/venues/faults.html", {"form": form, "waiting": waiting, "page": page, "today": city_day(now)})


@open_to("staff")
def repair(request, pk):
    """Write down how a fault was repaired."""
    fault = get_object_or_404(VenueFault.objects.select_related("venue"), pk=pk)
    form = forms.RepairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.repair_fault(fault, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已登记排除，场地恢复使用。")
            return redirect("trading:faults")
    return render(request, "trading/venues/repair.html", {"fault": fault, "form": form})
