"""How the centre lends its rooms: hours and usual lengths, as data the centre may change."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from rulebook.provisions import Rule
from trading.venues.models import Venue, VenueBooking

Purpose, Kind = VenueBooking.Purpose, Venue.Kind


@dataclass(frozen=True, kw_only=True)
class LendingHours(Rule):
    """From when to when a room is offered on a working day, in steps of `step`, and how long an opening usually takes."""

    opens: time
    closes: time
    step: timedelta
    opening_takes: timedelta
    # How far ahead a free time is looked for.
    looks_ahead: timedelta


LENDING = LendingHours(
    code="venue-hours", says="场地在工作日 8:30 至 18:00 之间安排，开标按两小时预留", source="交易中心场地安排（平台设计值，可调整）",
    since=date(2024, 1, 1), confidence="D", opens=time(8, 30), closes=time(18), step=timedelta(minutes=30),
    opening_takes=timedelta(hours=2), looks_ahead=timedelta(days=21),
)  # fmt: skip

# Which rooms serve which purpose; any room can be closed.
SERVES = {
    Purpose.OPENING: (Kind.OPENING, Kind.AUCTION),
    Purpose.EVALUATION: (Kind.EVALUATION, Kind.REMOTE),
    Purpose.AUCTION: (Kind.AUCTION, Kind.OPENING),
    Purpose.NEGOTIATION: (Kind.NEGOTIATION, Kind.EVALUATION),
    Purpose.MEETING: (Kind.OPENING, Kind.NEGOTIATION, Kind.AUCTION),
    Purpose.CLOSED: tuple(Kind),
}
