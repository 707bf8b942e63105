from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.deposits import actions, forms
from trading.deposits.models import BankNotice, DepositEntry, DepositRefund, Guarantee
from trading.deposits.queries import Standing, standing_of, standings, validity_of
from trading.deposits.secrecy import tag_of
from trading.procedures.rules.deposits import Occasion, demand_rate, return_of
from trading.projects.models import Lot
from trading.tenders.models import DocumentHolder
from trading.tenders.queries import require_open_to
from web.doors import open_to
from web.live import unchanged, versioned

# More than any callback needs.
LARGEST_NOTICE = 64 * 1024


def held_lot(request, number, no):
    """A lot whose tender document the acting bidder holds."""
    lot = get_object_or_404(
        Lot.objects.select_related("tender__document", "tender__project"), tender__number=number, no=no, tender__published_at__isnull=False
    )  # fmt: skip
    require_open_to(lot.tender, request.organisation)
    if not DocumentHolder.objects.filter(tender=lot.tender, organisation=request.organisation).exists():
        raise Refused("no_document", "你单位尚未获取本项目的招标文件。", next_step="请在项目页面获取（免费）。", status=403)
    return lot


@open_to("bidder")
@never_cache
def deposit(request, number, no):
    """One's own deposit for a lot: choose how, see what has arrived and what goes back."""
    lot = held_lot(request, number, no)
    claim = forms.ClaimForm(request.POST or None)
    if request.method == "POST" and claim.is_valid():
        try:
            actions.claim_payment(lot, request.organisation, claim.cleaned_data["reference"].strip(), by=request.user, at=database_now())
        except Refused as refusal:
            claim.add_refusal(refusal)
        else:
            messages.success(request, "已认领，款项已计入本标段。")
            return redirect("trading:deposit", number, no)
    return render(request, "trading/deposits/deposit.html", facts_of(request, lot) | {"claim": claim})


@open_to("bidder")
@require_safe
def deposit_live(request, number, no):
    """The parts of the page that change, for polling."""
    facts = facts_of(request, held_lot(request, number, no))
    version = facts["terms"]["version"]
    return unchanged(request, version) or versioned(render(request, "trading/deposits/_live.html", facts), version)


OCCASIONS = {
    Occasion.WITHDRAWN: "截止前撤回投标", Occasion.LOST: "未中标", Occasion.WON: "中标并签订合同", Occasion.TERMINATED: "招标终止",
    Occasion.FAILED: "招标失败", Occasion.NOT_BID: "缴纳后没有投标",
}  # fmt: skip


def returns_of(lot):
    rules = [(label, return_of(lot.tender.project.category, occasion)) for occasion, label in OCCASIONS.items()]
    return [{"label": label, "says": rule.period.says, "adds": adds_of(rule)} for label, rule in rules]


def adds_of(rule):
    """What the rule's own words leave open about interest."""
    if "利息" in rule.period.says:
        return ""
    return "，并付银行同期存款利息" if rule.interest else "，不计利息"


