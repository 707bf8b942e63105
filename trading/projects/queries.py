"""What a page or a later room wants to know of a registration and of who works on a tender."""

from dataclasses import dataclass, replace
from datetime import datetime

from guardian.shortcuts import get_users_with_perms

from accounts.models import Duty, Organisation, Person
from accounts.permissions import is_member
from agencies.queries import standing_contract, used_contract
from rulebook.clock import city_day, database_now
from rulebook.provisions import Rule
from trading.catalogue.models import CatalogueItem
from trading.catalogue.queries import decide
from trading.projects.design_build import NO_WAY, is_design_build, stage_gaps
from trading.projects.models import Entrustment, Project, ProjectPaper, RegulatorRuling
from trading.projects.rules import (
    CONTROL_POINTS,
    GREEN_INTAKE,
    GREEN_NOTICE,
    GREEN_NOTICE_LARGE,
    GREEN_SMALL,
    TOLERABLE,
    intake_due,
)

MANAGE = "trading.manage_tender"
SUPERVISE = "trading.supervise_tender"
UNNAMED = "未命名项目"

# What must be filled in before a registration is handed in.
ASKED = (
    "name", "owner", "estimate", "address", "scale", "contact_name", "contact_phone",
    "approval_name", "approval_number", "approval_authority", "fund_source",
)  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """Something that keeps a registration from being handed in, and where on the page it is mended."""

    section: str
    field: str
    text: str


def registrant(project):
    """Who registered the project and carries it out: the agency, or the owner where there is none."""
    return project.agency or project.owner


def required_papers(project):
    """The papers that the control points ask of this project, in order."""
    return [point.paper for point in points_of(project)]


def points_of(project):
    """The control points that apply, one for each paper: the first asks for it, whatever others would."""
    found = {}
    for point in CONTROL_POINTS:
        if point.applies_to(project):
            found.setdefault(point.paper, point)
    return list(found.values())


def mandate_of(project):
    """The contract signed on the platform under which the agency registers the project, or None: it stands for the paper."""
    if project.agency is None or project.owner is None:
        return None
    if project.submitted_at is None or project.state in (Project.State.DRAFT, Project.State.RETURNED):
        return standing_contract(project.owner, project.agency, project.category, city_day(database_now()), project.name)
    return used_contract(f"project/{project.pk}")


def standing_entrustment(project):
    """The entrustment that waits for its answer or was accepted, or None."""
    return project.entrustments.filter(state__in=Entrustment.STANDING).select_related("body").first()


def entrustment_of(project):
    """The accepted entrustment under which the central procurement body handles the project, or None."""
    rows = project.entrustments.filter(state=Entrustment.State.ACCEPTED, body=project.agency_id)
    return rows.select_related("body").first()


def decision_for(project, on):
    """The catalogue's word on a registration as it stands; None without an estimate, or where the catalogue says nothing."""
    if not project.estimate:
        return None
    decision = decide(project.category, project.kind, project.estimate, on=on, listed=project.central_item_id is not None)
    if decision is not None and is_design_build(project):
        return replace(decision, procedures=tuple(each for each in decision.procedures if each not in NO_WAY))
    return decision


def control_points(project):
    """Each control point that applies, with the papers that were handed in for it."""
    papers = list(project.papers.select_related("file"))
    tolerances = {row.kind: row for row in project.tolerances.all()}
    mandate, entrustment = mandate_of(project), entrustment_of(project)
    return [
        {
            "paper": point.paper,
            "label": ProjectPaper.Kind(point.paper).label,
            "matter": point.matter,
            "source": point.source,
            "papers": [row for row in papers if row.kind == point.paper],
            "tolerance": tolerances.get(point.paper),
            "tolerable": point.paper in TOLERABLE,
            "mandate": mandate if point.paper == ProjectPaper.Kind.AGENCY_CONTRACT else None,
            "entrustment": entrustment if point.paper == ProjectPaper.Kind.AGENCY_CONTRACT else None,
        }
        for point in points_of(project)
    ]


def missing(project):
    """Everything that still keeps the registration from being handed in, in the order of the page."""
    found = []
    for name in ASKED:
        value = getattr(project, name)
        if name in project.draft:
            found.append(Gap("basics", name, f"{label_of(project, name)}填写的内容格式不对"))
        elif not value or value == UNNAMED:
            asked = "请选择" if name == "owner" else "请填写"
            found.append(Gap("basics", name, f"{asked}{label_of(project, name)}"))
    decision = decision_for(project, city_day(database_now()))
    if decision and decision.forms and not project.organisation_form:
        found.append(Gap("basics", "organisation_form", "请选择采购组织形式"))
    lots = list(project.tenders.get().lots.all())
    for lot in lots:
        if not lot.estimate:
            found.append(Gap("lots", f"lot{lot.no}", f"请填写{lot.name}的合同估算价"))
    if project.estimate and sum(lot.estimate for lot in lots) > project.estimate:
        found.append(Gap("lots", f"lot{lots[0].no}", "各标段估算价之和超过了项目估算价"))
    have = {row.kind for row in project.papers.all()} | {row.kind for row in project.tolerances.all()}
    if mandate_of(project) is not None or entrustment_of(project) is not None:
        have.add(ProjectPaper.Kind.AGENCY_CONTRACT)
    for kind in required_papers(project):
        if kind not in have:
            found.append(Gap("papers", f"paper-{kind}", f"请上传{ProjectPaper.Kind(kind).label}"))
    known = {gap.field for gap in found}
    found += [Gap(*gap) for gap in stage_gaps(project) if gap[1] not in known]
    if project.urgency and not project.urgency_reason.strip():
        found.append(Gap("basics", "urgency_reason", "请填写绿色通道说明"))
    return found


