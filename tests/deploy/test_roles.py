"""The database itself refuses the application what only the sequencer, or only the owner, may do."""

import pytest
from django.db import ProgrammingError, connection, transaction

from config.roles import APP, SEQUENCER, grant_roles
from ledger.models import LedgerCheckpoint, LedgerEntry
from ledger.sequencer import sequence_once
from ledger.tasks import sweep
from rulebook.clock import database_now
from tests.factories.ledger import happen


@pytest.fixture
def acting(committed):
    """`acting(role)`: from now on the connection has that role's rights."""
    with connection.cursor() as cursor:
        grant_roles(cursor, "one", "two")
        grant_roles(cursor, "three", "four")

        def act(role):
            cursor.execute(f"SET ROLE {role}")

        yield act
        cursor.execute(f"RESET ROLE; DROP OWNED BY {APP}, {SEQUENCER}; DROP ROLE {APP}, {SEQUENCER}")


def refused(statement):
    with pytest.raises(ProgrammingError, match="permission denied|must be owner"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_application_acts_and_the_sequencer_places(acting):
    acting(APP)
    happen("a")
    happen("b")
    sweep()
    acting(SEQUENCER)
    happen("c")
    assert sequence_once() == 3
    acting(APP)
    assert LedgerCheckpoint.objects.count() == 1
    assert LedgerEntry.objects.filter(leaf=None).count() == 0
    assert database_now()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET kind = 'x'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "DELETE FROM ledger_queue",
        "DELETE FROM ledger_stream",
        "INSERT INTO ledger_leaf (idx, leaf_hash, entry_id) VALUES (0, '', 1)",
        "INSERT INTO ledger_checkpoint (size, root, note, at) VALUES (1, '', '', now())",
        "SELECT ledger_erase(1, 'why')",
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION official_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT now()'",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_application_may_not(acting, statement):
    acting(APP)
    refused(statement)


def test_the_sequencer_may_not_change_what_stands(acting):
    acting(SEQUENCER)
    for table in ("ledger_entry", "ledger_leaf", "ledger_checkpoint"):
        refused(f"DELETE FROM {table}")
        refused(f"TRUNCATE {table} CASCADE")
