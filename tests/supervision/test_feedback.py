"""The centre's ratings reach the regulator at once, are acknowledged in time, and what is late is shown."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from agencies import actions as agencies
from agencies.models import Rating
from agencies.rules import ITEMS
from experts.actions.ratings import open_assessment, rate
from ledger.models import LedgerEntry
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from supervision.feedback.actions import acknowledge
from supervision.feedback.models import CentreFeedback
from tests.experts.test_ratings import points
from tests.factories.evaluation import expert
from tests.factories.trading import city, member, organisation, published_tender

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def where(settings):
    settings.ETP_STEP_UP = "offered"
    return city(bidders=0)


def rated_expert(where, role="centre"):
    sides = {"centre": where.centre, "owner": where.agency, "regulator": where.regulator}
    who = expert(1, sector="GC")
    assessment = open_assessment(who, "QJGC2026-0001", "1", sides, title="某工程一标段", at=database_now())
    by = {"centre": where.staff, "owner": where.handler}[role]
    rate(assessment.ratings.get(role=role), points(88), "", by=by, at=database_now())
    return who


def rated_agency(where):
    tender = published_tender(where)
    row = agencies.open_assessment(where.agency, tender.number, tender.name, [(Rating.Side.CENTRE, where.centre)], at=database_now())
    marks = {name: Decimal(80) for name in ITEMS}
    agencies.rate(row.ratings.get(), marks, "文件更正两次", by=where.staff, at=database_now())
    return tender


@pytest.mark.requirement("R164")
def test_a_rating_of_an_expert_is_handed_over_and_acknowledged_on_the_page(where, client):
    who = rated_expert(where)
    row = CentreFeedback.objects.get()
    assert (row.regulator, row.expert, row.total) == (where.regulator, who, Decimal("88.00"))
    assert row.due_at > row.handed_at
    client.force_login(where.supervisor, backend=BACKEND)
    page = client.get(reverse("supervision:feedback")).content.decode()
    assert who.person.name in page and "待确认" in page and "评审纪律" in page
    assert client.post(reverse("supervision:acknowledge", args=[row.number]), {"words": "纳入年度抽查。"}).status_code == 302
    row.refresh_from_db()
    assert row.acknowledged_by == where.supervisor
    client.force_login(where.staff, backend=BACKEND)
    page = client.get(reverse("supervision:feedback")).content.decode()
    assert "已确认" in page and "纳入年度抽查。" in page
    kinds = list(LedgerEntry.objects.filter(stream="feedback").order_by("n").values_list("kind", flat=True))
    assert kinds == ["feedback.handed", "feedback.acknowledged"]
    public = b"".join(bytes(each.data) for each in LedgerEntry.objects.filter(stream="feedback")).decode()
    assert who.person.pseudonym not in public and "QJGC2026-0001" not in public


@pytest.mark.requirement("R164")
def test_a_rating_of_an_agency_goes_to_the_regulator_of_the_tender(where, client):
    tender = rated_agency(where)
    row = CentreFeedback.objects.get()
    assert (row.regulator, row.agency, row.tender_number, row.remark) == (where.regulator, where.agency, tender.number, "文件更正两次")


def test_only_the_centres_own_rating_is_handed_over(where):
    rated_expert(where, role="owner")
    assert not CentreFeedback.objects.exists()


@pytest.mark.requirement("R164")
def test_what_is_not_acknowledged_in_time_is_shown_as_late_to_both(where, client):
    rated_expert(where)
    CentreFeedback.objects.update(due_at=database_now() - timedelta(days=1))
    for side in (where.supervisor, where.staff):
        client.force_login(side, backend=BACKEND)
        assert "逾期未确认" in client.get(reverse("supervision:feedback")).content.decode()


@pytest.mark.requirement("R164")
def test_what_the_centre_did_not_rate_in_time_is_shown_to_the_regulator(where, client):
    tender = published_tender(where)
    long_ago = database_now() - timedelta(days=20)
    agencies.open_assessment(where.agency, tender.number, tender.name, [(Rating.Side.CENTRE, where.centre)], at=long_ago)
    client.force_login(where.supervisor, backend=BACKEND)
    page = client.get(reverse("supervision:feedback")).content.decode()
    assert where.agency.name in page and "到期" in page


def test_another_office_does_not_acknowledge_and_nobody_twice(where, client):
    rated_expert(where)
    row, other = CentreFeedback.objects.get(), organisation("regulator", "清江市财政局", sectors=["ZC"])
    with pytest.raises(Forbidden):
        acknowledge(row, "", by=other.somebody, at=database_now())
    client.force_login(other.somebody, backend=BACKEND)
    assert client.post(reverse("supervision:acknowledge", args=[row.number])).status_code == 404
    acknowledge(row, "", by=member(where.regulator, duties=["review"]), at=database_now())
    with pytest.raises(Refused):
        acknowledge(row, "", by=where.supervisor, at=database_now())
