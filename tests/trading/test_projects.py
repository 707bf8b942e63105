"""Registration and intake: what blocks a submission, what acceptance gives, and who may see what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Duty, Membership, Person
from ledger.models import LedgerEntry
from reception.actions import end_membership
from reception.grants import ask_permission, decide_permission
from rulebook.clock import database_now
from rulebook.identifiers import is_deal_code
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import (
    PROJECT,
    accepted_tender,
    city,
    filled_project,
    member,
    organisation,
    pdf,
    person,
    submitted_project,
)
from trading.projects import actions
from trading.projects.models import Project, ProjectPaper
from trading.projects.queries import control_points, handlers_of, missing, required_papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city()


def test_only_owners_and_agencies_register_projects(where):
    bidder = where.bidders[0]
    with pytest.raises(Forbidden) as refused:
        actions.start_project(bidder, by=bidder.somebody)
    assert refused.value.code == "not_tenderee"


def test_an_owner_registers_without_an_agency(where):
    project = actions.start_project(where.owner, by=where.owner.somebody)
    assert (project.owner, project.agency) == (where.owner, None)
    assert ProjectPaper.Kind.AGENCY_CONTRACT not in required_papers(project)


def test_an_empty_registration_names_everything_that_is_missing(where):
    project = actions.start_project(where.agency, by=where.handler)
    assert [(gap.section, gap.field) for gap in missing(project)] == [
        ("basics", "name"), ("basics", "owner"), ("basics", "estimate"), ("basics", "address"), ("basics", "scale"),
        ("basics", "contact_name"), ("basics", "contact_phone"), ("basics", "approval_name"),
        ("basics", "approval_number"), ("basics", "approval_authority"), ("basics", "fund_source"), ("lots", "lot1"),
        ("papers", "paper-approval"), ("papers", "paper-funds"), ("papers", "paper-decision"),
        ("papers", "paper-agency_contract"),
    ]  # fmt: skip


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("kind", ["approval", "funds", "decision", "agency_contract", "feasibility", "demand", "policy"])
def test_a_missing_paper_of_a_control_point_blocks_the_submission(where, kind):
    project = filled_project(where, estimate=Decimal(60_000_000))
    project.papers.filter(kind=kind).delete()
    with pytest.raises(Refused) as refused:
        actions.submit_project(project, by=where.handler, at=database_now())
    assert refused.value.details["gaps"] == [[f"paper-{kind}", f"请上传{ProjectPaper.Kind(kind).label}"]]
    project.refresh_from_db()
    assert project.state == Project.State.DRAFT


@pytest.mark.requirement("R090")
@pytest.mark.parametrize(
    ("estimate", "asked"),
    [
        ("49999999.99", ["approval", "funds", "decision", "agency_contract"]),
        ("50000000.00", ["approval", "funds", "decision", "agency_contract", "feasibility", "demand", "policy"]),
    ],
)
def test_large_projects_show_more_papers(where, estimate, asked):
    project = filled_project(where, estimate=Decimal(estimate))
    assert [row["paper"] for row in control_points(project)] == asked


def test_lots_may_not_cost_more_than_the_project(where):
    project = filled_project(where, lots=({"estimate": Decimal(30_000_000)}, {"estimate": Decimal("8600000.01")}))
    assert [gap.text for gap in missing(project)] == ["各标段估算价之和超过了项目估算价"]


@pytest.mark.parametrize(
    ("kind", "estimate", "venue"),
    [
        ("works", "4000000.00", "must_enter"), ("works", "3999999.99", "may_enter"),
        ("goods", "2000000.00", "must_enter"), ("goods", "1999999.99", "may_enter"),
        ("services", "1000000.00", "must_enter"), ("services", "999999.99", "may_enter"),
    ],
)  # fmt: skip
def test_the_catalogue_decides_on_submission(where, kind, estimate, venue):
    project = submitted_project(where, kind=kind, estimate=Decimal(estimate), lots=({"estimate": Decimal(estimate)},))
    assert project.decision["venue"] == venue
    assert project.decision["reason"]


def test_what_belongs_to_a_township_centre_is_sent_there(where):
    project = filled_project(where, category="CJ", estimate=Decimal(500_000), lots=({"estimate": Decimal(500_000)},))
    with pytest.raises(Refused) as refused:
        actions.submit_project(project, by=where.handler, at=database_now())
    assert refused.value.code == "other_venue"
    assert "乡镇" in refused.value.next_step


def test_a_submitted_registration_is_not_changed_any_more(where):
    project = submitted_project(where)
    with pytest.raises(Refused) as refused:
        actions.save_project(project, {"name": "另一个名称"}, by=where.handler)
    assert refused.value.code == "not_editable"


@pytest.mark.requirement("R088")
def test_a_returned_registration_is_corrected_and_handed_in_again(where):
    project = submitted_project(where)
    actions.review_project(project, "returned", "批准文号不清晰，请重新上传。", by=where.staff, at=database_now())
    project.refresh_from_db()
    assert project.state == Project.State.RETURNED
    actions.save_project(project, {"approval_number": "清发改审〔2026〕65 号"}, by=where.handler)
    actions.submit_project(project, by=where.handler, at=database_now())
    actions.review_project(project, "accepted", "", by=where.staff, at=database_now())
    project.refresh_from_db()
    assert project.state == Project.State.ACCEPTED
    assert [row.outcome for row in project.reviews.all()] == ["accepted", "returned"]


@pytest.mark.requirement("R088")
@pytest.mark.parametrize("outcome", ["returned", "rejected"])
def test_the_centre_gives_reasons_when_it_does_not_accept(where, outcome):
    project = submitted_project(where)
    with pytest.raises(Refused) as refused:
        actions.review_project(project, outcome, "  ", by=where.staff, at=database_now())
    assert (refused.value.code, refused.value.field) == ("no_reasons", "reasons")


@pytest.mark.requirement("R088")
def test_acceptance_gives_numbers_regulator_and_permissions(where):
    tender = accepted_tender(where, lots=({}, {}))
    project = tender.project
    year = project.accepted_at.year
    lots = list(tender.lots.all())
    assert (len(project.code), len(tender.code), [len(lot.code) for lot in lots]) == (17, 20, [23, 23])
    assert tender.code.startswith(project.code) and lots[1].code == f"{tender.code}002"
    assert tender.number == f"QJGC{year}-0001"
    assert all(is_deal_code(code) for code in (tender.deal_code, lots[0].deal_code, lots[1].deal_code))
    assert len({tender.deal_code, lots[0].deal_code, lots[1].deal_code}) == 3
    assert project.regulator == where.regulator
    assert where.handler.has_perm("trading.manage_tender", tender)
    assert where.supervisor.has_perm("trading.supervise_tender", tender)
    assert not where.bidders[0].somebody.has_perm("trading.manage_tender", tender)
    kinds = LedgerEntry.objects.filter(stream=f"project/{project.pk}").order_by("n").values_list("kind", flat=True)
    assert list(kinds) == ["project.submitted", "project.reviewed"]


def test_numbers_follow_one_another(where):
    first, second = accepted_tender(where), accepted_tender(where)
    assert int(second.number[-4:]) == int(first.number[-4:]) + 1


def test_nothing_is_accepted_that_no_department_supervises(where):
    project = submitted_project(where)
    where.regulator.sectors = ["ZC"]
    where.regulator.save()
    with pytest.raises(Refused) as refused:
        actions.review_project(project, "accepted", "", by=where.staff, at=database_now())
    assert refused.value.code == "no_regulator"
    project.refresh_from_db()
    assert (project.state, project.code) == (Project.State.SUBMITTED, None)


def test_only_the_intake_post_reviews(where):
    project = submitted_project(where)
    for somebody in (where.handler, where.supervisor, member(where.centre, duties=[Duty.ARCHIVE])):
        with pytest.raises(Forbidden):
            actions.review_project(project, "accepted", "", by=somebody, at=database_now())


def test_the_agencys_manager_appoints_and_withdraws_handlers(where):
    tender = accepted_tender(where)
    colleague = member(where.agency)
    with pytest.raises(Forbidden):
        actions.assign_staff(tender, colleague, by=colleague)
    with pytest.raises(Forbidden):
        actions.assign_staff(tender, where.bidders[0].somebody, by=where.handler)
    actions.assign_staff(tender, colleague, by=where.handler)
    assert handlers_of(tender) == [where.handler, colleague]
    actions.withdraw_staff(tender, where.handler, by=where.handler)
    assert handlers_of(tender) == [colleague]
    with pytest.raises(Refused) as refused:
        actions.withdraw_staff(tender, colleague, by=where.handler)
    assert refused.value.code == "last_handler"


# ── through the doors ──────────────────────────────────────────────────────


def signed_in(client, somebody, organisation=None):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    if organisation is not None:
        session = client.session
        session["organisation"] = organisation.pk
        session.save()
    return client


def form_of(where, **fields):
    data = {name: str(value) for name, value in PROJECT.items()}
    return {**data, "owner": where.owner.pk, "invest_code": "", "exemption": "", **fields}


def test_a_registration_walks_through_the_browser(client, where):
    signed_in(client, where.handler)
    response = client.post("/work/projects/new/")
    project = Project.objects.get()
    assert response.url == f"/work/projects/{project.pk}/"
    assert client.post(response.url, form_of(where)).status_code == 302
    lot = {
        "name": "一标段", "content": "土建", "estimate": "3860 万元", "term_days": "420", "quality": "合格",
        "qualification": "建筑工程施工总承包二级及以上",
    }  # fmt: skip
    assert client.post(f"{response.url}lots/1/", lot).status_code == 302
    for kind in ("approval", "funds", "decision", "agency_contract"):
        client.post(f"{response.url}papers/", {"kind": kind, "file": pdf(f"{kind}.pdf")})
    assert client.post(f"{response.url}submission/").status_code == 302
    staff = signed_in(client, where.staff)
    assert PROJECT["name"] in staff.get("/staff/intake/").content.decode()
    page = staff.get(f"/staff/intake/{project.pk}/").content.decode()
    assert where.regulator.name in page and "approval.pdf" in page
    outcome = {"outcome": "accepted", "reasons": "", "regulator": where.regulator.pk}
    assert staff.post(f"/staff/intake/{project.pk}/", outcome).url == "/staff/intake/"
    project.refresh_from_db()
    assert project.state == Project.State.ACCEPTED


def test_gaps_stand_at_the_top_with_the_way_to_their_fields(client, where):
    signed_in(client, where.handler)
    project = actions.start_project(where.agency, by=where.handler)
    response = client.post(f"/work/projects/{project.pk}/submission/")
    page = response.content.decode()
    assert response.status_code == 409
    assert '<a href="#id_address">请填写建设地点</a>' in page
    assert '<a href="#paper-funds">请上传资金落实证明</a>' in page


def test_drafts_save_themselves_even_half_typed(client, where):
    signed_in(client, where.handler)
    project = actions.start_project(where.agency, by=where.handler)
    url = f"/work/projects/{project.pk}/"
    half = form_of(where, estimate="三千", name="清江市图书馆修缮工程")
    said = client.post(url, half, headers={"ETP-Part": "true"}).content.decode()
    assert "已自动保存" in said and "“项目估算价（元）”" in said
    project.refresh_from_db()
    assert (project.name, project.estimate, project.draft) == ("清江市图书馆修缮工程", None, {"estimate": "三千"})
    client.logout()
    signed_in(client, where.handler)
    page = client.get(url).content.decode()
    assert 'value="三千"' in page and "清江市图书馆修缮工程" in page
    said = client.post(url, form_of(where, estimate="3860 万元"), headers={"ETP-Part": "true"}).content.decode()
    assert "必须进场" in said
    project.refresh_from_db()
    assert (project.estimate, project.draft) == (Decimal("38600000.00"), {})


def test_signed_out_autosave_leads_to_the_sign_in_and_back(client, where):
    project = actions.start_project(where.agency, by=where.handler)
    url = f"/work/projects/{project.pk}/"
    response = client.post(url, {}, headers={"ETP-Part": "true", "Referer": url})
    assert response["ETP-Redirect"].endswith(f"?next={url}")


def test_another_agency_sees_and_changes_nothing(client, where):
    project = submitted_project(where)
    tender = accepted_tender(where)
    stranger = organisation("agency", "清江方壶项目管理有限公司")
    signed_in(client, stranger.somebody)
    paper = project.papers.first()
    for path in (
        f"/work/projects/{project.pk}/",
        f"/work/projects/{project.pk}/lots/1/",
        f"/work/tenders/{tender.number}/handlers/",
    ):
        assert client.get(path).status_code == 404, path
    for path in (
        f"/work/projects/{project.pk}/", f"/work/projects/{project.pk}/submission/", f"/work/projects/{project.pk}/papers/",
        f"/work/projects/{project.pk}/lots/1/removal/", f"/work/projects/{project.pk}/papers/{paper.pk}/removal/",
        f"/work/tenders/{tender.number}/handlers/",
    ):  # fmt: skip
        assert client.post(path, {}).status_code == 404, path
    with pytest.raises(Forbidden):
        actions.save_project(project, {"name": "x"}, by=stranger.somebody)


def test_papers_are_read_by_their_side_the_centre_and_the_regulator_alone(client, where):
    tender = accepted_tender(where)
    url = reverse("documents:file", args=[tender.project.papers.first().file.key])
    stranger = organisation("agency")
    readers = {
        where.handler: 200, where.owner.somebody: 200, where.staff: 200, where.supervisor: 200,
        stranger.somebody: 404, where.bidders[0].somebody: 404,
    }  # fmt: skip
    found = {}
    for somebody in readers:
        signed_in(client, somebody)
        found[somebody] = client.get(url).status_code
    assert found == readers


def test_staff_do_not_see_drafts(client, where):
    project = actions.start_project(where.agency, by=where.handler)
    signed_in(client, where.staff)
    assert client.get(f"/staff/intake/{project.pk}/").status_code == 404


def test_the_manager_appoints_handlers_in_the_browser(client, where):
    tender = accepted_tender(where)
    colleague = member(where.agency)
    signed_in(client, where.handler)
    url = f"/work/tenders/{tender.number}/handlers/"
    assert client.post(url, {"person": colleague.pk}).status_code == 302
    assert colleague.name in client.get(url).content.decode()
    assert client.post(f"{url}{colleague.pk}/removal/").status_code == 302
    assert handlers_of(tender) == [where.handler]


def test_who_left_the_agency_works_on_nothing_any_more(client, where):
    tender = accepted_tender(where)
    Membership.objects.filter(person=where.handler).update(until=database_now() - timedelta(seconds=1))
    signed_in(client, where.handler)
    assert client.get(f"/work/tenders/{tender.number}/").status_code in (302, 403, 404)


def test_the_regulators_people_watch_as_they_come_and_go(where):
    tender = accepted_tender(where)
    newcomer = person()
    asked = ask_permission(
        "duties",
        newcomer.mobile,
        organisation=where.regulator,
        duties=[Duty.COMPLAINTS],
        reason="新到任",
        by=where.supervisor,
        at=database_now(),
    )
    decide_permission(asked, approved=True, by=person(is_administrator=True), at=database_now())
    assert fresh(newcomer).has_perm("trading.supervise_tender", tender)
    end_membership(newcomer.memberships.get(), by=where.supervisor, at=database_now())
    assert not fresh(newcomer).has_perm("trading.supervise_tender", tender)


def fresh(somebody):
    """The person as the next request reads them; permissions are remembered on the object."""
    return Person.objects.get(pk=somebody.pk)


def test_a_person_without_organisation_is_turned_away(client, where):
    signed_in(client, person())
    assert client.post("/work/projects/new/").status_code == 403
