"""What the clock sets off: a look at the website from outside its own processes."""

import urllib.error
import urllib.request

from celery import shared_task
from django.conf import settings

from rulebook.clock import database_now
from trading.outages.measuring import note_minute
from trading.outages.models import Component

PATIENCE = 5


@shared_task(ignore_result=True)
def probe_website():
    """Ask the website for its health as a visitor would, and set down whether it answered."""
    if not settings.ETP_PROBE:
        return
    request = urllib.request.Request(settings.ETP_PROBE, headers={"Host": "localhost"})  # noqa: S310 - the operator's own address
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - the operator's own address
            ok, detail = answer.status == 200, f"HTTP {answer.status}"
    except (urllib.error.URLError, OSError) as wrong:
        ok, detail = False, type(wrong).__name__
    note_minute(Component.WEB, ok=ok, detail=detail, at=database_now())
