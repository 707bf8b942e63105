"""Doors of a lot's bill of quantities: up and down as a spreadsheet, and the bidder's price table."""

from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from rulebook.refusals import Refused
from trading.projects.models import Lot
from trading.tenders import actions, forms
from trading.tenders.spreadsheet import read_bill, workbook_of
from trading.tenders.views import held_tender, managed
from web.doors import open_to

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@open_to("agency", "tenderee")
def bill(request, number, no):
    """A lot's bill of quantities, uploaded as a spreadsheet; one that does not fit is answered cell by cell and changes nothing."""
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    lot = get_object_or_404(Lot.objects.select_related("tender__document"), tender=tender, no=no)
    form = forms.BillForm(request.POST or None, request.FILES or None)
    problems = []
    if request.method == "POST" and "remove" in request.POST:
        actions.save_bill(lot, [], by=request.user)
        messages.success(request, "清单已移除，投标人不填分项报价表。")
        return redirect("trading:bill", number, no)
    if request.method == "POST" and form.is_valid():
        try:
            items, problems = read_bill(form.cleaned_data["file"])
            if not problems:
                actions.save_bill(lot, items, by=request.user)
                messages.success(request, f"清单已更新，共 {len(items)} 项。")
                return redirect("trading:bill", number, no)
        except Refused as refusal:
            form.add_refusal(refusal)
    page = Paginator(lot.bill.all(), 100).get_page(request.GET.get("page"))
    context = {"tender": tender, "document": document, "lot": lot, "form": form, "problems": problems, "page": page}
    return render(request, "trading/tenders/bill.html", context)


@open_to("agency", "tenderee")
@require_safe
def bill_sheet(request, number, no):
    """The spreadsheet to fill in, with the items there are."""
    lot = get_object_or_404(Lot, tender=managed(request, number), no=no)
    return sheet_of(lot, f"工程量清单-{number}-{no}.xlsx", for_bidder=False)


@open_to("bidder")
@require_safe
def price_sheet(request, number, no):
    """A holder's price table: everything but the prices is filled in. What is filled in stays in the bidder's browser."""
    lot = get_object_or_404(Lot, tender=held_tender(request, number), no=no)
    if not lot.bill.exists():
        raise Http404
    return sheet_of(lot, f"分项报价表-{number}-{no}.xlsx", for_bidder=True)


def sheet_of(lot, name, *, for_bidder):
    response = HttpResponse(workbook_of(list(lot.bill.all()), for_bidder=for_bidder), content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
