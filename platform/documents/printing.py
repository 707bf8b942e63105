"""HTML to PDF. What users typed can pull nothing into a document: only our own static files are ever read."""

from django.template.loader import render_to_string


def print_pdf(template, context):
    """The template as a PDF (bytes) with embedded Chinese fonts."""
    # WeasyPrint loads slowly and only workers need it.
    from weasyprint import HTML

    from documents.fetching import OURS, OwnFiles

    return HTML(string=render_to_string(template, context), base_url=OURS, url_fetcher=OwnFiles()).write_pdf()
