"""The one official act of the web front itself: saying which files browsers are given."""

import json

from django.db import connection, transaction

from ledger.acts import record
from ledger.models import LedgerEntry
from web.events import ClientReleased
from web.released import release


@transaction.atomic
def record_release():
    """Record what this installation serves, unless that is what was recorded last; answers the new entry or None.

    Raises FileNotFoundError or RuntimeError (see `release`) where there is no front end that could be vouched for.
    """
    with connection.cursor() as cursor:
        # Two processes that start together record once.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('client.released'))")
    now = release()
    last = LedgerEntry.objects.filter(stream="client", kind=ClientReleased.kind).order_by("-n").first()
    if last is not None and json.loads(bytes(last.data))["d"] == now:
        return None
    return record(ClientReleased(**now), by=None)
