"""Two hundred bidders press the button in the last two seconds."""

import threading
import time
from datetime import timedelta

import pytest

from ledger.models import LedgerEntry
from rulebook.clock import database_now
from sealing.vault import read
from tests.factories.bids import decrypt, jump_to
from tests.factories.trading import city, published_lot
from tests.load.client import HttpBidder
from trading.bidding.models import Bid
from trading.opening import actions
from trading.opening.models import OpenedBid, Opening

pytestmark = [pytest.mark.e2e, pytest.mark.alone]

BIDDERS = 200
AT_ONCE = 40
LAST = 2.0


def spread(clients, act, *, start=0.0, over=0.0):
    """Let each client act at its moment, `over` seconds long, with at most AT_ONCE of them waiting for an answer."""
    gate, began, waiting = threading.Semaphore(AT_ONCE), time.monotonic() + start, []

    def run(client, moment):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        with gate:
            act(client)

    for place, client in enumerate(clients):
        thread = threading.Thread(target=run, args=(client, over * place / max(1, len(clients))))
        thread.start()
        waiting.append(thread)
    for thread in waiting:
        thread.join()


def test_the_last_two_seconds(platform):
    where = city(bidders=BIDDERS)
    lot = published_lot(where, holders=BIDDERS)
    clients = [HttpBidder(lot, bidder, f"{30_000_000 + place}.00") for place, bidder in enumerate(where.bidders)]
    jump_to(lot.bids_due_at - timedelta(minutes=5))
    spread(clients, lambda client: client.upload(platform.url))

    # The last of them start when it is too late; every tenth hangs up before the answer comes.
    jump_to(lot.bids_due_at - timedelta(seconds=LAST + 0.5))
    for place, client in enumerate(clients):
        client.leaves = place % 10 == 5
    spread(clients, lambda client: client.submit(platform.url, leave=client.leaves), start=0.5, over=LAST + 0.1)

    answered = [client for client in clients if not client.leaves]
    acked = [client for client in answered if client.answers[0][0] == 201]
    refused = [client for client in answered if client.answers[0][0] != 201]
    assert {answer["code"] for client in refused for _, answer in client.answers} <= {"deadline_passed"}
    # How many make it is the machine's matter (bin/bench submit); that both happened is what the rest stands on.
    assert acked and refused

    # Whoever heard nothing asks again, past the deadline: the same manifest gets the answer it had earned, and no better one.
    there = set(Bid.objects.filter(lot=lot).values_list("manifest_hash", flat=True))
    for client in clients:
        if client.leaves:
            status, answer = client.submit(platform.url)
            assert (status == 201) == (reference_hash(client) in there), answer
            if status == 201:
                acked.append(client)
    again = acked[0].submit(platform.url)
    assert again[0] == 201
    assert again[1]["ack"] == acked[0].answers[0][1]["ack"]

    bids = {bid.manifest_hash: bid for bid in Bid.objects.filter(lot=lot).heads()}
    assert set(bids) == {reference_hash(client) for client in acked}
    assert all(bid.received_at < lot.bids_due_at for bid in bids.values())
    assert LedgerEntry.objects.filter(stream=lot.bid_stream).count() == len(bids)
    check_receipts(platform, acked, bids)
    check_all_open(lot, acked)


def reference_hash(client):
    from trading.bidding.manifest import manifest_hash

    return manifest_hash(client.manifest["manifest"])


def check_receipts(platform, clients, bids):
    for _ in range(120):
        if clients[-1].receipt(platform.url)[0] == 200 and clients[0].receipt(platform.url)[0] == 200:
            break
        time.sleep(0.5)
    for client in clients:
        status, body = client.receipt(platform.url)
        assert status == 200
        assert body["receipt"]["manifest"] in bids


def check_all_open(lot, clients):
    """The platform locks by itself ten seconds after the deadline; every acknowledged bid opens to its very bytes."""
    for _ in range(120):
        opening = Opening.objects.filter(lot=lot).first()
        if opening:
            break
        time.sleep(0.5)
    assert opening.count == len(clients)
    actions.start_opening(opening, by=lot.city.staff, at=database_now())
    for client in clients:
        decrypt(opening, client.bidder, keys=client.keys)
    for _ in range(240):
        opening.refresh_from_db()
        if opening.state == Opening.State.REVEALED:
            break
        time.sleep(0.5)
    rows = {row.bid.bidder_id: row for row in OpenedBid.objects.filter(opening=opening).select_related("bid")}
    for client in clients:
        row = rows[client.bidder.pk]
        assert (row.state, f"{row.price:.2f}") == (OpenedBid.State.OPENED, client.price)
        assert b"".join(read(row.files.get().vault)) == client.content
