"""One clock for all official times: the primary database's."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

CITY = ZoneInfo("Asia/Shanghai")


def database_now() -> datetime:
    """The database's wall clock now (not the transaction's start), aware, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def city_day(moment: datetime) -> date:
    """The calendar day in the city at that moment."""
    return moment.astimezone(CITY).date()
