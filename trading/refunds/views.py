from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from guardian.shortcuts import get_objects_for_user

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from accounts.stepup import official_act
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.deposits import actions as deposits
from trading.deposits.books import held, trial_balance
from trading.deposits.forms import ConclusionForm, StatementForm
from trading.deposits.models import (
    BankNotice,
    DepositAccount,
    DepositDisclosure,
    DepositRefund,
    Guarantee,
    Reconciliation,
    ReconciliationDifference,
)
from trading.deposits.queries import hidden_lots, totals
from trading.procedures.rules.deposits import WITHHOLDING_ANSWER
from trading.projects.models import Lot, Tender
from trading.projects.queries import MANAGE, SUPERVISE
from trading.refunds import actions, queries
from trading.refunds.forms import WithholdingForm
from trading.refunds.models import DepositWithholding
from web.doors import open_to


def seen_tenders(request):
    """All tenders for the centre's people, the supervised ones for a regulator's."""
    if "staff" in request.audiences:
        return Tender.objects.all()
    return get_objects_for_user(request.user, SUPERVISE, Tender)


@open_to("staff", "supervisor")
@require_safe
def desk(request):
    """What is to go back and when, what could not be recognised, what is withheld, and whether the books agree with the bank."""
    staff, now, tenders = "staff" in request.audiences, database_now(), seen_tenders(request)
    refunds = queries.all_refunds() if staff else queries.refunds_of(tenders)
    shown = refunds.exclude(state=DepositRefund.State.PAID) if request.GET.get("all") != "1" else refunds.order_by("-ordered_at")
    page = Paginator(shown, 20).get_page(request.GET.get("page"))
    lots = Paginator(queries.lots_past_deadline(tenders), 10).get_page(request.GET.get("lots"))
    count, amount, overdue = queries.waiting(refunds, now)
    return render(
        request, "trading/refunds/desk.html",
        {
            "staff": staff, "now": now, "page": page, "rows": [(row, row.is_overdue(now)) for row in page], "lots": lots, "totals": totals(lots),
            "count": count, "amount": amount, "overdue": overdue, "withholdings": queries.withholdings_of(tenders)[:20],
            "unidentified": queries.unidentified() if staff else [], "differences": queries.open_differences() if staff else [],
            "last": Reconciliation.objects.order_by("-day").first() if staff else None, "statement": StatementForm(initial={"day": city_day(now)}),
        },
    )  # fmt: skip


MOVES = {
    "return": "退回未识别款项", "retry": "重新退付保证金", "execute": "执行不予退还保证金的决定", "reconcile": None, "settle": None, "send": None,
}  # fmt: skip


@open_to("staff")
@require_POST
@official_act(MOVES, target="保证金")
def desk_move(request):
    """One step of the desk; each names its row."""
    require_duty(request.user, Organisation.Kind.CENTRE, Duty.DEPOSITS)
    now, move, pk = database_now(), request.POST.get("move"), request.POST.get("row") or 0
    if move == "return":
        deposits.return_unidentified(get_object_or_404(BankNotice, pk=pk), by=request.user, at=now)
        said = "已安排原路退回。"
    elif move == "retry":
        deposits.retry_refund(get_object_or_404(DepositRefund, pk=pk), by=request.user, at=now)
        said = "已重新安排退付。"
    elif move == "execute":
        actions.execute_withholding(get_object_or_404(DepositWithholding, pk=pk), by=request.user, at=now)
        said = "决定已执行，款项划付招标人。"
    elif move == "send":
        for refund in DepositRefund.objects.filter(state=DepositRefund.State.ORDERED):
            deposits.send_refund(refund, at=now)
        said = "退付指令已发送银行。"
    elif move == "reconcile":
        said = reconciled(request, now)
    elif move == "settle":
        form = ConclusionForm(request.POST)
        conclusion = form.cleaned_data["conclusion"] if form.is_valid() else ""
        deposits.settle_difference(get_object_or_404(ReconciliationDifference, pk=pk), conclusion, by=request.user, at=now)
        said = "差异已处理。"
    else:
        raise Refused("unknown_move", "没有这项操作。", status=400)
    messages.success(request, said)
    return redirect("trading:deposit_desk")


def reconciled(request, now):
    form = StatementForm(request.POST)
    if not form.is_valid():
        raise Refused("no_day", "请填写对账日期。", field="day", status=400)
    found = deposits.reconcile(form.cleaned_data["day"], by=request.user, at=now).differences.count()
    return f"对账完成，{found} 处不一致。" if found else "对账完成，账实相符。"


