"""The risk points as data, one file per kind of trade."""

from trading.witness.points import land, procurement, state_property, village, works

FILES = (works, procurement, land, state_property, village)
RISK_POINTS = tuple(point for file in FILES for point in file.POINTS)

__all__ = ["RISK_POINTS"]
