"""Drugs and devices are delivered and accepted line by line, batch by batch."""

from django.db import transaction

from ledger.acts import record
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.frameworks.actions.holding import about, enter, held_order, require_purchaser, require_supplier, tell_side
from trading.frameworks.events import LineMoved
from trading.frameworks.lifecycle import ORDER
from trading.frameworks.models import FrameworkOrder, OrderDelivery
from trading.frameworks.rules import BATCH, LINE_QUANTITY, cite

State = FrameworkOrder.State


def require_by_lines(order, *states):
    if not order.catalogue.is_medical:
        raise Refused("as_a_whole", "这类订单整单交付和验收。", next_step="请在订单页面办理交付或者验收。")
    if order.state not in states:
        raise Refused("wrong_state", f"订单当前为“{order.get_state_display()}”，不能进行此操作。", next_step="请刷新页面查看。")


def enter_line(row, move, *, by):
    order = row.line.order
    record(
        LineMoved(
            **about(order.lot),
            number=order.number,
            item=row.line.item.no,
            move=move,
            quantity=f"{row.quantity.normalize():f}",
            batch=row.batch,
        ),
        by=by,
    )


@transaction.atomic
def deliver_lines(order, *, batches, by, at):
    """The supplier has delivered batches of some lines: {line's pk: (quantity, batch, use until)}; what is left may follow."""
    order = held_order(order)
    require_supplier(by, order)
    require_by_lines(order, State.DECIDED, State.DELIVERED)
    given = {pk: batch for pk, batch in batches.items() if batch[0]}
    if not given:
        raise Refused("nothing_delivered", "请至少填写一个品目的交付数量。", status=400)
    lines = {row.pk: row for row in order.lines.select_related("item").prefetch_related("deliveries")}
    for pk, (quantity, batch, expires_on) in given.items():
        line = lines[pk]
        if quantity > line.outstanding:
            raise Refused(
                "too_much", f"“{line.item.name}”还有 {line.outstanding.normalize():f} {line.item.unit}未交付。", rule=cite(LINE_QUANTITY),
                field=f"quantity_{pk}", next_step="请减少数量。",
            )  # fmt: skip
        if not batch.strip():
            raise Refused("no_batch", f"请填写“{line.item.name}”的生产批号。", rule=cite(BATCH), field=f"batch_{pk}", status=400)
        if expires_on is None or expires_on <= city_day(at):
            raise Refused(
                "past_use",
                f"“{line.item.name}”的使用期限应晚于交付当天。",
                rule=cite(BATCH),
                field=f"expires_{pk}",
                next_step="请更换批次或者核对日期。",
            )
        line.order = order
        row = OrderDelivery.objects.create(
            line=line, quantity=quantity, batch=batch.strip(), expires_on=expires_on, delivered_by=by, delivered_at=at
        )
        enter_line(row, "delivered", by=by)
    if order.state == State.DECIDED:
        ORDER.apply(order, "deliver")
    order.delivered_at = at
    order.save(update_fields=["state", "delivered_at"])
    named = "、".join(lines[pk].item.name for pk in given)
    tell_side(order.purchaser, order, "供应商已交付，请逐项验收", named, key=f"lines/{at:%s}")
    return order


@transaction.atomic
def judge_lines(order, *, verdicts, by, at):
    """The purchaser accepts delivered batches, or refuses them with its reason: {delivery's pk: (accepted, reason)}.

    With all of every line accepted the order is; with nothing left to judge and something missing the supplier goes on delivering.
    """
    order = held_order(order)
    require_purchaser(by, order)
    require_by_lines(order, State.DELIVERED)
    waiting = OrderDelivery.objects.select_for_update(of=["self"]).select_related("line__item").filter(line__order=order, accepted=None)
    rows = {row.pk: row for row in waiting}
    judged = {rows[pk]: said for pk, said in verdicts.items() if pk in rows and said[0] is not None}
    if not judged:
        raise Refused("nothing_judged", "请至少对一个批次作出验收结论。", rule=cite(BATCH), status=400)
    for row, (accepted, reason) in judged.items():
        if not accepted and not reason.strip():
            raise Refused("no_reason", f"请写明拒收“{row.line.item.name}”的理由。", rule=cite(BATCH), field=f"reason_{row.pk}", status=400)
        row.accepted, row.reason, row.judged_by, row.judged_at = accepted, "" if accepted else reason.strip(), by, at
        row.save(update_fields=["accepted", "reason", "judged_by", "judged_at"])
        row.line.order = order
        enter_line(row, "accepted" if accepted else "refused", by=by)
    finish(order, left=len(rows) > len(judged), by=by, at=at)
    return order


def finish(order, *, left, by, at):
    lines = list(order.lines.prefetch_related("deliveries"))
    if all(line.accepted == line.quantity for line in lines):
        ORDER.apply(order, "accept")
        order.accepted_at = at
        order.save(update_fields=["state", "accepted_at"])
        enter(order, "accepted", by=by)
    elif not left and any(line.outstanding for line in lines):
        ORDER.apply(order, "await_rest")
        order.save(update_fields=["state"])
    tell_side(order.supplier, order, "采购人已验收" if order.accepted_at else "采购人已逐项验收，请查看", key=f"judged/{at:%s}")
