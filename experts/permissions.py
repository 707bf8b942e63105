"""Who answers for whom: the centre collects and trains, the sector's regulator reviews, appoints and decides."""

from accounts.models import Duty, Organisation
from accounts.permissions import is_member, require_duty
from rulebook.refusals import Forbidden, Refused


def require_centre(by):
    """Refuse unless `by` holds the centre's post for experts; the centre."""
    return require_duty(by, Organisation.Kind.CENTRE, Duty.DRAW)


def regulators_of(person):
    """The regulators for which the person may decide about experts."""
    return Organisation.objects.of_kind(Organisation.Kind.REGULATOR).active().filter(
        memberships__person=person, memberships__until=None, memberships__duties__overlap=[Duty.REVIEW, Duty.MANAGER]
    )  # fmt: skip


def require_regulator(by, sector):
    """Refuse unless `by` may decide for a regulator of this sector; that regulator."""
    found = regulators_of(by).filter(sectors__contains=[sector]).first()
    if found is None:
        raise Forbidden(
            "not_competent",
            "此事须由该行业主管部门的“主体审核”岗位办理。",
            next_step="请核对专家的行业，或联系本单位管理员核对你的岗位。",
        )
    return found


def require_office(by):
    """Refuse unless `by` stands for the centre or for a regulator; that organisation. Both may train and examine."""
    return regulators_of(by).first() or require_centre(by)


def may_organise(organisation, by):
    """Whether `by` stands for the very office that organises a course."""
    if Organisation.Kind.CENTRE in organisation.kinds:
        return by.is_superuser or is_member(by, organisation, Duty.DRAW)
    return regulators_of(by).filter(pk=organisation.pk).exists()


def require_organiser(organisation, by):
    """Refuse unless `by` stands for the office that organises the course."""
    if not may_organise(organisation, by):
        raise Forbidden("not_organiser", f"本期培训由{organisation.name}登记。", next_step="请由组织培训的单位办理。")


def refuse_own(person, by):
    """Nobody decides about themselves."""
    if person.pk == by.pk:
        raise Refused("own_case", "不能办理本人的事项。", next_step="请由同事办理。")
