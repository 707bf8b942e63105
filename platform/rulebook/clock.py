"""One clock for all official times: the primary database's."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

CITY = ZoneInfo("Asia/Shanghai")


def database_now() -> datetime:
    """The database's wall clock now (not the transaction's start), aware, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT official_now()")
        return cursor.fetchone()[0]


def city_day(moment: datetime) -> date:
    """The calendar day in the city at that moment."""
    return moment.astimezone(CITY).date()


def pretend(offset: timedelta) -> None:
    """Let the database's clock run ahead (or behind) by that much: for the demo city's past and for walks through weeks.

    The change holds for every process once the transaction commits. Only where `ETP_CONSOLES` is on; a production
    platform neither does this nor starts on a database to which it was done (`check_clock`).
    """
    if not settings.ETP_CONSOLES:
        raise RuntimeError("the official clock may only be moved in a demonstration")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION official_now() RETURNS timestamptz LANGUAGE sql VOLATILE"
            f" AS 'SELECT clock_timestamp() + make_interval(secs => {offset.total_seconds():.6f})'"
        )


def check_clock() -> None:
    """Raise RuntimeError when official time is not the database's own; asked wherever a production process starts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT abs(extract(epoch FROM official_now() - clock_timestamp()))")
        if not settings.ETP_CONSOLES and cursor.fetchone()[0] > 1:
            raise RuntimeError("official_now() does not follow the database's clock")
