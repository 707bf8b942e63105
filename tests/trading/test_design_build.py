"""工程总承包: registered with the stage that was approved, written from its own text and its own method, published with its checks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from tests.factories.trading import city, filled_project, make_workday, published_tender, reviewed, stored, written_document
from trading.methods.presets import PRESETS, default_preset
from trading.projects.actions import review_project, submit_project
from trading.projects.models import Project, ProjectPaper, ProjectReview
from trading.projects.queries import decision_for, missing, required_papers
from trading.tenders.actions.drafting import add_attachment
from trading.tenders.actions.publication import publish_tender
from trading.tenders.models import TenderDocument
from trading.tenders.problems import problems_of

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
BOTH = "具备建筑行业（建筑工程）设计乙级和建筑工程施工总承包二级及以上资质"
Stage = Project.DesignBuildStage


@pytest.fixture
def where(settings):
    settings.ETP_STEP_UP = "offered"
    return city(bidders=3)


def registered(where, **fields):
    given = {"kind": "epc", "epc_stage": Stage.PRELIMINARY, "lots": ({"qualification": BOTH},), **fields}
    return filled_project(where, **given)


def gaps(project):
    return {gap.field for gap in missing(project)}


@pytest.mark.requirement("R126")
def test_a_registration_says_at_which_stage_it_is_tendered_and_shows_the_approval(where):
    project = registered(where, epc_stage="")
    assert "epc_stage" in gaps(project)
    Project.objects.filter(pk=project.pk).update(epc_stage=Stage.PRELIMINARY)
    project.refresh_from_db()
    assert "preliminary" in required_papers(project) and f"paper-{ProjectPaper.Kind.PRELIMINARY}" in gaps(project)
    with pytest.raises(Refused) as refused:
        submit_project(project, by=where.handler, at=database_now())
    assert "初步设计批复" in refused.value.message
    whole = registered(where)
    assert not gaps(whole)
    submit_project(whole, by=where.handler, at=database_now())


@pytest.mark.requirement("R126")
def test_before_the_preliminary_design_only_on_a_ground_and_its_approval_is_no_promise(where):
    project = registered(where, epc_stage=Stage.FEASIBILITY)
    assert gaps(project) == {"epc_ground"}
    Project.objects.filter(pk=project.pk).update(epc_ground="应急医院项目，市政府批准合并可行性研究与初步设计审批")
    project.refresh_from_db()
    assert not gaps(project)
    project.papers.filter(kind="feasibility").delete()
    now = database_now()
    project.tolerances.create(
        kind="feasibility", due_on=city_day(now) + timedelta(days=5), promise="补", promised_by=where.handler, promised_at=now
    )
    assert gaps(project) == {"paper-feasibility"}


def test_a_filed_project_of_an_enterprise_shows_its_approval_alone(where):
    project = registered(where, epc_stage=Stage.FILED, estimate=Decimal("30000000"))
    assert not gaps(project) and not {"preliminary", "feasibility"} & set(required_papers(project))


@pytest.mark.requirement("R126")
def test_it_is_measured_as_construction_and_never_drawn_by_lot(where):
    on = city_day(database_now())
    large = decision_for(registered(where), on)
    assert large.venue == "must_enter" and "GC-OT" in large.procedures
    small = registered(where, estimate=Decimal("1500000"))
    works = filled_project(where, estimate=Decimal("1500000"))
    assert "GC-LOT" in decision_for(works, on).procedures and "GC-LOT" not in decision_for(small, on).procedures


def test_works_and_other_kinds_are_asked_nothing_of_it(where):
    project = filled_project(where)
    assert not gaps(project) and default_preset("GC-OT", "works") is None


@pytest.fixture
def written(where):
    """A document of an accepted registration, as the platform begins it, with dates and amounts."""
    now = database_now()
    project = registered(where)
    submit_project(project, by=where.handler, at=now)
    review_project(project, ProjectReview.Outcome.ACCEPTED, "", by=where.staff, at=now)
    tender = project.tenders.select_related("project__owner", "project__agency", "project__regulator").get()
    due = now + timedelta(days=40)
    make_workday(city_day(due))
    return written_document(tender, by=where.handler, published_at=now, due_at=due)


def codes(document, at=None):
    return {each.code for each in problems_of(document, published_at=at or database_now())}


@pytest.mark.requirement("R126")
def test_its_document_begins_with_its_own_text_and_its_own_scoring(written):
    preset = PRESETS["W7"]
    assert (written.template.code, written.method, written.two_envelopes, written.consortium_allowed) == (
        "works-epc", "DOUBLE_ENVELOPE", True, True,
    )  # fmt: skip
    assert {name: written.method_settings[name] for name in preset.settings} == preset.settings
    scored = [(row.part, row.title, int(row.points)) for row in written.criteria.exclude(points=0).order_by("no")]
    assert scored == [(row["part"], row["title"], row["points"]) for row in preset.criteria()]
    assert sum(points for *_, points in scored) == 100
    assert written.criteria.filter(part="qualification", title="设计资质与施工资质").exists()


@pytest.mark.requirement("R126")
def test_risks_and_the_price_of_the_contract_stand_in_it_and_the_risks_cannot_be_altered(written):
    fixed = {row.title: row.text for row in written.sections.filter(fixed=True)}
    for words in ("基期价", "法律法规政策变化", "不可预见的地质条件", "招标人原因", "不可抗力"):
        assert words in fixed["风险分担"]
    assert "总价合同" in written.sections.get(title="合同专用条款").text
    written.sections.filter(title="风险分担").update(text="全部风险由承包人承担。")
    assert "fixed_block" in codes(written)


@pytest.mark.requirement("R126")
def test_both_qualifications_the_material_and_thirty_days_are_asked(where, written):
    assert codes(written) == {"epc_material"}
    add_attachment(written, "初步设计文件", stored(where.handler, where.agency, "tender_document"), by=where.handler)
    assert not codes(written)
    lot = written.tender.lots.get()
    lot.qualification = "具备建筑工程施工总承包二级及以上资质"
    lot.save()
    assert codes(written) == {"epc_qualification"}
    lot.qualification = BOTH
    lot.save()
    late = written.bids_due_at - timedelta(days=25)
    (problem,) = [each for each in problems_of(written, published_at=late) if each.field == "bids_due_at"]
    assert "三十日" in problem.message + problem.rule


@pytest.mark.requirement("R126")
def test_from_the_registration_page_to_the_public_notice(where, written, client):
    now = database_now()
    client.force_login(where.handler, backend=BACKEND)
    project = written.tender.project
    assert "初步设计已审批" in client.get(reverse("trading:project", args=[project.pk])).content.decode()
    page = client.get(reverse("trading:edit_criteria", args=[written.tender.number])).content.decode()
    assert "双信封评标法" in page and "工程总承包（EPC）" in page
    add_attachment(written, "初步设计文件", stored(where.handler, where.agency, "tender_document"), by=where.handler)
    reviewed(TenderDocument.objects.get(pk=written.pk), by=where.handler, at=now)
    publish_tender(written.tender, by=where.handler, at=now)
    client.logout()
    page = client.get(reverse("trading:tender", args=[written.tender.number])).content.decode()
    assert project.name in page and "双信封" in page and "接受" in page


@pytest.mark.requirement("R126")
def test_the_page_asks_for_the_stage_only_where_the_kind_does(where, client):
    client.force_login(where.handler, backend=BACKEND)
    epc, works = registered(where, epc_stage=Stage.FEASIBILITY), filled_project(where)
    address = reverse("trading:project", args=[epc.pk])
    assert 'name="epc_stage"' in client.get(address).content.decode()
    assert 'name="epc_stage"' not in client.get(reverse("trading:project", args=[works.pk])).content.decode()
    posted = {
        "name": epc.name,
        "category": "GC",
        "kind": "epc",
        "classification": "A01",
        "epc_stage": "preliminary",
        "owner": where.owner.pk,
    }
    client.post(address, posted)
    epc.refresh_from_db()
    assert epc.epc_stage == "preliminary"
    client.post(address, {**posted, "kind": "works"})
    epc.refresh_from_db()
    assert (epc.kind, epc.epc_stage, epc.epc_ground) == ("works", "", "")


def test_a_works_tender_is_published_as_ever(where):
    assert published_tender(where).document.method == "COMPREHENSIVE_ASSESSMENT"
