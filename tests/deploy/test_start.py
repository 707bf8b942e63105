"""A production process does not start on a database whose clock was moved."""

import importlib
import sys

import pytest
from celery.signals import beat_init, worker_init


@pytest.fixture
def moved_clock(monkeypatch):
    def complain():
        raise RuntimeError("official_now() does not follow the database's clock")

    monkeypatch.setattr("rulebook.clock.check_clock", complain)


def test_the_site_does_not_start(moved_clock, monkeypatch):
    monkeypatch.delitem(sys.modules, "config.wsgi", raising=False)
    with pytest.raises(RuntimeError, match="official_now"):
        importlib.import_module("config.wsgi")


@pytest.mark.django_db
@pytest.mark.parametrize("signal", [worker_init, beat_init])
def test_workers_do_not_start(signal, moved_clock, monkeypatch):
    monkeypatch.setattr("django.db.connection.close", lambda: None)
    with pytest.raises(SystemExit, match="official time"):
        signal.send(sender=None)
