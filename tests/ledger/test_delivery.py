"""Events reach their listeners after the commit, at least once in effort and exactly once in effect."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ledger import acts, delivery, tasks
from ledger.acts import record
from ledger.models import Delivery, LedgerStream
from ledger.tasks import deliver, sweep
from rulebook.clock import database_now
from tests.factories.ledger import SOMEBODY, Happened, HappenedInSecret, happen

WAKE = acts.wake

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_ledger")]


@pytest.fixture
def heard(monkeypatch):
    """A listener that leaves a row for each event it hears of, and fails as often as told."""
    monkeypatch.setattr(delivery, "BY_KIND", {"test.happened": [], "test.happened_in_secret": []})
    monkeypatch.setattr(acts, "wake", lambda pk: None)

    @delivery.listens(Happened, HappenedInSecret)
    def watch(event):
        LedgerStream.objects.create(name=f"heard {event.what}", n=0)
        if watch.failures:
            watch.failures -= 1
            raise ConnectionError("the listener's world is away")

    watch.failures = 0
    yield watch
    del delivery.LISTENERS[f"{watch.__module__}.{watch.__qualname__}"]


def told():
    return sorted(LedgerStream.objects.filter(name__startswith="heard").values_list("name", flat=True))


def make_due():
    Delivery.objects.filter(done_at=None).update(due_at=database_now())


def test_a_listener_gets_the_event_once(heard):
    happen(what="one")
    [row] = Delivery.objects.all()
    deliver(row.pk)
    deliver(row.pk)
    row.refresh_from_db()
    assert told() == ["heard one"]
    assert (row.attempts, row.error) == (1, "") and row.done_at is not None


def test_a_blinded_event_reaches_its_listeners_readable(heard):
    happen(what="secret", secret=True)
    deliver(Delivery.objects.get().pk)
    assert told() == ["heard secret"]


def test_a_failed_listener_leaves_no_trace_and_is_tried_again_later(heard):
    heard.failures = 2
    happen(what="one")
    row = Delivery.objects.get()
    for attempt in (1, 2):
        deliver(row.pk)
        row.refresh_from_db()
        assert told() == []
        assert (row.attempts, row.done_at) == (attempt, None)
        assert row.error == "ConnectionError: the listener's world is away"
        assert timedelta(0) < row.due_at - database_now() <= timedelta(seconds=2**attempt)
    deliver(row.pk)
    row.refresh_from_db()
    assert told() == ["heard one"]
    assert row.attempts == 3 and row.done_at is not None


def test_the_pause_between_attempts_has_a_limit(heard):
    heard.failures = 1
    happen()
    row = Delivery.objects.get()
    Delivery.objects.update(attempts=60)
    deliver(row.pk)
    row.refresh_from_db()
    assert row.due_at - database_now() <= tasks.LONGEST_WAIT


def test_one_listeners_failure_does_not_keep_another_from_hearing(heard):
    names = []

    @delivery.listens(Happened)
    def hear_too(event):
        names.append(event.what)

    heard.failures = 1
    happen(what="one")
    for pk in Delivery.objects.values_list("pk", flat=True):
        deliver(pk)
    assert (told(), names) == ([], ["one"])
    del delivery.LISTENERS[f"{hear_too.__module__}.{hear_too.__qualname__}"]


def test_the_sweep_sends_again_what_is_late_but_not_what_was_just_sent(heard, monkeypatch):
    sent = []
    monkeypatch.setattr(deliver, "delay", sent.append)
    happen(what="one")
    sweep()
    assert sent == []
    make_due()
    sweep()
    sweep()
    assert sent == [Delivery.objects.get().pk]


def test_a_delivery_without_its_listener_waits_for_it(heard, monkeypatch):
    happen(what="one")
    row = Delivery.objects.get()
    with monkeypatch.context() as gone:
        gone.delitem(delivery.LISTENERS, row.listener)
        deliver(row.pk)
    row.refresh_from_db()
    assert row.done_at is None and "KeyError" in row.error
    deliver(row.pk)
    assert told() == ["heard one"]


@pytest.mark.django_db(transaction=True)
def test_workers_are_woken_after_the_commit_only(heard, monkeypatch):
    woken = []
    monkeypatch.setattr(acts, "wake", woken.append)
    with transaction.atomic():
        record(Happened("here"), by=SOMEBODY)
        assert woken == []
    assert woken == list(Delivery.objects.values_list("pk", flat=True))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(Happened("here"), by=SOMEBODY)
        raise ZeroDivisionError
    assert len(woken) == Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_act_succeeds_at_once_while_the_queue_is_away(heard, monkeypatch):
    send = deliver.apply_async
    with deliver.app.connection_for_write("redis://127.0.0.1:1/0") as away:
        monkeypatch.setattr(deliver, "apply_async", lambda args, **more: send(args, connection=away, **more))
        monkeypatch.setattr(acts, "wake", WAKE)
        began = time.monotonic()
        happen(what="one")
        assert time.monotonic() - began < 3
    assert Delivery.objects.filter(done_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_delivery_have_one_effect(heard):
    happen(what="one")
    row = Delivery.objects.get()
    barrier = threading.Barrier(4)

    def worker():
        barrier.wait()
        try:
            deliver(row.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row.refresh_from_db()
    assert (told(), row.attempts, row.error) == (["heard one"], 1, "")
