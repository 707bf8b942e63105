"""What the committee sees of a bid's form beside its price: arithmetic corrections by rule, and what came from the register."""

from dataclasses import dataclass

from trading.tenders.arithmetic import Correction, corrections


@dataclass(frozen=True)
class Sums:
    """How a bid's numbers add up: the corrections, the price as read out and the price by rule."""

    corrections: list[Correction]
    price: object
    by_rule: object


def sums_of(lot, bid):
    """None where the tender has no bill to be priced."""
    bill = list(lot.bill.all())
    if not bill or bid.price is None:
        return None
    category = lot.tender.project.category
    found, price = corrections(bill, bid.form.get("price_table"), bid.price, category=category)
    return Sums(found, bid.price, price)


def with_sums(lot, bids):
    """The bids, each with `sums` for its head on the desk."""
    for bid in bids:
        bid.sums = sums_of(lot, bid)
    return bids
