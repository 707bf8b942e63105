"""Placing an order, offering it to suppliers in turn or by choice, and their answers."""

from decimal import Decimal

from django.db import transaction

from accounts.models import Organisation
from accounts.permissions import require_member
from rulebook.clock import city_day, database_now
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused
from trading.frameworks.actions.deciding import decide
from trading.frameworks.actions.holding import (
    enter,
    held_catalogue,
    held_order,
    open_offer,
    require_purchaser,
    require_text,
    tell_side,
)
from trading.frameworks.lifecycle import ORDER
from trading.frameworks.models import AgreedPrice, FrameworkOrder, OrderLine, OrderOffer
from trading.frameworks.queries import (
    bar_to_order,
    ends_at,
    expiry_of,
    is_running,
    next_in_turn,
    prices_of,
    require_open,
    suppliers_of,
    way_of,
)
from trading.frameworks.rules import ANNOUNCED_WAY, ANSWER, CEILING_PRICE, COMPETITION_TIME, ORDER_LIMIT, ROTATION, cite

State, Way, Answer = FrameworkOrder.State, FrameworkOrder.Way, OrderOffer.State


@transaction.atomic
def place_order(
    catalogue, *, purchaser, subject, need, contact, quantities=None, supplier=None, quote_due_at=None, by, at
):  # fmt: skip
    """A purchaser orders by the framework's announced way: from a supplier it names, by competition, or by rotation.

    `quantities` are {item: quantity}; a repair has none, its supplier quotes them.
    """
    catalogue = held_catalogue(catalogue)
    lot, way = catalogue.lot, way_of(catalogue.lot)
    require_member(by, purchaser)
    if Organisation.Kind.TENDEREE not in purchaser.kinds:
        raise Forbidden("not_purchaser", "只有采购人可以在框架协议下采购。", next_step="请切换到采购单位后再办理。")
    require_open(lot, at)
    require_text(subject, "subject", "采购内容")
    require_text(need, "need", "故障情况和维修需求" if catalogue.is_repair else "需求说明")
    lines = {} if catalogue.is_repair else checked_lines(catalogue, quantities or {}, at)
    order = FrameworkOrder(
        number=f"KJ{city_day(at).year}-{next_number('framework-order', city_day(at).year):04d}", catalogue=catalogue, purchaser=purchaser,
        way=way, subject=subject.strip(), need=need.strip(), contact=contact, state=State.CHOOSING, placed_by=by, placed_at=at,
    )  # fmt: skip
    if way == Way.COMPETITION:
        order.state, order.quote_due_at = State.COMPETING, checked_deadline(lot, quote_due_at, at)
    elif way == Way.DIRECT and supplier is None:
        raise Refused("no_supplier", "请选择供应商。", rule=cite(ANNOUNCED_WAY), field="supplier", status=400)
    elif way == Way.ROTATION and supplier is not None:
        raise Refused("by_turn", "本框架协议按顺序轮候，不能指定供应商。", rule=cite(ROTATION), field="supplier")
    order.save()
    for item, quantity in lines.items():
        OrderLine.objects.create(order=order, item=item, quantity=quantity)
    require_within_limit(order, supplier)
    enter(order, "placed", by=by)
    if way == Way.COMPETITION:
        invite(order, at)
    elif way == Way.DIRECT:
        offer_to(order, supplier, by=by, at=at)
    else:
        pass_to_next(order, by=by, at=at)
    return order


def checked_lines(catalogue, quantities, at):
    lines = {item: Decimal(quantity) for item, quantity in quantities.items() if quantity}
    if not lines:
        raise Refused("nothing_ordered", "请至少填写一个品目的数量。", status=400)
    for item in lines:
        if item.catalogue_id != catalogue.pk or item.withdrawn_at is not None:
            raise Refused("not_in_catalogue", f"“{item.name}”不在协议目录中或者已经停用。", next_step="请刷新页面。")
    if refusal := expiry_of(lines, at):
        raise refusal
    return lines


