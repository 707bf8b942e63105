"""Registering a project with its lots, and taking it in."""

from django.conf import settings
from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from accounts.groups import watchers_of
from accounts.models import Duty, Organisation
from accounts.permissions import is_member, require_duty, require_member
from agencies.actions import drop_use, use_contract
from agencies.queries import require_free, require_some_service
from ledger.acts import record
from ledger.canonical import money
from postbox.actions import tell, tell_members
from reception.actions import require_rules
from rulebook.clock import city_day, database_now
from rulebook.identifiers import deal_code, lot_code, project_code, tender_code
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused
from trading.catalogue.models import OrganisationForm
from trading.catalogue.rules import AGREEMENT, ENTRUSTED, OFF_THE_LIST, cite
from trading.projects.entrusting import require_allowed_form, require_as_entrusted
from trading.projects.events import (
    HandlerAssigned,
    HandlerWithdrawn,
    OfficerAssigned,
    ProjectReviewed,
    ProjectSubmitted,
    RegulatorRuled,
    RulingAsked,
    ToleranceGranted,
)
from trading.projects.lifecycle import EDITABLE, PROJECT
from trading.projects.models import Lot, Project, ProjectPaper, ProjectReview, RegulatorRuling, Tender, ToleratedPaper
from trading.projects.queries import (
    MANAGE,
    SUPERVISE,
    UNNAMED,
    bureaus,
    centres_for,
    decision_for,
    entrustment_of,
    handlers_of,
    mandate_of,
    may_take_in,
    missing,
    needs_ruling,
    registrant,
    regulators_of,
    ruling_of,
    standing_entrustment,
)
from trading.projects.rules import PROMISES, TOLERABLE, TOLERANCE

# What later rooms do, in the same transaction, when a project is taken in: function(tender, by=, at=).
_beginnings = []


def begins(function):
    """Register what else happens with the intake; used as a decorator."""
    _beginnings.append(function)
    return function


@transaction.atomic
def start_project(organisation, *, by):
    """Begin a registration as the project's agency, or as its owner without one."""
    require_member(by, organisation)
    as_agency = Organisation.Kind.AGENCY in organisation.kinds
    if not as_agency and Organisation.Kind.TENDEREE not in organisation.kinds:
        raise Forbidden("not_tenderee", "只有招标人和招标代理机构可以登记项目。")
    if as_agency:
        require_some_service(organisation, city_day(database_now()))
    project = Project.objects.create(
        name=UNNAMED,
        agency=organisation if as_agency else None,
        owner=None if as_agency else organisation,
        created_by=by,
    )
    tender = Tender.objects.create(project=project, name=project.name)
    Lot.objects.create(tender=tender, no=1, name="一标段", estimate=0)
    return project


def may_edit(project, person):
    """Whoever acts for the agency (or the owner, where there is none) works on the registration."""
    return person.is_superuser or is_member(person, registrant(project))


def editable(project, by):
    project = Project.objects.select_for_update().get(pk=project.pk)
    if not may_edit(project, by):
        raise Forbidden("not_yours", "这个项目由其他单位登记，你不能修改。")
    if project.state not in EDITABLE:
        raise Refused("not_editable", f"项目登记{project.get_state_display()}，现在不能修改。")
    if is_offered(project):
        raise Refused("offered", "项目已送集中采购机构，答复前不能修改。", next_step="需要修改的，请先撤回委托。")
    return project


def is_offered(project):
    """Whether the registration waits for the answer of the body it was offered to."""
    found = standing_entrustment(project)
    return found is not None and found.answered_at is None


@transaction.atomic
def save_project(project, data, *, by, typed=None):
    """Keep what was filled in so far; nothing needs to be complete yet.

    `typed` is the raw text of fields that make no value yet (half an amount): it comes back as it was typed.
    """
    project = editable(project, by)
    for name, value in data.items():
        setattr(project, name, value)
    project.draft = typed or {}
    project.save()
    Tender.objects.filter(project=project).update(name=project.name, procedure=project.procedure)
    return project


