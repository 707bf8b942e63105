"""How points are made: pure functions over Decimal yuan, a file for each family.

Ratios keep full precision; each scored item is rounded half up to two places and then added. Parameters come from the
tender document's settings; bounds of law come from the rules (trading.methods.rules).
"""

from trading.evaluation.methods.alarms import LowPrices, below_range, low_price_reasons, price_range
from trading.evaluation.methods.credit import consortium_credit, credit_points
from trading.evaluation.methods.drawing import draw_index, drawn_coefficient, drawn_lot, drawn_order, seed_of
from trading.evaluation.methods.evaluated import deducted_price, evaluated_price, value_ratio
from trading.evaluation.methods.evaluating import EVALUATED, Item, Offer, Outcome, Placed, evaluate, price_points
from trading.evaluation.methods.explaining import explained
from trading.evaluation.methods.marks import combined_mark, deviation_share, is_outlier
from trading.evaluation.methods.points import mean, points
from trading.evaluation.methods.pricing import (
    benchmark_points,
    combined_benchmark,
    deviation_of,
    deviation_points,
    lowest_price_points,
    mean_benchmark,
)
from trading.evaluation.methods.ranking import (
    OPEN,
    TIE_WORDS,
    Row,
    brands_counted,
    eliminated,
    entrants,
    first_of_brand,
    highest_bid,
    ranked,
    ranked_by_price,
)
from trading.evaluation.methods.trimming import trimmed

__all__ = [
    "EVALUATED", "OPEN", "TIE_WORDS", "Item", "LowPrices", "Offer", "Outcome", "Placed", "Row", "below_range", "benchmark_points",
    "brands_counted", "combined_benchmark", "combined_mark", "consortium_credit", "credit_points", "deducted_price", "deviation_of",
    "deviation_points", "deviation_share", "draw_index", "drawn_coefficient", "drawn_lot", "drawn_order", "eliminated", "entrants", "evaluate",
    "evaluated_price", "explained", "first_of_brand", "highest_bid", "is_outlier", "low_price_reasons", "lowest_price_points", "mean", "mean_benchmark",
    "points", "price_points", "price_range", "ranked", "ranked_by_price", "seed_of", "trimmed", "value_ratio",
]  # fmt: skip
