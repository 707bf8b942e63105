"""Where several departments could supervise a project, the comprehensive regulator names one, with its reason."""

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import city, organisation, submitted_project
from trading.projects.actions import ask_ruling, review_project, rule_regulator
from trading.projects.models import ProjectReview, RegulatorRuling
from trading.projects.queries import regulators_of

pytestmark = pytest.mark.django_db
ACCEPTED = ProjectReview.Outcome.ACCEPTED


def divided_city():
    """A city in which two departments watch works, and a bureau stands above them."""
    where = city()
    where.traffic = organisation("regulator", "清江市公安局交通警察支队", duties=["manager", "complaints"], sectors=["GC"])
    where.bureau = organisation("regulator", "清江市公共资源交易监督管理局", duties=["manager", "complaints"], sectors=[])
    return where


@pytest.mark.requirement("R133")
def test_a_project_that_two_departments_could_supervise_waits_for_the_bureau(client):
    where = divided_city()
    project = submitted_project(where, name="滨江路口交通信号灯采购安装")
    with pytest.raises(Refused) as refused:
        review_project(project, ACCEPTED, "", by=where.staff, at=database_now(), regulator=where.regulator)
    assert refused.value.code == "several_regulators" and where.traffic.name in refused.value.message
    client.force_login(where.staff)
    page = client.get(reverse("trading:review_project", args=[project.pk])).content.decode()
    assert "监督部门须先指定" in page and 'name="regulator"' not in page
    client.post(reverse("trading:ask_ruling", args=[project.pk]), {"question": "含货物、安装和系统集成"})
    ruling = RegulatorRuling.objects.get()
    assert set(ruling.candidates.all()) == {where.regulator, where.traffic}
    with pytest.raises(Refused, match="等待综合监管部门答复"):
        ask_ruling(project, "再问", by=where.staff, at=database_now())

    client.force_login(where.bureau.somebody)
    address = reverse("trading:ruling", args=[ruling.pk])
    assert "含货物、安装和系统集成" in client.get(address).content.decode()
    refused = client.post(address, {"regulator": where.traffic.pk, "reason": ""}).content.decode()
    assert "请填写指定理由" in refused
    client.post(address, {"regulator": where.traffic.pk, "reason": "以交通安全设施为主"})
    ruling.refresh_from_db()
    assert (ruling.regulator, ruling.reason, ruling.ruled_by) == (where.traffic, "以交通安全设施为主", where.bureau.somebody)
    assert Message.objects.filter(person=where.traffic.somebody, subject__contains="监督部门已指定").exists()
    assert list(LedgerEntry.objects.filter(kind__contains="rul").values_list("kind", flat=True)) == [
        "project.ruling_asked", "project.regulator_ruled",
    ]  # fmt: skip
    review_project(project, ACCEPTED, "", by=where.staff, at=database_now(), regulator=where.regulator)
    project.refresh_from_db()
    assert (project.state, project.regulator) == ("accepted", where.traffic)


def test_only_the_bureau_names_the_department_and_only_one_of_those_concerned(client):
    where = divided_city()
    project = submitted_project(where)
    ruling = ask_ruling(project, "谁监督", by=where.staff, at=database_now())
    for person in (where.staff, where.regulator.somebody):
        with pytest.raises(Forbidden):
            rule_regulator(ruling, where.traffic, "理由", by=person, at=database_now())
    with pytest.raises(Refused, match="从涉及的部门中"):
        rule_regulator(ruling, where.bureau, "理由", by=where.bureau.somebody, at=database_now())
    client.force_login(where.regulator.somebody)
    assert client.get(reverse("trading:rulings")).status_code == 404


def test_a_department_of_the_class_of_works_goes_before_those_of_the_category():
    where = divided_city()
    roads = organisation("regulator", "清江市交通运输局", duties=["manager"], sectors=["A03"])
    road = submitted_project(where, classification="A03")
    assert list(regulators_of(road)) == [roads]
    review_project(road, ACCEPTED, "", by=where.staff, at=database_now())
    road.refresh_from_db()
    assert road.regulator == roads


def test_without_a_bureau_intake_chooses():
    where = divided_city()
    where.bureau.state = "suspended"
    where.bureau.save()
    project = submitted_project(where)
    review_project(project, ACCEPTED, "", by=where.staff, at=database_now(), regulator=where.traffic)
    project.refresh_from_db()
    assert project.regulator == where.traffic


def test_a_ruling_does_not_bind_a_project_that_has_become_another():
    where = divided_city()
    project = submitted_project(where)
    ruling = ask_ruling(project, "谁监督", by=where.staff, at=database_now())
    rule_regulator(ruling, where.traffic, "理由", by=where.bureau.somebody, at=database_now())
    roads = organisation("regulator", "清江市交通运输局", duties=["manager"], sectors=["A03"])
    project.classification = "A03"
    project.save()
    review_project(project, ACCEPTED, "", by=where.staff, at=database_now())
    project.refresh_from_db()
    assert project.regulator == roads


def test_an_unanswered_request_blocks_nobody_once_the_conflict_is_gone():
    where = divided_city()
    project = submitted_project(where)
    ask_ruling(project, "谁监督", by=where.staff, at=database_now())
    where.bureau.state = "suspended"
    where.bureau.save()
    review_project(project, ACCEPTED, "", by=where.staff, at=database_now(), regulator=where.regulator)
    project.refresh_from_db()
    assert project.regulator == where.regulator
