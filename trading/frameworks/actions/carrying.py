"""After the deal: delivered or repaired, accepted, rated."""

from django.db import transaction

from rulebook.refusals import Refused
from trading.frameworks.actions.holding import enter, held_order, require_purchaser, require_supplier, require_text, tell_side
from trading.frameworks.lifecycle import ORDER
from trading.frameworks.rules import BATCH, cite


def require_whole(order):
    if order.catalogue.is_medical:
        raise Refused("by_lines", "医疗器械和药品按品目、批号逐项交付和验收。", rule=cite(BATCH), next_step="请逐项办理。")


@transaction.atomic
def report_delivery(order, *, delivery, by, at):
    """The supplier has delivered, or finished the repair."""
    order = held_order(order)
    require_supplier(by, order)
    require_whole(order)
    require_text(delivery, "delivery", "交付（完工）情况")
    ORDER.apply(order, "deliver")
    order.delivery, order.delivered_at = delivery.strip(), at
    order.save(update_fields=["state", "delivery", "delivered_at"])
    tell_side(order.purchaser, order, "供应商已交付，请验收", delivery, key=f"delivered/{at:%s}")
    enter(order, "delivered", by=by)


@transaction.atomic
def accept_delivery(order, *, opinion, by, at):
    """The purchaser accepts what was delivered."""
    order = held_order(order)
    require_purchaser(by, order)
    require_whole(order)
    require_text(opinion, "opinion", "验收意见")
    ORDER.apply(order, "accept")
    order.opinion, order.accepted_at = opinion.strip(), at
    order.save(update_fields=["state", "opinion", "accepted_at"])
    tell_side(order.supplier, order, "订单已验收", opinion, key="accepted")
    enter(order, "accepted", by=by)


@transaction.atomic
def send_back(order, *, reason, by, at):
    """The purchaser does not accept: the supplier puts it right and reports again."""
    order = held_order(order)
    require_purchaser(by, order)
    require_whole(order)
    require_text(reason, "reason", "不予验收的理由")
    ORDER.apply(order, "send_back")
    order.opinion = reason.strip()
    order.save(update_fields=["state", "opinion"])
    tell_side(order.supplier, order, "验收未通过，请整改", reason, key=f"sent-back/{at:%s}")
    enter(order, "sent_back", by=by)


@transaction.atomic
def rate_order(order, *, rating, words, by, at):
    """The purchaser rates the supplier once, after acceptance, and says why; the catalogue shows the mean."""
    order = held_order(order)
    require_purchaser(by, order)
    if order.accepted_at is None:
        raise Refused("not_accepted", "验收后才能评价。")
    if order.rated_at is not None:
        raise Refused("rated", "这笔订单已经评价。")
    if not 1 <= rating <= 5:
        raise Refused("rating", "评分为一至五分。", field="rating", status=400)
    require_text(words, "words", "评价")
    order.rating, order.rating_words, order.rated_at = rating, words.strip(), at
    order.save(update_fields=["rating", "rating_words", "rated_at"])
    tell_side(order.supplier, order, f"采购人评价 {rating} 分", words, key="rated")
    enter(order, "rated", by=by)
