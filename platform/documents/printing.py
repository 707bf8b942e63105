"""HTML to PDF. What users typed can pull nothing into a document: only our own static files are ever read."""

import mimetypes
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

OURS = "etp-static:"


def print_pdf(template: str, context: dict) -> bytes:
    """The template as a PDF (bytes) with embedded Chinese fonts.

    WeasyPrint is loaded here: it is slow to load, and only who prints needs it.
    """
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OurFilesOnly(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            """`etp-static:css/document.css` and the like; everything else is refused, whatever the scheme."""
            found = finders.find(url.removeprefix(OURS)) if url.startswith(OURS) else None
            if found is None:
                raise ValueError("documents contain nothing from elsewhere")
            kind = mimetypes.guess_type(found)[0] or "text/plain"
            return URLFetcherResponse(url, Path(found).read_bytes(), {"Content-Type": kind})

    html = render_to_string(template, context)
    return HTML(string=html, base_url=OURS, url_fetcher=OurFilesOnly()).write_pdf()