@transaction.atomic
def save_lot(project, data, *, by, lot=None):
    """Add a lot to a registration, or change one."""
    project = editable(project, by)
    tender = project.tenders.get()
    if lot is None:
        last = tender.lots.order_by("no").last()
        lot = Lot(tender=tender, no=last.no + 1 if last else 1)
    for name, value in data.items():
        setattr(lot, name, value)
    lot.save()
    return lot


@transaction.atomic
def remove_lot(lot, *, by):
    project = editable(lot.tender.project, by)
    if project.tenders.get().lots.count() == 1:
        raise Refused("last_lot", "项目至少要有一个标段。")
    lot.delete()


@transaction.atomic
def attach_paper(project, kind, file, *, by):
    project = editable(project, by)
    return ProjectPaper.objects.create(project=project, kind=kind, file=file)


@transaction.atomic
def remove_paper(paper, *, by):
    """Take a paper out of the registration; the stored file itself stays."""
    editable(paper.project, by)
    paper.delete()


@transaction.atomic
def promise_paper(project, kind, *, due_on, promise, by, at):
    """Promise to hand a paper in by a day, instead of with the registration; only papers that may follow, only so late."""
    project = editable(project, by)
    if kind not in TOLERABLE:
        raise Refused("not_tolerable", "这项材料是法定前提，不能容缺。", field="kind", next_step="请随登记一并提交。")
    if not promise.strip():
        raise Refused("no_promise", "请写明承诺的内容。", field="promise")
    if not city_day(at) < due_on <= TOLERANCE.due_on(city_day(at)):
        TOLERANCE.refuse(
            f"补齐期限最迟为 {TOLERANCE.due_on(city_day(at)):%Y-%m-%d}，且应在今天之后。", field="due_on", next_step="请改为期限内的日期。"
        )
    row, _ = ToleratedPaper.objects.update_or_create(
        project=project, kind=kind, defaults={"due_on": due_on, "promise": promise, "promised_by": by, "promised_at": at}
    )
    return row


@transaction.atomic
def withdraw_promise(tolerance, *, by):
    """Take a promise back while the registration is written: the paper is handed in with it after all."""
    editable(tolerance.project, by)
    tolerance.delete()


@transaction.atomic
def submit_project(project, *, by, at):
    """Hand the registration in. The catalogue says where it must be traded; what is missing is named at once."""
    project = editable(project, by)
    # What was handed in before a restriction goes on; completing it is no new business.
    if project.agency is not None and project.submitted_at is None:
        require_free(project.agency, city_day(at), project.category)
    require_rules(registrant(project), city_day(at))
    gaps = missing(project)
    if gaps:
        raise Refused(
            "incomplete",
            "登记内容不完整：" + "；".join(gap.text for gap in gaps) + "。",
            next_step="请补齐后再提交。",
            details={"gaps": [[gap.field, gap.text] for gap in gaps]},
        )
    decision = decision_for(project, city_day(at))
    if decision is None or not centres_for(project.category, decision.venue).exists() or not decision.enters:
        raise Refused(
            "other_venue",
            "按照集中交易目录，这个项目不在本平台交易。" + (decision.reason if decision else ""),
            rule=decision.source if decision else "集中交易目录",
            next_step="请向项目所在乡镇公共资源交易中心登记，或核对类别和估算价。",
        )
    if project.procedure not in decision.procedures:
        raise Refused(
            "other_procedure", "按照集中交易目录，这个项目不能采用所选的交易方式。" + decision.reason, rule=decision.source,
            next_step="请改选目录允许的交易方式。", field="procedure",
        )  # fmt: skip
    require_organised(project, decision, city_day(at))
    if (mandate := mandate_of(project)) is not None:
        use_contract(mandate, f"project/{project.pk}", at=at)
    else:
        drop_use(f"project/{project.pk}")
    PROJECT.apply(project, "submit")
    project.decision = decision.as_json()
    project.submitted_at = at
    project.save(update_fields=["state", "decision", "submitted_at"])
    record(
        ProjectSubmitted(
            project=project.pk, owner=project.owner.uscc, agency=project.agency.uscc if project.agency else "",
            estimate=money(project.estimate),
        ),
        by=by,
    )  # fmt: skip


