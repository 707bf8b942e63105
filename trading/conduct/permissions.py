"""Who may take a step: the words for actors in a procedure's file, as permissions."""

from accounts.models import Organisation
from accounts.permissions import is_member
from credit.queries import is_excluded
from rulebook.clock import city_day
from rulebook.refusals import Forbidden
from trading.conduct.values import parties_named
from trading.projects.queries import SUPERVISE, may_handle, may_take_in
from trading.tenders.queries import is_open_to, is_own_side, own_side

# What others decide or sign outside the platform is entered by those who work on the tender.
ENTERED_BY_HANDLERS = ("tenderee", "agency", "committee", "authority")
BY_BIDDERS = ("bidder", "winner")


def role_in(person, organisation, lot, step, at):
    """As what the person may take a step of a lot (a key of the ledger's roles), or None."""
    if person.is_superuser:
        return "system"
    tender = lot.tender
    if set(step.actors) & set(ENTERED_BY_HANDLERS) and may_handle(person, tender):
        return "agency" if tender.project.agency_id else "tenderee"
    if "staff" in step.actors and may_take_in(person, tender.project):
        return "staff"
    if "supervisor" in step.actors and person.has_perm(SUPERVISE, tender):
        return "supervisor"
    if set(step.actors) & set(BY_BIDDERS) and may_take_part(person, organisation, lot, step, at):
        return "bidder"
    return None


def may_take_part(person, organisation, lot, step, at):
    """A registered bidder's person, where the procedure has not narrowed who may and no sanction bars it."""
    if organisation is None or not organisation.is_active or not is_member(person, organisation):
        return False
    if Organisation.Kind.BIDDER not in organisation.kinds or is_excluded(organisation, lot.tender.project.category, city_day(at)):
        return False
    if not is_open_to(lot.tender, organisation):
        return False
    return not step.among or organisation.uscc in parties_named(step.among, step, {}, lot)


def require_actor(person, organisation, lot, step, procedure, at):
    role = role_in(person, organisation, lot, step, at)
    if role is None:
        if set(step.actors) & set(BY_BIDDERS) and is_own_side(lot.tender, organisation) and Organisation.Kind.BIDDER in organisation.kinds:
            raise own_side(organisation)
        raise Forbidden(
            "not_your_step",
            f"“{step.label}”由{procedure.actors(step.actors)}办理，你不能办理。",
            next_step="请切换到有权办理的单位，或请项目的经办人办理。",
        )
    return role
