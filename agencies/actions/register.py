"""The register: the agency keeps its page, the centre checks it; nobody needs a licence to be in it or out of it."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty, require_member
from agencies.events import AgencyChecked, AgencyLeft, AgencySubmitted, ControlPaperChecked, ControlPaperDeclared
from agencies.models import AgencyProfile, AgencyStaff, ControlPaper
from ledger.acts import record
from postbox.actions import tell_members
from rulebook.refusals import Forbidden, Refused

S = AgencyProfile.State
OWN_PAGE = "/me/agency/"


def require_agency(by, agency, duty=None):
    require_member(by, agency, duty)
    if Organisation.Kind.AGENCY not in agency.kinds:
        raise Forbidden("not_agency", "只有代理机构可以办理此事。")


def require_text(text, field, label):
    if not text.strip():
        raise Refused("empty", f"请填写{label}。", field=field, status=400)


@transaction.atomic
def save_profile(agency, data, *, by):
    """Write down what the agency says of itself; a page that was checked goes back to be checked when its services widen
    or its historic grade changes. Whatever was shown of it before stays public.
    """
    require_agency(by, agency)
    profile = AgencyProfile.objects.select_for_update().filter(agency=agency).first()
    if profile is None:
        profile = AgencyProfile(agency=agency, services=[])
    if profile.state == S.SUBMITTED:
        raise Refused("being_checked", "登记内容正在核对，暂不能修改。", next_step="请等待交易中心核对。")
    changed = set(data["services"]) - set(profile.services) or data["historic_grade"] != profile.historic_grade
    for name in ("services", "historic_grade", "introduction", "takes_draws"):
        setattr(profile, name, data[name])
    if profile.state == S.LISTED and changed:
        profile.state = S.DRAFT
    profile.save()
    return profile


@transaction.atomic
def submit_profile(agency, *, by, at):
    """Hand the page in and sign the rules of entry."""
    require_agency(by, agency, Duty.MANAGER)
    profile = AgencyProfile.objects.select_for_update().filter(agency=agency).first()
    if profile is None or not profile.services:
        raise Refused("incomplete", "请先填写业务类型。", field="services")
    if profile.state not in (S.DRAFT, S.RETURNED, S.LEFT):
        raise Refused("wrong_state", f"登记当前为“{profile.get_state_display()}”，不需要提交。")
    if not AgencyStaff.objects.filter(agency=agency, left_at=None).exists():
        raise Refused("no_staff", "请先登记至少一名从业人员。")
    profile.state, profile.rules_signed_at = S.SUBMITTED, at
    profile.left_at, profile.left_reason = None, ""
    profile.save()
    record(AgencySubmitted(agency=agency.uscc, services=sorted(profile.services)), by=by, role="agency")
    return profile


@transaction.atomic
def check_profile(profile, accepted, opinion, *, by, at):
    """The centre looks whether the page is complete and true; it approves nobody's business."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.REVIEW)
    profile = AgencyProfile.objects.select_for_update(of=["self"]).select_related("agency").get(pk=profile.pk)
    if profile.state != S.SUBMITTED:
        raise Refused("wrong_state", f"登记当前为“{profile.get_state_display()}”，不能核对。")
    if not accepted:
        require_text(opinion, "opinion", "需要补正的内容")
    profile.state = S.LISTED if accepted else S.RETURNED
    profile.opinion = opinion
    if accepted:
        # Whoever was listed once stays before the public, whatever becomes of a later change.
        profile.checked_by, profile.checked_at = by, at
    profile.save()
    said = "已公示" if accepted else "退回补正"
    tell_members(profile.agency, f"代理机构登记{said}", opinion, link=OWN_PAGE, key=f"agency-check/{profile.pk}/{at.timestamp()}")
    record(AgencyChecked(agency=profile.agency.uscc, outcome="listed" if accepted else "returned"), by=by, role="staff")


@transaction.atomic
def leave_register(agency, reason, *, by, at):
    """The agency leaves the register: it is drawn no more; whoever wants it may still mandate it."""
    require_agency(by, agency, Duty.MANAGER)
    profile = AgencyProfile.objects.select_for_update().get(agency=agency)
    if profile.state != S.LISTED:
        raise Refused("wrong_state", "只有已公示的登记可以退出。")
    require_text(reason, "reason", "退出原因")
    profile.state, profile.left_at, profile.left_reason = S.LEFT, at, reason
    profile.save()
    record(AgencyLeft(agency=agency.uscc, reason=reason), by=by, role="agency")


@transaction.atomic
def add_staff(agency, person, title, *, by):
    """Name one of the agency's people as conducting tenders."""
    require_agency(by, agency)
    if not agency.memberships.filter(person=person, until=None).exists():
        raise Refused("not_member", f"{person.name}不是本单位人员。", field="person")
    row, made = AgencyStaff.objects.get_or_create(agency=agency, person=person, defaults={"title": title})
    if not made:
        if row.left_at is None and row.title:
            raise Refused("known", f"{person.name}已经登记。", field="person")
        row.title, row.left_at = title, None
        row.save(update_fields=["title", "left_at"])
    return row


@transaction.atomic
def end_staff(row, *, by, at):
    """Somebody conducts tenders for the agency no more; their training stays on record."""
    require_agency(by, row.agency)
    row.left_at = at
    row.save(update_fields=["left_at"])


@transaction.atomic
def declare_control_paper(agency, kind, statement, file, *, by, at):
    """The agency declares how it controls itself in one matter, with the paper; a new one takes the place of the last."""
    require_agency(by, agency)
    require_text(statement, "statement", "执行情况")
    row = ControlPaper.objects.create(agency=agency, kind=kind, statement=statement, file=file, declared_by=by, declared_at=at)
    record(ControlPaperDeclared(agency=agency.uscc, paper=kind, sha256=file.sha256), by=by, role="agency")
    return row


@transaction.atomic
def check_control_paper(row, accepted, opinion, *, by, at):
    """The centre has looked at a declared paper; what it asks to mend it says."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.REVIEW)
    row = ControlPaper.objects.select_for_update(of=["self"]).select_related("agency").get(pk=row.pk)
    if row.state != ControlPaper.State.DECLARED:
        raise Refused("checked", "这份内控材料已经核查。")
    if not accepted:
        require_text(opinion, "opinion", "需要补正的内容")
    row.state = ControlPaper.State.ACCEPTED if accepted else ControlPaper.State.RETURNED
    row.opinion, row.checked_by, row.checked_at = opinion, by, at
    row.save()
    tell_members(
        row.agency, f"内控材料{row.get_state_display()}：{row.get_kind_display()}", opinion, link=OWN_PAGE, key=f"agency-control/{row.pk}"
    )
    record(ControlPaperChecked(agency=row.agency.uscc, paper=row.kind, outcome=row.state), by=by, role="staff")
