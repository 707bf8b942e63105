"""Pinning a tender's notices to the board, and telling those who take part."""

from django.db.models import Q

from accounts.models import Organisation
from disclosure.actions import publish_notice
from postbox.actions import tell, tell_members
from rulebook.clock import CITY
from trading.projects.queries import handlers_of


def shown(value):
    """A moment in the city's time, as notices and refusals write it."""
    return value.astimezone(CITY).strftime("%Y-%m-%d %H:%M")


def notice_of(tender, kind, *, title, context, facts, by, at, lot=None, due_at=None, amount=None, template=""):
    """Pin a notice about this tender to the board; one of a private tender is for those invited until its result."""
    project = tender.project
    if project.organisation_form:
        facts = [*facts, ("采购组织形式", project.get_organisation_form_display())]
    return publish_notice(
        kind,
        title=title,
        context={"tender": tender, "project": project, **context},
        tender_number=tender.number,
        lot_no=lot.no if lot else None,
        category=project.category,
        region_code=project.region_code,
        owner_name=project.owner.name,
        agency_name=project.agency.name if project.agency else "",
        amount=amount,
        facts=facts,
        due_at=due_at,
        template=template,
        private=tender.private,
        by=by,
        at=at,
    )


def tell_parties(tender, subject, body, notice, *, key):
    """Tell everybody who takes part: holders of the document, those invited, and the people who work on the tender."""
    link = f"/notices/{notice.number}/"
    invited = tender.invitations.exclude(sent_at=None).values("organisation")
    for organisation in Organisation.objects.filter(Q(pk__in=tender.holders.values("organisation")) | Q(pk__in=invited)):
        tell_members(organisation, subject, body, link=link, key=key)
    for person in handlers_of(tender):
        tell(person, subject, body, link=link, key=key)
