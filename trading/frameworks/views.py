from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.stepup import official_act
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.frameworks import actions, forms
from trading.frameworks.models import FrameworkCatalogue, FrameworkItem, FrameworkOrder
from trading.frameworks.pages import catalogue_page, described, medical_page, order_page, own_frameworks, waiting_lots, waits_for
from trading.frameworks.queries import PARTIES, entrants_of, orders_for, require_open, running_catalogues, suppliers_of
from trading.frameworks.rules import ANSWER, COMPETITION_TIME, cite
from trading.frameworks.sides import sides_of
from trading.frameworks.steps import ACTS, STEPS
from trading.projects.models import Lot
from trading.projects.queries import may_handle
from web.doors import open_to

PAGE = 20
EVERY_SIDE = ("agency", "tenderee", "bidder", "supervisor", "staff")


def found_catalogue(number, no):
    rows = FrameworkCatalogue.objects.select_related(*PARTIES)
    return get_object_or_404(rows, lot__tender__number=number, lot__no=no)


@open_to("public")
@require_safe
def frameworks(request):
    """Every framework that runs."""
    page = Paginator(running_catalogues(database_now()), PAGE).get_page(request.GET.get("page"))
    return render(request, "trading/frameworks/frameworks.html", {"page": page, "rows": described(list(page))})


@open_to("public")
@require_safe
def framework(request, number, no):
    """A framework's catalogue: items, agreed prices, suppliers with their ratings, and the deals that were published."""
    found = found_catalogue(number, no)
    return render(request, "trading/frameworks/framework.html", catalogue_page(found, request, database_now()))


@open_to("public")
@require_safe
def medical(request):
    """The drugs and devices of every framework that runs, what was bought of them, and whether their registration holds."""
    wanted = request.GET.get("q", "").strip()[:60]
    return render(request, "trading/frameworks/medical.html", medical_page(wanted, request.GET.get("page"), database_now()))


@open_to(*EVERY_SIDE)
@require_safe
def desk(request):
    """What the organisation has to do with frameworks: orders, catalogues to keep, prices, frameworks to order under."""
    now, organisation = database_now(), request.organisation
    page = Paginator(orders_for(organisation), PAGE).get_page(request.GET.get("page"))
    running = described(running_catalogues(now)[:PAGE])
    return render(
        request, "trading/frameworks/desk.html",
        {
            "page": page, "rows": [(row, waits_for(row, organisation, now)) for row in page], "running": running,
            "waiting": waiting_lots(request.user), "own": own_frameworks(request.user), "purchaser": "tenderee" in request.audiences,
            "entered": [row for row in running if organisation.uscc in row["entrants"]],
        },
    )  # fmt: skip


def handled_lot(request, number, no):
    """A lot that the visitor works on; for others it does not exist."""
    lot = get_object_or_404(Lot.objects.select_related("tender__project__owner", "tender__project__agency"), tender__number=number, no=no)
    if not may_handle(request.user, lot.tender):
        raise Http404
    return lot


KEEPING = {"open": "开通协议目录", "add": "登记协议品目", "withdraw": "停用协议品目"}


@open_to("agency", "tenderee")
@official_act(KEEPING, target="{number} 第 {no} 标段协议目录")
def catalogue(request, number, no):
    """The collector opens the catalogue, adds items with their agreed prices, and withdraws them."""
    lot = handled_lot(request, number, no)
    found, move = FrameworkCatalogue.objects.filter(lot=lot).first(), request.POST.get("move", "")
    if move == "withdraw":
        item = get_object_or_404(FrameworkItem, catalogue=found, pk=request.POST.get("item") or 0)
        actions.withdraw_item(item, reason=request.POST.get("reason", ""), by=request.user, at=database_now())
        messages.success(request, "品目已停用。")
        return redirect("trading:framework_catalogue", number, no)
    form = item_form(found, request.POST or None) if found else forms.OpeningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keep(found, lot, form, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "品目已登记并公开。" if found else "协议目录已开通，请登记品目和协议价格。")
            return redirect("trading:framework_catalogue", number, no)
    items = found.items.select_related("article").prefetch_related("prices__supplier") if found else []
    context = {"lot": lot, "tender": lot.tender, "catalogue": found, "form": form, "items": items, "suppliers": suppliers_of(lot)}
    return render(request, "trading/frameworks/catalogue.html", context)