def facts_of(request, lot):
    bidder, now, tag = request.organisation, database_now(), tag_of(lot, request.organisation)
    standing: Standing = standing_of(lot, bidder)
    account = standing.account
    console = (
        {
            "account": account.number,
            "amount": standing.missing,
            "name": bidder.name,
            "payer": bidder.basic_account,
            "bank": bidder.basic_bank,
        }
        if account
        else {}
    )
    decisions = [
        *(account.withholdings.all() if account else []),
        *(row for each in Guarantee.objects.filter(tag=tag) for row in each.withholdings.all()),
    ]
    entries = account.entries.select_related("notice") if account else DepositEntry.objects.none()
    refunds = account.refunds.exclude(reason=DepositRefund.Reason.WITHHELD) if account else DepositRefund.objects.none()
    guarantees = Guarantee.objects.filter(tag=tag)
    seen = [entries.count(), *refunds.values_list("state", flat=True), *guarantees.values_list("state", flat=True)]
    return {
        "terms": {"version": "-".join(map(str, seen)), "live_url": f"/me/bids/{lot.tender.number}/{lot.no}/deposit/live/"},
        "withholdings": decisions, "returns": returns_of(lot), "rate": demand_rate(city_day(now)),
        "lot": lot, "tender": lot.tender, "standing": standing, "account": account, "now": now, "open": lot.is_open_for_bids(now),
        "guarantees": guarantees, "guarantee_form": forms.GuaranteeForm(), "validity": validity_of(lot) if lot.bids_due_at else None,
        "entries": entries.filter(kind__in=[DepositEntry.Kind.RECEIVED, DepositEntry.Kind.CLAIMED]), "refunds": refunds,
        "reversed": set(entries.filter(kind=DepositEntry.Kind.REVERSED, notice__kind="reversal").values_list("notice__about", flat=True)),
        "collector": settings.ETP_COLLECTOR, "console": f"/demo-bank/?{urlencode(console)}" if settings.ETP_CONSOLES and account else "",
    }  # fmt: skip


@open_to("bidder")
@require_POST
def open_account(request, number, no):
    actions.open_account(held_lot(request, number, no), request.organisation, by=request.user, at=database_now())
    messages.success(request, "缴款账号已开立，只供你单位缴纳本标段保证金使用。")
    return redirect("trading:deposit", number, no)


@open_to("bidder")
@require_POST
def apply_for_guarantee(request, number, no):
    """Apply at the issuer; the bidder goes on at the issuer's own page."""
    form = forms.GuaranteeForm(request.POST)
    if not form.is_valid():
        raise Refused("no_kind", "请选择保函种类。", status=400)
    lot = held_lot(request, number, no)
    _, url = actions.apply_for_guarantee(lot, request.organisation, form.cleaned_data["kind"], by=request.user, at=database_now())
    messages.success(request, "已向出具机构提交申请，出具后自动验真，结果显示在本页。")
    return redirect(url if settings.ETP_CONSOLES else f"/me/bids/{number}/{no}/deposit/")


@open_to("bidder")
@require_safe
@never_cache
def deposits(request):
    """Everything the bidder has put up, and what is on its way back."""
    held = DocumentHolder.objects.filter(organisation=request.organisation).values("tender")
    lots = list(Lot.objects.filter(tender__in=held, deposit__gt=0).select_related("tender").order_by("-bids_due_at"))
    known = standings(lots, request.organisation)
    mine = [lot for lot in lots if known[lot].account or known[lot].guarantee]
    accounts = [known[lot].account.pk for lot in mine if known[lot].account]
    refunds = DepositRefund.objects.filter(account__in=accounts).exclude(reason=DepositRefund.Reason.WITHHELD)
    page = Paginator(mine, 20).get_page(request.GET.get("page"))
    return render(
        request, "trading/deposits/deposits.html",
        {
            "page": page, "rows": [(lot, known[lot]) for lot in page], "now": database_now(),
            "refunds": refunds.select_related("account__lot__tender").order_by("-ordered_at")[:50],
        },
    )  # fmt: skip


def take_in(request, source):
    """Answer a callback: 200 with what became of it, also when it was known already; anything else is not taken in."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_NOTICE:
        return JsonResponse({"code": "too_large"}, status=413)
    try:
        notice = actions.receive(source, method=request.method, path=request.path, headers=request.headers, body=request.body)
    except Refused as refused:
        return JsonResponse({"code": refused.code, "message": refused.message}, status=refused.status)
    return JsonResponse({"reference": notice.reference, "state": notice.state, "repeats": notice.repeats})


@open_to("public")
@csrf_exempt
@require_POST
def bank_notice(request):
    """The bank reports a movement; its signature is what lets it in."""
    return take_in(request, BankNotice.Source.BANK)


@open_to("public")
@csrf_exempt
@require_POST
def issuer_notice(request):
    """An issuer reports a guarantee; its signature is what lets it in."""
    return take_in(request, BankNotice.Source.ISSUER)
