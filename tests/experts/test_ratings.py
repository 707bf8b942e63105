"""一标一考: opened when the report is signed, rated by three sides, closed with a weighted score."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from experts.actions.ratings import open_assessment, rate, weighted
from experts.models import SessionAssessment, SessionRating, Sitting
from experts.tasks import close_ratings
from ledger.models import LedgerEntry
from rulebook.clock import CITY, database_now
from rulebook.refusals import Refused
from tests.factories.bids import jump_to
from tests.factories.evaluation import expert, signed
from tests.factories.trading import city, organisation

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
FULL = {"attendance": 10, "discipline": 20, "professional": 30, "fairness": 25, "efficiency": 10, "cooperation": 5}


def points(total):
    """Marks that add up to this, taken off the professional level."""
    return {name: Decimal(value) for name, value in {**FULL, "professional": 30 - (100 - total)}.items()}


@pytest.fixture
def where():
    return city(bidders=0)


@pytest.fixture
def opened(where):
    sides = {"centre": where.centre, "owner": where.agency, "regulator": where.regulator}
    return open_assessment(expert(1), "QJGC2026-0001", "1", sides, title="某工程一标段", at=database_now())


def raters(where):
    return {"centre": where.staff, "owner": where.handler, "regulator": where.supervisor}


@pytest.mark.requirement("R177")
@pytest.mark.requirement("R178")
def test_ninety_eighty_five_and_ninety_five_are_eighty_nine(client, where, opened):
    assert weighted({"centre": Decimal(90), "owner": Decimal(85), "regulator": Decimal(95)}) == Decimal("89.0")
    for role, total in (("centre", 90), ("owner", 85), ("regulator", 95)):
        who = raters(where)[role]
        client.force_login(who, backend=BACKEND)
        listed = client.get(reverse("experts:ratings")).content.decode()
        assert opened.expert.person.name in listed and "某工程一标段" in listed
        row = opened.ratings.get(role=role)
        answer = client.post(reverse("experts:rating", args=[row.pk]), {name: str(value) for name, value in points(total).items()})
        assert answer.status_code == 302
    opened.refresh_from_db()
    assert opened.score == Decimal("89.0") and opened.closed_at
    entry = LedgerEntry.objects.get(kind="expert.rated")
    assert "QJGC2026-0001" not in bytes(entry.data).decode() and entry.private["score"] == "89.0"
    client.force_login(opened.expert.person, backend=BACKEND)
    assert "89.0" in client.get(reverse("experts:archive")).content.decode()


def test_a_rating_stands_and_its_items_have_limits(client, where, opened):
    row = opened.ratings.get(role="centre")
    client.force_login(where.staff, backend=BACKEND)
    path = reverse("experts:rating", args=[row.pk])
    wrong = client.post(path, {**{name: str(value) for name, value in FULL.items()}, "attendance": "11"})
    assert "应在 0 到 10 分之间" in wrong.content.decode()
    low = client.post(path, {name: str(value) for name, value in {**FULL, "professional": 0, "fairness": 5, "discipline": 9}.items()})
    assert "请写明事实" in low.content.decode()
    rate(row, points(90), "", by=where.staff, at=database_now())
    with pytest.raises(Refused) as refused:
        rate(row, points(80), "", by=where.staff, at=database_now())
    assert refused.value.code == "rated"


def test_nobody_rates_for_another_side(client, where, opened):
    row = opened.ratings.get(role="regulator")
    with pytest.raises(Refused):
        rate(row, points(90), "", by=where.staff, at=database_now())
    client.force_login(organisation("agency").somebody, backend=BACKEND)
    assert client.get(reverse("experts:rating", args=[row.pk])).status_code == 404


def test_only_the_post_that_rates_sees_what_is_to_be_rated(client, where, opened):
    row = opened.ratings.get(role="centre")
    where.centre.memberships.update(duties=["opening"])
    client.force_login(where.staff, backend=BACKEND)
    assert opened.expert.person.name not in client.get(reverse("experts:ratings")).content.decode()
    assert client.get(reverse("experts:rating", args=[row.pk])).status_code == 404


def test_ratings_and_reasons_to_avoid_are_shown_to_the_office_that_acts(client, where, opened):
    for role, who in raters(where).items():
        rate(opened.ratings.get(role=role), points(90), "", by=who, at=database_now())
    opened.expert.avoided.create(uscc="X", organisation="某公司", kind="relative", reason="妻任会计")
    page = reverse("experts:expert", args=[opened.expert.number])
    for who, shown in ((where.supervisor, True), (where.staff, False)):
        client.force_login(who, backend=BACKEND)
        text = client.get(page).content.decode()
        assert "某公司" in text and ("妻任会计" in text) is shown and ("某工程一标段" in text) is shown


def test_when_time_is_up_the_score_is_made_of_what_there_is(where, opened):
    days = (opened.due_at.astimezone(CITY).date() - opened.opened_at.astimezone(CITY).date()).days
    assert days >= 5
    rate(opened.ratings.get(role="centre"), points(90), "", by=where.staff, at=database_now())
    rate(opened.ratings.get(role="regulator"), points(75), "", by=where.supervisor, at=database_now())
    close_ratings()
    opened.refresh_from_db()
    assert opened.closed_at is None
    jump_to(opened.due_at + timedelta(minutes=1))
    close_ratings()
    opened.refresh_from_db()
    assert opened.score == Decimal("85.0")
    with pytest.raises(Refused) as refused:
        rate(opened.ratings.get(role="owner"), points(90), "", by=where.handler, at=database_now())
    assert refused.value.code == "closed"


def test_opening_twice_opens_once(where, opened):
    again = open_assessment(opened.expert, "QJGC2026-0001", "1", {"centre": where.centre}, title="某工程一标段", at=database_now())
    assert again.pk == opened.pk and SessionRating.objects.count() == 3


def test_the_signed_report_opens_the_ratings_and_pays_the_experts(lot):
    evaluation = signed(lot)
    rows = SessionAssessment.objects.filter(tender_number=lot.tender.number, lot_key=lot.key)
    assert rows.count() == 5
    sides = {(row.role, row.organisation) for row in SessionRating.objects.filter(assessment__in=rows)}
    assert sides == {("centre", lot.city.centre), ("owner", lot.city.agency), ("regulator", lot.city.regulator)}
    sat = Sitting.objects.filter(tender_number=lot.tender.number)
    assert {row.outcome for row in sat} == {"served"} and all(row.fee == 400 for row in sat)
    assert sat.filter(chair=True).count() == 1 and sat.first().ended_at == evaluation.finished_at
