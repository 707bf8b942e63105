"""As which side somebody stands before a contract: those who handle it, its two parties, and those who watch it."""

from django.db.models import Q

from accounts.models import Organisation
from accounts.permissions import is_member, require_member
from rulebook.refusals import Forbidden
from trading.awards.models import Award
from trading.projects.queries import MANAGE, SUPERVISE

DESK, TENDEREE, WINNER, SUPERVISOR, CENTRE = "desk", "tenderee", "winner", "supervisor", "centre"
NAMES = {DESK: "经办人", TENDEREE: "招标人", WINNER: "中标人", SUPERVISOR: "行政监督部门", CENTRE: "交易中心"}


def winner_of(award):
    return award.candidate.result.bid.bidder


def sides_of(person, organisation, award):
    """The sides of a contract on which the person stands while acting for the organisation; empty for strangers."""
    tender = award.lot.tender
    project, found = tender.project, set()
    if organisation is None or not organisation.is_active:
        return found
    if person.has_perm(MANAGE, tender) and organisation in (project.owner, project.agency):
        found.add(DESK)
    if organisation == project.owner:
        found.add(TENDEREE)
    if organisation == winner_of(award):
        found.add(WINNER)
    if organisation == project.regulator and person.has_perm(SUPERVISE, tender):
        found.add(SUPERVISOR)
    if Organisation.Kind.CENTRE in organisation.kinds:
        found.add(CENTRE)
    return found


def require_side(by, award, side):
    """Refuse unless `by` acts for that side of the contract; answer the organisation."""
    project = award.lot.tender.project
    if side == DESK:
        if not (by.is_superuser or by.has_perm(MANAGE, award.lot.tender)):
            raise Forbidden("no_permission", "你没有被指定办理这个项目。", next_step="请由项目所属单位的管理员指定你为经办人。")
        return project.agency or project.owner
    organisation = {TENDEREE: project.owner, WINNER: winner_of(award), SUPERVISOR: project.regulator}[side]
    if organisation is None:
        raise Forbidden("no_such_side", f"本项目没有登记{NAMES[side]}，不能办理此事。")
    if side == SUPERVISOR and not is_member(by, organisation):
        raise Forbidden("not_member", f"此事须由“{organisation.name}”的监督人员办理。")
    require_member(by, organisation)
    return organisation


def may_read_contract_file(person, organisation, file):
    """An uploaded contract or written report: every side of the award it belongs to."""
    awards = Award.objects.filter(Q(report=file) | Q(contract__file=file)).select_related(
        "lot__tender__project__owner",
        "lot__tender__project__agency",
        "lot__tender__project__regulator",
        "candidate__result__bid__bid__bidder",
    )
    return any(sides_of(person, organisation, award) for award in awards)
