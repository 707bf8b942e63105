"""What collector, purchasers and suppliers do in the second stage of a framework agreement."""

from trading.frameworks.actions.carrying import accept_delivery, rate_order, report_delivery, send_back
from trading.frameworks.actions.catalogue import add_item, lower_price, open_catalogue, withdraw_item
from trading.frameworks.actions.competing import hand_in_quote, open_quotes
from trading.frameworks.actions.delivering import deliver_lines, judge_lines
from trading.frameworks.actions.ordering import (
    cancel_order,
    choose_supplier,
    confirm_order,
    confirm_quote,
    decline_order,
    lapse_offer,
    place_order,
    quote_repair,
    refuse_quote,
)

__all__ = [
    "accept_delivery",
    "add_item",
    "cancel_order",
    "choose_supplier",
    "confirm_order",
    "confirm_quote",
    "decline_order",
    "deliver_lines",
    "hand_in_quote",
    "judge_lines",
    "lapse_offer",
    "lower_price",
    "open_catalogue",
    "open_quotes",
    "place_order",
    "quote_repair",
    "rate_order",
    "refuse_quote",
    "report_delivery",
    "send_back",
    "withdraw_item",
]
