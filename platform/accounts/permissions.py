"""Who may: audiences of doors, duties in organisations, and permissions on single objects (django-guardian)."""

from collections.abc import Callable

from accounts.models import Duty, Membership, Organisation, Person
from rulebook.refusals import Forbidden

AUDIENCE_OF_KIND: dict[str, str] = {
    Organisation.Kind.TENDEREE: "tenderee",
    Organisation.Kind.AGENCY: "agency",
    Organisation.Kind.BIDDER: "bidder",
    Organisation.Kind.REGULATOR: "supervisor",
    Organisation.Kind.CENTRE: "staff",
    # It handles purchases for those who entrust it, as an agency does, and is no part of the trading centre.
    Organisation.Kind.PROCURER: "agency",
    Organisation.Kind.HOST: "host",
}


def audiences(person: Person, organisation: Organisation | None) -> set[str]:
    """The kinds of user a person counts as while acting for `organisation` (None: for nobody but themselves)."""
    if not person.is_authenticated:
        return {"public"}
    found = {"public", "signed_in"}
    if person.is_administrator:
        found.add("admin")
    if organisation is not None and organisation.is_active:
        found |= {AUDIENCE_OF_KIND[kind] for kind in organisation.kinds}
    # An expert is a person, whatever organisation employs them; the experts room hangs its record on the person.
    if organisation is None and getattr(person, "expert", None) is not None:
        found.add("expert")
    return found


def needs_second_factor(person: Person) -> bool:
    """Whether the person must sign in with two factors: administrators, and whoever acts for the centre, a regulator or a host."""
    if person.is_administrator:
        return True
    offices = [Organisation.Kind.CENTRE, Organisation.Kind.REGULATOR, Organisation.Kind.HOST]
    return Membership.objects.filter(person=person, until=None, organisation__kinds__overlap=offices).exists()


# Rooms above name others whose office asks for more than a code: holders of keys to bids.
_bound: list[Callable[[Person], bool]] = []


def bind_strongly(function: Callable[[Person], bool]) -> None:
    """Register who else must sign in by passkey or certificate."""
    _bound.append(function)


def needs_strong_sign_in(person: Person) -> bool:
    """Whether a code of an app is not enough: administrators, supervisors, openers of bids, and whoever a room above names."""
    if person.is_administrator:
        return True
    rows = Membership.objects.filter(person=person, until=None)
    if rows.filter(organisation__kinds__contains=[Organisation.Kind.REGULATOR]).exists():
        return True
    at_centre = rows.filter(organisation__kinds__contains=[Organisation.Kind.CENTRE])
    return at_centre.filter(duties__overlap=[Duty.OPENING, Duty.DRAW, Duty.MANAGER]).exists() or any(each(person) for each in _bound)


def is_member(person: Person, organisation: Organisation, duty: str | None = None) -> bool:
    """Whether the person acts for the organisation now, and (if given) has that duty or is its manager."""
    rows = Membership.objects.filter(person=person, organisation=organisation, until=None)
    if duty is not None:
        rows = rows.filter(duties__overlap=[duty, Duty.MANAGER])
    return rows.exists()


def require_member(by: Person, organisation: Organisation, duty: str | None = None) -> None:
    """Refuse unless `by` acts for the active organisation; the platform's own account always may."""
    if by.is_superuser:
        return
    if not is_member(by, organisation, duty):
        raise Forbidden(
            "not_member",
            f"你不是“{organisation.name}”的经办人，不能代其办理此事。",
            next_step="请切换到有权办理的单位，或请单位管理员为你授权。",
        )
    if not organisation.is_active:
        raise Forbidden(
            "organisation_inactive",
            f"“{organisation.name}”尚未通过主体入库审核，暂不能办理交易业务。",
            next_step="请先在“单位信息”中完成入库登记，审核通过后再办理。",
        )


def require_duty(by: Person, kind: str, duty: str) -> Organisation:
    """Refuse unless `by` holds the duty in some active organisation of the kind; answer that organisation."""
    rows = Organisation.objects.of_kind(kind).active()
    if by.is_superuser:
        return rows.first()
    found = rows.filter(memberships__person=by, memberships__until=None, memberships__duties__overlap=[duty, Duty.MANAGER]).first()
    if found is None:
        raise Forbidden(
            "no_duty",
            f"此事须由{Organisation.Kind(kind).label}的“{Duty(duty).label}”岗位办理。",
            next_step="请联系本单位管理员核对你的岗位。",
        )
    return found


def require(by: Person, permission: str, obj) -> None:
    """Refuse unless `by` holds the permission on this very object ("trading.manage_tender", tender)."""
    if by.is_superuser or by.has_perm(permission, obj):
        return
    raise Forbidden(
        "no_permission",
        "你没有被指定办理这个项目，不能进行此操作。",
        next_step="请由项目所属单位的管理员指定你为经办人。",
    )
