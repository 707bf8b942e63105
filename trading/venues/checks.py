"""What the audit compares: where an opening was said to be with the booking it speaks of."""

from ledger.audit import register
from ledger.canonical import instant
from trading.venues.models import VenueBooking


def place_is_unchanged(body):
    said = body["d"]
    booking = VenueBooking.objects.filter(pk=said["booking"], tender__number=said["tender"]).first()
    if booking is None or (booking.place, instant(booking.starts_at), instant(booking.ends_at)) != (
        said["place"],
        said["starts"],
        said["ends"],
    ):
        return "开标场地安排与存证不符"
    return None


register("opening.placed", place_is_unchanged)
