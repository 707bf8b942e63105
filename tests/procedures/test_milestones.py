"""What really happened on a tender, set down once for each occurrence."""

from datetime import timedelta

import pytest

from rulebook.clock import database_now
from tests.factories.trading import published_lot
from trading.procedures.reaching import milestones_of, reach

pytestmark = pytest.mark.django_db


def test_an_event_is_set_down_once_and_the_latest_occurrence_counts():
    lot, now = published_lot(), database_now()
    reach(lot.tender, "tender_clarification_sent", at=now, reference="1")
    reach(lot.tender, "tender_clarification_sent", at=now + timedelta(days=9), reference="1")
    reach(lot.tender, "tender_clarification_sent", at=now + timedelta(days=2), reference="2")
    assert milestones_of(lot.tender)["tender_clarification_sent"] == now + timedelta(days=2)


def test_what_happens_to_a_lot_is_known_of_that_lot_only():
    lot, now = published_lot(), database_now()
    reach(lot.tender, "opening", at=now, lot=lot)
    assert milestones_of(lot.tender, lot)["opening"] == now
    assert "opening" not in milestones_of(lot.tender)


def test_a_name_without_words_for_it_is_refused():
    lot = published_lot()
    with pytest.raises(ValueError):
        reach(lot.tender, "something", at=database_now())
