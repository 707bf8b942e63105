"""What every action on an order begins and ends with: its row locked, its parties told, its entry made."""

from accounts.permissions import require_member
from ledger.acts import record
from ledger.canonical import money
from postbox.actions import tell, tell_members
from rulebook.refusals import Forbidden, Refused
from trading.frameworks.events import OrderMoved
from trading.frameworks.models import FrameworkCatalogue, FrameworkOrder, OrderOffer
from trading.frameworks.queries import PARTIES
from trading.projects.models import Lot
from trading.projects.queries import handlers_of


def held_catalogue(catalogue):
    """The catalogue, its lot locked: turns and deals of a framework are counted one after the other."""
    Lot.objects.select_for_update().get(pk=catalogue.lot_id)
    return FrameworkCatalogue.objects.select_related(*PARTIES).get(pk=catalogue.pk)


def held_order(order):
    """The order, locked, after its lot."""
    Lot.objects.select_for_update().get(framework__orders=order)
    return (
        FrameworkOrder.objects.select_for_update(of=["self"])
        .select_related("purchaser", "supplier", *(f"catalogue__{each}" for each in PARTIES))
        .get(pk=order.pk)
    )


def about(lot):
    return {"tender": lot.tender.number, "lot": lot.key}


def enter(order, move, *, by, supplier=None):
    """The move in the ledger."""
    named = supplier or order.supplier
    record(
        OrderMoved(
            **about(order.lot), number=order.number, move=move, state=order.state, supplier=named.uscc if named else "",
            amount=money(order.amount) if order.amount is not None else "",
        ),
        by=by,
    )  # fmt: skip


def link_to(order):
    return f"/work/framework-orders/{order.number}/"


def tell_side(organisation, order, words, body="", *, key):
    tell_members(organisation, f"{words}：{order.subject}", body, link=link_to(order), key=f"framework-order/{order.pk}/{key}")


def tell_collector(order, words, body="", *, key):
    for person in handlers_of(order.lot.tender):
        tell(person, f"{words}：{order.subject}", body, link=link_to(order), key=f"framework-order/{order.pk}/{key}")


def require_purchaser(by, order):
    require_member(by, order.purchaser)


def open_offer(order):
    """The offer that waits for an answer, locked."""
    row = (
        OrderOffer.objects.select_for_update(of=["self"])
        .select_related("supplier")
        .filter(order=order, state=OrderOffer.State.OPEN)
        .first()
    )
    if row is None:
        raise Refused("no_offer", "这笔订单现在没有等待答复的供应商。", next_step="请刷新页面查看。")
    return row


def require_supplier(by, order):
    """Refuse unless `by` acts for the supplier that won the order."""
    if order.supplier is None:
        raise Forbidden("no_supplier", "这笔订单还没有成交供应商。")
    require_member(by, order.supplier)


def require_text(text, field, label):
    if not text.strip():
        raise Refused("no_text", f"请写明{label}。", field=field, status=400)
