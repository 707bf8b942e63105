"""The green channel: a reason, an approver, an officer who follows the project, and shorter promises."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from tests.factories.trading import city, city_time, member, submitted_project
from trading.projects.actions import change_officer, review_project
from trading.projects.models import ProjectReview
from trading.projects.queries import targets_of
from trading.projects.rules import GREEN_NOTICE, GREEN_NOTICE_LARGE

pytestmark = pytest.mark.django_db
GREEN = {"urgency": "livelihood", "urgency_reason": "市政府民生实事"}


def taken_in(where, **fields):
    project = submitted_project(where, **GREEN, **fields)
    review_project(project, ProjectReview.Outcome.ACCEPTED, "", by=where.staff, at=database_now(), officer=where.staff)
    project.refresh_from_db()
    return project


@pytest.mark.requirement("R052")
def test_a_project_of_the_green_channel_is_taken_in_with_an_officer_of_the_centre(client):
    where = city()
    officer = member(where.centre, duties=["intake"], name="专办员")
    project = submitted_project(where, **GREEN)
    client.force_login(where.staff)
    page = reverse("trading:review_project", args=[project.pk])
    refused = client.post(page, {"outcome": "accepted", "regulator": where.regulator.pk, "officer": "", "reasons": ""})
    assert "须指定一名本中心的专办员" in refused.content.decode()
    client.post(page, {"outcome": "accepted", "regulator": where.regulator.pk, "officer": officer.pk, "reasons": ""})
    project.refresh_from_db()
    assert (project.state, project.officer) == ("accepted", officer)
    assert project.urgency_reason and project.reviews.get().by == where.staff and project.green_at == project.accepted_at
    assert Message.objects.filter(person=officer, subject__contains=project.name).exists()
    entry = LedgerEntry.objects.get(kind="project.officer_assigned")
    assert officer.pseudonym in bytes(entry.data).decode() and officer.name not in bytes(entry.data).decode()
    text = client.get(reverse("trading:green_channel")).content.decode()
    assert all(words in text for words in (project.name, officer.name, "民生实事项目", "发布公告"))


@pytest.mark.requirement("R052")
@pytest.mark.parametrize(("estimate", "rule"), [("1999999.99", GREEN_NOTICE), ("2000000.00", GREEN_NOTICE_LARGE)])
def test_its_promises_are_shorter_for_small_projects(estimate, rule):
    project = taken_in(city(), estimate=Decimal(estimate), lots=({"estimate": Decimal(estimate)},))
    project.submitted_at = project.accepted_at = city_time(date(2026, 11, 20))  # a Friday
    intake, notice = targets_of(project)
    assert (intake.label, city_day(intake.due_at), intake.is_late(database_now())) == ("受理", date(2026, 11, 20), False)
    assert (notice.label, notice.rule, notice.done_at) == ("发布公告", rule, None)
    assert city_day(notice.due_at) == (date(2026, 11, 27) if rule is GREEN_NOTICE else date(2026, 12, 4))
    assert (notice.is_late(notice.due_at), notice.is_late(notice.due_at + timedelta(seconds=1))) == (False, True)


@pytest.mark.requirement("R052")
def test_it_comes_first_in_the_queue(client):
    where = city()
    submitted_project(where, name="普通项目")
    submitted_project(where, name="民生项目", **GREEN)
    client.force_login(where.staff)
    page = client.get(reverse("trading:intake")).content.decode()
    assert page.index("民生项目") < page.index("普通项目")


def test_only_people_of_the_intake_are_officers_and_only_green_projects_have_one():
    where = city()
    project = taken_in(where)
    act = {"by": where.staff, "at": database_now()}
    with pytest.raises(Refused, match="本中心的专办员"):
        change_officer(project, where.handler, **act)
    other = member(where.centre, duties=["intake"])
    assert change_officer(project, other, **act).officer == other
    ordinary = submitted_project(where)
    with pytest.raises(Refused, match="没有走绿色通道"):
        change_officer(ordinary, other, **act)


def test_the_officer_is_changed_on_the_page(client):
    where = city()
    project = taken_in(where)
    other = member(where.centre, duties=["intake"])
    client.force_login(where.staff)
    client.post(reverse("trading:change_officer", args=[project.pk]), {"officer": other.pk})
    project.refresh_from_db()
    assert project.officer == other
