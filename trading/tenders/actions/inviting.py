"""Naming whom an invited tender invites, and sending the invitations with its publication."""

from django.db import transaction

from disclosure.actions import disclose_notices
from documents.actions import disclose_documents
from documents.models import OfficialDocument
from ledger.acts import record
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.procedures.versions import procedure_of
from trading.tenders.actions.drafting import draft_document, editable
from trading.tenders.events import InvitationsSent
from trading.tenders.models import Invitation
from trading.tenders.notices import shown
from trading.tenders.queries import bar_to_invitation, chosen_for, drawn_for

# Documents that are as public as the notices beside which they stand.
WITH_NOTICES = ("opening_record", "outage_certificate", "complaint_decision")


@transaction.atomic
def name_invitee(tender, organisation, *, by, at):
    """Put a registered bidder on the list of those to be invited; nothing goes out before the publication.

    Refused for whom a decision bars, and where the desk's draw has decided.
    """
    document = nameable(tender, by)
    if refusal := bar_to_invitation(tender, organisation, on=city_day(at)):
        raise refusal
    document.save(update_fields=["state", "publish_at"])
    return Invitation.objects.get_or_create(tender=tender, organisation=organisation, defaults={"by": by, "named_at": at})[0]


@transaction.atomic
def remove_invitee(invitation, *, by):
    """Take an organisation off the list again, before the publication."""
    document = nameable(invitation.tender, by)
    document.save(update_fields=["state", "publish_at"])
    invitation.delete()


def nameable(tender, by):
    """The tender's document, locked, while the list of those to be invited may still change."""
    procedure = procedure_of(tender)
    if not procedure.by_invitation:
        raise Refused("not_by_invitation", f"{procedure.name}不邀请特定的单位。", status=404)
    document = editable(draft_document(tender, by=by), by)
    if drawn_for(tender):
        raise Refused(
            "drawn", "受邀供应商已经抽取，以抽取结果为准，不能另行指定。", rule="《政府采购货物和服务招标投标管理办法》第十四条",
            next_step="请按抽取结果发出投标邀请书。",
        )  # fmt: skip
    return document


def send_invitations(tender, *, by, at):
    """Invite everybody who was named or drawn: a message to each, and one blinded entry for all."""
    invited = chosen_for(tender)
    tender.invitations.exclude(organisation__in=invited).delete()
    for organisation in invited:
        row, _ = Invitation.objects.get_or_create(tender=tender, organisation=organisation, defaults={"by": by, "named_at": at})
        row.sent_at = at
        row.save(update_fields=["sent_at"])
        tell_members(
            organisation,
            f"投标邀请书：{tender.name}",
            f"{tender.project.owner.name}邀请你单位投标，请于 {shown(tender.document.supply_until)} 前获取招标文件，"
            f"投标截止 {shown(tender.document.bids_due_at)}。",
            link=f"/tenders/{tender.number}/",
            key=f"invitation/{row.pk}",
        )
    record(InvitationsSent(tender=tender.number, organisations=sorted(each.uscc for each in invited)), by=by)


def end_privacy(tender, *, by):
    """A result of the tender becomes public, and with it everything that was published to those invited."""
    if tender.private:
        tender.private = False
        tender.save(update_fields=["private"])
        disclose_notices(tender.number, by=by)
        disclose_documents(OfficialDocument.objects.filter(subject=tender.stream, kind__in=WITH_NOTICES))
