"""Document numbers have no gaps, even where transactions fail or meet."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from rulebook.numbering import next_number


@pytest.mark.django_db
def test_each_series_and_year_counts_from_one():
    assert [next_number("a", 2026), next_number("a", 2026), next_number("a", 2027), next_number("b", 2026)] == [1, 2, 1, 1]


@pytest.mark.django_db
def test_a_number_of_a_failed_transaction_is_given_out_again():
    def take_and_fail():
        with transaction.atomic():
            taken.append(next_number("a", 2026))
            raise RuntimeError

    taken = [next_number("a", 2026)]
    with pytest.raises(RuntimeError):
        take_and_fail()
    taken.append(next_number("a", 2026))
    assert taken == [1, 2, 2]


def test_numbers_taken_at_once_are_all_different_and_without_gap(committed):
    def take(_):
        try:
            with transaction.atomic():
                return next_number("race", 2026)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(40)))
    assert sorted(taken) == list(range(1, 41))
