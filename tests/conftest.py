"""What every test stands on: folders of its own, cheap password hashing, a ledger that a test may empty."""

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def house(settings, tmp_path):
    """Keys, log, uploads and files of one test, away from the running platform's."""
    for name in ("ETP_KEYS", "ETP_LEDGER", "ETP_UPLOADS"):
        setattr(settings, name, tmp_path / name.lower())
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ETP_CONSOLES = True
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


LEDGER_TABLES = ("ledger_entry", "ledger_leaf", "ledger_checkpoint")


def ledger_guards(verb):
    with connection.cursor() as cursor:
        for table in LEDGER_TABLES:
            for trigger in (f"{table}_rows", f"{table}_all"):
                cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER {trigger}")


@pytest.fixture
def guards_back(django_db_setup, django_db_blocker):
    """The ledger's guards stand again once the database has been emptied."""
    yield
    with django_db_blocker.unblock():
        ledger_guards("ENABLE ALWAYS")
        connection.close()


@pytest.fixture
def committed(guards_back, transactional_db):
    """A test whose transactions really commit. The ledger refuses to be emptied, so its guards are lifted for that."""
    yield
    ledger_guards("DISABLE")
