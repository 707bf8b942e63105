"""The register: kept by the agency, checked by the centre, read by everybody; a source of information that restricts nobody."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies import actions
from agencies.models import AgencyProfile, Course, CourseAttendance
from agencies.queries import historic_grades, ranking, statistics
from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.periods import add_months
from rulebook.refusals import Forbidden, Refused
from tests.factories.agencies import asked, carried_out, listed, paper, profile
from tests.factories.trading import city, member, organisation, pdf
from trading.projects.actions import start_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city(bidders=0)


def enter(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.requirement("R184", "R187", "R188")
def test_an_agency_registers_without_any_licence_and_the_public_finds_it(where, client):
    agency = where.agency
    enter(client, where.handler)
    fields = {"services": ["works", "procurement"], "historic_grade": "B", "introduction": "二十年经验", "takes_draws": "on"}
    assert client.post(reverse("agencies:own"), fields).status_code == 302
    assert client.post(reverse("agencies:add_staff"), {"person": where.handler.pk, "title": "项目负责人"}).status_code == 302
    assert client.post(reverse("agencies:submit")).status_code == 302
    client.logout()
    assert client.get(reverse("agencies:agency", args=[agency.uscc])).status_code == 404
    enter(client, where.staff)
    assert agency.name in client.get(reverse("agencies:desk")).content.decode()
    assert "不作资格审批" in client.get(reverse("agencies:check", args=[agency.uscc])).content.decode()
    assert client.post(reverse("agencies:check", args=[agency.uscc]), {"accepted": "1", "opinion": ""}).status_code == 302
    client.logout()
    page = client.get(reverse("agencies:register"), {"service": "works"}).content.decode()
    assert agency.name in page and "工程招标代理、政府采购代理" in page and "乙级" in page and "资格认定已经取消" in page
    assert agency.name not in client.get(reverse("agencies:register"), {"service": "auction"}).content.decode()
    public = client.get(reverse("agencies:agency", args=[agency.uscc])).content.decode()
    assert "入场规则" in public and where.handler.name in public
    kinds = list(LedgerEntry.objects.filter(stream=f"agency/{agency.uscc}").order_by("n").values_list("kind", flat=True))
    assert kinds == ["agency.submitted", "agency.checked"]


@pytest.mark.requirement("R187")
def test_the_register_says_that_it_restricts_nobody_and_who_is_not_in_it_works_all_the_same(where, client):
    page = client.get(reverse("agencies:register")).content.decode()
    assert "名册只供查询，不限制自主选择" in page and "《招标投标法》第十二条" in page
    assert not AgencyProfile.objects.exists()
    assert start_project(where.agency, by=where.handler).agency == where.agency
    assert asked(where, agency=where.agency).agency == where.agency


def test_a_page_is_handed_in_with_services_and_people(where):
    with pytest.raises(Refused) as refused:
        actions.submit_profile(where.agency, by=where.handler, at=database_now())
    assert refused.value.code == "incomplete"
    actions.save_profile(
        where.agency, {"services": ["works"], "historic_grade": "", "introduction": "", "takes_draws": True}, by=where.handler
    )
    with pytest.raises(Refused) as refused:
        actions.submit_profile(where.agency, by=where.handler, at=database_now())
    assert refused.value.code == "no_staff"


def test_a_returned_page_says_what_to_mend(where):
    row = profile(where.agency)
    actions.submit_profile(where.agency, by=where.handler, at=database_now())
    with pytest.raises(Refused):
        actions.check_profile(row, False, "", by=where.staff, at=database_now())
    actions.check_profile(row, False, "请补充人员。", by=where.staff, at=database_now())
    row.refresh_from_db()
    assert (row.state, row.opinion) == ("returned", "请补充人员。")


def test_a_new_service_is_checked_again_and_a_smaller_one_is_not(where):
    listed(where, where.agency, "works", "cost")
    data = {"historic_grade": "", "introduction": "", "takes_draws": True}
    assert actions.save_profile(where.agency, {"services": ["works"], **data}, by=where.handler).state == "listed"
    assert actions.save_profile(where.agency, {"services": ["works", "survey"], **data}, by=where.handler).state == "draft"


def test_a_new_historic_grade_is_checked_again(where):
    listed(where, where.agency)
    data = {"services": ["works"], "historic_grade": "A", "introduction": "", "takes_draws": True}
    assert actions.save_profile(where.agency, data, by=where.handler).state == "draft"


def test_whoever_was_listed_once_hides_nothing_by_a_change(where, client):
    listed(where, where.agency)
    data = {"services": ["works", "survey"], "historic_grade": "", "introduction": "", "takes_draws": True}
    row = actions.save_profile(where.agency, data, by=where.handler)
    page = reverse("agencies:agency", args=[where.agency.uscc])

    def shown():
        public = client.get(page)
        return public.status_code == 200 and where.agency in [each["agency"] for each in ranking(city_day(database_now()))]

    assert shown()
    actions.submit_profile(where.agency, by=where.handler, at=database_now())
    assert shown()
    actions.check_profile(row, False, "请补正。", by=where.staff, at=database_now())
    assert shown() and "登记变更待核对" in client.get(page).content.decode()
    enter(client, where.staff)
    assert where.agency.name in client.get(reverse("agencies:desk")).content.decode()


def test_whoever_was_never_listed_is_not_shown(where, client):
    row = profile(where.agency)
    actions.submit_profile(where.agency, by=where.handler, at=database_now())
    actions.check_profile(row, False, "请补正。", by=where.staff, at=database_now())
    assert client.get(reverse("agencies:agency", args=[where.agency.uscc])).status_code == 404
    assert not ranking(city_day(database_now()))


def test_a_page_that_is_being_checked_says_so_on_the_form(where, client):
    profile(where.agency)
    actions.submit_profile(where.agency, by=where.handler, at=database_now())
    answer = enter(client, where.handler).post(reverse("agencies:own"), {"services": ["works"], "historic_grade": "", "introduction": ""})
    assert answer.status_code == 200 and "暂不能修改" in answer.content.decode()


def test_only_the_agency_keeps_its_page_and_only_the_centre_checks_it(where):
    row = profile(where.agency)
    with pytest.raises(Forbidden):
        actions.save_profile(where.agency, {}, by=where.owner.somebody)
    actions.submit_profile(where.agency, by=where.handler, at=database_now())
    with pytest.raises(Forbidden):
        actions.check_profile(row, True, "", by=where.supervisor, at=database_now())


def test_who_leaves_is_drawn_no_more_and_may_still_be_mandated(where, client):
    listed(where, where.agency)
    actions.leave_register(where.agency, "业务调整", by=where.handler, at=database_now())
    assert where.agency.name not in client.get(reverse("agencies:register")).content.decode()
    assert "已退出名册" in client.get(reverse("agencies:agency", args=[where.agency.uscc])).content.decode()
    assert asked(where, agency=where.agency).agency == where.agency


@pytest.mark.requirement("R192")
def test_internal_control_is_declared_checked_and_shown(where, client):
    listed(where, where.agency)
    enter(client, where.handler)
    fields = {"kind": "separation", "statement": "编制、审核、归档由不同人员办理。", "file": pdf("制度.pdf")}
    assert client.post(reverse("agencies:declare_paper"), fields).status_code == 302
    row = where.agency.control_papers.get()
    client.logout()
    assert row.statement not in client.get(reverse("agencies:agency", args=[where.agency.uscc])).content.decode()
    enter(client, where.staff)
    assert client.get(reverse("documents:file", args=[row.file.key])).status_code == 200
    assert client.post(reverse("agencies:check_paper", args=[row.pk]), {"accepted": "1", "opinion": ""}).status_code == 302
    client.logout()
    assert row.statement in client.get(reverse("agencies:agency", args=[where.agency.uscc])).content.decode()
    assert client.get(reverse("documents:file", args=[row.file.key])).status_code in (302, 403, 404)


@pytest.mark.requirement("R192")
def test_the_centre_asks_to_mend_a_paper_with_its_reason(where):
    row = actions.declare_control_paper(where.agency, "secrecy", "有保密制度。", paper(where.agency), by=where.handler, at=database_now())
    with pytest.raises(Refused):
        actions.check_control_paper(row, False, " ", by=where.staff, at=database_now())
    actions.check_control_paper(row, False, "请附涉密人员名单。", by=where.staff, at=database_now())
    row.refresh_from_db()
    assert (row.state, row.opinion) == ("returned", "请附涉密人员名单。")
    with pytest.raises(Refused):
        actions.check_control_paper(row, True, "", by=where.staff, at=database_now())


def course(where, days=0, **more):
    data = {"title": "交易规则培训", "content": "招标投标法律制度", "place": "中心三楼", "held_on": city_day(database_now()) + timedelta(days=days), "hours": 8, "pass_mark": 60, "valid_months": 24}  # fmt: skip
    return actions.hold_course({**data, **more}, by=where.staff, at=database_now())


@pytest.mark.requirement("R188")
@pytest.mark.parametrize(("mark", "passed"), [("59.99", False), ("60", True), ("100", True)])
def test_whoever_passes_the_examination_is_trained_for_a_time(where, mark, passed):
    profile(where.agency)
    staff, lesson = where.agency.agency_staff.get(), course(where)
    seat = actions.sign_up(lesson, staff, by=where.handler, at=database_now())
    actions.record_result(seat, True, Decimal(mark), by=where.staff, at=database_now())
    staff.refresh_from_db()
    until = add_months(lesson.held_on, 24)
    assert staff.trained_until == (until if passed else None)
    assert staff.is_trained(until) is passed and not staff.is_trained(until + timedelta(days=1))
    with pytest.raises(Refused) as refused:
        actions.record_result(seat, True, Decimal(90), by=where.staff, at=database_now())
    assert refused.value.code == "recorded"


@pytest.mark.requirement("R188")
def test_a_course_from_its_announcement_to_the_results_on_the_pages(where, client):
    listed(where, where.agency)
    enter(client, where.staff)
    day = city_day(database_now())
    fields = {
        "title": "交易规则培训",
        "content": "规则",
        "place": "中心三楼",
        "held_on": f"{day}",
        "hours": 8,
        "pass_mark": 60,
        "valid_months": 12,
    }
    assert client.post(reverse("agencies:new_course"), fields).status_code == 302
    lesson = Course.objects.get()
    enter(client, where.handler)
    assert "交易规则培训" in client.get(reverse("agencies:own")).content.decode()
    staff = where.agency.agency_staff.get()
    assert client.post(reverse("agencies:sign_up", args=[lesson.pk]), {"staff": staff.pk}).status_code == 302
    enter(client, where.staff)
    seat = CourseAttendance.objects.get()
    assert "登记成绩" in client.get(reverse("agencies:course", args=[lesson.pk])).content.decode()
    assert client.post(reverse("agencies:result", args=[seat.pk]), {"attended": "1", "mark": "88"}).status_code == 302
    client.logout()
    assert "培训合格" in client.get(reverse("agencies:agency", args=[where.agency.uscc])).content.decode()


def test_who_stays_away_is_not_trained_and_no_result_comes_before_the_course(where):
    profile(where.agency)
    staff = where.agency.agency_staff.get()
    later = actions.sign_up(course(where, days=3), staff, by=where.handler, at=database_now())
    with pytest.raises(Refused) as refused:
        actions.record_result(later, True, Decimal(90), by=where.staff, at=database_now())
    assert refused.value.code == "not_held"
    seat = actions.sign_up(course(where), staff, by=where.handler, at=database_now())
    actions.record_result(seat, False, None, by=where.staff, at=database_now())
    staff.refresh_from_db()
    assert staff.trained_until is None


def test_nobody_signs_up_for_a_course_that_is_over_or_another_agencys_people(where):
    profile(where.agency)
    staff = where.agency.agency_staff.get()
    with pytest.raises(Refused):
        actions.sign_up(course(where, days=-1), staff, by=where.handler, at=database_now())
    with pytest.raises(Forbidden):
        actions.sign_up(course(where, days=1), staff, by=organisation("agency").somebody, at=database_now())


@pytest.mark.requirement("R186")
def test_the_register_counts_tenders_by_agencies_and_trained_people(where, client):
    listed(where, where.agency)
    listed(where, None, "procurement", historic_grade="A")
    actions.add_staff(where.agency, member(where.agency), "经办人", by=where.handler)
    first = where.agency.agency_staff.first()
    seat = actions.sign_up(course(where), first, by=where.handler, at=database_now())
    actions.record_result(seat, True, Decimal(80), by=where.staff, at=database_now())
    carried_out(where, 2)
    found = statistics(city_day(database_now()))
    assert found == {"agencies": 2, "tenders": 2, "people": 3, "trained": 1, "ever_trained": 1, "restricted": 0}
    page = client.get(reverse("agencies:register"))
    assert page.context["figures"] == found


@pytest.mark.requirement("R184")
def test_historic_grades_stand_as_history_by_service(where):
    listed(where, where.agency, "works", historic_grade="A")
    listed(where, None, "works", "procurement", historic_grade="B")
    assert [(service.value, dict(grades)) for service, grades in historic_grades()] == [
        ("works", {"甲级": 1, "乙级": 1, "暂定级": 0}), ("procurement", {"甲级": 0, "乙级": 1, "暂定级": 0}),
    ]  # fmt: skip


def test_the_public_list_asks_no_more_for_three_agencies_than_for_one(where, client):
    listed(where, where.agency)
    client.get(reverse("agencies:register"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("agencies:register"))
    listed(where)
    listed(where)
    with CaptureQueriesContext(connection) as three:
        client.get(reverse("agencies:register"))
    assert len(three) == len(one)
