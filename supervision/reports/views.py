from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from documents.actions import store_file
from rulebook.clock import database_now
from rulebook.refusals import Refused
from supervision.reports import actions, forms
from supervision.reports.models import OffPlatformReport
from web.doors import open_to


@open_to("signed_in")
def report(request):
    """Report a deal that should have been made on the platform."""
    form = forms.OffPlatformForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        good, now = form.cleaned_data, database_now()
        try:
            # Kept as the reporter's own, whatever unit they act for: their unit is not to learn of it.
            evidence = good.pop("evidence")
            evidence = evidence and store_file(evidence, by=request.user, organisation=None, purpose="report", at=now)
            made = actions.report_off_platform(**good, evidence=evidence, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"举报 {made.number} 已收到，监督部门会核查处置。")
            return redirect("supervision:own_reports")
    return render(request, "supervision/reports/report.html", {"form": form})


@open_to("signed_in")
@require_safe
def own_reports(request):
    """What one has reported, and what the supervisors found."""
    rows = OffPlatformReport.objects.filter(reporter=request.user).select_related("alert")
    return render(request, "supervision/reports/own.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})
