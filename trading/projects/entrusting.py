"""A purchaser entrusts a government purchase to the central procurement body, which accepts it and then handles it, or declines."""

from django.db import transaction

from accounts.models import Organisation
from accounts.permissions import is_member, require_member
from ledger.acts import record
from ledger.canonical import HJ, b64u, money
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused
from trading.catalogue.rules import AGREEMENT, ENTRUSTED, cite
from trading.projects.events import EntrustmentMoved
from trading.projects.lifecycle import EDITABLE
from trading.projects.models import Category, Entrustment, Project
from trading.projects.queries import decision_for, standing_entrustment

S = Entrustment.State


@transaction.atomic
def entrust_project(project, body, *, scope, powers, ends_on, by, at):
    """The purchaser offers its registered purchase to the body; what is offered stays as it is until the body has answered."""
    project = held_project(project)
    require_owner(by, project)
    require_draft(project)
    if standing_entrustment(project) is not None:
        raise Refused("entrusted", "这个项目已经委托。", next_step="请等待受托机构答复，或者先撤回。")
    if Organisation.Kind.PROCURER not in body.kinds or not body.is_active:
        raise Refused(
            "not_procurer", f"“{body.name}”不是已入库的集中采购机构。", rule=cite(AGREEMENT), field="body", next_step="请从名录中选择。"
        )
    require_entrusted_form(project, city_day(at))
    for field, text, label in (("scope", scope, "代理范围"), ("powers", powers, "代理权限")):
        if not text.strip():
            raise Refused("no_text", f"请写明{label}。", rule=cite(AGREEMENT), field=field, status=400)
    if ends_on <= city_day(at):
        raise Refused("over", "委托期限应在今天之后。", rule=cite(AGREEMENT), field="ends_on", next_step="请改为以后的日期。")
    row = Entrustment(
        project=project,
        body=body,
        form=project.organisation_form,
        scope=scope.strip(),
        powers=powers.strip(),
        ends_on=ends_on,
        asked_by=by,
        asked_at=at,
    )
    row.digest = digest_of(row)
    row.save()
    enter(row, "asked", by=by, role="tenderee")
    tell_members(body, f"委托代理采购，请答复：{project.name}", row.scope, link=link_to(row), key=f"entrustment/{row.pk}")
    return row


def require_owner(by, project):
    """Refuse unless `by` acts for a purchaser that registered the project itself, without an agency of its own choice."""
    if project.owner is None or (project.agency is not None and Organisation.Kind.PROCURER not in project.agency.kinds):
        raise Forbidden("not_owner", "委托由采购人登记项目后办理。", next_step="请由采购人登记项目，不要由代理机构登记。")
    require_member(by, project.owner)


def require_draft(project):
    if project.state not in EDITABLE:
        raise Refused("not_editable", f"项目登记{project.get_state_display()}，现在不能变更委托。")


def require_entrusted_form(project, on):
    """Refuse an entrustment that the purchase's form does not call for, or the catalogue does not allow."""
    if project.category != Category.PROCUREMENT or project.organisation_form not in ENTRUSTED:
        raise Refused(
            "other_form", "只有集中采购和委托集中采购机构的分散采购项目办理委托。", rule=cite(AGREEMENT), field="organisation_form",
            next_step="请先在项目登记中选择相应的采购组织形式。",
        )  # fmt: skip
    decision = decision_for(project, on)
    if decision is None:
        raise Refused("no_estimate", "请先在项目登记中填写标的类型和估算价。", field="estimate", next_step="填写后再委托。", status=400)
    require_allowed_form(project, decision)
    if unpriced := [lot.name for lot in lots_of(project) if not lot.estimate]:
        raise Refused(
            "no_lots", f"请先填写{'、'.join(unpriced)}的合同估算价：委托书连同标段一并确定。", rule=cite(AGREEMENT), field="lots",
            next_step="填写后再委托。", status=400,
        )  # fmt: skip


def require_as_entrusted(entrustment, on):
    """Refuse a registration that goes beyond its entrustment: after its term, or with another purchase than the purchaser entrusted."""
    if entrustment.ends_on < on:
        raise Refused(
            "over", f"委托期限已于 {entrustment.ends_on:%Y-%m-%d} 届满。", rule=cite(AGREEMENT), field="organisation_form",
            next_step="请由采购人撤回委托后重新委托。",
        )  # fmt: skip
    if digest_of(entrustment) != entrustment.digest:
        raise Refused(
            "not_as_entrusted", "项目名称、标的类型、品目、估算价或者标段与采购人委托时不一致。", rule=cite(AGREEMENT), field="organisation_form",
            next_step="请恢复委托时的内容；确需变更的，由采购人撤回委托，修改后重新委托。",
        )  # fmt: skip