def checked_deadline(lot, due, at):
    if due is None:
        raise Refused("no_deadline", "请填写报价截止时间。", field="quote_due_at", status=400)
    if due >= ends_at(lot):
        raise Refused("after_term", "报价截止时间应在框架协议有效期内。", field="quote_due_at")
    COMPETITION_TIME.check(at, due, field="quote_due_at", subject="报价截止时间")
    return due


def require_within_limit(order, supplier=None):
    """The dearest that the order can become stays within the limit for one order."""
    limit = order.catalogue.order_limit
    if limit is None:
        return
    prices = AgreedPrice.objects.filter(item__in=order.lines.values("item"))
    if supplier is not None:
        prices = prices.filter(supplier=supplier)
    dearest = {}
    for row in prices:
        dearest[row.item_id] = max(dearest.get(row.item_id, 0), row.price)
    most = sum((dearest.get(line.item_id, 0) * line.quantity for line in order.lines.all()), Decimal(0))
    require_limit(limit, most)


def require_limit(limit, amount):
    if limit is not None and amount > limit:
        raise Refused(
            "over_limit", f"按协议价格计算为 {amount:,.2f} 元，超过单笔订单限额 {limit:,.2f} 元。", rule=cite(ORDER_LIMIT),
            next_step="请减少数量，或者另行组织采购。",
        )  # fmt: skip


def items_of(order):
    return [line.item for line in order.lines.select_related("item__article")]


def invite(order, at):
    """Every entrant that can supply all of it is asked for its quote."""
    items = items_of(order)
    fit = [each for each in suppliers_of(order.lot) if bar_to_order(order, each, items, purchaser=order.purchaser, at=at) is None]
    if not fit:
        raise Refused("nobody_fits", "没有一家入围供应商约定了全部品目的价格。", next_step="请分开下单。")
    for supplier in fit:
        tell_side(supplier, order, "邀请参加二次竞价", "请在截止时间前提交报价，截止前报价保密。", key="invited")


def offer_to(order, supplier, *, by, at):
    """Offer the order to a supplier, who has until the end of the period to answer."""
    if refusal := bar_to_order(order, supplier, items_of(order), purchaser=order.purchaser, at=at):
        raise refusal
    if order.offers.filter(supplier=supplier).exists():
        raise Refused("asked_before", f"{supplier.name}已经答复过这笔订单。", field="supplier", next_step="请选择其他入围供应商。")
    ORDER.apply(order, "ask")
    order.save(update_fields=["state"])
    offer = OrderOffer.objects.create(order=order, supplier=supplier, asked_at=at, due_at=ANSWER.due_at(at))
    asked = "新的维修订单，请报价" if order.catalogue.is_repair else "新的供货订单，请确认"
    tell_side(supplier, order, asked, order.need, key=f"offer/{offer.pk}")
    enter(order, "offered", by=by, supplier=supplier)
    return offer


def pass_to_next(order, *, by, at):
    """By rotation the order goes to whose turn it is; who cannot take it is passed over, on record. None left: it fails."""
    if not is_running(order.lot, at):
        return fail(order, "框架协议有效期已满。", by=by)
    items = items_of(order)
    # What bars every supplier alike takes nobody's turn.
    if refusal := expiry_of(items, at):
        return fail(order, f"{refusal.message}{refusal.next_step}", by=by)
    while supplier := next_in_turn(order):
        refusal = bar_to_order(order, supplier, items, purchaser=order.purchaser, at=at)
        if refusal is None:
            return offer_to(order, supplier, by=by, at=at)
        OrderOffer.objects.create(
            order=order, supplier=supplier, state=Answer.BARRED, asked_at=at, due_at=at, answered_at=at, reason=refusal.message
        )
    return fail(order, "全部入围供应商均未承接。", by=by)


def fail(order, reason, *, by):
    ORDER.apply(order, "fail")
    order.ending = reason
    order.save(update_fields=["state", "ending"])
    tell_side(order.purchaser, order, "订单未成交", reason, key="failed")
    enter(order, "failed", by=by)


@transaction.atomic
def choose_supplier(order, supplier, *, by, at):
    """After a supplier has declined, or its quote was refused, the purchaser asks another."""
    order = held_order(order)
    require_purchaser(by, order)
    require_open(order.lot, at)
    require_within_limit(order, supplier)
    return offer_to(order, supplier, by=by, at=at)


