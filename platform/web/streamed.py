"""Files that are made while they are sent."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header


def streamed(
    pieces: Iterable[bytes], *, name: str, content_type: str = "application/octet-stream", inline: bool = False
) -> StreamingHttpResponse:
    """An answer of these bytes: a download under that name, or `inline` what a browser may show, but never as a page of ours.

    Django's FileResponse names only what it can read like a file.
    """
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(not inline, name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
