"""What the sealed form of an envelope may hold, by version. Version 1: price, term_days, quality, manager.

Version 2 adds what follows the document: `price_table` ({"items": [[code, unit price, sum], …], "total"} or null) and, filled from
the bidder's register, `team`, `qualifications` and `records` (lists of objects of short texts).

Version 3 adds the bidder's own index of its files: `index` ([{"criterion": "technical/1", "path": "f/0001", "page": 87}, …]) and
`technical_files`, how many of the first files are the technical ones.

Version 4 adds `declarations`: what trading.bidding.declaring says.

With two envelopes price and price table are in the commercial one and the rest is in the technical one.
"""

import re

from rulebook.refusals import Refused
from sealing.container import Corrupt
from trading.bidding.declaring import are_declarations
from trading.tenders.arithmetic import read_table
from trading.tenders.models import Envelope

LISTS = {
    "team": {"name", "post", "certificate", "number", "until"},
    "qualifications": {"name", "grade", "number", "until"},
    "records": {"name", "client", "amount", "on", "number"},
}
PRICE, OFFER = {"price"}, {"term_days", "quality", "manager"}
INDEX, DECLARED = {"index", "technical_files"}, {"declarations"}
# Version 1 of each envelope's form, and what versions 2, 3 and 4 add. A first envelope that names a price is not read at all.
FIELDS = {
    Envelope.WHOLE: (PRICE | OFFER, {"v", "price_table", *LISTS}, INDEX, DECLARED),
    Envelope.TECHNICAL: (OFFER, {"v", *LISTS}, INDEX, DECLARED),
    Envelope.COMMERCIAL: (PRICE, {"v", "price_table"}, set(), set()),
}
MOST = 100
MOST_CRITERIA, MOST_PAGES = 500, 100_000
CRITERION, PATH = re.compile(r"[a-z]{1,16}/[0-9]{1,4}"), re.compile(r"f/[0-9]{4}")


def part_of(form: dict, envelope: str) -> dict:
    """What of a whole bid's form, of whatever version, goes into an envelope."""
    return {name: value for name, value in form.items() if name in set().union(*FIELDS[envelope])}


def check_fields(form: object, envelope: str) -> None:
    """Corrupt unless the form has exactly the fields of its version in this envelope."""
    if not isinstance(form, dict):
        raise Corrupt("the form is no object")
    first, added, further, declared = FIELDS[envelope]
    if set(form) == first:
        return
    versions = {2: first | added, 3: first | added | further, 4: first | added | further | declared}
    if not any(set(form) == fields and form["v"] == version for version, fields in versions.items()):
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
    if "index" in form:
        check_index(form["index"], form["technical_files"])
    if "declarations" in form and not are_declarations(form["declarations"]):
        raise Corrupt("the declarations are not written as asked")
    if form.get("price_table") is not None:
        try:
            read_table(form["price_table"])
        except Refused as wrong:
            raise Corrupt("the price table is not written as asked") from wrong


def check_index(rows: object, technical_files: object) -> None:
    """Corrupt unless each criterion is answered at most once, on a page of a file. Whether there is such a file only its bidder must care."""
    right = (
        isinstance(rows, list)
        and len(rows) <= MOST_CRITERIA
        and all(isinstance(row, dict) and set(row) == {"criterion", "path", "page"} for row in rows)
        and all(isinstance(row["criterion"], str) and CRITERION.fullmatch(row["criterion"]) for row in rows)
        and all(isinstance(row["path"], str) and PATH.fullmatch(row["path"]) for row in rows)
        and all(type(row["page"]) is int and 0 < row["page"] <= MOST_PAGES for row in rows)
        and len({row["criterion"] for row in rows}) == len(rows)
        and type(technical_files) is int
        and 0 <= technical_files < 10_000
    )
    if not right:
        raise Corrupt("the index is not written as asked")
