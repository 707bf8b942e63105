"""Every step that somebody may take on an order: which side, with which form, the action, and when its turn has come."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trading.frameworks import actions, forms
from trading.frameworks.models import FrameworkOrder
from trading.frameworks.sides import INVITED, PURCHASER, SUPPLIER

State, Way = FrameworkOrder.State, FrameworkOrder.Way


@dataclass(frozen=True)
class Step:
    """`do(order, form, by=…, at=…)` carries it out; `when(order, at)` says whether its turn has come; `asked` that it waits for it."""

    label: str
    side: str
    form: Any
    do: Callable[..., Any]
    when: Callable[..., bool]
    done: str
    asked: bool = True


def plain(action, *names):
    """An action on the order, given these fields of the form."""
    return lambda order, form, **who: action(order, **{name: form.cleaned_data[name] for name in names}, **who)


def hand_in(order, form, **who):
    return actions.hand_in_quote(order, form.organisation, form.prices, **who)


def quote_repair(order, form, **who):
    return actions.quote_repair(order, lines=form.quoted, findings=form.cleaned_data["findings"], **who)


def deliver_lines(order, form, **who):
    return actions.deliver_lines(order, batches=form.batches, **who)


def judge_lines(order, form, **who):
    return actions.judge_lines(order, verdicts=form.verdicts, **who)


def choose(order, form, **who):
    return actions.choose_supplier(order, form.cleaned_data["supplier"], **who)


def at_state(*states):
    return lambda order, at: order.state in states


def is_asked(order, repair, at):
    return order.state == State.ASKED and order.catalogue.is_repair == repair


def whole(state):
    """An order that is delivered and accepted as a whole, in a state."""
    return lambda order, at: order.state == state and not order.catalogue.is_medical


def has_outstanding(order, at):
    if not order.catalogue.is_medical or order.state not in (State.DECIDED, State.DELIVERED):
        return False
    return any(line.outstanding for line in order.lines.prefetch_related("deliveries"))


def has_unjudged(order, at):
    return order.state == State.DELIVERED and order.catalogue.is_medical


def is_overdue(order, at):
    return order.state == State.ASKED and order.offers.filter(state="open", due_at__lt=at).exists()


def is_competing(order, at):
    return order.state == State.COMPETING and at < order.quote_due_at


def is_closed(order, at):
    return order.state == State.COMPETING and at >= order.quote_due_at


def may_cancel(order, at):
    return order.state in (State.ASKED, State.QUOTED, State.CHOOSING) or is_competing(order, at)


STEPS = {
    "confirm": Step(
        "确认订单", SUPPLIER, forms.NothingForm, plain(actions.confirm_order), lambda order, at: is_asked(order, False, at), "已确认，订单成交并已公告。"
    ),
    "quote_repair": Step("提交维修报价", SUPPLIER, forms.RepairQuoteForm, quote_repair, lambda order, at: is_asked(order, True, at), "报价已送采购人确认。"),
    "decline": Step("不能承接", SUPPLIER, forms.WhyForm, plain(actions.decline_order, "reason"), at_state(State.ASKED), "已告知采购人。", asked=False),
    "quote": Step("提交报价", INVITED, forms.QuoteForm, hand_in, is_competing, "报价已密封保存，截止后统一开启；截止前可以重新提交。"),
    "open_quotes": Step("开启报价", PURCHASER, forms.NothingForm, plain(actions.open_quotes), is_closed, "报价已开启。"),
    "confirm_quote": Step("确认报价", PURCHASER, forms.NothingForm, plain(actions.confirm_quote), at_state(State.QUOTED), "已确认，订单成交并已公告。"),
    "refuse_quote": Step(
        "不接受报价", PURCHASER, forms.WhyForm, plain(actions.refuse_quote, "reason"), at_state(State.QUOTED), "已退回报价。", asked=False
    ),
    "choose": Step("另选供应商", PURCHASER, forms.ChoiceForm, choose, at_state(State.CHOOSING), "已发给供应商。"),
    "lapse": Step("按逾期未答复处理", PURCHASER, forms.NothingForm, plain(actions.lapse_offer), is_overdue, "已按逾期未答复处理。"),
    "deliver": Step("报告交付（完工）", SUPPLIER, forms.DeliveryForm, plain(actions.report_delivery, "delivery"), whole(State.DECIDED), "已通知采购人验收。"),
    "accept": Step("验收", PURCHASER, forms.AcceptanceForm, plain(actions.accept_delivery, "opinion"), whole(State.DELIVERED), "已验收，请评价。"),
    "send_back": Step("验收不通过", PURCHASER, forms.WhyForm, plain(actions.send_back, "reason"), whole(State.DELIVERED), "已退回整改。", asked=False),
    "deliver_lines": Step("逐项交付", SUPPLIER, forms.BatchesForm, deliver_lines, has_outstanding, "已通知采购人逐项验收。"),
    "judge_lines": Step("逐项验收", PURCHASER, forms.VerdictsForm, judge_lines, has_unjudged, "验收结论已登记。"),
    "rate": Step(
        "评价供应商", PURCHASER, forms.RatingForm, plain(actions.rate_order, "rating", "words"),
        lambda order, at: order.state == State.ACCEPTED and order.rated_at is None, "评价已登记。",
    ),
    "cancel": Step("撤销订单", PURCHASER, forms.WhyForm, plain(actions.cancel_order, "reason"), may_cancel, "订单已撤销。", asked=False),
}  # fmt: skip
ACTS = {name: step.label for name, step in STEPS.items()}


def turns_of(order, sides, at):
    """[name, step] of what the visitor's sides may do now; what waits for them first."""
    found = [(name, step) for name, step in STEPS.items() if step.side in sides and step.when(order, at)]
    return sorted(found, key=lambda pair: not pair[1].asked)
