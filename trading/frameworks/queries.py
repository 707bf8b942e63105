"""What pages and actions want to know of a framework: its term, its entrants, prices, turns and ratings."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, F, Q, Sum

from accounts.models import Organisation
from credit.queries import is_excluded
from ledger.canonical import money
from rulebook.clock import city_day
from rulebook.money import yuan
from rulebook.periods import day_end
from rulebook.refusals import Refused
from trading.conduct.special import keep_call_offs
from trading.conduct.values import latest
from trading.frameworks.models import (
    AgreedPrice,
    FrameworkCatalogue,
    FrameworkItem,
    FrameworkOrder,
    OrderDelivery,
    OrderLine,
    OrderOffer,
)
from trading.frameworks.rules import CERTIFICATE, NOT_BARRED, WITHIN_TERM, cite
from trading.procedures.models import Milestone, StepRecord
from trading.procedures.reaching import milestones_of
from trading.procedures.records import records_of
from trading.projects.models import Lot
from trading.tenders.queries import require_running

PROCEDURE = "ZC-KJ"
PARTIES = ("lot__tender__project__owner", "lot__tender__project__agency", "lot__tender__project__regulator")
ENDED = (Lot.State.FAILED, Lot.State.TERMINATED)
WAYS = {label: value for value, label in FrameworkOrder.Way.choices}


def entrants_of(lot):
    """The codes of the suppliers that entered the framework, the first-ranked first."""
    row = latest(lot, "entrants")
    return row.data["entrants"] if row else []


def suppliers_of(lot):
    """The same as organisations, in their order."""
    codes = entrants_of(lot)
    return sorted(Organisation.objects.filter(uscc__in=codes), key=lambda each: codes.index(each.uscc))


def way_of(lot):
    """The way announced in the collection notice, as an order keeps it."""
    return WAYS[latest(lot, "collection").data["second"]]


def ceiling_of(lot):
    return Decimal(latest(lot, "collection").data["ceiling"])


def responses_of(lot):
    """{code: unit price} of the responses that were opened."""
    rows = records_of(lot).filter(step="responses").select_related("organisation")
    return {row.organisation.uscc: Decimal(row.data["price"]) for row in rows if row.data}


def term_of(lot):
    """(first day, last day) of the framework; None before the agreement is signed."""
    reached = milestones_of(lot.tender, lot)
    if not {"framework_start", "framework_end"} <= set(reached):
        return None
    return city_day(reached["framework_start"]), city_day(reached["framework_end"])


def ends_at(lot):
    return milestones_of(lot.tender, lot)["framework_end"]


def is_running(lot, at):
    term = term_of(lot)
    return term is not None and term[0] <= city_day(at) <= term[1] and lot.state not in ENDED


def require_open(lot, at):
    """Refuse outside the framework's term, after its summary, and while the lot is stopped."""
    term = term_of(lot)
    if term is None or not is_running(lot, at):
        shown = f"（{term[0]:%Y-%m-%d} 至 {term[1]:%Y-%m-%d}）" if term else ""
        raise Refused(
            "outside_term", f"现在不在框架协议有效期{shown}内，不能办理订单。", rule=cite(WITHIN_TERM),
            next_step="请使用有效期内的其他框架协议，或者另行组织采购。",
        )  # fmt: skip
    require_running(lot, at)


def prices_of(catalogue):
    """{supplier's pk: {item's pk: price}} of the items in use."""
    found = {}
    for row in AgreedPrice.objects.filter(item__catalogue=catalogue, item__withdrawn_at=None):
        found.setdefault(row.supplier_id, {})[row.item_id] = row
    return found


def bar_to_order(order_or_catalogue, supplier, items, *, purchaser, at):
    """Why a supplier cannot be given an order, as a refusal; None where it can."""
    catalogue = getattr(order_or_catalogue, "catalogue", order_or_catalogue)
    lot = catalogue.lot
    if supplier.uscc not in entrants_of(lot):
        return Refused("not_entrant", f"{supplier.name}不是本框架协议的入围供应商。", field="supplier", next_step="请从入围供应商中选择。")
    if supplier.pk == purchaser.pk:
        return Refused("own_order", "采购人不能向本单位下单。", field="supplier")
    if not supplier.is_active or is_excluded(supplier, lot.tender.project.category, city_day(at)):
        return Refused(
            "barred", f"{supplier.name}处于禁止参与期内或者未通过主体入库审核，不能承接订单。", rule=cite(NOT_BARRED), field="supplier",
            next_step="请选择其他入围供应商。",
        )  # fmt: skip
    if refusal := expiry_of(items, at):
        return refusal
    priced = set(AgreedPrice.objects.filter(supplier=supplier, item__in=items, item__withdrawn_at=None).values_list("item", flat=True))
    if lacking := [item.name for item in items if item.pk not in priced]:
        return Refused(
            "no_price",
            f"{supplier.name}没有约定“{'、'.join(lacking)}”的协议价格。",
            field="supplier",
            next_step="请选择其他入围供应商，或者分开下单。",
        )
    return None


def expiry_of(items, at):
    """Why items cannot be ordered whose registration has run out, as a refusal; None where all of it holds."""
    for item in items:
        if item.is_expired(city_day(at)):
            return Refused(
                "certificate_expired", f"“{item.name}”的注册证（批准文号）{item.article.registration}已于 {item.article.registered_until:%Y-%m-%d} 到期，不能订购。",
                rule=cite(CERTIFICATE), field=f"quantity_{item.pk}", next_step="请改订其他品目；注册证已延续的，由征集人停用后重新登记。",
            )  # fmt: skip
    return None


