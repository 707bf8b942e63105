"""What the clock sets off around openings. Each round finds what is due, so that nothing is lost with a worker."""

import logging
from contextlib import contextmanager

from celery import shared_task
from django.db import connection

from accounts.models import Person
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.opening import actions
from trading.opening.models import READY, OpenedBid, Opening
from trading.outages.actions import keep_watch
from trading.outages.measuring import note_minute
from trading.outages.models import Component
from trading.projects.models import Lot

log = logging.getLogger(__name__)

# First half of the advisory locks of whoever reads an opening's bids.
READING = 0x6F70


@shared_task(ignore_result=True)
def advance_openings():
    """Lock lots whose deadline has passed, end key windows, decrypt, and reveal when all is settled."""
    platform = Person.objects.platform()
    now = database_now()
    # First of all: whoever locks bids must know of every outage up to now, and have moved what it moves.
    note_minute(Component.PLATFORM, ok=True, at=now)
    keep_watch(by=platform, at=now)
    for lot in Lot.objects.filter(state=Lot.State.BIDDING, bids_due_at__lte=now - actions.LOCK_AFTER):
        attempt(actions.lock_lot, lot, by=platform, at=now)
    for opening in Opening.objects.filter(state=Opening.State.KEYS):
        waiting = opening.bids.filter(state=OpenedBid.State.PENDING).exists()
        if not waiting or now >= opening.keys_until:
            attempt(actions.settle_keys, opening, by=platform, at=now)
    for opening in Opening.objects.filter(state=Opening.State.DECRYPTING):
        with alone_with(opening) as alone:
            if not alone:
                continue
            for opened in opening.bids.filter(state__in=READY):
                actions.decrypt_bid(opened, at=now)
            attempt(actions.reveal, opening, by=platform, at=database_now())


@contextmanager
def alone_with(opening):
    """Whether no other round is reading this opening's bids: reading many takes longer than the pause between rounds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [READING, opening.pk])
        alone = cursor.fetchone()[0]
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [READING, opening.pk])


def attempt(act, subject, **more):
    """Another worker may have been faster, or the ledger may be seconds behind: the next round comes soon."""
    try:
        act(subject, **more)
    except Refused as refusal:
        log.info("%s: %s", act.__name__, refusal.code)
