"""Second competition: quotes sealed until the deadline, the lowest wins."""

import json
from decimal import Decimal

from django.db import transaction

from accounts.permissions import require_member
from ledger.acts import open_blind, record
from ledger.canonical import HJ, b64u, money
from rulebook.clock import database_now
from rulebook.money import yuan
from rulebook.refusals import Refused
from sealing.vault import read, store
from trading.frameworks.actions.deciding import decide
from trading.frameworks.actions.holding import about, held_order, require_purchaser, tell_side
from trading.frameworks.actions.ordering import fail, items_of, require_agreed
from trading.frameworks.events import QuoteSealed, secret_stream
from trading.frameworks.models import AgreedPrice, FrameworkOrder, OrderQuote
from trading.frameworks.queries import bar_to_order, ends_at, entrants_of, require_open, suppliers_of
from trading.frameworks.rules import SEALED, cite

State = FrameworkOrder.State


def digest_of(prices):
    return b64u(HJ("framework-quote", {"v": 1, "prices": prices}))


def require_competing(order):
    if order.state != State.COMPETING:
        raise Refused("not_competing", f"订单当前为“{order.get_state_display()}”，不在二次竞价中。", next_step="请刷新页面查看。")


@transaction.atomic
def hand_in_quote(order, supplier, prices, *, by, at):
    """An entrant quotes for every line ({item: unit price}); nobody reads it before the deadline. The last one handed in counts."""
    order = held_order(order)
    require_member(by, supplier)
    require_competing(order)
    # The database's clock decides about deadlines, whatever moment the door asked for.
    if max(at, database_now()) >= order.quote_due_at:
        raise Refused("late", "报价截止时间已过，不再接收报价。", rule=cite(SEALED))
    require_open(order.lot, at)
    items = items_of(order)
    if refusal := bar_to_order(order, supplier, items, purchaser=order.purchaser, at=at):
        raise refusal
    agreed = {row.item_id: row for row in AgreedPrice.objects.filter(supplier=supplier, item__in=items).select_related("item")}
    for item in items:
        require_agreed(agreed[item.pk], prices.get(item), f"price_{item.pk}")
    said = {str(item.no): money(prices[item]) for item in items}
    quote = OrderQuote.objects.create(
        order=order, supplier=supplier, no=order.quotes.filter(supplier=supplier).count() + 1, sealed=store([json.dumps(said).encode()]),
        digest=digest_of(said), by=by, at=at,
    )  # fmt: skip
    record(
        QuoteSealed(**about(order.lot), number=order.number, supplier=supplier.uscc, no=quote.no, digest=quote.digest), by=by, role="bidder"
    )
    return quote


@transaction.atomic
def open_quotes(order, *, by, at):
    """After the deadline the quotes are opened, all at once, and the lowest that counts wins; set off by the clock."""
    order = held_order(order)
    require_purchaser(by, order)
    require_competing(order)
    if min(at, database_now()) < order.quote_due_at:
        raise Refused("sealed", "报价截止前不能开启报价。", rule=cite(SEALED), status=403)
    quotes = list(order.quotes.select_related("supplier", "sealed"))
    if quotes:
        open_blind(private_stream=secret_stream(order.number), stream=order.lot.tender.stream, by=by)
    standing = ranked(order, unsealed(order, quotes), at)
    if not standing:
        return fail(order, "截止时没有有效报价。", by=by)
    if at >= ends_at(order.lot):
        return fail(order, "报价开启时框架协议有效期已满。", by=by)
    require_open(order.lot, at)
    best = standing[0]
    for supplier in suppliers_of(order.lot):
        tell_side(supplier, order, "二次竞价已开启", f"{best.supplier.name}以 {best.total:,.2f} 元成交。", key="opened")
    numbers = {line.item_id: str(line.item.no) for line in order.lines.select_related("item")}
    return decide(order, best.supplier, {pk: Decimal(best.prices[no]) for pk, no in numbers.items()}, by=by, at=at)


def unsealed(order, quotes):
    """The quotes with what they say; of each supplier the last one."""
    quantities = {str(line.item.no): line.quantity for line in order.lines.select_related("item")}
    latest = {quote.supplier_id: quote.no for quote in sorted(quotes, key=lambda each: each.no)}
    for quote in quotes:
        quote.prices = json.loads(b"".join(read(quote.sealed)))
        quote.total = yuan(sum((Decimal(price) * quantities[no] for no, price in quote.prices.items()), Decimal(0)))
        if quote.no != latest[quote.supplier_id]:
            quote.void = "已由后一次报价替换"
    return quotes


def ranked(order, quotes, at):
    """Those that count, the lowest first; equal ones in the order in which the suppliers entered the framework."""
    codes, items = entrants_of(order.lot), items_of(order)
    for quote in quotes:
        if not quote.void and (refusal := bar_to_order(order, quote.supplier, items, purchaser=order.purchaser, at=at)):
            quote.void = refusal.message[:200]
    standing = sorted((each for each in quotes if not each.void), key=lambda each: (each.total, codes.index(each.supplier.uscc)))
    for rank, quote in enumerate(standing, start=1):
        quote.rank = rank
    for quote in quotes:
        quote.save(update_fields=["prices", "total", "rank", "void"])
    return standing
