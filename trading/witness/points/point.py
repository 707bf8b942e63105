"""One risk point of 一标一评估: at which steps of which trades it is checked, and on what basis."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from rulebook.provisions import Consequence, Rule


class Severity(StrEnum):
    HINT = "提示"
    WARN = "一般"
    HIGH = "较高"
    GRAVE = "重大"


@dataclass(frozen=True, kw_only=True)
class RiskPoint(Rule):
    """`says` is the risk, `look` what to look at; `limit` what the signal is measured by, if it is.

    It is checked in the first stage that has one of the steps `of`, named by their codes or by the rooms that carry them out.
    """

    of: tuple[str, ...]
    categories: tuple[str, ...]
    look: str
    severity: Severity
    limit: Decimal | timedelta | int | None = None
    consequence: Consequence = Consequence.ALERT


SINCE = date(2024, 1, 1)
LOCAL = "平台内部控制要求（地方做法，可调整）"
ELECTRONIC = "《电子招标投标办法》"
H, W, G, I = Severity.HIGH, Severity.WARN, Severity.GRAVE, Severity.HINT  # noqa: E741 - one letter each, as in the table


def points(categories, rows):
    """The points of a kind of trade from rows of code, steps, severity, risk, what to look at, basis, how sure, and a limit."""
    return tuple(
        RiskPoint(
            code=code, of=of, categories=categories, severity=severity, says=says, look=look, source=source, since=SINCE,
            confidence=more[0] if more else "V", limit=more[1] if len(more) > 1 else None,
        )
        for code, of, severity, says, look, source, *more in rows
    )  # fmt: skip
