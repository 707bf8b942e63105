"""Official time is the database's: a web host whose clock is wrong judges no deadline by it, and an alarm says so."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.test import Client

from ledger.alarms import open_alarms
from ledger.clocks import ERA, check_clocks
from ledger.upkeep import watch_clocks
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.factories.bids import hand_in, jump_to
from tests.factories.trading import published_lot
from trading.bidding.models import Bid
from trading.opening.actions import lock_lot

pytestmark = pytest.mark.django_db

HOUR = 3600
STEPS = [pytest.param(HOUR, id="an hour ahead"), pytest.param(-HOUR, id="an hour behind")]


@pytest.fixture
def host_clock(monkeypatch):
    """Let this host's clock be wrong by so many seconds."""
    right = time.time

    def step(seconds):
        monkeypatch.setattr(time, "time", lambda: right() + seconds)

    return step


def kinds():
    return sorted(alarm.kind for alarm in open_alarms())


def test_clocks_that_agree_raise_nothing():
    assert check_clocks("web") == [] and open_alarms() == []


@pytest.mark.parametrize("step", STEPS)
def test_a_web_host_with_a_wrong_clock_raises_an_alarm(host_clock, step):
    host_clock(step)
    assert check_clocks("web") == ["clock.host"]
    [alarm] = open_alarms()
    assert alarm.entry.kind == "clock.alarm" and f"{step:+.1f}"[:3] in alarm.text
    host_clock(1.0)
    assert check_clocks("web") == []


@pytest.mark.parametrize("step", STEPS)
def test_the_health_page_shows_it_and_raises_it(host_clock, step):
    assert Client().get("/healthz").json()["clock"] == "ok"
    host_clock(step)
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["clock"], kinds()) == (200, "off", ["clock.host"])


@pytest.mark.parametrize("step", STEPS)
def test_deadlines_follow_the_database_whatever_the_web_host_believes(host_clock, step):
    lot = published_lot(holders=3)
    first, second, third = lot.city.bidders
    jump_to(lot.bids_due_at - timedelta(seconds=60))
    host_clock(step)
    hand_in(lot, first)
    assert Bid.objects.get().received_at < lot.bids_due_at
    with pytest.raises(Refused):
        lock_lot(lot, by=lot.city.staff, at=database_now())
    jump_to(lot.bids_due_at + timedelta(milliseconds=1))
    with pytest.raises(Refused) as refusal:
        hand_in(lot, second)
    assert refusal.value.code == "deadline_passed" and Bid.objects.count() == 1


@pytest.mark.parametrize("step", STEPS)
def test_official_time_that_leaves_the_databases_clock_raises_an_alarm(settings, step):
    pretend(timedelta(seconds=step))
    assert check_clocks("web") == [], "a demonstration may live in another time"
    settings.ETP_CONSOLES = False
    assert check_clocks("web") == ["clock.official"]


@pytest.mark.parametrize("step", STEPS)
def test_a_database_whose_clock_stepped_is_seen_by_host_and_time_server(settings, monkeypatch, step):
    """The database's own clock cannot be moved from here: what it answers is."""
    from ledger import clocks

    right = clocks.database_clocks
    monkeypatch.setattr(clocks, "database_clocks", lambda: tuple(row + step for row in right()))
    with time_server() as settings.ETP_TIME_SERVER:
        watch_clocks()
    assert kinds() == ["clock.host", "clock.reference"]


class time_server:  # noqa: N801 - used as a statement
    """A time server of this host's true time (SNTP), for one question."""

    def __init__(self, first=b"\x24\x01"):
        self.first = first

    def __enter__(self):
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.answer)
        self.thread.start()
        return f"127.0.0.1:{self.line.getsockname()[1]}"

    def answer(self):
        _, asker = self.line.recvfrom(512)
        seconds = time.clock_gettime(time.CLOCK_REALTIME) + ERA
        stamp = int(seconds).to_bytes(4, "big") + int(seconds % 1 * 2**32).to_bytes(4, "big")
        self.line.sendto(self.first + bytes(38) + stamp, asker)

    def __exit__(self, *_):
        self.thread.join()
        self.line.close()


def test_a_right_database_agrees_with_the_time_server(settings):
    with time_server() as settings.ETP_TIME_SERVER:
        watch_clocks()
    assert kinds() == []


@pytest.mark.parametrize("step", STEPS)
def test_a_wrong_host_does_not_make_the_database_look_wrong(settings, host_clock, step):
    host_clock(step)
    with time_server() as settings.ETP_TIME_SERVER:
        watch_clocks()
    assert kinds() == ["clock.host"]


def test_a_time_server_that_is_not_synchronised_says_nothing(settings):
    with time_server(first=b"\xe4\x00") as settings.ETP_TIME_SERVER, pytest.raises(OSError, match="synchronised"):
        watch_clocks()
