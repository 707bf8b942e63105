"""The database itself refuses to change the ledger, even for its owner."""

import pytest
from django.db import DatabaseError, connection, transaction

from ledger.models import LedgerEntry
from ledger.sequencer import sequence_once
from tests.factories.ledger import happen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_ledger")]

TABLES = {"ledger_entry": "data", "ledger_leaf": "leaf_hash", "ledger_checkpoint": "note"}


@pytest.fixture
def entry():
    made = happen(private={"name": "张三"})
    sequence_once()
    with connection.cursor() as cursor:
        # Keys are checked at the commit; until then a TRUNCATE would be refused for that reason alone.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return made


def run(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(statement, *values):
    with pytest.raises(DatabaseError, match="append-only"):
        run(statement, *values)


@pytest.mark.parametrize(("table", "column"), TABLES.items())
def test_rows_are_neither_changed_nor_deleted_nor_truncated(entry, table, column):
    refused(f"UPDATE {table} SET {column} = {column}")
    refused(f"DELETE FROM {table}")
    refused(f"TRUNCATE {table} CASCADE")
    refused("TRUNCATE ledger_entry, ledger_leaf, ledger_queue, ledger_checkpoint CASCADE")


@pytest.mark.parametrize("table", TABLES)
def test_a_replication_session_is_refused_as_well(entry, table):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        refused(f"DELETE FROM {table}")
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_private_part_can_be_erased_and_the_log_stays_valid(entry):
    before = bytes(entry.data)
    run("SELECT ledger_erase(%s, %s)", entry.pk, "个人信息删除请求")
    entry = LedgerEntry.objects.get()
    assert (entry.salt, entry.private, bytes(entry.data)) == (None, None, before)
    assert sequence_once() == 0


def test_what_has_no_private_part_cannot_be_erased(entry):
    secret = happen("there", secret=True)
    with pytest.raises(DatabaseError, match="no private part"):
        run("SELECT ledger_erase(%s, 'why')", secret.pk)


def test_the_erasing_flag_set_by_hand_changes_nothing_that_stands_in_the_log(entry):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ledger.erasing = 'yes'")
        refused("UPDATE ledger_entry SET data = 'other'")
        refused("UPDATE ledger_entry SET data = 'other', salt = NULL, private = NULL")
        refused("UPDATE ledger_entry SET private = '{}'")
        refused("DELETE FROM ledger_entry")
        refused("UPDATE ledger_leaf SET leaf_hash = 'other'")


def test_the_public_may_not_call_the_eraser():
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege('public', 'ledger_erase(bigint, text)', 'EXECUTE')")
        assert cursor.fetchone() == (False,)
