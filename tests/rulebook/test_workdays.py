"""Working days of the announced years, of the table and beyond."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rulebook.models import Holiday
from rulebook.workdays import (
    add_workdays,
    end_of_days,
    is_announced,
    is_workday,
    next_workday,
    take_workdays,
    workdays_between,
)

pytestmark = pytest.mark.django_db

ANY_DAY = st.dates(date(2024, 1, 1), date(2029, 12, 31))
in_database = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2025, 9, 28), True),  # Sunday worked for National Day 2025
        (date(2025, 9, 30), True),
        (date(2025, 10, 1), False),
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),  # Saturday worked for it
        (date(2025, 10, 12), False),
        (date(2026, 2, 14), True),  # Saturday worked for Spring Festival 2026
        (date(2026, 2, 15), False),
        (date(2026, 2, 16), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday worked for it
        (date(2026, 9, 20), True),  # Sunday worked for National Day 2026
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # Saturday worked for it
    ],
)
def test_announced_holidays_and_worked_weekends(day, worked):
    assert is_workday(day) is worked


def test_beyond_the_announced_years_weekdays_and_fixed_holidays_decide():
    assert not is_announced(2027)
    assert [is_workday(date(2027, 1, n)) for n in (1, 4, 9)] == [False, True, False]
    assert [is_workday(date(2027, 10, n)) for n in (1, 4, 8)] == [False, True, True]


def test_the_table_overrules_the_library():
    Holiday.objects.create(date=date(2026, 11, 20), kind="off", name="停电检修", source="测试")
    Holiday.objects.create(date=date(2026, 11, 21), kind="work", name="补班", source="测试")
    assert (is_workday(date(2026, 11, 20)), is_workday(date(2026, 11, 21))) == (False, True)


def test_a_year_is_announced_by_its_arrangement_not_by_a_single_day():
    Holiday.objects.create(date=date(2027, 3, 1), kind="off", name="本地纪念日", source="测试")
    assert not is_announced(2027)
    Holiday.objects.create(date=date(2027, 10, 1), kind="off", name="国庆节", source="国务院办公厅通知")
    assert is_announced(2027)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2025, 9, 30), 1, date(2025, 10, 9)),
        (date(2025, 9, 26), 3, date(2025, 9, 30)),  # the worked Sunday counts
        (date(2025, 9, 30), 3, date(2025, 10, 11)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
    ],
)
def test_the_start_day_is_not_counted(start, count, end):
    assert add_workdays(start, count) == end
    assert workdays_between(start, end) == count


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 11, 17), 3, date(2026, 11, 20)),  # Friday
        (date(2026, 11, 18), 3, date(2026, 11, 23)),  # Saturday moves to Monday
        (date(2026, 2, 12), 3, date(2026, 2, 24)),  # into Spring Festival
        (date(2026, 2, 11), 3, date(2026, 2, 14)),  # a worked Saturday is a fair end
        (date(2025, 9, 28), 3, date(2025, 10, 9)),
    ],
)
def test_a_holiday_end_moves_to_the_next_working_day(start, count, end):
    assert end_of_days(start, count) == end


@in_database
@given(ANY_DAY, st.integers(0, 60))
def test_adding_and_counting_agree(start, count):
    end = add_workdays(start, count)
    assert workdays_between(start, end) == count
    assert count == 0 or is_workday(end)


@in_database
@given(ANY_DAY, st.integers(1, 60))
def test_counting_back_finds_the_last_start(end, count):
    start = take_workdays(end, count)
    assert workdays_between(start, end) == count
    assert workdays_between(start + timedelta(days=1), end) == count - 1


@in_database
@given(ANY_DAY, st.integers(0, 60))
def test_a_period_ends_on_the_first_working_day_at_or_after_its_last_day(start, count):
    last = start + timedelta(days=count)
    end = end_of_days(start, count)
    assert end >= last and is_workday(end) and end == next_workday(last)
    assert not any(is_workday(last + timedelta(days=n)) for n in range((end - last).days))


def test_a_long_period_is_counted_with_few_looks_into_the_table(django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        add_workdays(date(2026, 1, 5), 30)
