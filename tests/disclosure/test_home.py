"""What the front page leads to."""

import pytest
from django.urls import reverse

from rulebook.clock import database_now
from tests.factories.trading import city, published_tender
from trading.tenders.actions import resume_lot, suspend_lot, terminate_tender
from trading.tenders.models import Suspension

pytestmark = pytest.mark.django_db


def closing(client):
    return [row.tender_number for row in client.get(reverse("disclosure:home")).context["closing"]]


def test_only_tenders_that_go_on_are_about_to_close(client):
    where = city()
    tender = published_tender(where)
    lot = tender.lots.get()
    assert closing(client) == [tender.number]
    stop = suspend_lot(lot, cause=Suspension.Cause.ORDER, reference="TS-1", reason="调查", by=where.supervisor, at=database_now())
    assert closing(client) == []
    resume_lot(stop, by=where.supervisor, at=database_now())
    assert closing(client) == [tender.number]
    terminate_tender(tender, reason="规划调整", by=where.handler, at=database_now())
    assert closing(client) == []
