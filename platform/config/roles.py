"""What each database role may do: the owner everything, the application no more than it needs, the sequencer a little more."""

from psycopg2 import sql

APP, SEQUENCER = "etp_app", "etp_sequencer"

GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APP};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP};
REVOKE ALL ON django_migrations, ledger_entry, ledger_queue, ledger_stream, ledger_event, ledger_delivery, ledger_leaf, ledger_checkpoint
    FROM {APP}, {SEQUENCER};
GRANT SELECT ON django_migrations TO {APP};
GRANT SELECT, INSERT ON ledger_entry, ledger_queue TO {APP};
GRANT SELECT, INSERT, UPDATE ON ledger_stream, ledger_event, ledger_delivery TO {APP};
GRANT SELECT ON ledger_leaf, ledger_checkpoint TO {APP};
GRANT INSERT ON ledger_leaf, ledger_checkpoint TO {SEQUENCER};
GRANT DELETE ON ledger_queue TO {SEQUENCER};
"""  # noqa: S608 - the two names above, nothing from outside


def grant_roles(cursor, app_password, sequencer_password):
    """Make the two roles, with these passwords, and give them exactly their rights (docs/ledger.md); to be run as the owner."""
    for role, password in ((APP, app_password), (SEQUENCER, sequencer_password)):
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        statement = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
        cursor.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
    cursor.execute(f"GRANT {APP} TO {SEQUENCER}; {GRANTS}")
