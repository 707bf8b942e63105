"""The statutory timeline of a tender: what has happened, held against every period that the law sets it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from rulebook.clock import CITY, city_day
from rulebook.periods import DatedPeriod
from rulebook.provisions import Consequence
from trading.procedures.milestones import MILESTONES


class Status(StrEnum):
    OK = "ok"
    DUE = "due"
    OVER = "over"  # a chance that the law gave has passed unused
    MISSED = "missed"


STATUS_LABELS = {Status.OK: "符合", Status.DUE: "期限内", Status.OVER: "期限已过", Status.MISSED: "不符合"}


@dataclass(frozen=True)
class TimelineRow:
    """One period: the event that starts it, the event it limits, the permitted day and what really happened."""

    rule: DatedPeriod
    since_label: str
    since: date
    event_label: str
    bound: str
    permitted: date
    actual: date | None
    status: Status

    @property
    def status_label(self) -> str:
        return STATUS_LABELS[self.status]


CHANCES = (Consequence.REFUSE, Consequence.POSTPONE, Consequence.NOTE)


def statutory_timeline(events, procedure, *, on: date, law_of: date | None = None) -> list[TimelineRow]:
    """The periods of the procedure that the events have set running, by permitted day, as they stand on a day.

    `events` maps milestone names to dates or moments. `law_of` is the day whose law holds: that of the publication.
    """
    moments = {name: as_moment(when) for name, when in events.items() if when is not None}
    dated = [rule for rule in procedure.periods if isinstance(rule, DatedPeriod)]
    running = [rule for rule in dated if rule.holds_on(law_of or on) and rule.anchor in moments]
    rows = [row_of(rule, moments, on) for rule in running]
    return sorted(rows, key=lambda row: (row.permitted, row.rule.code))


def as_moment(when: date | datetime) -> datetime:
    return when if isinstance(when, datetime) else datetime.combine(when, time(), tzinfo=CITY)


def row_of(rule: DatedPeriod, moments: dict[str, datetime], on: date) -> TimelineRow:
    anchor = moments[rule.anchor]
    permitted = rule.permitted_on(anchor)
    actual = city_day(moments[rule.limited]) if rule.limited in moments else None
    return TimelineRow(
        rule=rule,
        since_label=MILESTONES[rule.anchor],
        since=city_day(anchor),
        event_label=MILESTONES[rule.limited],
        bound=rule.bound,
        permitted=permitted,
        actual=actual,
        status=status_of(rule, actual, permitted, on),
    )


def status_of(rule: DatedPeriod, actual: date | None, permitted: date, on: date) -> Status:
    if actual is not None:
        return Status.OK if rule.is_kept(actual, permitted) else Status.MISSED
    if on <= permitted or rule.bound == "不早于":
        return Status.DUE
    return Status.OVER if rule.consequence in CHANCES else Status.MISSED
