"""What a bid form holds beyond price and term: by the tender document, and from what the bidder has registered."""

from reception.register import entries_of
from rulebook.clock import city_day, database_now
from trading.bidding.declaring import declares_of
from trading.bidding.models import Bid
from trading.tenders.bill import bill_row
from trading.tenders.models import Criterion, Envelope


def parts_of(lot, bidder):
    """The bill to be priced, the register to choose from, and the form that was opened last, for the bid page."""
    return {
        "bill": [bill_row(row) for row in lot.bill.all()],
        "register": entries_of(bidder, city_day(database_now())),
        "opened": last_opened(bidder),
        "asked": asked_by(lot.tender.document),
        "blind": lot.tender.document.blind_technical,
        "declares": declares_of(lot.tender.document),
    }


def asked_by(document):
    """What the bidder's index answers, in the order in which it is judged."""
    rows = document.criteria.filter(part__in=[*Criterion.CHECKS, *Criterion.JUDGED])
    return [{"key": row.key, "part": row.get_part_display(), "title": row.title} for row in sorted(rows, key=lambda row: row.place)]


def last_opened(bidder):
    """The bidder's own form as it was read at its last opening; None before the first. Others' forms are never asked for."""
    read = Bid.objects.filter(
        bidder=bidder, opened__state="opened", opened__opening__state="closed",
        # A second envelope says nothing but prices, with which no bid begins.
        opened__opening__envelope__in=[Envelope.WHOLE, Envelope.TECHNICAL],
    )  # fmt: skip
    return read.order_by("-received_at").values_list("opened__form", flat=True).first()
