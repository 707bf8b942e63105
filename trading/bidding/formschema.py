"""What a sealed bid form may hold, by version. Version 1: price, term_days, quality, manager.

Version 2 adds what follows the document: `price_table` ({"items": [[code, unit price, sum], …], "total"} or null) and, filled from
the bidder's register, `team`, `qualifications` and `records` (lists of objects of short texts).
"""

from rulebook.refusals import Refused
from sealing.container import Corrupt
from trading.tenders.arithmetic import read_table

BASE = {"price", "term_days", "quality", "manager"}
LISTS = {
    "team": {"name", "post", "certificate", "number", "until"},
    "qualifications": {"name", "grade", "number", "until"},
    "records": {"name", "client", "amount", "on", "number"},
}
MOST = 100


def check_fields(form: object) -> None:
    """Corrupt unless the form has exactly the fields of its version."""
    if not isinstance(form, dict):
        raise Corrupt("the form is no object")
    if set(form) == BASE:
        return
    if set(form) != BASE | {"v", "price_table", *LISTS} or form["v"] != 2:
        raise Corrupt("the form has the wrong fields")
    for name, fields in LISTS.items():
        rows = form[name]
        if not isinstance(rows, list) or len(rows) > MOST:
            raise Corrupt(f"{name} is no list of reasonable length")
        for row in rows:
            if (
                not isinstance(row, dict)
                or set(row) != fields
                or not all(isinstance(text, str) and len(text) <= 300 for text in row.values())
            ):
                raise Corrupt(f"{name} is not written as asked")
    if form["price_table"] is not None:
        try:
            read_table(form["price_table"])
        except Refused as wrong:
            raise Corrupt("the price table is not written as asked") from wrong