def turns_taken(lot):
    """{code: how often its turn has come}: orders given by rotation, and deals entered at the desk before there was a catalogue."""
    taken = dict.fromkeys(entrants_of(lot), 0)
    # An order that the purchaser takes back takes nobody's turn: else the favourite's could be brought about.
    rows = OrderOffer.objects.filter(order__catalogue__lot=lot, order__way=FrameworkOrder.Way.ROTATION).exclude(
        state=OrderOffer.State.WITHDRAWN
    )
    for code, count in rows.values_list("supplier__uscc").annotate(count=Count("pk")).order_by():
        taken[code] = taken.get(code, 0) + count
    for record in records_of(lot).filter(step="call_off", order=None):
        for code in record.data["winner"]:
            taken[code] = taken.get(code, 0) + 1
    return taken


def next_in_turn(order):
    """The supplier whose turn it is: fewest turns so far, then the order of entry; none that this order was offered to."""
    lot = order.lot
    taken, codes = turns_taken(lot), entrants_of(lot)
    asked = set(order.offers.values_list("supplier__uscc", flat=True))
    left = [each for each in suppliers_of(lot) if each.uscc not in asked]
    return min(left, key=lambda each: (taken[each.uscc], codes.index(each.uscc)), default=None)


@dataclass(frozen=True)
class Rating:
    mean: Decimal
    count: int


def ratings_of(lot):
    """{supplier's pk: its mean rating in this framework}."""
    rows = FrameworkOrder.objects.filter(catalogue__lot=lot).exclude(rating=None)
    found = rows.values("supplier").annotate(mean=Avg("rating"), count=Count("pk")).order_by()
    return {row["supplier"]: Rating(Decimal(row["mean"]).quantize(Decimal("0.1")), row["count"]) for row in found}


def running_catalogues(at):
    """The catalogues of frameworks that run now, the newest first."""
    rows = FrameworkCatalogue.objects.filter(lot__milestones__name="framework_end", lot__milestones__at__gte=at)
    rows = rows.exclude(lot__state__in=ENDED).select_related(*PARTIES).order_by("-opened_at").distinct()
    begun = Milestone.objects.filter(lot__in=rows.values("lot"), name="framework_start", at__lte=day_end(city_day(at)))
    started = set(begun.values_list("lot", flat=True))
    return [row for row in rows if row.lot_id in started]


@dataclass(frozen=True)
class Figures:
    """What was bought of an item: in how many orders, how much was ordered, for how much, and how much of it was accepted."""

    orders: int = 0
    ordered: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    accepted: Decimal = Decimal(0)

    @property
    def share(self):
        """The accepted share in per cent."""
        return (self.accepted / self.ordered * 100).quantize(Decimal("0.1")) if self.ordered else None


def figures_of(items):
    """{item's pk: its figures}, of what was decided."""
    lines = OrderLine.objects.filter(item__in=items, order__decided_at__isnull=False, price__isnull=False).order_by()
    taken = OrderDelivery.objects.filter(line__item__in=items, accepted=True).order_by()
    accepted = dict(taken.values_list("line__item").annotate(Sum("quantity")))
    rows = lines.values("item").annotate(orders=Count("order"), ordered=Sum("quantity"), amount=Sum(F("price") * F("quantity")))
    return {row["item"]: Figures(row["orders"], row["ordered"], yuan(row["amount"]), accepted.get(row["item"], Decimal(0))) for row in rows}


def medical_items(at, wanted=""):
    """The drugs and devices that may be ordered under frameworks that run now; `wanted` is a part of name, code, registration or maker."""
    running = [row.pk for row in running_catalogues(at) if row.is_medical]
    rows = FrameworkItem.objects.filter(catalogue__in=running, withdrawn_at=None).select_related("article", "catalogue__lot__tender")
    if wanted:
        named = Q(name__icontains=wanted) | Q(article__code__icontains=wanted) | Q(article__registration__icontains=wanted)
        rows = rows.filter(named | Q(article__manufacturer__icontains=wanted))
    return rows.order_by("line", "name", "pk")


def orders_for(organisation):
    """The orders an organisation has a part in: as purchaser, as supplier, as who was invited, as the collector, as the regulator."""
    entered = StepRecord.objects.filter(step="entrants", void_at=None, data__entrants__contains=organisation.uscc)
    rows = FrameworkOrder.objects.filter(
        Q(purchaser=organisation) | Q(supplier=organisation) | Q(offers__supplier=organisation)
        | Q(catalogue__lot__in=entered.values("lot"), way=FrameworkOrder.Way.COMPETITION)
        | Q(catalogue__lot__tender__project__owner=organisation) | Q(catalogue__lot__tender__project__agency=organisation)
        | Q(catalogue__lot__tender__project__regulator=organisation)
    )  # fmt: skip
    return rows.select_related("catalogue__lot__tender", "purchaser", "supplier").prefetch_related("offers__supplier").distinct()


@keep_call_offs
def deals_being_entered(lot):
    """Deals of orders that have just been decided and wait for their record: there is one only inside the transaction that decides it.

    None where the lot has no catalogue, so that its deals are entered at the desk.
    """
    if not FrameworkCatalogue.objects.filter(lot=lot).exists():
        return None
    fresh = FrameworkOrder.objects.filter(catalogue__lot=lot, state=FrameworkOrder.State.DECIDED, record=None).select_related("supplier")
    return [([order.supplier.uscc], money(order.amount), city_day(order.decided_at).isoformat()) for order in fresh if order.supplier]