def require_organised(project, decision, on):
    """Refuse a purchase that is organised otherwise than the catalogue allows, or registered by another than its form names."""
    item, form = project.central_item, project.organisation_form
    if item is not None and item.kind != project.kind:
        raise Refused(
            "other_kind",
            f"目录品目“{item.name}”与项目的标的类型不符。",
            rule=item.source,
            field="central_item",
            next_step="请核对标的类型和品目。",
        )
    require_allowed_form(project, decision)
    if form in ENTRUSTED:
        entrustment = entrustment_of(project)
        if entrustment is None or entrustment.form != form:
            raise Refused(
                "not_entrusted", f"“{project.get_organisation_form_display()}”应当由集中采购机构接受委托后提交。", rule=cite(AGREEMENT),
                field="organisation_form", next_step="请由采购人委托集中采购机构。",
            )  # fmt: skip
        require_as_entrusted(entrustment, on)
    elif form == OrganisationForm.OWN and project.agency is not None:
        raise Refused(
            "has_agency", "由代理机构登记的项目不是自行组织。", rule=cite(OFF_THE_LIST), field="organisation_form",
            next_step="请改选委托代理，或者由采购人自行登记。",
        )  # fmt: skip
    elif form == OrganisationForm.AGENCY and (project.agency is None or entrustment_of(project) is not None):
        raise Refused(
            "no_agency", "委托代理的项目由受委托的代理机构登记。", rule=cite(OFF_THE_LIST), field="organisation_form",
            next_step="请由代理机构登记，或者改选其他组织形式。",
        )  # fmt: skip


@transaction.atomic
def review_project(project, outcome, reasons, *, by, at, regulator=None, officer=None):
    """The centre accepts, returns or rejects; acceptance gives the numbers, the regulator and the permissions.

    What goes through the green channel gets an `officer` of the centre who follows it to the end.
    """
    require_duty(by, Organisation.Kind.CENTRE, Duty.INTAKE)
    project = Project.objects.select_for_update().get(pk=project.pk)
    require_own_centre(by, project)
    accepted = outcome == ProjectReview.Outcome.ACCEPTED
    if not accepted and not reasons.strip():
        raise Refused("no_reasons", "请一次写明全部理由和需要补正的内容。", field="reasons")
    PROJECT.apply(project, {"accepted": "accept", "returned": "return", "rejected": "reject"}[outcome])
    ProjectReview.objects.create(project=project, outcome=outcome, reasons=reasons, by=by, at=at)
    tender = project.tenders.get()
    if accepted:
        take_in(project, tender, by=by, at=at, regulator=regulator)
        if project.urgency:
            project.green_at = at
            give_officer(project, officer, by=by)
        grant_tolerances(project, by=by, at=at)
    project.save()
    said = {"accepted": "已受理", "returned": "退回补正", "rejected": "不予受理"}[outcome]
    tell_members(
        registrant(project),
        f"项目登记{said}：{project.name}",
        reasons,
        link=f"/work/projects/{project.pk}/",
        key=f"project/{project.pk}/{at.timestamp()}",
    )
    record(
        ProjectReviewed(project=project.pk, outcome=outcome, code=project.code or "", tender=tender.number or ""),
        by=by,
        role="staff",
    )
    return project


def give_officer(project, officer, *, by):
    """Name who of a centre that takes the project in follows it, and tell them."""
    if officer is None or not may_take_in(officer, project):
        raise Refused("no_officer", "绿色通道项目须指定一名本中心的专办员。", rule=PROMISES, field="officer")
    project.officer = officer
    tell(officer, f"你是绿色通道项目的专办员：{project.name}", link="/staff/green/", key=f"officer/{project.pk}/{officer.pk}")
    record(OfficerAssigned(project=project.pk, officer=officer.pseudonym), by=by, role="staff")


