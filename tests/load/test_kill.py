"""kill -9 of any part, in the middle of submissions and of publishing, loses nothing and does nothing twice."""

import signal
import subprocess
import threading
import time
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPException

import pytest

from disclosure.models import Notice
from documents.models import OfficialDocument
from ledger.models import Delivery, LedgerEntry, LedgerLeaf
from postbox.models import Message
from rulebook.clock import city_day, database_now
from sealing.models import Upload
from tests.factories.trading import accepted_tender, city, make_workday, published_lot, written_document
from tests.load.client import HttpBidder, signed_in
from tests.processes import Platform, free_port
from trading.bidding.manifest import manifest_hash
from trading.bidding.models import Bid
from trading.projects.models import Lot

pytestmark = [pytest.mark.e2e, pytest.mark.alone]


def wait_for(found, seconds=60):
    for _ in range(seconds * 4):
        if answer := found():
            return answer
        time.sleep(0.25)
    raise AssertionError("it did not come")


def in_threads(clients, act):
    threads = [threading.Thread(target=act, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    return threads


def test_the_web_dies_while_bids_come_in(platform):
    """Each bidder tries the same manifest again until it is answered; what was answered is there once, and nothing else."""
    lot = published_lot(city(bidders=30), holders=30)
    clients = [HttpBidder(lot, bidder, f"{30_000_000 + place}.00") for place, bidder in enumerate(lot.city.bidders)]
    for client in clients:
        client.upload(platform.url)
    threads = in_threads(clients, lambda client: client.submit_until_answered(platform.url))
    for _ in range(2):
        time.sleep(0.15)
        platform.kill("web")
        platform.launch("web")
    platform.wait()
    for thread in threads:
        thread.join()
    acks = {client.answers[-1][1]["ack"]["manifest"] for client in clients}
    assert {status for client in clients for status, _ in client.answers[-1:]} == {201}
    assert acks == {manifest_hash(client.manifest["manifest"]) for client in clients}
    assert set(Bid.objects.filter(lot=lot).values_list("manifest_hash", flat=True)) == acks
    entries = LedgerEntry.objects.filter(stream=lot.bid_stream)
    assert entries.count() == len(clients)
    leaves = {client.answers[-1][1]["ack"]["leaf"] for client in clients}
    wait_for(lambda: LedgerLeaf.objects.filter(entry__in=entries).count() == len(clients))
    assert len(leaves) == len(clients)


def test_an_upload_goes_on_where_the_dead_web_left_it(platform):
    lot = published_lot(city(bidders=3), holders=3)
    client = HttpBidder(lot, lot.city.bidders[0], "30000000.00", size=20_000_000)
    sending = threading.Thread(target=lambda: swallow(lambda: client.upload(platform.url, chunk=200_000)))
    sending.start()
    wait_for(lambda: Upload.objects.filter(offset__gt=0).exists())
    platform.kill("web")
    sending.join()
    assert 0 < Upload.objects.get().offset < len(client.sealed)
    platform.launch("web")
    platform.wait()
    client.upload(platform.url, chunk=1 << 20)
    assert client.submit(platform.url)[0] == 201
    assert Bid.objects.get().envelopes.get().upload.path.read_bytes() == client.sealed


def swallow(act):
    """The connection dies with the web."""
    with suppress(OSError, HTTPException):
        act()


def publication(platform):
    """A tender ready to publish, and the request that publishes it."""
    where = city(bidders=3)
    now = database_now()
    due = now + timedelta(days=25)
    make_workday(city_day(due))
    tender = accepted_tender(where)
    written_document(tender, by=where.handler, published_at=now, due_at=due)
    agency = HttpClient(where.handler)
    return tender, lambda: agency.post(platform.url, f"/work/tenders/{tender.number}/publication/", b"publish=1")


class HttpClient(HttpBidder):
    """Somebody signed in, with nothing sealed."""

    def __init__(self, person):
        self.cookie = f"sessionid={signed_in(person)}; csrftoken={'c' * 32}"

    def post(self, url, path, body):
        return self.ask(url, "POST", path, body, Content_Type="application/x-www-form-urlencoded")


def published_whole(tender):
    """The notice, its entry, its PDF and every message, each once."""
    wait_for(lambda: not Delivery.objects.filter(done_at=None).exists(), 180)
    wait_for(lambda: not OfficialDocument.objects.filter(file=None).exists(), 180)
    notice = Notice.objects.get(tender_number=tender.number)
    assert LedgerEntry.objects.filter(kind="notice.published").count() == 1
    assert OfficialDocument.objects.filter(pk=notice.document_id, file__isnull=False).count() == 1
    keys = list(Message.objects.values_list("person", "key"))
    assert len(keys) == len(set(keys))
    assert Lot.objects.get(tender=tender).state == Lot.State.BIDDING
    wait_for(lambda: LedgerLeaf.objects.filter(entry=notice.entry).exists())


def test_worker_and_sequencer_die_while_a_notice_is_published(platform):
    tender, publish = publication(platform)
    platform.kill("sequencer")
    assert publish()[0] == 302
    platform.kill("worker")
    time.sleep(0.5)
    platform.launch("worker")
    time.sleep(1)
    platform.kill("worker")
    for name in ("worker", "sequencer"):
        platform.launch(name)
    published_whole(tender)


@pytest.fixture
def own_redis(tmp_path):
    """A Redis of this test alone, which it may kill."""
    port = free_port()

    def start():
        command = ["redis-server", "--port", str(port), "--dir", str(tmp_path), "--save", "", "--appendonly", "yes"]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)

    running = [start()]
    yield port, running, start
    running[0].kill()
    running[0].wait()


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
def test_redis_dies_and_people_go_on_working(fate, committed, house, own_redis, settings):
    """With the queue gone or frozen a publication takes seconds at most and commits; once it is back, everything arrives."""
    port, running, start = own_redis
    platform = Platform(house)
    platform.environment |= {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "ETP_BROKER": f"redis://127.0.0.1:{port}/0"}
    platform.start()
    try:
        tender, publish = publication(platform)
        running[0].send_signal(fate)
        time.sleep(0.2)
        began = time.monotonic()
        status = publish()[0]
        took = time.monotonic() - began
        print(f"published without a queue in {took:.1f} s")
        assert status == 302
        assert took < 15
        assert Notice.objects.filter(tender_number=tender.number).exists()
        if fate == signal.SIGSTOP:
            running[0].send_signal(signal.SIGCONT)
        else:
            running[0].wait()
            running[0] = start()
        published_whole(tender)
    finally:
        platform.stop()
