"""An order becomes a deal: its contract is written, and the lot's procedure takes its step, with the public notice."""

from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Person
from documents.actions import store_file
from documents.printing import print_pdf
from rulebook.clock import city_day
from rulebook.money import yuan
from trading.conduct.actions import complete_step
from trading.frameworks.actions.holding import enter, tell_collector, tell_side
from trading.frameworks.lifecycle import ORDER
from trading.frameworks.models import FrameworkOrder
from trading.frameworks.rules import ANNOUNCED_WAY, CEILING_PRICE, cite


def decide(order, supplier, prices, *, by, at):
    """The supplier wins at these prices ({item's pk: price}). The collector's notice is published in the same transaction.

    The caller holds the order and has checked everything else.
    """
    lines = list(order.lines.select_related("item__article"))
    for line in lines:
        line.price = prices[line.item_id]
        line.save(update_fields=["price"])
    ORDER.apply(order, "decide")
    order.supplier, order.decided_at = supplier, at
    order.amount = yuan(sum((line.amount for line in lines), Decimal(0)))
    order.paper = contract_of(order, lines, by=by, at=at)
    order.save()
    publish(order, lines, at)
    enter(order, "decided", by=by)
    words = f"{supplier.name}，{order.amount:,.2f} 元。成交结果已经公告。"
    tell_side(order.purchaser, order, "订单已成交", words, key="decided")
    tell_side(supplier, order, "订单已成交，请按约履行", words, key="decided")
    tell_collector(order, "框架协议成交一笔", words, key="decided")
    return order


def contract_of(order, lines, *, by, at):
    """The purchase contract as a file: framework, parties, lines and sum."""
    context = {
        "order": order,
        "lines": lines,
        "lot": order.lot,
        "tender": order.lot.tender,
        "at": at,
        "rules": [cite(CEILING_PRICE), cite(ANNOUNCED_WAY)],
    }
    pdf = print_pdf("trading/frameworks/contract_print.html", context)
    made = SimpleUploadedFile(f"采购合同{order.number}.pdf", pdf, content_type="application/pdf")
    return store_file(made, by=by, organisation=order.purchaser, purpose="framework", at=at)


def publish(order, lines, at):
    """The step `call_off` of the lot's procedure, taken by the platform for the collector as soon as there is a deal."""
    said = "；".join(f"{line.item.name} {line.quantity.normalize():f} {line.item.unit}" for line in lines)
    data = {
        "purchaser": order.purchaser.name, "way": FrameworkOrder.Way(order.way).label, "subject": f"{order.subject}（{said}）", "winner": [order.supplier],
        # One price stands in the notice: the highest of several lines, so that it shows the ceiling kept.
        "unit_price": max(line.price for line in lines), "amount": order.amount, "decided": city_day(at), "paper": order.paper,
    }  # fmt: skip
    order.record = complete_step(order.lot, "call_off", data, by=Person.objects.platform(), at=at)
    order.save(update_fields=["record"])
