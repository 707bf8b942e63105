"""What the audit compares: a decided order with its entry."""

from ledger.audit import register
from ledger.canonical import money
from trading.frameworks.models import FrameworkOrder


def deal_is_unchanged(body):
    said = body["d"]
    if said["move"] != "decided":
        return None
    order = FrameworkOrder.objects.select_related("supplier").filter(number=said["number"]).first()
    same = order is not None and order.supplier and (order.supplier.uscc, money(order.amount)) == (said["supplier"], said["amount"])
    return None if same else "框架协议订单与存证不符"


register("framework.order", deal_is_unchanged)
