"""The counters of the simulated bank and issuer. Only where the platform is being tried out."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.demo.bank import api, banking, issuing
from config.demo.bank.forms import PaymentForm
from config.demo.bank.models import BankInstruction, BankLine, Callback, GuaranteeFile
from config.demo.views import console_only
from rulebook.clock import database_now
from rulebook.refusals import Refused
from web.doors import open_to

SHOWN = 30


@open_to("public")
def bank(request):
    """Pay as a customer would, watch refunds arrive, and tell the platform: in order, late, or twice."""
    console_only()
    form = PaymentForm(request.POST or None, initial={name: request.GET.get(name, "") for name in PaymentForm.base_fields})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["at"] and given["at"] > database_now():
            form.add_error("at", "到账时间不能晚于现在")
        else:
            payer = {"name": given["name"], "account": given["payer"], "bank": given["bank"]}
            line = banking.pay(given["account"].strip(), given["amount"], payer, at=given["at"], tell=not given["hold"])
            messages.success(request, f"已付款，流水号 {line.reference}。")
            return redirect("demobank:bank")
    return render(
        request, "demo/bank.html",
        {
            "form": form, "lines": BankLine.objects.select_related("reversal")[:SHOWN], "instructions": BankInstruction.objects.all()[:SHOWN],
            "callbacks": Callback.objects.filter(source="bank")[:SHOWN],
        },
    )  # fmt: skip


@open_to("public")
@require_POST
def bank_move(request, pk):
    """Reverse a payment, settle a refund, or send a notice (again)."""
    console_only()
    move = request.POST.get("move")
    if move == "reverse":
        banking.reverse(get_object_or_404(BankLine, pk=pk))
    elif move in ("pay", "fail"):
        banking.settle(get_object_or_404(BankInstruction, pk=pk), paid=move == "pay")
    elif move == "send":
        messages.info(request, banking.send(get_object_or_404(Callback, pk=pk, source="bank")).answer)
    return redirect("demobank:bank")


@open_to("public")
@require_POST
def settle_all(request):
    console_only()
    banking.settle_all()
    return redirect("demobank:bank")


@open_to("public")
def issuer(request):
    """Issue what bidders have applied for, or take it back."""
    console_only()
    if request.method == "POST":
        row = get_object_or_404(GuaranteeFile, pk=request.POST.get("file") or 0)
        if request.POST.get("move") == "issue":
            told = issuing.issue(row)
        elif request.POST.get("move") == "short":
            told = issuing.issue(row, amount=(row.amount / 2).quantize(row.amount))
        elif request.POST.get("move") == "revoke":
            told = issuing.revoke(row)
        else:
            raise Refused("unknown_move", "没有这项操作。", status=400)
        messages.success(request, told.answer)
        return redirect("demobank:issuer")
    rows = GuaranteeFile.objects.all()[:SHOWN]
    return render(request, "demo/issuer.html", {"rows": rows, "wanted": request.GET.get("application", ""), "names": issuing.NAMES})


@open_to("public")
@csrf_exempt
@require_POST
def door(request, path):
    """The simulated partners' HTTP interface, for whoever wants to see the messages on the wire."""
    console_only()
    status, body = api.answer(f"/{path}", request.headers, request.body)
    return HttpResponse(body, status=status, content_type="application/json")
