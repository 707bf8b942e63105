"""Fixtures around the ledger."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import TransactionTestCase

GUARDED = ("ledger_entry", "ledger_leaf", "ledger_checkpoint")


@contextmanager
def ledger_truncatable():
    """Let go of the guards against TRUNCATE, as only the owner of the tables can; for emptying the test database."""
    with connection.cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_all")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table in GUARDED:
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_all")


@pytest.fixture(autouse=True, scope="session")
def _transactional_tests_may_empty_the_ledger():
    """Tests that commit are followed by a TRUNCATE of all tables, and only they: the guards stand in every test."""
    plain = TransactionTestCase._fixture_teardown

    def teardown(case):
        # The plain TestCase rolls back instead, and has a teardown of its own.
        with ledger_truncatable():
            plain(case)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = plain


@pytest.fixture
def fresh_ledger(settings, tmp_path):
    """Keys, signer's memory and published files of this test alone, to go with its empty or rolled back database."""
    settings.ETP_SIGNER_KEYS = tmp_path / "keys"
    settings.ETP_LEDGER = tmp_path / "ledger"
    return settings.ETP_LEDGER


@pytest.fixture
def deliver_events():
    """Carry all waiting events to their listeners now, in this process; failures are raised."""
    from ledger.models import Delivery
    from ledger.tasks import carry

    def deliver():
        while waiting := list(Delivery.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True)):
            for pk in waiting:
                carry(pk)

    return deliver
