"""Entries, leaves and checkpoints can only be added; a private part can be erased, and that leaves a trace."""

from django.db import migrations

TABLES = ("ledger_entry", "ledger_leaf", "ledger_checkpoint")

REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'ledger_entry'
       AND current_setting('ledger.erasing', true) = 'yes' THEN
        -- Whoever sets the flag by hand still cannot change what stands in the log.
        IF NEW.salt IS NULL AND NEW.private IS NULL
           AND (to_jsonb(NEW) - 'salt' - 'private') = (to_jsonb(OLD) - 'salt' - 'private') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END $$;
CREATE FUNCTION ledger_erase(entry bigint, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('ledger.erasing', 'yes', true);
    -- A blinded act has no private part beside itself, so it stays openable.
    UPDATE ledger_entry SET salt = NULL, private = NULL WHERE id = entry AND private IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'entry % has no private part to erase', entry;
    END IF;
    PERFORM set_config('ledger.erasing', 'no', true);
    RAISE LOG 'ledger: private part of entry % erased: %', entry, why;
END $$;
REVOKE EXECUTE ON FUNCTION ledger_erase(bigint, text) FROM PUBLIC;
"""

FORGET = "DROP FUNCTION ledger_erase(bigint, text); DROP FUNCTION ledger_refuse();"


def guards(table):
    return f"""
    CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
    CREATE TRIGGER {table}_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_rows;
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_all;
    """


def no_guards(table):
    return f"DROP TRIGGER {table}_rows ON {table}; DROP TRIGGER {table}_all ON {table};"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE, FORGET),
        *(migrations.RunSQL(guards(table), no_guards(table)) for table in TABLES),
    ]
