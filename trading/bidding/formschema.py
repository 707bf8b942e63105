"""What the sealed form of an envelope may hold, by version. Version 1: price, term_days, quality, manager.

Version 2 adds what follows the document: `price_table` ({"items": [[code, unit price, sum], …], "total"} or null) and, filled from
the bidder's register, `team`, `qualifications` and `records` (lists of objects of short texts).

With two envelopes price and price table are in the commercial one and the rest is in the technical one.
"""

from rulebook.refusals import Refused
from sealing.container import Corrupt
from trading.tenders.arithmetic import read_table
from trading.tenders.models import Envelope

LISTS = {
    "team": {"name", "post", "certificate", "number", "until"},
    "qualifications": {"name", "grade", "number", "until"},
    "records": {"name", "client", "amount", "on", "number"},
}
PRICE, OFFER = {"price"}, {"term_days", "quality", "manager"}
# Version 1 of each envelope's form, and what version 2 adds. A first envelope that names a price is not read at all.
FIELDS = {
    Envelope.WHOLE: (PRICE | OFFER, {"v", "price_table", *LISTS}),
    Envelope.TECHNICAL: (OFFER, {"v", *LISTS}),
    Envelope.COMMERCIAL: (PRICE, {"v", "price_table"}),
}
MOST = 100


def part_of(form: dict, envelope: str) -> dict:
    """What of a whole bid's form, of either version, goes into an envelope."""
    first, added = FIELDS[envelope]
    return {name: value for name, value in form.items() if name in first | added}


def check_fields(form: object, envelope: str) -> None:
    """Corrupt unless the form has exactly the fields of its version in this envelope."""
    if not isinstance(form, dict):
        raise Corrupt("the form is no object")
    first, added = FIELDS[envelope]
    if set(form) == first:
        return
    if set(form) != first | added or form["v"] != 2:
        raise Corrupt("the form has the wrong fields")
    for name in added & set(LISTS):
        rows, fields = form[name], LISTS[name]
        if not isinstance(rows, list) or len(rows) > MOST:
            raise Corrupt(f"{name} is no list of reasonable length")
        for row in rows:
            if (
                not isinstance(row, dict)
                or set(row) != fields
                or not all(isinstance(text, str) and len(text) <= 300 for text in row.values())
            ):
                raise Corrupt(f"{name} is not written as asked")
    if form.get("price_table") is not None:
        try:
            read_table(form["price_table"])
        except Refused as wrong:
            raise Corrupt("the price table is not written as asked") from wrong