def label_of(project, name):
    return project._meta.get_field(name).verbose_name


def regulators_of(project):
    """The departments that could supervise a project, the first registered first.

    A sector is a category (GC) or one class of works in it (A03, highways); who names the class goes before the others.
    """
    rows = Organisation.objects.of_kind(Organisation.Kind.REGULATOR).active().order_by("pk")
    of_class = rows.filter(sectors__contains=[project.classification])
    return of_class if of_class.exists() else rows.filter(sectors__contains=[project.category])


def bureaus():
    """The comprehensive regulators, of no sector of their own: they settle which department is competent."""
    return Organisation.objects.of_kind(Organisation.Kind.REGULATOR).active().filter(sectors=[]).order_by("pk")


def needs_ruling(project):
    """Whether several departments could supervise the project and a bureau is there to name one, and has not yet."""
    if not bureaus().exists() or regulators_of(project).count() < 2:
        return False
    return ruling_of(project) is None


def ruling_of(project):
    """The ruling that holds: one that names a department which could supervise the project as it stands now."""
    rows = RegulatorRuling.objects.filter(project=project, ruled_at__isnull=False, regulator__in=regulators_of(project))
    return rows.select_related("regulator").first()


def officers_of(centre):
    """Who of a centre may follow a project of the green channel: its people of the intake."""
    return Person.objects.filter(
        memberships__organisation=centre, memberships__until=None, memberships__duties__overlap=[Duty.INTAKE, Duty.MANAGER]
    ).distinct().order_by("name")  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A step that the green channel promises, by when, and when it was done."""

    label: str
    due_at: datetime
    done_at: datetime | None
    rule: Rule

    def is_late(self, at) -> bool:
        return (self.done_at or at) > self.due_at


def targets_of(project):
    """The promised steps of a project of the green channel, in order."""
    found = [Target("受理", intake_due(project), project.accepted_at, GREEN_INTAKE)]
    if project.accepted_at:
        tender = min(project.tenders.all(), key=lambda row: row.pk)
        rule = GREEN_NOTICE if project.estimate < GREEN_SMALL else GREEN_NOTICE_LARGE
        found.append(Target("发布公告", rule.due_at(project.accepted_at), tender.published_at, rule))
    return found


# Later rooms tell which procedures there are: function(category, day) -> {code: name}.
_offers = []


def offers(function):
    """Register who knows the procedures; used as a decorator."""
    _offers.append(function)
    return function


def ways_for(project, decision, on):
    """[code, name] of the procedures that the catalogue allows for a registration; all of its category before it has spoken."""
    names = {code: name for function in _offers for code, name in function(project.category, on).items()}
    allowed = decision.procedures if decision else tuple(names)
    return [(code, names[code]) for code in allowed if code in names]


def centres_for(category, venue):
    """The centres that take in projects of a venue: the city's, or the township centres, which serve named categories only."""
    rows = Organisation.objects.of_kind(Organisation.Kind.CENTRE).active().order_by("pk")
    if venue == CatalogueItem.Venue.TOWNSHIP:
        return rows.filter(sectors__contains=[category])
    return rows.filter(sectors=[])


def may_take_in(person, project):
    """Whether the person handles the intake of such projects at a centre that takes them in."""
    rows = centres_for(project.category, project.decision.get("venue"))
    return rows.filter(
        memberships__person=person, memberships__until=None, memberships__duties__overlap=[Duty.INTAKE, Duty.MANAGER]
    ).exists()


def submitted_to(organisation):
    """The registrations that wait for a centre."""
    return of_centre(Project.objects.filter(state=Project.State.SUBMITTED), organisation)


def of_centre(rows, organisation):
    """Those of the projects that a centre takes in: village ones of its township for a township centre, all others for the city's."""
    township = rows.filter(decision__venue=CatalogueItem.Venue.TOWNSHIP)
    if organisation.sectors:
        return township.filter(category__in=organisation.sectors)
    return rows.exclude(pk__in=township.values("pk"))


def handlers_of(tender):
    """The people who work on a tender."""
    return list(get_users_with_perms(tender, only_with_perms_in=["manage_tender"], with_group_users=False).order_by("pk"))


def may_handle(person, tender):
    """Whether the person was assigned to the tender and still acts for one of its two sides."""
    if person.is_superuser:
        return True
    sides = [side for side in (tender.project.agency, tender.project.owner) if side is not None]
    return person.has_perm(MANAGE, tender) and any(is_member(person, side) for side in sides)


def may_read_paper(person, organisation, file):
    """Papers of a registration: its own side reads by ownership; the owner, the centre and the regulator besides."""
    if organisation is None or not organisation.is_active:
        return False
    if Organisation.Kind.CENTRE in organisation.kinds:
        return True
    papers = ProjectPaper.objects.filter(file=file)
    return papers.filter(project__owner=organisation).exists() or papers.filter(project__regulator=organisation).exists()
