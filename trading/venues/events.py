from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class OpeningPlaced(Event):
    """Where and when a tender is opened; the last such entry holds. The only booking whose place the public may know."""

    kind = "opening.placed"
    tender: str
    booking: int
    place: str
    starts: str
    ends: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class VenueEvent(Event):
    """A booking by its number alone: where a committee sits, and when, stands in the private part."""

    booking: int

    @property
    def stream(self):
        return "venues"


@dataclass(frozen=True)
class VenueBooked(VenueEvent):
    kind = "venue.booked"


@dataclass(frozen=True)
class VenueMoved(VenueEvent):
    kind = "venue.moved"
    successor: int


@dataclass(frozen=True)
class VenueReleased(VenueEvent):
    """Given back, refused, or opened to use again after a closure."""

    kind = "venue.released"


@dataclass(frozen=True)
class AccessGiven(VenueEvent):
    """Somebody came in, by the number of the badge; the name stands in the private part."""

    kind = "venue.admitted"
    badge: int


@dataclass(frozen=True)
class AccessEnded(VenueEvent):
    """Who bears the badge has left."""

    kind = "venue.left"
    badge: int


@dataclass(frozen=True)
class PhoneKept(VenueEvent):
    """The gate of the evaluation area has taken the phone of who bears the badge, or found none."""

    kind = "venue.phone_kept"
    badge: int


@dataclass(frozen=True)
class PhoneReturned(VenueEvent):
    kind = "venue.phone_returned"
    badge: int


@dataclass(frozen=True)
class AccessRefused(VenueEvent):
    kind = "venue.turned_away"


@dataclass(frozen=True)
class FaultReported(Event):
    kind = "venue.fault_reported"
    fault: int
    blocks: bool
    stream = "venues"


@dataclass(frozen=True)
class FaultRepaired(Event):
    kind = "venue.fault_repaired"
    fault: int
    stream = "venues"