@transaction.atomic
def change_officer(project, officer, *, by, at):
    """Another of the centre's people follows a project of the green channel from now on."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.INTAKE)
    project = Project.objects.select_for_update(of=["self"]).get(pk=project.pk)
    require_own_centre(by, project)
    if project.green_at is None:
        raise Refused("not_green", "这个项目没有走绿色通道。")
    give_officer(project, officer, by=by)
    project.save(update_fields=["officer"])
    return project


@transaction.atomic
def ask_ruling(project, question, *, by, at):
    """Several departments could supervise the project: intake asks the comprehensive regulator to name one."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.INTAKE)
    project = Project.objects.select_for_update(of=["self"]).get(pk=project.pk)
    require_own_centre(by, project)
    if project.state != Project.State.SUBMITTED or not needs_ruling(project):
        raise Refused("no_conflict", "这个项目的监督部门没有争议，不需要提请指定。")
    if RegulatorRuling.objects.filter(project=project, ruled_at=None).exists():
        raise Refused("asked", "已经提请指定，请等待综合监管部门答复。")
    if not question.strip():
        raise Refused("no_question", "请写明项目涉及哪些部门的职责。", field="question")
    ruling = RegulatorRuling.objects.create(project=project, question=question, asked_by=by, asked_at=at)
    ruling.candidates.set(regulators_of(project))
    for bureau in bureaus():
        tell_members(
            bureau,
            f"提请指定监督部门：{project.name}",
            question[:300],
            link=f"/supervision/rulings/{ruling.pk}/",
            key=f"ruling/{ruling.pk}/{bureau.pk}",
        )
    record(RulingAsked(project=project.pk, candidates=[each.uscc for each in ruling.candidates.order_by("pk")]), by=by, role="staff")
    return ruling


@transaction.atomic
def rule_regulator(ruling, regulator, reason, *, by, at):
    """The comprehensive regulator names the department that supervises the project, with its reason."""
    if not any(is_member(by, bureau, Duty.COMPLAINTS) for bureau in bureaus()):
        raise Forbidden("not_bureau", "监督部门由综合监管部门指定。")
    ruling = RegulatorRuling.objects.select_for_update(of=["self"]).select_related("project").get(pk=ruling.pk)
    if ruling.ruled_at:
        raise Refused("ruled", "已经指定监督部门。", next_step="请刷新页面查看。")
    if regulator not in ruling.candidates.all():
        raise Refused("not_candidate", "请从涉及的部门中指定一个。", field="regulator")
    if not reason.strip():
        raise Refused("no_reason", "请写明指定的理由。", field="reason")
    ruling.regulator, ruling.reason, ruling.ruled_by, ruling.ruled_at = regulator, reason, by, at
    ruling.save()
    told = f"{ruling.project.name}由{regulator.name}监督。{reason}"[:300]
    for each in ruling.candidates.all():
        tell_members(each, f"监督部门已指定：{ruling.project.name}", told, key=f"ruled/{ruling.pk}/{each.pk}")
    tell(
        ruling.asked_by,
        f"监督部门已指定：{ruling.project.name}",
        told,
        link=f"/staff/intake/{ruling.project_id}/",
        key=f"ruled/{ruling.pk}",
    )
    record(RegulatorRuled(project=ruling.project_id, regulator=regulator.uscc, reason=reason[:500]), by=by, role="supervisor")
    return ruling


def require_own_centre(by, project):
    """Refuse unless the person handles the intake of a centre that takes such projects in."""
    if not by.is_superuser and not may_take_in(by, project):
        raise Forbidden(
            "other_centre", "这个项目由其他交易中心受理。", next_step="乡镇交易中心只受理本乡镇的村级集体项目，其他项目由市交易中心受理。"
        )


