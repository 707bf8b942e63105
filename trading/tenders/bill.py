"""A lot's bill of quantities: kept from the agency's spreadsheet, priced by bidders in their browsers."""

from ledger.canonical import HJ, b64u


def bill_row(item):
    """A line as digests and browsers take it: all text."""
    ceiling = "" if item.ceiling is None else f"{item.ceiling:.2f}"
    return [item.code, item.name, item.unit, item.amount, ceiling]


def bill_digest(items):
    return b64u(HJ("bill", {"v": 1, "items": [bill_row(item) for item in items]}))
