"""Periods between two events: at least, at most, or exactly so long, each with its article."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from rulebook.clock import CITY, city_day
from rulebook.provisions import Rule
from rulebook.workdays import add_workdays, next_workday, take_workdays

CALENDAR, WORKING = "calendar_day", "working_day"
UNITS = {CALENDAR: "日", WORKING: "个工作日"}


def add_months(day: date, count: int) -> date:
    """The same day so many months later, or the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_end(day: date) -> datetime:
    """The last moment of a day in the city."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=CITY)


@dataclass(frozen=True, kw_only=True)
class Period(Rule):
    """A length of time from the event `start` to the event `end` (names of milestones); the start day is not counted.

    `pauses` are pairs of events between which time is not counted, where the provision says so.
    """

    days: int = 0
    unit: str = CALENDAR
    months: int = 0
    hours: int = 0
    start: str = ""
    end: str = ""
    pauses: tuple[tuple[str, str], ...] = ()

    def words(self) -> str:
        if self.months:
            return f"{self.months // 12} 年" if self.months % 12 == 0 else f"{self.months} 个月"
        return f"{self.hours} 小时" if self.hours else f"{self.days} {UNITS[self.unit]}"

    @property
    def anchor(self) -> str:
        """The event that sets the period running."""
        return self.start

    @property
    def limited(self) -> str:
        """The event whose day the period limits."""
        return self.end

    def reach(self, start: date) -> date:
        """The day that lies the whole period after `start`, before any holiday is considered."""
        if self.unit == WORKING:
            return add_workdays(start, self.days)
        return add_months(start, self.months) + timedelta(days=self.days)


@dataclass(frozen=True, kw_only=True)
class MinimumPeriod(Period):
    """At least so many days must lie between start and end. A holiday at the end changes nothing.

    With `counts_back` the end is given and the start is what the law limits: "at least 15 days before the deadline".
    """

    counts_back: bool = False

    @property
    def anchor(self) -> str:
        return self.end if self.counts_back else self.start

    @property
    def limited(self) -> str:
        return self.start if self.counts_back else self.end

    @property
    def bound(self) -> str:
        return "不晚于" if self.counts_back else "不早于"

    def permitted_on(self, anchor: datetime) -> date:
        return self.latest_start(city_day(anchor)) if self.counts_back else self.earliest(city_day(anchor))

    def is_kept(self, actual: date, permitted: date) -> bool:
        return actual <= permitted if self.counts_back else actual >= permitted

    def earliest(self, start: date) -> date:
        """The first day on which the period may end."""
        return self.reach(start)

    def latest_start(self, end: date) -> date:
        """The last day on which the period may start."""
        if self.unit == WORKING:
            return take_workdays(end, self.days)
        return add_months(end, -self.months) - timedelta(days=self.days)

    def check(self, start: datetime, end: datetime, *, field: str = "", subject: str = "") -> None:
        """Refuse when the days between the two moments are fewer; names the first permitted day."""
        first = self.earliest(city_day(start))
        if city_day(end) < first:
            self.refuse(
                f"{subject or '时间'}不得早于 {first:%Y-%m-%d}（{self.says}）",
                field=field,
                next_step=f"请改为 {first:%Y-%m-%d} 或以后。",
            )

    def check_start(self, start: datetime, end: datetime, *, field: str = "", subject: str = "") -> None:
        """Refuse a start that comes too late before a fixed end; names the last permitted day."""
        last = self.latest_start(city_day(end))
        if city_day(start) > last:
            self.refuse(f"{subject or '时间'}不得晚于 {last:%Y-%m-%d}（{self.says}）", field=field)


@dataclass(frozen=True, kw_only=True)
class MaximumPeriod(Period):
    """Something must be done within so many days; if the last of them is a rest day, the next working day counts."""

    bound: ClassVar[str] = "不晚于"

    def permitted_on(self, anchor: datetime) -> date:
        return city_day(self.due_at(anchor))

    def is_kept(self, actual: date, permitted: date) -> bool:
        return actual <= permitted

    def due_on(self, start: date) -> date:
        if self.unit == WORKING:
            return self.reach(start)
        return next_workday(self.reach(start))

    def due_at(self, start: datetime) -> datetime:
        """The last moment: the end of the last day in the city's time, or the hour where hours are counted."""
        if self.hours:
            return start + timedelta(hours=self.hours)
        return day_end(self.due_on(city_day(start)))

    def check(self, start: datetime, end: datetime, *, field: str = "", subject: str = "") -> None:
        """Refuse what comes after the last moment; names it."""
        due = self.due_at(start).astimezone(CITY)
        if end > due:
            shown = f"{due:%Y-%m-%d %H:%M}" if self.hours else f"{due:%Y-%m-%d}"
            self.refuse(f"{subject or '时间'}不得晚于 {shown}（{self.says}）", field=field)


@dataclass(frozen=True, kw_only=True)
class ShowingPeriod(MinimumPeriod):
    """Something must hang out for at least so many days; it ends with the last of them."""

    def ends_at(self, start: datetime) -> datetime:
        first = self.earliest(city_day(start))
        return day_end(first if self.unit == WORKING else next_workday(first))


@dataclass(frozen=True, kw_only=True)
class ExactPeriod(Period):
    """The end follows the start by exactly so much; a period of nothing means the same day."""

    bound: ClassVar[str] = "应为"

    def permitted_on(self, anchor: datetime) -> date:
        return self.falls_on(city_day(anchor))

    def is_kept(self, actual: date, permitted: date) -> bool:
        return actual == permitted

    def falls_on(self, start: date) -> date:
        return self.reach(start)

    def check(self, start: datetime, end: datetime, *, field: str = "", subject: str = "") -> None:
        day = self.falls_on(city_day(start))
        if city_day(end) != day:
            self.refuse(f"{subject or '时间'}应为 {day:%Y-%m-%d}（{self.says}）", field=field, next_step=f"请改为 {day:%Y-%m-%d}。")


# The periods whose length is known from the rule alone, so that a day follows from their anchor.
DatedPeriod = MinimumPeriod | MaximumPeriod | ExactPeriod


@dataclass(frozen=True, kw_only=True)
class StatedPeriod(Period):
    """The law leaves the length to the tender document and asks only that one be stated; `days` is what we propose."""

    def until_day(self, start: date, stated: int) -> date:
        self.check(stated)
        return start + timedelta(days=stated)

    def check(self, stated: int, *, field: str = "") -> None:
        if stated < 1:
            self.refuse(f"请填写天数（{self.says}）", field=field, next_step=f"通常为 {self.days} 日。")


@dataclass(frozen=True, kw_only=True)
class MonthDay(Rule):
    """Something is due each month by a day of the month."""

    day: int

    def due_on(self, month: date) -> date:
        return month.replace(day=self.day)