@open_to("staff", "supervisor")
@require_safe
def books(request):
    """The trial balance. Lots that still take bids are left out: their sums would tell how many have paid."""
    rows = trial_balance(hidden_lots())
    sums = [sum(row[side] for row in rows) for side in (1, 2)]
    return render(
        request, "trading/refunds/books.html", {"rows": rows, "debit": sums[0], "credit": sums[1], "hidden": hidden_lots().count()}
    )


def owned_lot(request, number, no):
    """A lot that the acting tenderee owns, or that the agency handles."""
    lot = get_object_or_404(Lot.objects.select_related("tender__project__owner"), tender__number=number, no=no)
    if lot.tender.project.owner != request.organisation and not request.user.has_perm(MANAGE, lot.tender):
        raise Http404
    return lot


def withholdable(lot):
    """{key: (deposit, label)} of what is still held for a lot whose deposits are disclosed."""
    if not DepositDisclosure.objects.filter(lot=lot).exists():
        return {}
    found = {}
    for account in DepositAccount.objects.filter(lot=lot).select_related("bidder"):
        if amount := held(account):
            found[f"account-{account.pk}"] = (account, f"{account.bidder.name}（转账 {amount:,.2f} 元）")
    for guarantee in Guarantee.objects.filter(lot=lot, state=Guarantee.State.ISSUED).select_related("bidder"):
        found[f"guarantee-{guarantee.pk}"] = (
            guarantee,
            f"{guarantee.bidder.name}（{guarantee.get_kind_display()} {guarantee.amount:,.2f} 元）",
        )
    return found


@open_to("agency", "tenderee")
@official_act("决定不予退还投标保证金", target="{number} 第 {no} 标段")
def withholding(request, number, no):
    """The tenderee decides that a deposit does not go back, with facts and reasons; its agency may look on."""
    lot = owned_lot(request, number, no)
    found = withholdable(lot)
    form = WithholdingForm(request.POST or None, deposits=found)
    if request.method == "POST" and form.is_valid():
        deposit, _ = found[form.cleaned_data["deposit"]]
        try:
            actions.decide_withholding(
                deposit, form.cleaned_data["ground"], form.cleaned_data["reason"], by=request.user, at=database_now()
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "决定已作出并送达投标人，异议期满后由交易中心执行。")
            return redirect("trading:withholding", number, no)
    return render(
        request, "trading/refunds/withholding.html",
        {
            "lot": lot, "tender": lot.tender, "form": form, "found": found, "owns": lot.tender.project.owner == request.organisation,
            "disclosed": DepositDisclosure.objects.filter(lot=lot).exists(), "now": database_now(), "period": WITHHOLDING_ANSWER.words(),
            "decisions": [row for row in queries.withholdings_of([lot.tender]) if row.deposit.lot_id == lot.pk],
        },
    )  # fmt: skip


@open_to("tenderee")
@require_POST
@official_act({"answer": "答复对不予退还保证金的异议", "revoke": "撤销不予退还保证金的决定"}, target="决定 {pk}")
def withholding_move(request, pk):
    """Answer the bidder's objection, or give way."""
    row = get_object_or_404(DepositWithholding, pk=pk)
    lot = row.deposit.lot
    if lot.tender.project.owner != request.organisation:
        raise Http404
    now, text = database_now(), request.POST.get("text", "")
    if request.POST.get("move") == "answer":
        actions.answer_objection(row, text, by=request.user, at=now)
        messages.success(request, "答复已送达投标人。")
    else:
        actions.revoke_withholding(row, text, by=request.user, at=now)
        messages.success(request, "决定已撤销，保证金按规定退还。")
    return redirect("trading:withholding", lot.tender.number, lot.no)


@open_to("bidder")
@require_POST
def object_to_withholding(request, pk):
    """The bidder objects to the decision about its own deposit."""
    row = get_object_or_404(DepositWithholding, pk=pk)
    if row.deposit.bidder != request.organisation:
        raise Http404
    actions.object_to_withholding(row, request.POST.get("objection", ""), by=request.user, at=database_now())
    messages.success(request, "异议已提交，招标人答复前不会执行。")
    return redirect("trading:deposit", row.deposit.lot.tender.number, row.deposit.lot.no)
