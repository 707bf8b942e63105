"""Living through weeks in seconds: stories say what happens when; the schedule moves official time and plays the workers."""

from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from django.db import connection

from config.celery import app as queue
from config.demo.deposits import work_overnight
from ledger.models import Delivery
from ledger.sequencer import sequence_once
from ledger.tasks import carry
from postbox.models import Dispatch, Message
from postbox.tasks import send
from rulebook.clock import city_day, database_now, pretend


def take_stock():
    """Months of rows come within a minute: left alone, the database would plan its queries for the tables of last month."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Schedule:
    """Runs stories together in the order of their moments.

    A story is a generator: it yields the moment until which it waits, and acts when it is woken then.
    """

    def __init__(self):
        self.began = datetime.now(UTC)
        self.waiting = []
        self.order = count()
        self.offset = None
        self.day = None
        self.overnight = False

    def begin(self, story):
        moment = next(story, None)
        if moment is not None:
            heappush(self.waiting, (moment, next(self.order), story))

    def run(self, progress):
        """Until every story is told. Official time is real time again afterwards, whatever happened."""
        # What workers would do is done here, at its moment; what is left (printing) their sweeps find later.
        queue.conf.broker_url = "memory://"
        try:
            while self.waiting:
                moment, _, story = heappop(self.waiting)
                self.live_until(moment)
                self.begin(story)
                self.work()
                progress.update()
        finally:
            pretend(timedelta(0))
        sequence_once()

    def live_until(self, moment):
        if city_day(moment) != self.day:
            self.day = city_day(moment)
            sequence_once()
            self.overnight = True
            if self.day.weekday() == 0:
                take_stock()
        offset = moment - datetime.now(UTC)
        # Acts take their time: official time never goes back.
        if self.offset is None or offset > self.offset:
            self.offset = min(offset, timedelta(0))
            pretend(self.offset)
        if self.overnight:
            self.overnight = False
            work_overnight()

    def work(self):
        for pk in Delivery.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True):
            carry(pk)
        for pk in Dispatch.objects.filter(state=Dispatch.State.QUEUED).order_by("pk").values_list("pk", flat=True):
            send(pk)
        now = database_now()
        for model in (Message, Dispatch):
            model.objects.filter(created_at__gte=self.began).update(created_at=now)