def item_form(found, posted):
    return (forms.ArticleForm if found.is_medical else forms.ItemForm)(posted, lot=found.lot)


def keep(found, lot, form, *, by, at):
    said = form.cleaned_data
    if found is None:
        return actions.open_catalogue(lot, **said, by=by, at=at)
    given = {name: said[name] for name in ("line", "name", "spec", "unit", "ceiling", "as_responded") if name in said}
    if found.is_medical:
        given["article"] = form.article
    return actions.add_item(found, **given, prices=form.prices, by=by, at=at)


@open_to("bidder")
def prices(request, number, no):
    """A supplier's agreed prices, which it may lower at any time."""
    found, organisation = found_catalogue(number, no), request.organisation
    if organisation.uscc not in entrants_of(found.lot):
        raise Http404
    rows, posted = [], request.POST.get("row", "")
    for row in forms.own_prices(organisation, item__catalogue=found).prefetch_related("cuts"):
        form = forms.CutForm(request.POST if posted == str(row.pk) else None, auto_id=f"{row.pk}_%s")
        rows.append({"row": row, "form": form, "open": posted == str(row.pk)})
    chosen = next((each for each in rows if each["open"]), None)
    if request.method == "POST" and chosen and chosen["form"].is_valid():
        try:
            actions.lower_price(chosen["row"], chosen["form"].cleaned_data["price"], by=request.user, at=database_now())
        except Refused as refusal:
            chosen["form"].add_refusal(refusal)
        else:
            messages.success(request, "新的单价已生效并公开。")
            return redirect("trading:framework_prices", number, no)
    return render(
        request, "trading/frameworks/prices.html", {"catalogue": found, "lot": found.lot, "tender": found.lot.tender, "rows": rows}
    )


@open_to("tenderee")
@official_act("框架协议下单", target="{number} 第 {no} 标段")
def new_order(request, number, no):
    """A purchaser orders under a framework."""
    found, now = found_catalogue(number, no), database_now()
    require_open(found.lot, now)
    form = forms.OrderForm(request.POST or None, catalogue=found, on=city_day(now))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        given = {name: said.get(name) for name in ("subject", "need", "contact", "supplier", "quote_due_at")}
        try:
            made = actions.place_order(found, purchaser=request.organisation, **given, quantities=form.quantities, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "订单已提交。")
            return redirect("trading:framework_order", made.number)
    context = {**catalogue_page(found, request, now), "form": form, "rules": [cite(ANSWER), cite(COMPETITION_TIME)]}
    return render(request, "trading/frameworks/order_form.html", context)


def seen_order(request, number):
    """An order and the sides on which the visitor stands; 404 for strangers."""
    rows = FrameworkOrder.objects.select_related(
        "purchaser", "supplier", "paper", "record__notice", *(f"catalogue__{each}" for each in PARTIES)
    )
    found = get_object_or_404(rows, number=number)
    sides = sides_of(request.user, request.organisation, found)
    if not sides:
        raise Http404
    return found, sides


@open_to(*EVERY_SIDE)
@require_safe
def order(request, number):
    """One order from its need to its rating, as the visitor's side may see it."""
    found, sides = seen_order(request, number)
    return render(request, "trading/frameworks/order.html", order_page(found, sides, request.organisation, database_now()))


@open_to("agency", "tenderee", "bidder")
@official_act(ACTS, target="框架协议订单 {number}")
def step(request, number, step):
    """One step on an order: its form, and the act."""
    found, sides = seen_order(request, number)
    wanted, now = STEPS.get(step), database_now()
    # The form names the step it posts, and that is the act the person signs.
    if wanted is None or wanted.side not in sides or request.POST.get("move", step) != step:
        raise Http404
    form = wanted.form(request.POST if request.method == "POST" else None, order=found, organisation=request.organisation)
    if request.method == "POST" and form.is_valid():
        try:
            wanted.do(found, form, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, wanted.done)
            return redirect("trading:framework_order", number)
    context = {**order_page(found, sides, request.organisation, now), "step": wanted, "name": step, "form": form}
    return render(request, "trading/frameworks/step.html", context)
