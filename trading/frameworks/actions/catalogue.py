"""Keeping a framework's catalogue: opened and written by the collector, its prices lowered by the suppliers."""

from decimal import Decimal

from django.db import transaction

from accounts.permissions import require_member
from ledger.acts import record
from ledger.canonical import HJ, b64u, money
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.frameworks.actions.holding import about, held_catalogue, require_text
from trading.frameworks.events import CatalogueMoved, PriceLowered
from trading.frameworks.lifecycle import UNDECIDED
from trading.frameworks.models import AgreedPrice, FrameworkCatalogue, FrameworkItem, FrameworkOrder, MedicalArticle, PriceCut
from trading.frameworks.queries import ceiling_of, require_open, responses_of, suppliers_of, way_of
from trading.frameworks.rules import CEILING_PRICE, CERTIFICATE, cite
from trading.frameworks.sides import require_collector
from trading.procedures.records import records_of
from trading.projects.models import Lot


@transaction.atomic
def open_catalogue(lot, *, kind, order_limit=None, guidance="", by, at):
    """The collector opens the second stage to purchasers: from now on the lot's deals come from orders made here."""
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender__project__owner", "tender__project__agency").get(pk=lot.pk)
    require_collector(by, lot)
    if FrameworkCatalogue.objects.filter(lot=lot).exists():
        raise Refused("opened", "协议目录已经开通。", next_step="请刷新页面。")
    if not records_of(lot).filter(step="agreement").exists():
        raise Refused("not_signed", "签订框架协议后才能开通协议目录。", next_step="请先在交易流程中办理“签订框架协议”。")
    if not records_of(lot).filter(step="call_off_start").exists():
        raise Refused("not_started", "开通第二阶段采购后才能开通协议目录。", next_step="请先在交易流程中办理“开通第二阶段采购”。")
    if kind == FrameworkCatalogue.Kind.REPAIR and way_of(lot) == FrameworkOrder.Way.COMPETITION:
        raise Refused("repair_way", "维修须先查勘后报价，不能采用二次竞价。", next_step="请选择协议供货。", field="kind")
    catalogue = FrameworkCatalogue.objects.create(
        lot=lot, kind=kind, order_limit=order_limit, guidance=guidance, opened_by=by, opened_at=at
    )
    enter(catalogue, "opened", 0, {"kind": kind, "limit": money(order_limit) if order_limit else "", "guidance": guidance}, by=by)
    return catalogue


def enter(catalogue, move, item, said, *, by):
    digest = b64u(HJ("framework-catalogue", {"v": 1, "move": move, "item": item, "said": said}))
    record(CatalogueMoved(**about(catalogue.lot), move=move, item=item, digest=digest), by=by)


def require_at_most(price, ceiling, what, field):
    if price > ceiling:
        raise Refused(
            "over_ceiling", f"{what}不得高于 {ceiling:,.2f} 元。", rule=cite(CEILING_PRICE), field=field, next_step="请调低后再试。"
        )


