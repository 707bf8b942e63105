"""Permissions of the centre, of regulators and of administrators change by two people: one asks, another decides."""

from django.db import transaction

from accounts.groups import keep_in_step
from accounts.models import Duty, Membership, Organisation, PermissionRequest, Person
from accounts.permissions import is_member
from ledger.acts import record
from postbox.actions import tell
from reception.actions import is_office
from reception.events import PermissionGranted, PermissionRevoked
from rulebook.refusals import Forbidden, Refused

Matter = PermissionRequest.Matter


def may_work_on(person, matter, organisation):
    """Administrators work on all requests, managers of an office on those for duties in it."""
    if person.is_administrator:
        return True
    return matter == Matter.DUTIES and organisation is not None and is_member(person, organisation, Duty.MANAGER)


def requests_of(person):
    """The requests that the person may see and decide, newest first."""
    rows = PermissionRequest.objects.select_related("person", "organisation", "asked_by", "decided_by")
    if person.is_administrator:
        return rows
    mine = Organisation.objects.filter(memberships__person=person, memberships__until=None, memberships__duties__contains=[Duty.MANAGER])
    return rows.filter(matter=Matter.DUTIES, organisation__in=mine)


def require_right(person, matter, organisation):
    if not may_work_on(person, matter, organisation):
        raise Forbidden("no_right", "只有平台管理员，或本单位的单位管理员，可以办理权限变更。")


@transaction.atomic
def ask_permission(matter, mobile, *, organisation=None, duties=(), reason, by, at):
    """Ask for a change of permissions of the person with that mobile number; another person decides."""
    require_right(by, matter, organisation)
    person = Person.objects.filter(mobile=mobile, is_active=True).first()
    if person is None:
        raise Refused("no_person", "没有找到使用这个手机号的账号。", next_step="请对方先注册账号。", field="mobile")
    if matter == Matter.DUTIES:
        if organisation is None or not is_office(organisation):
            raise Refused("no_office", "请选择交易中心或监督部门。", field="organisation", status=400)
        if not duties:
            raise Refused("no_duties", "请选择岗位。", field="duties", status=400)
    waiting = PermissionRequest.objects.filter(matter=matter, person=person, organisation=organisation, decided_at=None)
    if waiting.exists():
        raise Refused("asked", "同样的申请正在等待批准。", field="mobile")
    return PermissionRequest.objects.create(
        matter=matter, person=person, organisation=organisation if matter == Matter.DUTIES else None,
        duties=list(duties) if matter == Matter.DUTIES else [], reason=reason, asked_by=by, asked_at=at,
    )  # fmt: skip


@transaction.atomic
def decide_permission(request, *, approved, by, at):
    """Approve or refuse a request: never the one who asked, nor the one it is for. An approval takes effect at once."""
    row = PermissionRequest.objects.select_for_update().get(pk=request.pk)
    require_right(by, row.matter, row.organisation)
    if row.decided_at is not None:
        raise Refused("decided", "这项申请已经处理。")
    if by.pk == row.asked_by_id and approved:
        raise Forbidden("same_person", "申请人不能批准自己的申请。", next_step="请由另一名管理员批准。")
    if by.pk == row.person_id and approved:
        raise Forbidden("own_permission", "不能批准给自己的权限。", next_step="请由另一名管理员批准。")
    withdrawn = by.pk == row.asked_by_id
    row.decided_by, row.decided_at, row.approved = (None if withdrawn else by), at, approved
    row.save(update_fields=["decided_by", "decided_at", "approved"])
    if not approved:
        return row
    taken = carry_out(row, at)
    event = PermissionRevoked if taken else PermissionGranted
    tell(row.person, f"{row.get_matter_display()}已办理", row.duty_names(), link="/me/", key=f"permission/{row.pk}")
    record(
        event(
            person=row.person.pseudonym, matter=row.matter, organisation=row.organisation.uscc if row.organisation else None,
            duties=row.duties, asked_by=row.asked_by.pseudonym,
        ),
        by=by,
        role="administrator" if by.is_administrator else "manager",
    )  # fmt: skip
    return row


def carry_out(row, at):
    """Make the change; whether it takes away rather than gives."""
    person = row.person
    if row.matter == Matter.DUTIES:
        Membership.objects.update_or_create(person=person, organisation=row.organisation, until=None, defaults={"duties": row.duties})
        keep_in_step(row.organisation)
        return False
    if row.matter == Matter.RESET:
        person.live_passkeys.update(revoked_at=at)
        person.totp_secret, person.totp_confirmed_at, person.totp_last_step = "", None, 0
        # A new password, by a code to the telephone; and no session of the old one goes on.
        person.set_unusable_password()
        person.save(update_fields=["totp_secret", "totp_confirmed_at", "totp_last_step", "password"])
        return True
    Person.objects.filter(pk=person.pk).update(is_administrator=row.matter == Matter.APPOINTMENT)
    return row.matter == Matter.DISMISSAL
