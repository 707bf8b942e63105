"""Running numbers without gaps: a number taken in a transaction that rolls back is given out again."""

from django.db import connection


def next_number(series: str, year: int) -> int:
    """The next number of the series in that year, from 1. The series stays locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO rulebook_counter (series, year, last) VALUES (%s, %s, 1)
               ON CONFLICT (series, year) DO UPDATE SET last = rulebook_counter.last + 1 RETURNING last""",
            [series, year],
        )
        return cursor.fetchone()[0]
