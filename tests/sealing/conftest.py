"""Bidders with keys, and folders of this test alone. Nothing of the trading rooms is needed here."""

import json
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from accounts.models import Duty, Membership, Organisation, Person
from rulebook.clock import database_now
from rulebook.identifiers import make_uscc
from sealing import uploads

VECTORS = Path(__file__).resolve().parents[1] / "data" / "trust-vectors.json"
_serial = count(1)


@pytest.fixture(scope="session")
def vectors():
    return json.loads(VECTORS.read_text())


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.ETP_UPLOADS = tmp_path / "uploads"
    settings.ETP_KEYS = tmp_path / "keys"
    settings.ETP_LEDGER = tmp_path / "ledger"


@pytest.fixture(autouse=True)
def open_gate(monkeypatch):
    """No room that owns deadlines is asked here, unless a test puts its own gate."""
    monkeypatch.setattr(uploads, "_gates", [])


def new_key():
    return generate_private_key(SECP256R1())


def new_bidder():
    """An active bidder; `bidder.somebody` acts for it."""
    serial = next(_serial)
    bidder = Organisation.objects.create(
        uscc=make_uscc("91", "429900", f"MA5C{serial:04d}"),
        name=f"清江封存第{serial}号有限公司",
        kinds=[Organisation.Kind.BIDDER],
        state=Organisation.State.ACTIVE,
    )
    bidder.somebody = Person.objects.create(mobile=f"137{serial:08d}", name="投标经办人", mobile_verified_at=database_now())
    Membership.objects.create(person=bidder.somebody, organisation=bidder, duties=[Duty.MANAGER])
    return bidder


@pytest.fixture
def bidder(db):
    return new_bidder()


@pytest.fixture
def browser_of(client):
    """A signed-in client acting for a bidder."""

    def sign_in(bidder):
        client.force_login(bidder.somebody)
        return client

    return sign_in
