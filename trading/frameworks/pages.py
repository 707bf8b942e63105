"""The pages of frameworks and orders, put together for whoever looks."""

from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import Count, Min, Q, Sum
from guardian.shortcuts import get_objects_for_user

from accounts.models import Organisation
from rulebook.clock import city_day
from trading.frameworks.forms import items_in_use
from trading.frameworks.models import AgreedPrice, FrameworkCatalogue, FrameworkOrder, OrderDelivery
from trading.frameworks.queries import (
    PARTIES,
    PROCEDURE,
    entrants_of,
    figures_of,
    is_running,
    medical_items,
    next_in_turn,
    prices_of,
    ratings_of,
    suppliers_of,
    term_of,
    turns_taken,
    way_of,
)
from trading.frameworks.rules import ANNOUNCED_WAY, CEILING_PRICE, LOWEST_QUOTE, ROTATION
from trading.frameworks.sides import COLLECTOR, INVITED, PURCHASER, SUPPLIER, WATCHER
from trading.frameworks.steps import turns_of
from trading.procedures.models import Milestone, StepRecord
from trading.procedures.records import records_of
from trading.projects.models import Lot, Tender
from trading.projects.queries import MANAGE, may_handle

State = FrameworkOrder.State
WAY_RULES = {"direct": ANNOUNCED_WAY, "competition": LOWEST_QUOTE, "rotation": ROTATION}
MOST_DEALS = 50


def catalogue_page(catalogue, request, at):
    """Items with every supplier's price, suppliers with their ratings, deals, and what the visitor may do here."""
    lot = catalogue.lot
    suppliers, prices, ratings, turns = suppliers_of(lot), prices_of(catalogue), ratings_of(lot), turns_taken(lot)
    deals = list(records_of(lot).filter(step="call_off").select_related("notice", "order__supplier"))
    won = [code for row in deals for code in row.data["winner"]]
    in_use, today = items_in_use(catalogue), city_day(at)
    items = [
        {"item": item, "expired": item.is_expired(today), "prices": [(each, prices.get(each.pk, {}).get(item.pk)) for each in suppliers]}
        for item in in_use
    ]
    organisation = request.organisation
    running = is_running(lot, at)
    way = way_of(lot)
    return {
        "catalogue": catalogue, "lot": lot, "tender": lot.tender, "items": items, "running": running, "term": term_of(lot), "way": way,
        "way_label": FrameworkOrder.Way(way).label, "way_rule": WAY_RULES[way], "price_rule": CEILING_PRICE,
        "suppliers": [
            {"supplier": each, "rating": ratings.get(each.pk), "deals": won.count(each.uscc), "turns": turns.get(each.uscc, 0)} for each in suppliers
        ],
        "figures": bought(in_use) if catalogue.is_medical else [], "deals": deals[::-1][:MOST_DEALS], "may_order": running and "tenderee" in request.audiences,
        "may_keep": request.user.is_authenticated and may_handle(request.user, lot.tender),
        "entered": organisation is not None and organisation.uscc in entrants_of(lot),
        "reviews": FrameworkOrder.objects.filter(catalogue=catalogue).exclude(rating=None).select_related("supplier", "purchaser")[:20],
    }  # fmt: skip


def bought(items):
    """[item, its figures] of what was bought at all."""
    figures = figures_of(items)
    return [(item, figures[item.pk]) for item in items if item.pk in figures]


def medical_page(wanted, page, at):
    """Drugs and devices with their lowest price and what was bought, and the sums of all of them."""
    rows, today = medical_items(at, wanted), city_day(at)
    shown = Paginator(rows, 30).get_page(page)
    figures, lowest = (
        figures_of(list(shown)),
        dict(AgreedPrice.objects.filter(item__in=list(shown)).values_list("item").annotate(Min("price"))),
    )
    orders = FrameworkOrder.objects.filter(catalogue__kind=FrameworkCatalogue.Kind.MEDICAL, decided_at__isnull=False)
    sums = orders.aggregate(
        orders=Count("pk"), hospitals=Count("purchaser", distinct=True), suppliers=Count("supplier", distinct=True), amount=Sum("amount")
    )
    return {
        "page": shown, "wanted": wanted, "sums": sums,
        "rows": [
            {"item": item, "lowest": lowest.get(item.pk), "figures": figures.get(item.pk), "expired": item.is_expired(today)} for item in shown
        ],
    }  # fmt: skip


