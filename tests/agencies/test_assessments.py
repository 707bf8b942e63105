"""一标一评: who is asked, how the score comes about, what the agency may say, and the ranking that follows."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from agencies import actions
from agencies.models import Assessment, Rating
from agencies.queries import ranking
from agencies.rules import ITEMS, combined, total_of
from agencies.tasks import close_assessments
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.debrief.test_desk import dealt, real_time  # noqa: F401 - the clock is put back after it
from tests.factories.agencies import concluded, listed
from tests.factories.evaluation import end_of, shown
from tests.factories.trading import city
from trading.awards import actions as awards

pytestmark = pytest.mark.django_db
MARKS = {name: Decimal(90) for name in ITEMS}


@pytest.fixture
def where():
    return city(bidders=2)


def enter(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


def opened(where, number="QJGC2026-0001", at=None):
    raters = [("tenderee", where.owner), ("centre", where.centre), *(("bidder", each) for each in where.bidders)]
    return actions.open_assessment(where.agency, number, "综合楼工程", raters, at=at or database_now())


def rate(where, assessment, **marks):
    """Everybody of the sides named gives one mark to every item."""
    for rating in assessment.ratings.select_related("organisation"):
        if rating.side in marks:
            given = {name: Decimal(marks[rating.side]) for name in ITEMS}
            actions.rate(rating, given, "理由", by=who(where, rating), at=database_now())
    assessment.refresh_from_db()


def who(where, rating):
    return next(each.somebody for each in (where.owner, where.centre, *where.bidders) if each == rating.organisation)


@pytest.mark.requirement("R191")
def test_when_the_result_is_public_tenderee_centre_and_bidders_are_asked(lot, deliver):
    publicity = shown(lot)
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    deliver()
    assert not Assessment.objects.exists()
    awards.publish_result(award, by=lot.city.handler, at=end_of(publicity))
    deliver()
    row = Assessment.objects.get()
    assert (row.agency, row.tender_number, row.closed_at) == (lot.city.agency, lot.tender.number, None)
    asked = {(rating.side, rating.organisation) for rating in row.ratings.select_related("organisation")}
    assert asked == {("tenderee", lot.city.owner), ("centre", lot.city.centre), *(("bidder", each) for each in lot.city.bidders)}


@pytest.mark.requirement("R191")
def test_a_deal_made_at_the_procedures_desk_asks_them_too(deliver):
    lot = dealt("ZC-XJ")
    deliver()
    row = Assessment.objects.get(tender_number=lot.tender.number)
    assert row.agency == lot.tender.project.agency
    sides = set(row.ratings.values_list("side", flat=True))
    assert {"tenderee", "bidder"} <= sides and set(lot.city.bidders) <= {
        each.organisation for each in row.ratings.select_related("organisation")
    }


@pytest.mark.requirement("R191")
def test_each_side_rates_on_its_page_and_the_last_one_closes_it(where, client):
    row = opened(where)
    for rating in row.ratings.select_related("organisation"):
        enter(client, who(where, rating))
        assert where.agency.name in client.get(reverse("agencies:ratings")).content.decode()
        fields = {"staff": 80, "documents": 90, "procedure": 100, "service": 70, "comment": ""}
        assert client.post(reverse("agencies:rating", args=[rating.pk]), fields).status_code == 302
    row.refresh_from_db()
    # 80 × 10 % + 90 × 30 % + 100 × 40 % + 70 × 20 %
    assert (row.score, row.closed_at is not None) == (Decimal("89.00"), True)
    page = enter(client, where.handler).get(reverse("agencies:own_assessment", args=[row.pk])).content.decode()
    assert "89.00" in page and "权重 50%" in page
    # The agency reads means of sides, nobody's own marks.
    assert where.bidders[0].name not in page


def test_the_score_weighs_the_sides_and_items():
    assert total_of({"staff": "100", "documents": "0", "procedure": "0", "service": "0"}) == Decimal("10.00")
    score, lines = combined({"tenderee": [Decimal(90)], "centre": [Decimal(80)], "bidder": [Decimal(60), Decimal(80)]})
    assert score == Decimal("83.00")
    assert [line["mean"] for line in lines] == ["90.00", "80.00", "70.00"]
    assert combined({"tenderee": [Decimal(90)], "centre": [], "bidder": [Decimal(60)]})[0] == Decimal("81.43")
    assert combined({"tenderee": [], "centre": [], "bidder": []}) == (None, [])


def test_a_rating_is_given_once_in_time_by_its_own_organisation_and_a_bad_mark_with_a_reason(where):
    row = opened(where)
    rating = row.ratings.get(side="tenderee")
    with pytest.raises(Forbidden):
        actions.rate(rating, MARKS, "", by=where.bidders[0].somebody, at=database_now())
    with pytest.raises(Refused) as refused:
        actions.rate(rating, {**MARKS, "staff": Decimal("59.99")}, "", by=where.owner.somebody, at=database_now())
    assert refused.value.field == "comment"
    with pytest.raises(Refused) as refused:
        actions.rate(rating, MARKS, "", by=where.owner.somebody, at=row.due_at + timedelta(seconds=1))
    assert refused.value.code == "over"
    actions.rate(rating, MARKS, "", by=where.owner.somebody, at=row.due_at)
    with pytest.raises(Refused) as refused:
        actions.rate(rating, MARKS, "", by=where.owner.somebody, at=database_now())
    assert refused.value.code == "rated"


def test_an_assessment_opens_once(where):
    assert opened(where).pk == opened(where).pk
    assert Rating.objects.count() == 4


def test_the_clock_closes_what_is_over_with_what_was_given(where):
    row = opened(where, at=database_now() - timedelta(days=30))
    empty = opened(where, "QJGC2026-0002", at=database_now() - timedelta(days=30))
    actions.rate(row.ratings.get(side="tenderee"), MARKS, "", by=where.owner.somebody, at=row.due_at)
    running = opened(where, "QJGC2026-0003")
    close_assessments()
    for each in (row, empty, running):
        each.refresh_from_db()
    assert (row.score, empty.score, running.closed_at) == (Decimal("90.00"), None, None)
    assert empty.closed_at is not None


def test_the_agency_states_its_case_and_it_stands_beside_the_score(where, client):
    listed(where, where.agency)
    row = opened(where)
    rate(where, row, tenderee=50, centre=90, bidder=90)
    enter(client, where.handler)
    assert client.post(reverse("agencies:own_assessment", args=[row.pk]), {"statement": "延误系图纸变更所致。"}).status_code == 302
    client.logout()
    assert "延误系图纸变更所致。" in client.get(reverse("agencies:agency", args=[where.agency.uscc])).content.decode()
    row.refresh_from_db()
    with pytest.raises(Refused):
        actions.state_case(row, "再说一次", by=where.handler, at=row.state_until + timedelta(seconds=1))
    with pytest.raises(Forbidden):
        actions.state_case(row, "代为说明", by=where.owner.somebody, at=database_now())


def assessed(where, agency, *scores):
    for place, score in enumerate(scores):
        Assessment.objects.create(
            agency=agency, tender_number=f"QJGC2026-{agency.pk}{place}", tender_name="项目", opened_at=database_now(), due_at=database_now(),
            closed_at=database_now(), score=Decimal(score),
        )  # fmt: skip


def test_the_ranking_is_by_mean_scores_with_restricted_ones_last(where, client):
    good, better, few, stopped = (listed(where) for _ in range(4))
    assessed(where, good, 80, 82, 84)
    assessed(where, better, 95, 90, 91)
    assessed(where, few, 100, 100)
    assessed(where, stopped, 99, 99, 99)
    order = {"order_number": "1 号", "basis": "依据", "reason": "事由", "until": city_day(database_now()) + timedelta(days=9)}
    actions.suspend_agency(stopped, **order, by=where.supervisor, at=database_now())
    rows = ranking(city_day(database_now()))
    assert [(row["agency"], row["place"], row["score"]) for row in rows] == [
        (better, 1, Decimal("92.00")), (good, 2, Decimal("82.00")), (few, None, Decimal("100.00")), (stopped, None, Decimal("99.00")),
    ]  # fmt: skip
    page = client.get(reverse("agencies:ranking")).content.decode()
    assert "不限制自主选择" in page and page.index(better.name) < page.index(good.name) and "不参加排名" in page


def test_old_assessments_count_no_more(where):
    agency = listed(where)
    assessed(where, agency, 80, 80, 80)
    Assessment.objects.update(closed_at=database_now() - timedelta(days=800))
    assert ranking(city_day(database_now()))[0]["times"] == 0


def test_a_failed_year_is_shown_to_the_public(where, client):
    listed(where, where.agency)
    concluded(where)
    page = client.get(reverse("agencies:agency", args=[where.agency.uscc])).content.decode()
    assert "不合格" in page and "暂停承接新业务" in page
