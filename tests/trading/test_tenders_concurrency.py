"""What two people do at the same moment: committed transactions on real connections."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from tests.factories.trading import (
    accepted_tender,
    city,
    make_workday,
    published_lot,
    published_tender,
    written_document,
)
from trading.projects.models import Lot
from trading.tenders import actions
from trading.tenders.models import DocumentHolder

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts):
    """Run the acts at once, each on its own connection; answer what each gave or refused."""
    gate, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            gate.wait()
            found[place] = act()
        except Refused as refusal:
            found[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_tender_is_published_once():
    where = city()
    now = database_now()
    due_at = now + timedelta(days=25)
    make_workday(city_day(due_at))
    tender = accepted_tender(where)
    written_document(tender, by=where.handler, published_at=now, due_at=due_at)
    found = together(*[lambda: actions.publish_tender(tender, by=where.handler, at=now)] * 2)
    assert [row.code for row in found if isinstance(row, Refused)] == ["published"]
    assert LedgerEntry.objects.filter(stream=tender.stream, kind="tender.published").count() == 1


def test_a_bidder_that_clicks_twice_holds_the_document_once():
    where = city()
    tender = published_tender(where)
    bidder = where.bidders[0]
    found = together(*[lambda: actions.obtain_document(tender, bidder, by=bidder.somebody, at=tender.published_at)] * 2)
    assert found[0] == found[1] == DocumentHolder.objects.get()
    assert LedgerEntry.objects.filter(kind="document.obtained").count() == 1


def test_numbers_given_at_once_have_no_gaps_and_no_twins():
    where = city()
    found = together(*[lambda: accepted_tender(where)] * 3)
    assert sorted(int(tender.number[-4:]) for tender in found) == [1, 2, 3]


def test_moving_the_deadline_waits_for_whoever_submits():
    """A submission holds the lot's row; the deadline moves only after it, never under it."""
    lot = published_lot(due_in=timedelta(days=10))
    where, later = lot.city, lot.bids_due_at + timedelta(days=14)
    make_workday(city_day(later))
    order, held = [], threading.Event()

    def submit():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT bids_due_at FROM trading_lot WHERE id = %s FOR SHARE", [lot.pk])
            before = cursor.fetchone()[0]
            held.set()
            cursor.execute("SELECT pg_sleep(0.5)")
            cursor.execute("SELECT bids_due_at FROM trading_lot WHERE id = %s", [lot.pk])
            order.append(("submitted", cursor.fetchone()[0] == before))

    def move():
        held.wait()
        actions.publish_clarification(
            lot.tender,
            text="顺延。",
            answers={},
            affects_bids=True,
            new_bids_due_at=later,
            by=where.handler,
            at=database_now(),
        )
        order.append(("moved", Lot.objects.get(pk=lot.pk).bids_due_at == later))

    together(submit, move)
    assert order == [("submitted", True), ("moved", True)]