def grant_tolerances(project, *, by, at):
    """Accepting the project accepts its promises: what is missing must follow by its day."""
    for row in project.tolerances.filter(state=ToleratedPaper.State.PROMISED):
        if project.papers.filter(kind=row.kind).exists():
            row.delete()
            continue
        if row.due_on <= city_day(at):
            raise Refused(
                "promise_over", f"“{row.get_kind_display()}”承诺的补齐期限已过。", next_step="请退回，由申请人补齐材料或重新承诺。"
            )
        row.state, row.granted_at = ToleratedPaper.State.GRANTED, at
        row.save(update_fields=["state", "granted_at"])
        record(ToleranceGranted(project=project.pk, paper=row.kind, due_on=row.due_on.isoformat()), by=by, role="staff")


def take_in(project, tender, *, by, at, regulator=None):
    """Numbers for project, tender and lots; the competent regulator; permissions for those who work on it."""
    day = city_day(at)
    centre = centres_for(project.category, project.decision.get("venue")).first()
    # The national code bears no year: its serial never begins again.
    project.code = project_code(settings.ETP_PLATFORM_DIGITS, next_number("project", 0))
    project.accepted_at = at
    project.regulator = competent(project, regulator)
    if project.regulator is None:
        raise Refused(
            "no_regulator",
            f"平台没有登记“{project.get_category_display()}”的行政监督部门，不能受理。",
            next_step="请平台管理员先登记监督部门及其监督行业。",
        )
    tender.number = f"QJ{project.category}{day.year}-{next_number('tender', day.year):04d}"
    tender.code = tender_code(project.code, 1)
    tender.deal_code = deal_code(project.classification, centre.uscc, day, next_number("deal", day.year))
    tender.state = Tender.State.REGISTERED
    tender.save()
    for lot in tender.lots.all():
        lot.code = lot_code(tender.code, lot.no)
        lot.deal_code = deal_code(project.classification, centre.uscc, day, next_number("deal", day.year))
        lot.save()
    grant(tender, project)
    for function in _beginnings:
        function(tender, by=by, at=at)


def competent(project, wanted):
    """The department that supervises: the one named where several could; else the one intake chose among them, or the first."""
    if needs_ruling(project):
        names = "、".join(regulators_of(project).values_list("name", flat=True))
        raise Refused(
            "several_regulators", f"{names}都可以监督这个项目，应当先明确一个监督部门。", field="regulator",
            next_step="请提请综合监管部门指定，指定后再受理。",
        )  # fmt: skip
    ruling = ruling_of(project)
    return ruling.regulator if ruling else wanted or regulators_of(project).first()


def grant(tender, project):
    """Who works on the tender: who registered it, or accepted it for the entrusted body; who watches it: the regulator's people."""
    entrustment = entrustment_of(project)
    assign_perm(MANAGE, entrustment.answered_by if entrustment else project.created_by, tender)
    if project.regulator_id:
        assign_perm(SUPERVISE, watchers_of(project.regulator), tender)


@transaction.atomic
def assign_staff(tender, person, *, by):
    """The organisation's manager lets another of its people work on the tender."""
    organisation = registrant(tender.project)
    require_member(by, organisation, Duty.MANAGER)
    require_member(person, organisation)
    assign_perm(MANAGE, person, tender)
    record(HandlerAssigned(tender=tender.number, person=person.pseudonym), by=by)


@transaction.atomic
def withdraw_staff(tender, person, *, by):
    """The manager takes the work on a tender from somebody; somebody must be left to do it."""
    require_member(by, registrant(tender.project), Duty.MANAGER)
    people = handlers_of(tender)
    if person not in people:
        raise Refused("not_assigned", f"{person.name}不是这个项目的经办人。")
    if len(people) == 1:
        raise Refused("last_handler", "项目至少要有一名经办人。", next_step="请先指定其他经办人。")
    remove_perm(MANAGE, person, tender)
    record(HandlerWithdrawn(tender=tender.number, person=person.pseudonym), by=by)
