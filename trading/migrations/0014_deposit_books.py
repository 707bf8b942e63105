"""What the books of deposits must never be: unbalanced when a transaction commits, changed, or emptied row by row."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION deposit_books_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    sides integer;
    total numeric;
BEGIN
    IF TG_TABLE_NAME = 'trading_depositentry' THEN wanted := NEW.id; ELSE wanted := NEW.entry_id; END IF;
    SELECT count(*), coalesce(sum(amount), 0) INTO sides, total FROM trading_depositposting WHERE entry_id = wanted;
    IF sides < 2 OR total <> 0 THEN
        RAISE EXCEPTION 'deposit entry % has % sides that sum to %', wanted, sides, total USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deposit_entry_balances AFTER INSERT ON trading_depositentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deposit_books_balance();
CREATE CONSTRAINT TRIGGER deposit_posting_balances AFTER INSERT ON trading_depositposting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deposit_books_balance();

CREATE FUNCTION deposit_books_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER deposit_entry_stays BEFORE UPDATE OR DELETE ON trading_depositentry
    FOR EACH ROW EXECUTE FUNCTION deposit_books_refuse();
CREATE TRIGGER deposit_posting_stays BEFORE UPDATE OR DELETE ON trading_depositposting
    FOR EACH ROW EXECUTE FUNCTION deposit_books_refuse();
"""
BACKWARD = """
DROP TRIGGER deposit_entry_balances ON trading_depositentry;
DROP TRIGGER deposit_posting_balances ON trading_depositposting;
DROP TRIGGER deposit_entry_stays ON trading_depositentry;
DROP TRIGGER deposit_posting_stays ON trading_depositposting;
DROP FUNCTION deposit_books_balance();
DROP FUNCTION deposit_books_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("trading", "0013_deposits"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
