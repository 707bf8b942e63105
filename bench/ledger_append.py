"""Acts recorded 200 times a second while the sequencer runs: p99 of the append, against raw inserts of the same bytes; p99 until it is in the log."""

import statistics
import time
from threading import Event, Thread

from django.db import connection, transaction

from bench._ground import QUICK, ROUNDS, ground, say, together
from ledger.acts import record
from ledger.models import LedgerEntry, LedgerLeaf
from ledger.tiles import published_checkpoint
from tests.factories.ledger import SOMEBODY, Happened

RATE, CLIENTS = 200, 8
SECONDS = 2 if QUICK else 10
# Acts come from many tenders at once; those of one tender wait for each other.
STREAMS = 50
APPEND_TARGET, INCLUSION_TARGET = 0.050, 1.0


def p99(values):
    return statistics.quantiles(values, n=100)[98]


def on_time(act):
    """Call `act(place)` RATE times a second from CLIENTS threads; how long after its due moment each was done, and when."""
    count = RATE * SECONDS
    took, ended, began = [0.0] * count, [0.0] * count, time.monotonic() + 1

    def client(number):
        try:
            connection.ensure_connection()
            for place in range(number, count, CLIENTS):
                due = began + place / RATE
                time.sleep(max(0.0, due - time.monotonic()))
                act(place)
                # From when it was due: waiting for one that was slow counts too.
                ended[place] = time.monotonic()
                took[place] = ended[place] - due
        finally:
            connection.close()

    together(CLIENTS, client)
    return took, ended


class Watch:
    """When the published log reached which size."""

    def __init__(self):
        self.seen, self.stop = [], Event()
        self.thread = Thread(target=self.look)

    def look(self):
        while not self.stop.wait(0.005):
            found = published_checkpoint()
            if found and (not self.seen or self.seen[-1][1] != found.size):
                self.seen.append((time.monotonic(), found.size))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def when(self, index):
        return next(moment for moment, size in self.seen if size > index)


def acts():
    """One round of acts: how long each append took, and how long until it stood in a published checkpoint."""
    made = {}

    def act(place):
        with transaction.atomic():
            made[place] = record(Happened(f"tender {place % STREAMS}", "an act of ordinary size " * 8), by=SOMEBODY).pk

    with Watch() as watch:
        took, ended = on_time(act)
        for _ in range(600):
            if not LedgerEntry.objects.filter(leaf=None).exists() and watch.seen[-1][1] == LedgerLeaf.objects.count():
                break
            time.sleep(0.05)
    places = dict(LedgerLeaf.objects.filter(entry__in=made.values()).values_list("entry_id", "idx"))
    return took, [max(0.0, watch.when(places[made[place]]) - moment) for place, moment in enumerate(ended)]


def inserts():
    """The same bytes into a plain table, at the same rate, one commit each."""
    data = bytes(LedgerEntry.objects.latest("pk").data)

    def act(_):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_yardstick (body) VALUES (%s)", [data])

    return on_time(act)[0]


with ground("signer", "web", "sequencer"):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_yardstick (id bigserial PRIMARY KEY, body bytea NOT NULL)")
    rounds = [(*acts(), inserts()) for _ in range(ROUNDS)]
appends, inclusions, raw = ([p99(row[part]) for row in rounds] for part in range(3))
for name, found, target in (("append", appends, APPEND_TARGET), ("inclusion", inclusions, INCLUSION_TARGET)):
    worst = max(found)
    print(
        f"{name} p99 at {RATE}/s: {[f'{row * 1000:.0f} ms' for row in found]}, target {target * 1000:.0f} ms: {'met' if worst < target else 'missed'}"
    )
say("ledger_append", [row * 1e6 for row in appends], [row * 1e6 for row in raw], "µs p99", "raw inserts")
