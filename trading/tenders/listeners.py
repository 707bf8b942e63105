"""What tenders do when a room below says that something has happened."""

from ledger.delivery import listens
from postbox.actions import tell_members
from trading.projects.models import Tender
from trading.tenders.models import TenderDocument
from trading.venues.events import OpeningPlaced
from trading.venues.models import VenueBooking


@listens(OpeningPlaced)
def keep_place(event):
    """The centre has given an opening another hall: document and halls say so, and whoever took the document is told."""
    booking = VenueBooking.objects.get(pk=event.booking)
    if not booking.is_standing or booking.previous is None:
        return
    tender = Tender.objects.get(number=event.tender)
    TenderDocument.objects.filter(tender=tender).update(hall=booking.venue, opening_place=booking.place)
    for holder in tender.holders.select_related("organisation"):
        tell_members(
            holder.organisation, f"开标地点：{tender.name}", f"开标地点为{booking.place}。",
            link=f"/my/tenders/{tender.number}/", key=f"opening-place/{booking.pk}",
        )  # fmt: skip
