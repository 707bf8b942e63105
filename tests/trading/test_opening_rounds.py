"""Two rounds of the clock at one opening: only one reads its bids."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import connection

from trading.opening.tasks import alone_with

pytestmark = pytest.mark.usefixtures("committed")


def elsewhere(opening):
    """Whether a worker with another connection may read this opening now."""
    try:
        with alone_with(opening) as alone:
            return alone
    finally:
        connection.close()


def test_one_round_at_a_time_reads_the_bids_of_an_opening():
    mine, other = SimpleNamespace(pk=1), SimpleNamespace(pk=2)
    with ThreadPoolExecutor(1) as worker:
        with alone_with(mine) as alone:
            found = [worker.submit(elsewhere, opening).result() for opening in (mine, other)]
        assert (alone, found) == (True, [False, True])
        assert worker.submit(elsewhere, mine).result()