def order_page(order, sides, organisation, at):
    """One order. What was quoted in a competition is here for nobody before it is opened; who lost or gave it up sees the result, and nothing of its deliveries."""
    opened = order.way == FrameworkOrder.Way.COMPETITION and order.state not in (State.COMPETING, State.CANCELLED)
    inside = bool(sides & {PURCHASER, COLLECTOR, WATCHER})
    deal = inside or SUPPLIER in sides
    offers = order.offers.select_related("supplier")
    offers = offers if inside else offers.filter(supplier=organisation)
    items = {item.no: item for item in order.catalogue.items.all()}
    own = order.quotes.filter(supplier=organisation).order_by("no").last() if INVITED in sides else None
    return {
        "order": order, "lot": order.lot, "tender": order.lot.tender, "catalogue": order.catalogue, "sides": sides, "now": at,
        "lines": order.lines.select_related("item__article").prefetch_related("deliveries"),
        "deliveries": OrderDelivery.objects.filter(line__order=order).select_related("line__item") if deal else [],
        "offers": [{"offer": each, "quote": quoted(each, items)} for each in offers],
        "quotes": order.quotes.select_related("supplier").order_by("rank", "total") if opened else [], "opened": opened,
        "own_quote": own, "turns": turns_of(order, sides, at), "inside": deal,
        "next": next_in_turn(order) if order.state == FrameworkOrder.State.CHOOSING and order.way == FrameworkOrder.Way.ROTATION else None,
        "strip": strip_of(order),
    }  # fmt: skip


def quoted(offer, items):
    """A repair's quote in words: [item, quantity, price, amount], and its total."""
    rows = [(items[no], Decimal(quantity), Decimal(price)) for no, quantity, price in offer.quote]
    lines = [{"item": item, "quantity": quantity, "price": price, "amount": quantity * price} for item, quantity, price in rows]
    return {"lines": lines, "total": sum(line["amount"] for line in lines)} if lines else None


PLACES = {
    "asked": 0, "quoted": 0, "competing": 0, "choosing": 0, "decided": 1, "delivered": 2, "accepted": 3, "cancelled": 0, "failed": 0,
}  # fmt: skip


def strip_of(order):
    """Where the order stands, as the strip of steps shows it."""
    labels = ("下单与确定供应商", "成交与履行", "验收", "评价")
    place = 4 if order.rated_at else PLACES[order.state]
    return [
        {"label": label, "state": "done" if at < place else "now" if at == place and not order.ending else ""}
        for at, label in enumerate(labels)
    ]  # fmt: skip


def waits_for(order, organisation, at):
    """What an order waits for the organisation to do, in words; empty where it waits for others. Its offers are prefetched."""
    repair, offer = order.catalogue.is_repair, order.open_offer
    if order.purchaser_id == organisation.pk:
        rate = "评价供应商" if order.rated_at is None else ""
        words = {State.CHOOSING: "另选供应商", State.QUOTED: "确认报价", State.DELIVERED: "验收", State.ACCEPTED: rate}
        return words.get(order.state, "")
    if order.state == State.ASKED and offer is not None and offer.supplier_id == organisation.pk:
        return "提交维修报价" if repair else "确认订单"
    if order.state == State.DECIDED and order.supplier_id == organisation.pk:
        return "逐项交付" if order.catalogue.is_medical else "报告交付（完工）"
    bidding = order.state == State.COMPETING and at < order.quote_due_at and Organisation.Kind.BIDDER in organisation.kinds
    return "提交报价" if bidding else ""


def described(catalogues):
    """Catalogues as lists show them, in a few queries for all."""
    lots = [row.lot_id for row in catalogues]
    said = {}
    for record in StepRecord.objects.filter(lot__in=lots, void_at=None, step__in=["collection", "entrants"]).order_by("at", "pk"):
        said[record.lot_id, record.step] = record.data
    reached = {}
    for row in Milestone.objects.filter(lot__in=lots, name__in=["framework_start", "framework_end"]).order_by("at", "pk"):
        reached[row.lot_id, row.name] = city_day(row.at)
    in_use = FrameworkCatalogue.objects.filter(pk__in=[row.pk for row in catalogues])
    counts = dict(in_use.annotate(count=Count("items", filter=Q(items__withdrawn_at=None))).values_list("pk", "count"))
    return [
        {
            "catalogue": row, "lot": row.lot, "tender": row.lot.tender, "way": said[row.lot_id, "collection"]["second"],
            "entrants": said[row.lot_id, "entrants"]["entrants"], "items": counts[row.pk],
            "term": (reached[row.lot_id, "framework_start"], reached[row.lot_id, "framework_end"]),
        }
        for row in catalogues
    ]  # fmt: skip


def waiting_lots(person):
    """Frameworks that the visitor works on, signed and not yet opened to purchasers."""
    tenders = get_objects_for_user(person, MANAGE, Tender)
    rows = Lot.objects.filter(
        tender__in=tenders, tender__procedure=PROCEDURE, framework=None, steps__step="call_off_start", steps__void_at=None
    )
    return rows.select_related("tender").distinct()


def own_frameworks(person):
    """The catalogues that the visitor keeps."""
    rows = FrameworkCatalogue.objects.filter(lot__tender__in=get_objects_for_user(person, MANAGE, Tender))
    return rows.select_related(*PARTIES)
