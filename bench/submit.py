"""Bid submissions per second through HTTP, against raw inserts of the same bytes with the same number of commits."""

import json
from threading import Lock

from django.db import connection

from bench._ground import QUICK, ROUNDS, ground, say, together
from tests.factories.trading import city, published_lot
from tests.load.client import HttpBidder

CLIENTS = 8
PER_ROUND = 8 if QUICK else 64
# The bid, its ledger entry and its event are one commit.
COMMITS = 1


def submissions(platform, clients):
    """Hand in these prepared bids, a few at a time; per second."""
    waiting, lock = list(clients), Lock()

    def work(_):
        while True:
            with lock:
                if not waiting:
                    return
                client = waiting.pop()
            status, answer = client.submit(platform.url)
            assert status == 201, answer

    return len(clients) / together(CLIENTS, work)


def inserts(clients):
    """The same manifests into a plain table, each with the same commits, on as many connections; per second."""
    waiting, lock = [json.dumps(client.manifest) for client in clients], Lock()

    def work(_):
        own = connection.copy()
        try:
            while True:
                with lock:
                    if not waiting:
                        return
                    manifest = waiting.pop()
                for _ in range(COMMITS):
                    with own.cursor() as cursor:
                        cursor.execute("INSERT INTO bench_yardstick (body) VALUES (%s)", [manifest])
        finally:
            own.close()

    return len(clients) / together(CLIENTS, work)


with ground("signer", "web") as platform:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_yardstick (id bigserial PRIMARY KEY, body jsonb NOT NULL)")
    count = PER_ROUND * (ROUNDS + 1)
    lot = published_lot(city(bidders=count), holders=count)
    clients = [HttpBidder(lot, bidder, f"{30_000_000 + place}.00") for place, bidder in enumerate(lot.city.bidders)]
    for client in clients:
        client.upload(platform.url)
    groups = [clients[start : start + PER_ROUND] for start in range(0, count, PER_ROUND)]
    found = [(submissions(platform, group), inserts(group)) for group in groups][1:]
say("submit", [one for one, _ in found], [other for _, other in found], "submissions/s", "raw inserts")
