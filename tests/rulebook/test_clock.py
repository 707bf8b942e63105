"""Official time is the database's, and a day is the city's."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rulebook.clock import check_clock, city_day, database_now, pretend


@pytest.mark.django_db
def test_the_clock_runs_on_inside_a_transaction():
    first, second = database_now(), database_now()
    assert first < second
    assert first.utcoffset() == timedelta(0)


def test_the_day_turns_at_midnight_in_the_city():
    assert city_day(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert city_day(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == date(2026, 11, 21)


@pytest.mark.django_db
def test_a_demonstration_may_move_time_and_production_notices(settings):
    settings.ETP_CONSOLES = True
    before = database_now()
    pretend(timedelta(days=-40))
    assert timedelta(days=39) < before - database_now() < timedelta(days=41)
    check_clock()
    settings.ETP_CONSOLES = False
    with pytest.raises(RuntimeError):
        check_clock()
    with pytest.raises(RuntimeError):
        pretend(timedelta(0))
