"""Official time is the database's, and a day is the city's."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rulebook.clock import city_day, database_now


@pytest.mark.django_db
def test_the_clock_runs_on_inside_a_transaction():
    first, second = database_now(), database_now()
    assert first < second
    assert first.utcoffset() == timedelta(0)


def test_the_day_turns_at_midnight_in_the_city():
    assert city_day(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert city_day(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == date(2026, 11, 21)