def require_in_time(offer, at):
    # The database's clock decides, whatever moment the door asked for.
    ANSWER.check(offer.asked_at, max(at, database_now()), subject="答复")


def answered(order, offer, state, at, reason=""):
    offer.state, offer.answered_at, offer.reason = state, at, reason.strip()
    offer.save(update_fields=["state", "answered_at", "reason"])


def require_offered(order, *, by, at):
    """The open offer, answered by its supplier, in time, while the framework runs and nothing bars the supplier."""
    offer = open_offer(order)
    require_member(by, offer.supplier)
    require_in_time(offer, at)
    require_open(order.lot, at)
    if refusal := bar_to_order(order, offer.supplier, items_of(order), purchaser=order.purchaser, at=at):
        raise refusal
    return offer


@transaction.atomic
def confirm_order(order, *, by, at):
    """The supplier takes the order at its price of today: the deal is made, and published with it."""
    order = held_order(order)
    if order.catalogue.is_repair:
        raise Refused("quote_first", "维修订单须先报价，由采购人确认。", next_step="请提交报价。")
    offer = require_offered(order, by=by, at=at)
    prices = prices_of(order.catalogue)[offer.supplier_id]
    answered(order, offer, Answer.ACCEPTED, at)
    return decide(order, offer.supplier, {line.item_id: prices[line.item_id].price for line in order.lines.all()}, by=by, at=at)


@transaction.atomic
def decline_order(order, *, reason, by, at):
    """The supplier says why it cannot take the order: by rotation its turn is over and the next is asked, else the purchaser chooses anew."""
    order = held_order(order)
    offer = open_offer(order)
    require_member(by, offer.supplier)
    require_in_time(offer, at)
    require_text(reason, "reason", "不能承接的理由")
    if order.state != State.ASKED:
        raise Refused("quoted", "已经报价，等待采购人确认。")
    pass_on(order, offer, Answer.DECLINED, reason, "供应商谢绝了订单", by=by, at=at)


def pass_on(order, offer, state, reason, words, *, by, at):
    """An offer came to nothing."""
    answered(order, offer, state, at, reason)
    ORDER.apply(order, "pass_on")
    order.save(update_fields=["state"])
    enter(order, str(state), by=by, supplier=offer.supplier)
    tell_side(order.purchaser, order, words, f"{offer.supplier.name}：{reason}", key=f"offer/{offer.pk}/{state}")
    if order.way == Way.ROTATION:
        pass_to_next(order, by=by, at=at)


@transaction.atomic
def lapse_offer(order, *, by, at):
    """The time for the answer is over: the offer lapses. Set off by the clock, or by the purchaser who does not want to wait for it."""
    order = held_order(order)
    require_purchaser(by, order)
    offer = open_offer(order)
    if order.state != State.ASKED or max(at, database_now()) <= offer.due_at:
        raise Refused("not_due", "供应商的答复期限未满。", rule=cite(ANSWER))
    pass_on(order, offer, Answer.LAPSED, "逾期未答复", "供应商逾期未答复", by=by, at=at)


