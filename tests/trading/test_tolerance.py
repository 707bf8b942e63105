"""The green channel comes first; papers may follow on a promise, and a broken promise stops the tender until they do."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Person
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from rulebook.workdays import add_workdays
from supervision.alerts.models import Alert
from tests.factories.trading import city, city_time, filled_project, pdf, published_tender, stored, submitted_project, written_document
from trading.projects.actions import promise_paper, review_project, submit_project, withdraw_promise
from trading.projects.models import ProjectPaper, ProjectReview, ToleratedPaper
from trading.projects.rules import intake_due
from trading.tenders.actions import lapse_tolerance, problems_of, supply_paper, watch_tolerances
from trading.tenders.models import Suspension

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
K = ProjectPaper.Kind


def lacking(where, kind=K.AGENCY_CONTRACT):
    project = filled_project(where)
    project.papers.filter(kind=kind).delete()
    return project


def promised(where, *, days=5, kind=K.AGENCY_CONTRACT):
    project, now = lacking(where, kind), database_now()
    row = promise_paper(project, kind, due_on=city_day(now) + timedelta(days=days), promise="按期补齐", by=where.handler, at=now)
    return project, row


def accepted(where, **more):
    project, row = promised(where, **more)
    submit_project(project, by=where.handler, at=database_now())
    review_project(project, ProjectReview.Outcome.ACCEPTED, "", by=where.staff, at=database_now())
    row.refresh_from_db()
    return row


def test_a_promised_paper_is_no_gap_and_is_granted_with_the_acceptance():
    where = city()
    with pytest.raises(Refused) as refusal:
        submit_project(lacking(where), by=where.handler, at=database_now())
    assert refusal.value.code == "incomplete"
    assert accepted(where).state == ToleratedPaper.State.GRANTED


@pytest.mark.parametrize("kind", [K.APPROVAL, K.FUNDS])
def test_what_the_law_asks_first_may_not_follow(kind):
    with pytest.raises(Refused) as refusal:
        promised(city(), kind=kind)
    assert refusal.value.code == "not_tolerable"


@pytest.mark.parametrize(("shift", "allowed"), [(0, True), (1, False)])
def test_a_promise_reaches_ten_working_days(shift, allowed):
    where, now = city(), database_now()
    due_on = add_workdays(city_day(now), 10) + timedelta(days=shift)
    project = lacking(where)
    if allowed:
        promise_paper(project, K.AGENCY_CONTRACT, due_on=due_on, promise="按期补齐", by=where.handler, at=now)
    else:
        with pytest.raises(Refused) as refusal:
            promise_paper(project, K.AGENCY_CONTRACT, due_on=due_on, promise="按期补齐", by=where.handler, at=now)
        assert (refusal.value.code, refusal.value.field) == ("L-07", "due_on")


def test_a_promise_taken_back_is_a_gap_again():
    where = city()
    project, row = promised(where)
    withdraw_promise(row, by=where.handler)
    with pytest.raises(Refused):
        submit_project(project, by=where.handler, at=database_now())


@pytest.mark.parametrize(("days_after", "broken"), [(0, False), (1, True)])
def test_the_day_itself_is_still_in_time(days_after, broken):
    row = accepted(city())
    lapse_tolerance(row, by=None, at=city_time(row.due_on + timedelta(days=days_after)))
    row.refresh_from_db()
    assert (row.state == ToleratedPaper.State.BROKEN) is broken


def test_the_applicant_is_reminded_once_before_the_day():
    where = city()
    row = accepted(where)
    for before in (4, 3, 2):
        watch_tolerances(by=None, at=city_time(row.due_on - timedelta(days=before)))
        reminded = Message.objects.filter(person=where.handler, key=f"tolerance/{row.pk}/reminder").count()
        assert reminded == (before <= 3)


@pytest.mark.requirement("R054")
def test_a_broken_promise_keeps_the_tender_from_being_published_until_the_paper_comes(deliver):
    where, now = city(), database_now()
    row = accepted(where)
    tender = row.project.tenders.get()
    document = written_document(tender, by=where.handler, published_at=now, due_at=now + timedelta(days=40))
    lapse_tolerance(row, by=None, at=city_time(row.due_on + timedelta(days=1)))
    deliver()
    assert "tolerance_broken" in [problem.code for problem in problems_of(document, published_at=now)]
    alert = Alert.objects.get(kind="tolerance")
    assert (alert.regulator, alert.key) == (where.regulator, K.AGENCY_CONTRACT)
    supply_paper(row, stored(where.handler, where.agency, "project"), by=where.handler, at=now)
    assert "tolerance_broken" not in [problem.code for problem in problems_of(document, published_at=now)]


def test_a_broken_promise_stops_what_is_running_and_the_paper_lets_it_go_on(client):
    where, now = city(), database_now()
    tender = published_tender(where)
    lot = tender.lots.get()
    row = ToleratedPaper.objects.create(
        project=tender.project, kind=K.POLICY, due_on=city_day(now), promise="按期补齐", state="granted", promised_by=where.handler,
        promised_at=now,
    )  # fmt: skip
    later = city_time(row.due_on + timedelta(days=1))
    watch_tolerances(by=Person.objects.platform(), at=later)
    assert Suspension.objects.filter(lot=lot, cause="tolerance").in_force(later).exists()
    client.force_login(where.handler, backend=BACKEND)
    client.post(reverse("trading:supply_paper", args=[tender.number, row.pk]), {"file": pdf()})
    row.refresh_from_db()
    assert row.state == ToleratedPaper.State.SUPPLIED
    assert not Suspension.objects.filter(lot=lot, until=None).exists()
    client.force_login(where.bidders[0].somebody, backend=BACKEND)
    assert client.post(reverse("trading:supply_paper", args=[tender.number, row.pk]), {"file": pdf()}).status_code == 403


def test_the_green_channel_comes_first_with_its_own_promise(client):
    where = city()
    ordinary = submitted_project(where, name="普通项目")
    urgent = submitted_project(where, name="抢险项目", urgency="safety", urgency_reason="堤防抢险")
    for row in (urgent, ordinary):
        row.submitted_at = city_time(date(2026, 11, 20))  # a Friday
    assert [city_day(intake_due(row)) for row in (urgent, ordinary)] == [date(2026, 11, 20), date(2026, 11, 23)]
    client.force_login(where.staff, backend=BACKEND)
    page = client.get(reverse("trading:intake")).content.decode()
    assert page.index("抢险项目") < page.index("普通项目") and "绿色通道" in page
    assert "堤防抢险" in client.get(reverse("trading:review_project", args=[urgent.pk])).content.decode()
    review_project(urgent, ProjectReview.Outcome.ACCEPTED, "", by=where.staff, at=database_now(), officer=where.staff)
    review_project(ordinary, ProjectReview.Outcome.ACCEPTED, "", by=where.staff, at=database_now())
    for row in (urgent, ordinary):
        row.refresh_from_db()
    assert (urgent.green_at is None, ordinary.green_at is None) == (False, True)


def test_the_green_channel_asks_for_its_reason():
    with pytest.raises(Refused) as refusal:
        submitted_project(city(), urgency="key")
    assert refusal.value.details["gaps"] == [["urgency_reason", "请填写绿色通道说明"]]


def test_the_promise_is_made_on_the_page(client):
    where, now = city(), database_now()
    project = lacking(where)
    client.force_login(where.handler, backend=BACKEND)
    assert "申请容缺" in client.get(reverse("trading:project", args=[project.pk])).content.decode()
    fields = {"kind": "agency_contract", "due_on": f"{city_day(now) + timedelta(days=3):%Y-%m-%d}", "promise": "按期补齐"}
    page = client.post(reverse("trading:promise_paper", args=[project.pk]), fields, follow=True).content.decode()
    assert "撤回承诺" in page
    assert client.get(reverse("trading:promise_paper", args=[submitted_project(city()).pk])).status_code == 404
