"""What every test stands on: folders of its own, cheap password hashing, a ledger that a test may empty."""

from datetime import timedelta

import pytest

from rulebook.clock import pretend
from tests.conftest_ledger import _transactional_tests_may_empty_the_ledger  # noqa: F401 - a fixture of every test


@pytest.fixture(autouse=True)
def house(settings, tmp_path):
    """Keys, log, uploads and files of one test, away from the running platform's."""
    for name in ("ETP_KEYS", "ETP_SIGNER_KEYS", "ETP_LEDGER", "ETP_UPLOADS", "ETP_PARTNERS"):
        setattr(settings, name, tmp_path / name.lower())
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ETP_SIGNER = ""
    settings.ETP_CONSOLES = True
    settings.ETP_PAGE_SECONDS = 0
    # Tests place entries themselves.
    settings.ETP_SEAL_PATIENCE = 0
    # Tests sign people in without a second factor; tests/reception proves that it is asked for.
    settings.ETP_REQUIRE_TOTP = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_URL = "memory://"


@pytest.fixture(autouse=True)
def quiet_queue(monkeypatch):
    """Tests run workers' tasks themselves; nothing is sent to a queue that another test could hear."""
    monkeypatch.setattr("ledger.acts.wake", lambda delivery: None)
    monkeypatch.setattr("documents.actions.ask_for_print", lambda pk: None)
    monkeypatch.setattr("postbox.actions.wake", lambda pk: None)


@pytest.fixture
def deliver(db):
    """Carry every waiting event to its listeners, as a worker would."""
    from ledger.models import Delivery
    from ledger.tasks import carry

    def run():
        while rows := list(Delivery.objects.filter(done_at=None).values_list("pk", flat=True)):
            for pk in rows:
                carry(pk)

    return run


@pytest.fixture
def committed(transactional_db):
    """A test whose transactions really commit; afterwards the database is emptied and its clock right again."""
    yield
    pretend(timedelta(0))


@pytest.fixture
def lot(db):
    """A lot whose opening has ended with four opened bids; `lot.city` are its parties."""
    from tests.factories.evaluation import evaluating_lot

    return evaluating_lot()