@transaction.atomic
def add_item(catalogue, *, line, name, unit, ceiling, spec="", article=None, prices=None, as_responded=False, by, at):
    """An item with its ceiling and what each entrant has agreed to ({supplier's pk: price}); or the prices of their responses.

    A drug or device has its `article`: the fields of MedicalArticle by name.
    """
    catalogue = held_catalogue(catalogue)
    lot = catalogue.lot
    require_collector(by, lot)
    require_at_most(ceiling, ceiling_of(lot), "品目的最高限制单价", "ceiling")
    if (article is not None) != catalogue.is_medical:
        raise ValueError("drugs and devices have an article, and nothing else has")
    if article is not None:
        require_registered(catalogue, article, at)
    agreed = prices or {}
    if as_responded:
        responses = responses_of(lot)
        agreed = {each.pk: responses[each.uscc] for each in suppliers_of(lot) if each.uscc in responses}
    agreed = {pk: Decimal(price) for pk, price in agreed.items() if price}
    entrants = {each.pk: each for each in suppliers_of(lot)}
    if strange := set(agreed) - set(entrants):
        raise ValueError(f"no entrants: {strange}")
    if not agreed:
        raise Refused("no_prices", "请至少填写一家入围供应商的协议单价。", status=400, next_step="有几家约定了价格就填几家。")
    for pk, price in agreed.items():
        require_at_most(price, ceiling, f"{entrants[pk].name}的协议单价", f"price_{pk}")
    item = FrameworkItem.objects.create(
        catalogue=catalogue, no=catalogue.items.count() + 1, line=line, name=name, spec=spec, unit=unit, ceiling=ceiling, added_at=at
    )
    if article is not None:
        MedicalArticle.objects.create(item=item, **article)
    for pk, price in agreed.items():
        AgreedPrice.objects.create(item=item, supplier=entrants[pk], agreed=price, price=price)
    said = {
        "name": name,
        "unit": unit,
        "ceiling": money(ceiling),
        "prices": {entrants[pk].uscc: money(price) for pk, price in agreed.items()},
    }
    if article is not None:
        said["article"] = {**article, "registered_until": article["registered_until"].isoformat()}
    enter(catalogue, "added", item.no, said, by=by)
    return item


def require_registered(catalogue, article, at):
    """Refuse an article whose registration has run out, or which stands in the catalogue already."""
    if city_day(at) > article["registered_until"]:
        raise Refused(
            "certificate_expired", "注册证（批准文号）已经过期，不能登记。", rule=cite(CERTIFICATE), field="registered_until",
            next_step="请登记延续后的注册证。",
        )  # fmt: skip
    if catalogue.items.filter(withdrawn_at=None, article__code=article["code"]).exists():
        raise Refused(
            "same_code", "这个国家医保编码已经登记。", rule=cite(CERTIFICATE), field="code", next_step="需要更正的，先停用原品目。"
        )


@transaction.atomic
def withdraw_item(item, *, reason, by, at):
    """An item is no longer to be ordered: it went out of production, or was entered wrongly."""
    catalogue = held_catalogue(item.catalogue)
    require_collector(by, catalogue.lot)
    require_text(reason, "reason", "停用的理由")
    item = FrameworkItem.objects.select_for_update().get(pk=item.pk)
    if item.withdrawn_at is not None:
        raise Refused("withdrawn", "这个品目已经停用。")
    if FrameworkOrder.objects.filter(lines__item=item, state__in=UNDECIDED).exists():
        raise Refused("ordered", "还有未成交的订单使用这个品目，不能停用。", next_step="请待订单成交或者撤销后再停用。")
    item.withdrawn_at, item.withdrawal = at, reason.strip()
    item.save(update_fields=["withdrawn_at", "withdrawal"])
    enter(catalogue, "withdrawn", item.no, {"reason": item.withdrawal}, by=by)


@transaction.atomic
def lower_price(agreed, price, *, by, at):
    """A supplier asks for less from now on; what was agreed is the most it may ever ask, and a price once lowered stays down."""
    catalogue = held_catalogue(agreed.item.catalogue)
    agreed = AgreedPrice.objects.select_for_update(of=["self"]).select_related("item", "supplier").get(pk=agreed.pk)
    require_member(by, agreed.supplier)
    require_open(catalogue.lot, at)
    if agreed.item.withdrawn_at is not None:
        raise Refused("withdrawn", "这个品目已经停用。")
    require_at_most(price, agreed.agreed, "单价", "price")
    if not 0 < price < agreed.price:
        raise Refused("not_lower", f"新的单价应低于现行单价 {agreed.price:,.2f} 元。", rule=cite(CEILING_PRICE), field="price")
    agreed.price = price
    agreed.save(update_fields=["price"])
    PriceCut.objects.create(agreed=agreed, price=price, by=by, at=at)
    record(PriceLowered(**about(catalogue.lot), item=agreed.item.no, supplier=agreed.supplier.uscc, price=money(price)), by=by)
