"""HTML to PDF. What users typed can pull nothing into a document: only our own static files are ever read."""

import mimetypes
from pathlib import Path
from typing import Any

import segno
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

OURS = "etp-static:"
# Points in a CSS pixel.
POINT = 0.75


def print_pdf(template: str, context: dict) -> bytes:
    """The template as a PDF (bytes) with embedded Chinese fonts."""
    return laid_out(template, context).write_pdf()


def print_for_seal(template: str, context: dict) -> tuple[bytes, list | None]:
    """The same, and where the element `etp-seal` stands: [page, left, bottom, right, top] in points, or None."""
    pages = laid_out(template, context)
    for number, page in enumerate(pages.pages):
        if "etp-seal" in page.anchors:
            left, top, right, bottom = page.anchors["etp-seal"]
            box = [left, page.height - bottom, right, page.height - top]
            return pages.write_pdf(), [number, *(round(side * POINT, 2) for side in box)]
    return pages.write_pdf(), None


def laid_out(template: str, context: dict) -> Any:
    """The template's pages. WeasyPrint is loaded here: it is slow to load, and only who prints needs it."""
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
    return HTML(string=html, base_url=OURS, url_fetcher=OurFilesOnly()).render()


def qr_svg(text: str) -> str:
    """A QR code of the text as inline SVG, sized by the style sheet."""
    return segno.make(text, error="m", micro=False).svg_inline(border=0, omitsize=True, dark="#000")
