"""HTML to PDF. What users typed can pull nothing into a document: only our own static files are ever read."""

import mimetypes
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

OURS = "etp-static:"


def fetch_ours(url, *args, **kwargs):
    """WeasyPrint's only way to a file: `etp-static:css/print.css` and the like; everything else is refused."""
    if not url.startswith(OURS):
        raise ValueError("documents contain nothing from elsewhere")
    found = finders.find(url.removeprefix(OURS))
    if found is None:
        raise ValueError("no such static file")
    return {"string": Path(found).read_bytes(), "mime_type": mimetypes.guess_type(found)[0] or "text/plain"}


def print_pdf(template, context):
    """The template as a PDF (bytes) with embedded Chinese fonts."""
    # WeasyPrint loads slowly and only workers need it.
    from weasyprint import HTML

    return HTML(string=render_to_string(template, context), base_url=OURS, url_fetcher=fetch_ours).write_pdf()
