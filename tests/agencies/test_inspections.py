"""The yearly inspection: at least a quarter of the year's business, drawn at random; its result, and what follows from it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies import actions
from agencies.conduct_data import load_conduct
from agencies.models import Inspection
from agencies.queries import business_of, free_agencies
from agencies.rules import inspected as least
from credit.models import CreditEntry, CreditRule, Exclusion
from disclosure.models import Notice
from draws.actions import chosen, opened, void_draw
from draws.models import Draw
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.agencies import asked, begun_inspection, carried_out, concluded, drawn_inspection, inspected, listed, mandate, offered
from tests.factories.evaluation import parties
from tests.factories.trading import city, filled_project, organisation, pdf
from trading.projects.actions import review_project, start_project, submit_project
from trading.projects.models import Project, Tender

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city(bidders=0)


def code(refused):
    return refused.value.code


def last_year():
    return city_day(database_now()).year - 1


@pytest.mark.requirement("R189")
@pytest.mark.parametrize(("total", "wanted"), [(1, 1), (3, 1), (4, 1), (5, 2), (8, 2), (9, 3), (100, 25), (101, 26)])
def test_at_least_a_quarter_rounded_up_is_inspected(total, wanted):
    assert least(total, city_day(database_now())) == wanted


@pytest.mark.requirement("R189")
def test_the_draw_is_over_the_open_list_of_the_years_business_and_chooses_a_quarter(where):
    inspection = drawn_inspection(where, 5)
    numbers = set(Tender.objects.values_list("number", flat=True))
    draw = Draw.objects.get(pk=inspection.draw_id)
    assert (draw.purpose, draw.confidential, draw.state) == ("inspection", False, "result")
    assert {opened(row)["candidate"]["tender"] for row in draw.candidates.all()} == numbers
    assert (inspection.total, inspection.wanted, inspection.state) == (5, 2, "inspecting")
    assert [row.tender_number for row in inspection.tenders.all()] == [opened(row)["candidate"]["tender"] for row in chosen(draw)]


@pytest.mark.requirement("R189")
def test_the_regulator_begins_the_draw_on_its_page_and_the_drawn_appear(where, client):
    carried_out(where, 1)
    parties(where)
    client.force_login(where.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    board = client.get(reverse("agencies:oversight")).content.decode()
    assert where.agency.name in board and "未检查" in board
    year = last_year()
    answer = client.post(
        reverse("agencies:begin_inspection", args=[where.agency.uscc]), {"year": year, "centre": where.staff.pk, "third": where.handler.pk}
    )
    assert answer.status_code == 302, answer.context["form"].errors
    assert Inspection.objects.get().draw.parties.count() == 3


def test_only_what_was_published_in_the_year_and_lies_with_the_regulator_is_on_the_list(where):
    tenders, year = carried_out(where, 3), last_year()
    Tender.objects.filter(pk=tenders[0].pk).update(published_at=database_now())
    assert [row.number for row in business_of(where.agency, year, ["GC"])] == sorted(row.number for row in tenders[1:])
    assert business_of(where.agency, year, ["ZC"]) == []


def test_a_tender_that_is_not_public_is_on_the_list_by_its_number_alone(where):
    (tender,) = carried_out(where, 1)
    Tender.objects.filter(pk=tender.pk).update(private=True)
    (row,) = business_of(where.agency, last_year(), ["GC"])
    assert tender.name not in row.name and row.number == tender.number


def test_a_year_without_business_is_not_inspected(where):
    parties(where)
    with pytest.raises(Refused) as refused:
        actions.begin_inspection(where.agency, last_year(), centre=where.staff, third=where.handler, by=where.supervisor, at=database_now())
    assert code(refused) == "no_business"


@pytest.mark.requirement("R189")
def test_a_year_that_still_runs_is_not_done_with_after_its_first_tenders(where, client):
    tenders, year = carried_out(where, 1), last_year() + 1
    Tender.objects.filter(pk=tenders[0].pk).update(published_at=database_now())
    parties(where)
    with pytest.raises(Refused) as refused:
        actions.begin_inspection(where.agency, year, centre=where.staff, third=where.handler, by=where.supervisor, at=database_now())
    assert (code(refused), refused.value.field) == ("year_running", "year") and "百分之二十五" in refused.value.rule
    client.force_login(where.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    form = client.get(reverse("agencies:begin_inspection", args=[where.agency.uscc])).context["form"]
    assert year not in dict(form.fields["year"].choices)


def test_a_year_is_inspected_once_and_a_void_draw_is_repeated(where):
    inspection = begun_inspection(where, 1)
    again = {"centre": where.staff, "third": where.handler, "by": where.supervisor, "at": database_now()}
    with pytest.raises(Refused) as refused:
        actions.begin_inspection(where.agency, inspection.year, **again)
    assert code(refused) == "begun"
    void_draw(inspection.draw, "名单有误", by=where.supervisor, at=database_now())
    second = actions.begin_inspection(where.agency, inspection.year, **again)
    assert second.pk == inspection.pk and second.draw.repeats == inspection.draw


def test_who_is_no_regulator_begins_no_inspection(where):
    with pytest.raises(Forbidden):
        begun_inspection(where, 1, by=where.staff)


def test_every_drawn_tender_has_its_record_before_the_result(where):
    inspection = drawn_inspection(where, 5)
    with pytest.raises(Refused) as refused:
        actions.conclude_inspection(
            inspection, result="passed", opinion="合格", correct_by=None, order_number="", conduct=None, evidence=None, by=where.supervisor,
            at=database_now(),
        )  # fmt: skip
    assert code(refused) == "not_done"


@pytest.mark.requirement("R189")
def test_the_result_is_published_told_to_the_joint_meeting_and_entered_into_credit(where, client):
    load_conduct()
    other = organisation("regulator", "清江市财政局", sectors=["ZC"])
    rule = CreditRule.objects.get(code="AG11")
    inspection = concluded(where, conduct=rule, evidence=pdf())
    notice = Notice.objects.get(kind="DL_INSPECT")
    assert inspection.notice == notice
    page = client.get(reverse("disclosure:notice", args=[notice.number])).content.decode()
    assert "不合格" in page and "代理机构检查结果" in page and all(row.tender_number in page for row in inspection.tenders.all())
    for person in (other.somebody, where.staff, where.handler):
        assert Message.objects.filter(person=person, subject__contains="年度检查结果：不合格").count() == 1
    entry = CreditEntry.objects.get()
    assert (entry.organisation, entry.rule, entry.decision_number, entry.state) == (where.agency, rule, "清建检〔2026〕3 号", "submitted")


def test_a_conduct_needs_its_evidence_and_nothing_happens_without(where):
    load_conduct()
    with pytest.raises(Refused) as refused:
        concluded(where, conduct=CreditRule.objects.get(code="AG11"))
    assert code(refused) == "no_evidence"
    assert Inspection.objects.get().state == "inspecting" and not Notice.objects.exists()


@pytest.mark.requirement("R190")
def test_a_failed_agency_takes_on_nothing_new_until_its_correction_is_accepted(where):
    listed(where, where.agency)
    standing = filled_project(where)
    contract = offered(where, asked(where, agency=where.agency))
    inspection = concluded(where)
    with pytest.raises(Refused) as refused:
        start_project(where.agency, by=where.handler)
    assert code(refused) == "agency_restricted" and "年度检查不合格" in refused.value.message
    for act in (
        lambda: submit_project(standing, by=where.handler, at=database_now()),
        lambda: actions.sign_contract(contract, seen=contract.digest, by=where.handler, at=database_now()),
        lambda: asked(where, agency=where.agency),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert code(refused) == "agency_restricted"
    actions.report_correction(inspection, "档案已全部移交。", by=where.handler, at=database_now())
    later = city_day(database_now()) + timedelta(days=10)
    actions.recheck_correction(inspection, accepted=False, recheck="仍缺一份。", correct_by=later, by=where.supervisor, at=database_now())
    with pytest.raises(Refused):
        start_project(where.agency, by=where.handler)
    actions.report_correction(inspection, "已补齐。", by=where.handler, at=database_now())
    actions.recheck_correction(inspection, accepted=True, recheck="整改到位。", correct_by=None, by=where.supervisor, at=database_now())
    assert start_project(where.agency, by=where.handler).agency == where.agency
    submit_project(standing, by=where.handler, at=database_now())
    assert actions.sign_contract(contract, seen=contract.digest, by=where.handler, at=database_now()).state == "signed"


def test_what_is_only_to_be_corrected_stops_nothing(where):
    concluded(where, "correct")
    assert start_project(where.agency, by=where.handler).agency == where.agency


def test_a_clean_year_passes(where):
    inspection = concluded(where, "passed")
    assert (inspection.correct_by, inspection.correction) == (None, "")


@pytest.mark.parametrize(("days", "allowed"), [(0, False), (1, True), (60, True), (75, False)])
def test_a_correction_has_a_day_in_time(where, days, allowed):
    inspection = inspected(where, 1, clean=False)
    given = {"result": "correct", "opinion": "请整改。", "order_number": "", "conduct": None, "evidence": None, "by": where.supervisor}
    at = database_now()

    def conclude():
        return actions.conclude_inspection(inspection, correct_by=city_day(at) + timedelta(days=days), at=at, **given)

    if allowed:
        assert conclude().correction == "due"
    else:
        with pytest.raises(Refused) as refused:
            conclude()
        assert refused.value.field == "correct_by"


@pytest.mark.requirement("R190")
def test_a_violator_stops_at_once_and_the_order_ends_with_its_day_or_by_decision(where):
    listed(where, where.agency)
    now = database_now()
    until = city_day(now) + timedelta(days=30)
    order = {"order_number": "清建罚〔2026〕9 号", "basis": "《招标投标法》第五十条", "reason": "泄露标底。", "until": until}
    row = actions.suspend_agency(where.agency, **order, by=where.supervisor, at=now)
    with pytest.raises(Refused) as refused:
        start_project(where.agency, by=where.handler)
    assert code(refused) == "agency_restricted" and f"{until:%Y-%m-%d}" in refused.value.message
    assert where.agency.restrictions.in_force(until).exists() and not where.agency.restrictions.in_force(until + timedelta(days=1)).exists()
    actions.lift_restriction(row, "复议决定撤销", by=where.supervisor, at=database_now())
    assert start_project(where.agency, by=where.handler)


def test_another_regulator_lifts_no_order_and_a_failed_inspection_ends_by_its_recheck_or_on_appeal(where):
    other = organisation("regulator", "清江市财政局", duties=["manager", "credit"], sectors=["ZC"])
    inspection = concluded(where)
    with pytest.raises(Refused) as refused:
        actions.lift_restriction(inspection.restrictions.get(), "理由", by=where.supervisor, at=database_now())
    assert code(refused) == "no_decision"
    with pytest.raises(Refused) as refused:
        actions.recheck_correction(inspection, accepted=True, recheck="好", correct_by=None, by=other.somebody, at=database_now())
    assert code(refused) == "not_yours"
    row = inspection.restrictions.get()
    actions.lift_restriction(row, "复议撤销", decision="清政复〔2026〕5 号", by=where.supervisor, at=database_now())
    row.refresh_from_db()
    assert row.lifted_at is not None and "清政复〔2026〕5 号" in row.lifted_reason


def test_the_agency_sees_its_own_inspections_and_no_other(where, client):
    inspection = concluded(where)
    client.force_login(where.handler, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("agencies:inspection", args=[inspection.number])).content.decode()
    assert "报告整改情况" in page and "作出检查结果" not in page
    other = organisation("agency")
    client.force_login(other.somebody, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("agencies:inspection", args=[inspection.number])).status_code == 404


def test_a_running_tender_goes_on_under_a_restriction(where):
    contract, project = mandate(where), filled_project(where)
    submit_project(project, by=where.handler, at=database_now())
    review_project(project, "returned", "请补正地址。", by=where.staff, at=database_now())
    concluded(where)
    submit_project(project, by=where.handler, at=database_now())
    for row in (contract, project):
        row.refresh_from_db()
    assert (contract.state, project.state) == ("signed", Project.State.SUBMITTED)


def test_a_regulator_of_purchases_stops_purchases_alone(where):
    finance = organisation("regulator", "清江市财政局", duties=["manager", "credit"], sectors=["ZC"])
    listed(where, where.agency, "works", "procurement")
    until = city_day(database_now()) + timedelta(days=9)
    actions.suspend_agency(
        where.agency, order_number="清财罚〔2026〕1 号", basis="依据", reason="事由", until=until, by=finance.somebody, at=database_now()
    )
    free = {service: where.agency in free_agencies(service, city_day(database_now())) for service in ("works", "procurement", "cost")}
    assert free == {"works": True, "procurement": False, "cost": False}
    assert asked(where, agency=where.agency).agency == where.agency
    with pytest.raises(Refused) as refused:
        asked(where, agency=where.agency, service="procurement")
    assert code(refused) == "agency_restricted"
    assert start_project(where.agency, by=where.handler)


def test_a_ban_from_purchases_keeps_no_agency_from_works(where):
    listed(where, where.agency, "works", "procurement")
    Exclusion.objects.create(
        organisation=where.agency, category="ZC", decision_number="2 号", basis="依据", since=city_day(database_now()), by=where.supervisor
    )
    assert asked(where, agency=where.agency).agency == where.agency
    with pytest.raises(Refused) as refused:
        asked(where, agency=where.agency, service="procurement")
    assert code(refused) == "agency_excluded"


def test_what_was_found_is_the_regulators_alone_until_the_result(where, client):
    inspection, other = inspected(where, 1, clean=False), organisation("regulator", "清江市财政局", sectors=["ZC"])
    page = reverse("agencies:inspection", args=[inspection.number])

    def seen_by(somebody):
        client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
        return "查阅了招标文件" in client.get(page).content.decode()

    assert [seen_by(each) for each in (where.supervisor, where.handler, other.somebody)] == [True, False, False]
    assert b"clean" not in bytes(LedgerEntry.objects.get(kind="agency.tender_inspected").data)


def test_a_ban_by_a_decision_keeps_an_agency_from_its_category(where):
    project, day = filled_project(where), city_day(database_now())
    Exclusion.objects.create(
        organisation=where.agency, category="GC", decision_number="1 号", basis="《招标投标法》第五十条", since=day, by=where.supervisor
    )
    with pytest.raises(Refused) as refused:
        submit_project(project, by=where.handler, at=database_now())
    assert code(refused) == "agency_excluded"


def test_the_regulators_board_asks_no_more_for_three_agencies_than_for_one(where, client):
    client.force_login(where.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    client.get(reverse("agencies:oversight"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("agencies:oversight"))
    organisation("agency"), organisation("agency")
    with CaptureQueriesContext(connection) as three:
        client.get(reverse("agencies:oversight"))
    assert len(three) == len(one)


def test_the_regulators_board_shows_every_restriction_and_lets_each_lift_its_own(where, client):
    finance = organisation("regulator", "清江市财政局", duties=["manager", "credit"], sectors=["ZC"])
    until = city_day(database_now()) + timedelta(days=9)
    rows = [
        actions.suspend_agency(where.agency, order_number=number, basis="依据", reason="事由", until=until, by=by, at=database_now())
        for number, by in (("清建罚 1 号", where.supervisor), ("清财罚 2 号", finance.somebody))
    ]
    client.force_login(where.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("agencies:oversight")).content.decode()
    assert "清建罚 1 号" in page and "清财罚 2 号" in page
    assert [reverse("agencies:lift", args=[row.pk]) in page for row in rows] == [True, False]
