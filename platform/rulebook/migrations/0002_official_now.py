"""The database's function that all official times come from."""

from django.db import migrations

MAKE = "CREATE FUNCTION official_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()'"


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION official_now()")]
