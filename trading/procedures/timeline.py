"""The statutory timeline of a tender: what has happened, held against every period that the law sets it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from rulebook.clock import CITY, city_day
from rulebook.periods import WORKING, DatedPeriod, ExactPeriod, MaximumPeriod, Period
from rulebook.provisions import CONFIDENCE, Consequence
from rulebook.workdays import workdays_between
from trading.procedures.milestones import BY_ITSELF, MANY, MILESTONES, NOT_PUBLIC, TAKEN_BACK, actor_of
from trading.procedures.rules import local


class Status(StrEnum):
    OK = "ok"
    DUE = "due"
    OVER = "over"  # a chance that the law gave has passed unused
    MISSED = "missed"


STATUS_LABELS = {Status.OK: "符合", Status.DUE: "期限内", Status.OVER: "期限已过", Status.MISSED: "不符合"}


@dataclass(frozen=True)
class Occurrence:
    """That an event happens at a moment; `reference` tells one occurrence from another (an objection's number)."""

    name: str
    at: datetime
    reference: str = ""


@dataclass(frozen=True)
class TimelineRow:
    """One period: the event that starts it, the event it limits, the permitted day and what really happened.

    `planned` marks an event that lies ahead, as the document plans it. `waived` is the official act that set another day.
    `paused` counts the days (working days, where the rule counts those) that were left out of account.
    """

    rule: DatedPeriod
    since_label: str
    since: date
    event_label: str
    bound: str
    permitted: date
    actual: date | None
    status: Status
    reference: str = ""
    planned: bool = False
    waived: Any = None
    paused: int = 0

    @property
    def status_label(self) -> str:
        if self.planned and self.status == Status.OK:
            return "计划符合"
        if self.status == Status.MISSED and self.actual is None:
            return "已超期"
        return STATUS_LABELS[self.status]

    @property
    def confidence(self) -> str:
        return CONFIDENCE[self.rule.confidence]

    @property
    def actor(self) -> str:
        return actor_of(self.rule.limited)

    @property
    def is_running(self) -> bool:
        """Whether somebody still has until the permitted day to act."""
        return self.actual is None and self.status == Status.DUE and self.bound != "不早于"

    @property
    def is_public(self) -> bool:
        """Whether the tender's public page shows it; how long records are kept says nothing of this tender."""
        return self.rule.consequence != Consequence.KEEP and not {self.rule.start, self.rule.end} & NOT_PUBLIC

    @property
    def key(self) -> str:
        """Names this period of this occurrence among all of a tender."""
        return f"{self.rule.code}/{self.rule.end}/{self.reference}"


CHANCES = (Consequence.REFUSE, Consequence.POSTPONE, Consequence.NOTE)
# What this city asks of every way to trade; its other periods stand in the procedures that they time.
LOCAL = (local.NOTICE_AFTER_ENTRY, local.NOTICE_AFTER_URGING)

Events = Mapping[str, date | datetime | None] | Iterable[Occurrence]


def statutory_timeline(events: Events, procedure, *, on: date, law_of: date | None = None, waivers=None) -> list[TimelineRow]:
    """The periods of the procedure that the events have set running, by permitted day, as they stand on a day.

    `events` maps milestone names to dates or moments, or lists occurrences where one event may come several times.
    `law_of` is the day whose law holds: that of the publication. `waivers` maps rule codes to what has an `until` day.
    """
    known = by_name(events)
    dated = [rule for rule in (*procedure.periods, *LOCAL) if isinstance(rule, DatedPeriod) and rule.holds_on(law_of or on)]
    rows = [row_of(rule, anchor, known, on, (waivers or {}).get(rule.code)) for rule in dated for anchor in anchors_of(rule.anchor, known)]
    return sorted(rows, key=lambda row: (row.permitted, row.rule.code, row.reference))


def by_name(events: Events) -> dict[str, list[Occurrence]]:
    """All occurrences of each event, the earliest first."""
    if isinstance(events, Mapping):
        events = [Occurrence(name, as_moment(when)) for name, when in events.items() if when is not None]
    known = defaultdict(list)
    for each in sorted(events, key=lambda each: each.at):
        known[each.name].append(each)
    return known


def as_moment(when: date | datetime) -> datetime:
    return when if isinstance(when, datetime) else datetime.combine(when, time(), tzinfo=CITY)


def anchors_of(name: str, known: dict[str, list[Occurrence]]) -> list[Occurrence]:
    """The occurrences from which a period runs: each of those that come in numbers and was not taken back, else the latest."""
    found = known.get(name, [])
    undone = {each.reference for each in known.get(TAKEN_BACK.get(name, ""), [])}
    # A complaint that was corrected runs anew as "number/2", and is taken back as a whole.
    found = [each for each in found if each.reference.split("/")[0] not in undone]
    return found if name in MANY else found[-1:]


def limited_by(rule: DatedPeriod, anchor: Occurrence, known: dict[str, list[Occurrence]]) -> Occurrence | None:
    """The event that the period limits: of the same occurrence where it is numbered, else the latest there is."""
    found = known.get(rule.limited, [])
    if anchor.reference:
        same = [each for each in found if each.reference == anchor.reference]
        found = same or [each for each in found if not each.reference]
    return found[-1] if found else None


def row_of(rule: DatedPeriod, anchor: Occurrence, known: dict[str, list[Occurrence]], on: date, waiver: Any) -> TimelineRow:
    permitted, paused = permitted_day(rule, anchor, known, on)
    if waiver is not None:
        permitted = waiver.until
    limited = limited_by(rule, anchor, known)
    actual = city_day(limited.at) if limited else None
    if actual is None and isinstance(rule, ExactPeriod) and rule.limited in BY_ITSELF:
        actual = permitted
    return TimelineRow(
        rule=rule,
        since_label=MILESTONES[rule.anchor],
        since=city_day(anchor.at),
        event_label=MILESTONES[rule.limited],
        bound=rule.bound,
        permitted=permitted,
        actual=actual,
        status=status_of(rule, actual, permitted, on),
        reference=anchor.reference,
        planned=actual is not None and actual > on,
        waived=waiver,
        paused=paused,
    )


def permitted_day(rule: DatedPeriod, anchor: Occurrence, known: dict[str, list[Occurrence]], on: date) -> tuple[date, int]:
    """The permitted day and how many days were left out of account before it, as the rule says."""
    paused = 0
    stops = pauses_of(rule, anchor, known, on) if isinstance(rule, MaximumPeriod) else []
    while True:
        permitted = replace(rule, days=rule.days + paused).permitted_on(anchor.at)
        left_out = sum(units_within(rule, stop, (city_day(anchor.at), permitted)) for stop in stops)
        if left_out == paused:
            return permitted, paused
        paused = left_out


def pauses_of(rule: Period, anchor: Occurrence, known: dict[str, list[Occurrence]], on: date) -> list[tuple[date, date]]:
    """The spans of days in which the period stood still; one that has not ended lasts until today."""
    spans = []
    for begins, ends in rule.pauses:
        over = {each.reference: city_day(each.at) for each in known.get(ends, [])}
        for each in known.get(begins, []):
            if anchor.reference and not f"{each.reference}/".startswith(f"{anchor.reference}/"):
                continue
            spans.append((city_day(each.at), over.get(each.reference, max(on, city_day(each.at)))))
    return merged(spans)


def merged(spans: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """The same spans without overlaps, so that no day is left out twice."""
    found: list[tuple[date, date]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def units_within(rule: Period, stop: tuple[date, date], window: tuple[date, date]) -> int:
    first, last = max(stop[0], window[0]), min(stop[1], window[1])
    if last <= first:
        return 0
    return workdays_between(first, last) if rule.unit == WORKING else (last - first).days


def status_of(rule: DatedPeriod, actual: date | None, permitted: date, on: date) -> Status:
    if actual is not None:
        return Status.OK if rule.is_kept(actual, permitted) else Status.MISSED
    if on <= permitted or rule.bound == "不早于":
        return Status.DUE
    return Status.OVER if rule.consequence in CHANCES else Status.MISSED