def require_allowed_form(project, decision):
    """Refuse a form that the catalogue does not allow for what is bought and for its amount."""
    if decision is not None and project.organisation_form not in (decision.forms or ("",)):
        allowed = "、".join(decision.form_names)
        raise Refused(
            "other_form", f"这个项目应当采用：{allowed}。" if allowed else "这个项目在采购限额标准以下，又未列入集中采购目录，不适用采购组织形式。",
            rule=cite(decision.form_rule), field="organisation_form", next_step="请改选采购组织形式，或者核对品目和估算价。",
        )  # fmt: skip


def held_project(project):
    return Project.objects.select_for_update(of=["self"]).select_related("owner", "agency").get(pk=project.pk)


def held(entrustment, *states):
    """The entrustment, locked after its project, in one of these states."""
    held_project(entrustment.project)
    row = (
        Entrustment.objects.select_for_update(of=["self"])
        .select_related("project__owner", "project__agency", "body")
        .get(pk=entrustment.pk)
    )
    if row.state not in states:
        raise Refused("answered", f"这项委托{row.get_state_display()}，不能进行此操作。", next_step="请刷新页面查看。")
    return row


def lots_of(project):
    return project.tenders.get().lots.all()


def digest_of(row):
    project = row.project
    item = project.central_item.code if project.central_item else ""
    lots = [[lot.no, lot.name, lot.content, money(lot.estimate)] for lot in lots_of(project)]
    said = {"scope": row.scope, "powers": row.powers, "ends_on": row.ends_on.isoformat(), "form": str(row.form)}
    purchase = {"project": project.pk, "name": project.name, "estimate": money(project.estimate), "owner": project.owner.uscc}
    bought = {"kind": project.kind, "item": item, "lots": lots}
    return b64u(HJ("entrustment", {"v": 2, **purchase, **bought, "body": row.body.uscc, "said": said}))


def enter(row, move, *, by, role, private=None):
    project = row.project
    record(
        EntrustmentMoved(project=project.pk, owner=project.owner.uscc, body=row.body.uscc, form=row.form, move=move, digest=row.digest),
        by=by, role=role, private=private,
    )  # fmt: skip


def link_to(row):
    return f"/work/entrustments/{row.pk}/"


def close(row, state, *, by, at, reason=""):
    row.state, row.answered_by, row.answered_at, row.reason = state, by, at, reason
    row.save(update_fields=["state", "answered_by", "answered_at", "reason"])


@transaction.atomic
def accept_entrustment(entrustment, *, by, at):
    """The body takes the purchase on: from now on its people complete the registration and handle the tender; who accepts is the first."""
    row = held(entrustment, S.WAITING)
    require_member(by, row.body)
    project = row.project
    require_draft(project)
    if row.ends_on <= city_day(at):
        raise Refused("over", "委托期限已过。", rule=cite(AGREEMENT), next_step="请退回，由采购人重新委托。")
    close(row, S.ACCEPTED, by=by, at=at)
    project.agency = row.body
    project.save(update_fields=["agency"])
    enter(row, "accepted", by=by, role="agency")
    tell_members(
        project.owner, f"委托已接受：{project.name}", f"由{row.body.name}办理。", link=link_to(row), key=f"entrustment/{row.pk}/accepted"
    )
    return row


@transaction.atomic
def decline_entrustment(entrustment, reason, *, by, at):
    """The body gives the purchase back, with its reason: on being asked, or later while the registration is still a draft."""
    row = held(entrustment, *Entrustment.STANDING)
    require_member(by, row.body)
    project = row.project
    require_draft(project)
    if not reason.strip():
        raise Refused("no_reason", "请写明退回的理由。", rule=cite(AGREEMENT), field="reason", status=400)
    close(row, S.DECLINED, by=by, at=at, reason=reason.strip())
    project.agency = None
    project.save(update_fields=["agency"])
    enter(row, "declined", by=by, role="agency", private={"reason": row.reason})
    tell_members(project.owner, f"委托被退回：{project.name}", row.reason, link=link_to(row), key=f"entrustment/{row.pk}/declined")
    return row


@transaction.atomic
def withdraw_entrustment(entrustment, *, by, at):
    """The purchaser takes its purchase back while it is still a draft, answered or not, and may change its registration again."""
    row = held(entrustment, *Entrustment.STANDING)
    project = row.project
    if not is_member(by, project.owner):
        raise Forbidden("not_owner", "只有采购人可以撤回委托。")
    require_draft(project)
    close(row, S.WITHDRAWN, by=by, at=at)
    project.agency = None
    project.save(update_fields=["agency"])
    enter(row, "withdrawn", by=by, role="tenderee")
    # No link: what was taken back is no longer the body's to read.
    tell_members(row.body, f"委托已撤回：{project.name}", key=f"entrustment/{row.pk}/withdrawn")
    return row
