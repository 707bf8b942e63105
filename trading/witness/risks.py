"""一标一评估: the risk points that staff check at each stage of a lot, found by the steps that its procedure has there."""

from trading.procedures.versions import procedure_of
from trading.witness.points import RISK_POINTS
from trading.witness.stages import stage_of

BY_CODE = {row.code: row for row in RISK_POINTS}


def points_of(lot, stage, day):
    """The points of a lot's stage that are in force on a day."""
    category = procedure_of(lot.tender).category
    return [row for row in RISK_POINTS if category in row.categories and row.holds_on(day) and stage_of(lot, row.of) == stage]
