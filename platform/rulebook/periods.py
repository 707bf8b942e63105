"""Words for law: periods, ceilings and counts, each with its article, its dates and how sure we are of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from rulebook.clock import CITY, city_day
from rulebook.refusals import Refused
from rulebook.workdays import add_workdays, end_of_days, workdays_between

CALENDAR, WORKING = "calendar_day", "working_day"
UNITS = {CALENDAR: "日", WORKING: "个工作日"}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One provision: `code` of our rule table, `says` in Chinese, `source` the article, `confidence` V to L, S or D."""

    code: str
    says: str
    source: str
    since: date
    until: date | None = None
    confidence: str = "V"

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def refuse(self, message, *, field="", next_step=""):
        raise Refused(self.code, message, rule=f"{self.source}：{self.says}", field=field, next_step=next_step)


@dataclass(frozen=True, kw_only=True)
class Period(Rule):
    """A number of days between two events."""

    days: int
    unit: str = CALENDAR

    def words(self) -> str:
        return f"{self.days} {UNITS[self.unit]}"


@dataclass(frozen=True, kw_only=True)
class MinimumPeriod(Period):
    """At least so many days must lie between start and end."""

    def earliest(self, start: date) -> date:
        """The first day on which the period may end."""
        return add_workdays(start, self.days) if self.unit == WORKING else start + timedelta(days=self.days)

    def latest_start(self, end: date) -> date:
        """The last day on which the period may start."""
        start = end - timedelta(days=self.days)
        while self.unit == WORKING and workdays_between(start, end) < self.days:
            start -= timedelta(days=1)
        return start

    def check(self, start: datetime, end: datetime, *, field="", subject="") -> None:
        """Refuse when the days between the two moments are fewer; names the first permitted day."""
        first = self.earliest(city_day(start))
        if city_day(end) < first:
            self.refuse(
                f"{subject or '时间'}不得早于 {first:%Y-%m-%d}（{self.says}）",
                field=field,
                next_step=f"请改为 {first:%Y-%m-%d} 或以后。",
            )


@dataclass(frozen=True, kw_only=True)
class MaximumPeriod(Period):
    """Something must be done within so many days."""

    def due_on(self, start: date) -> date:
        return add_workdays(start, self.days) if self.unit == WORKING else end_of_days(start, self.days)

    def due_at(self, start: datetime) -> datetime:
        """The end of the last day, in the city's time."""
        last = self.due_on(city_day(start))
        return datetime(last.year, last.month, last.day, 23, 59, 59, 999999, tzinfo=CITY)


@dataclass(frozen=True, kw_only=True)
class ShowingPeriod(MinimumPeriod):
    """Something must hang out for at least so many days; it ends with the last of them."""

    def ends_at(self, start: datetime) -> datetime:
        first = self.earliest(city_day(start))
        last = first if self.unit == WORKING else end_of_days(city_day(start), self.days)
        return datetime(last.year, last.month, last.day, 23, 59, 59, 999999, tzinfo=CITY)


@dataclass(frozen=True, kw_only=True)
class Ceiling(Rule):
    """An amount may be at most a share of a base, and at most a fixed sum."""

    share: Decimal
    most: Decimal | None = None

    def limit(self, base: Decimal) -> Decimal:
        limit = (base * self.share).quantize(Decimal("0.01"), rounding="ROUND_FLOOR")
        return limit if self.most is None else min(limit, self.most)

    def check(self, amount: Decimal, *, base: Decimal, field="", subject="金额") -> None:
        limit = self.limit(base)
        if amount > limit:
            self.refuse(f"{subject}不得超过 {limit:,.2f} 元（{self.says}）", field=field, next_step="请调低后再试。")


@dataclass(frozen=True, kw_only=True)
class MinimumShare(Rule):
    """A part must be at least a share of the whole."""

    numerator: int
    denominator: int

    def check(self, part: int, *, base: int, field="") -> None:
        if part * self.denominator < base * self.numerator:
            self.refuse(self.says, field=field)


@dataclass(frozen=True, kw_only=True)
class MinimumCount(Rule):
    minimum: int

    def check(self, count: int, *, field="") -> None:
        if count < self.minimum:
            self.refuse(self.says, field=field)


def in_force(rules, day: date):
    """The version of a rule that holds on a day; a rule is one entry or a tuple of entries over time."""
    versions = rules if isinstance(rules, tuple) else (rules,)
    found = [rule for rule in versions if rule.holds_on(day)]
    if not found:
        raise LookupError(f"no version of {versions[0].code} holds on {day}")
    return found[0]