@transaction.atomic
def quote_repair(order, *, lines, findings, by, at):
    """The supplier has looked at the device and quotes, line by line ({item: (quantity, price)}), none above its agreed price."""
    order = held_order(order)
    if not order.catalogue.is_repair:
        raise Refused("no_quote", "供货订单按协议价格成交，不需要报价。")
    offer = require_offered(order, by=by, at=at)
    require_text(findings, "findings", "检查结论和维修方案")
    prices = prices_of(order.catalogue).get(offer.supplier_id, {})
    quoted = {item: pair for item, pair in lines.items() if pair[0]}
    if not quoted:
        raise Refused("no_lines", "请至少报一项工时或者配件。", status=400)
    for item, (quantity, price) in quoted.items():
        if item.pk not in prices:
            raise Refused("no_price", f"你单位没有约定“{item.name}”的协议价格。", rule=cite(CEILING_PRICE))
        require_agreed(prices[item.pk], price, f"price_{item.pk}")
        if quantity <= 0:
            raise Refused("quantity", f"“{item.name}”的数量应大于零。", field=f"quantity_{item.pk}", status=400)
    total = sum((Decimal(quantity) * price for quantity, price in quoted.values()), Decimal(0))
    require_limit(order.catalogue.order_limit, total)
    offer.quote = [[item.no, str(quantity), str(price)] for item, (quantity, price) in quoted.items()]
    offer.findings = findings.strip()
    offer.save(update_fields=["quote", "findings"])
    ORDER.apply(order, "quote")
    order.save(update_fields=["state"])
    tell_side(order.purchaser, order, "维修报价待确认", f"{offer.supplier.name}报价 {total:,.2f} 元。", key=f"quote/{offer.pk}")
    enter(order, "quoted", by=by, supplier=offer.supplier)


def require_agreed(agreed, price, field):
    """Refuse a price that is none, or above what the supplier asks for in the catalogue today."""
    if price is None or price <= 0:
        raise Refused("no_price", f"请填写“{agreed.item.name}”的单价。", field=field, status=400)
    if price > agreed.price:
        raise Refused(
            "over_ceiling", f"“{agreed.item.name}”的单价不得高于协议价格 {agreed.price:,.2f} 元。", rule=cite(CEILING_PRICE), field=field,
            next_step="请调低后再试。",
        )  # fmt: skip


@transaction.atomic
def confirm_quote(order, *, by, at):
    """The purchaser takes the repair's quote: the deal is made, and published with it."""
    order = held_order(order)
    require_purchaser(by, order)
    require_open(order.lot, at)
    if order.state != State.QUOTED:
        raise Refused("not_quoted", "现在没有等待确认的报价。", next_step="请刷新页面查看。")
    offer = open_offer(order)
    if refusal := bar_to_order(order, offer.supplier, [], purchaser=order.purchaser, at=at):
        raise refusal
    items = {item.no: item for item in order.catalogue.items.all()}
    prices = {}
    for no, quantity, price in offer.quote:
        OrderLine.objects.create(order=order, item=items[no], quantity=Decimal(quantity))
        prices[items[no].pk] = Decimal(price)
    answered(order, offer, Answer.ACCEPTED, at)
    return decide(order, offer.supplier, prices, by=by, at=at)


@transaction.atomic
def refuse_quote(order, *, reason, by, at):
    """The purchaser does not take the quote, and says why; another supplier may be asked."""
    order = held_order(order)
    require_purchaser(by, order)
    require_text(reason, "reason", "不接受报价的理由")
    if order.state != State.QUOTED:
        raise Refused("not_quoted", "现在没有等待确认的报价。", next_step="请刷新页面查看。")
    offer = open_offer(order)
    tell_side(offer.supplier, order, "采购人未接受报价", reason, key=f"refused/{offer.pk}")
    pass_on(order, offer, Answer.REFUSED, reason, "已退回报价", by=by, at=at)


@transaction.atomic
def cancel_order(order, *, reason, by, at):
    """The purchaser withdraws an order that is not decided; whoever was asked learns why."""
    order = held_order(order)
    require_purchaser(by, order)
    require_text(reason, "reason", "撤销的理由")
    if order.state == State.COMPETING and max(at, database_now()) >= order.quote_due_at:
        raise Refused("closed", "报价已经截止，应当按报价确定成交供应商。", next_step="请等待报价开启。")
    ORDER.apply(order, "cancel")
    order.ending = reason.strip()
    order.save(update_fields=["state", "ending"])
    for offer in order.offers.filter(state=Answer.OPEN).select_related("supplier"):
        answered(order, offer, Answer.WITHDRAWN, at, reason)
        tell_side(offer.supplier, order, "采购人已撤销订单", reason, key=f"cancelled/{offer.pk}")
    if order.way == Way.COMPETITION:
        for supplier in suppliers_of(order.lot):
            tell_side(supplier, order, "采购人已撤销二次竞价", reason, key="cancelled")
    enter(order, "cancelled", by=by)
