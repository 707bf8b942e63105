"""How much later a deadline falls when the platform failed before it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from rulebook.clock import CITY
from rulebook.provisions import Rule
from rulebook.workdays import is_workday, next_workday


@dataclass(frozen=True, kw_only=True)
class OutageExtension(Rule):
    """An outage of at least `shortest` that touches the last `within` before a deadline moves it.

    Up to `short` the deadline falls `after_short` later, beyond `after_long`; counted from the deadline, or from the end of the
    outage if that came later. A moment outside the hours in which openings are held (`first_hour` to `last_hour`, working
    days) moves on to the next moment inside them.
    """

    within: timedelta
    shortest: timedelta
    short: timedelta
    after_short: timedelta
    after_long: timedelta
    first_hour: time
    last_hour: time

    def touches(self, began: datetime, ended: datetime | None, deadline: datetime) -> bool:
        """Whether an outage lay, in part at least, in the time before the deadline that counts; `ended` None: it goes on."""
        return began < deadline and (ended is None or ended > deadline - self.within)

    def counts(self, began: datetime, ended: datetime) -> bool:
        return ended - began >= self.shortest

    def new_deadline(self, began: datetime, ended: datetime, deadline: datetime) -> datetime:
        later = self.after_short if ended - began <= self.short else self.after_long
        return self.into_hours(max(deadline, ended) + later)

    def into_hours(self, moment: datetime) -> datetime:
        """The moment itself, or the next at which an opening can be held."""
        local = moment.astimezone(CITY)
        day, hour = local.date(), local.time()
        if hour > self.last_hour or not is_workday(day):
            late = hour > self.last_hour and is_workday(day)
            day = next_workday(day + timedelta(days=1) if late else day)
            hour = self.first_hour if late or not self.first_hour <= hour <= self.last_hour else hour
        hour = max(hour, self.first_hour)
        return datetime.combine(day, hour, tzinfo=CITY)
