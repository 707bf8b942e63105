"""Public pages that look the same to everybody are kept for a moment: a crowd costs one rendering per second."""

import time
from functools import wraps

from django.conf import settings
from django.http import HttpResponse

# Reading aids change the page and stand in the key; who brings any other cookie may see a page of their own.
AIDS = ("size", "contrast")
HARMLESS = {*AIDS, "csrftoken"}
MOST = 200

_pages: dict[tuple, tuple[float, bytes]] = {}


def kept_a_moment(view):
    """Answer strangers from memory for `ETP_PAGE_SECONDS`; the view may depend on its path and the reading aids alone."""

    @wraps(view)
    def door(request, *args, **kwargs):
        if request.COOKIES.keys() - HARMLESS or not settings.ETP_PAGE_SECONDS:
            return view(request, *args, **kwargs)
        key = (request.path, *(request.COOKIES.get(aid) for aid in AIDS))
        ends, content = _pages.get(key, (0.0, b""))
        now = time.monotonic()
        if now < ends:
            return HttpResponse(content)
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and not response.cookies:
            if len(_pages) >= MOST:
                _pages.clear()
            _pages[key] = (now + settings.ETP_PAGE_SECONDS, response.content)
        return response

    return door
