"""Bids whose files can be read at the evaluation desk."""

import hashlib
from html import escape

from weasyprint import HTML

from ledger.canonical import b64u
from sealing.vault import store
from trading.opening.models import OpenedBid, OpenedFile


def pdf_of(*pages, title="", author="", bookmarks=()):
    """A PDF with these texts, a page for each; it may name its author, and bear bookmarks."""
    head = f"<title>{escape(title)}</title><meta name=author content='{escape(author)}'>"
    body = "".join(f"<section style='break-after:page'><p>{escape(text)}</p></section>" for text in pages)
    marks = "".join(f"<h1 style='bookmark-level:1'>{escape(text)}</h1>" for text in bookmarks)
    return HTML(string=f"<html><head>{head}<style>@page{{size:A4}}</style></head><body>{marks}{body}</body></html>").write_pdf(
        pdf_tags=False
    )


def give_file(bid, name, content, *, content_type="application/pdf"):
    """One more file of an opened bid, as its decryption would have kept it."""
    place = bid.files.count() + 1
    return OpenedFile.objects.create(
        bid=bid, path=f"f/{place:04d}", name=name, size=len(content), sha256=b64u(hashlib.sha256(content).digest()), content_type=content_type,
        vault=store([content]),
    )  # fmt: skip


def answering(bid, index, *, technical_files=1):
    """The bid's form with its bidder's index: {criterion's key: (place of the file, page)}."""
    rows = [{"criterion": key, "path": f"f/{place:04d}", "page": page} for key, (place, page) in index.items()]
    form = {"v": 3, "team": [], "qualifications": [], "records": [], "price_table": None, "index": rows, "technical_files": technical_files}
    OpenedBid.objects.filter(pk=bid.pk).update(form={**bid.form, **form})
