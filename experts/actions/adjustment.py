"""The year's one adjustment, and calls for applications where specialties are short."""

from django.db import transaction

from experts import rules
from experts.actions.applications import check_specialties
from experts.actions.appointment import appoint, dismiss, locked
from experts.actions.changes import change_specialties
from experts.events import ApplicationsCalled, PoolAdjusted
from experts.models import AdjustmentBatch, AdjustmentLine, ApplicationCall
from experts.permissions import refuse_own, regulators_of, require_office, require_regulator
from ledger.acts import record
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused

Kind = AdjustmentLine.Kind


@transaction.atomic
def open_batch(organisation, *, by, at):
    """Begin this year's adjustment; Refused where there was one already."""
    if not regulators_of(by).filter(pk=organisation.pk).exists():
        raise Forbidden("not_competent", "年度集中调整由行业主管部门办理。")
    year = city_day(at).year
    if AdjustmentBatch.objects.filter(year=year, organisation=organisation).exists():
        raise Refused("one_a_year", f"{year} 年度的集中调整已经开始或者完成。", rule=f"{rules.ONE_BATCH.source}：{rules.ONE_BATCH.says}")
    return AdjustmentBatch.objects.create(year=year, organisation=organisation, opened_by=by, opened_at=at)


def open_to_change(batch, by):
    batch = AdjustmentBatch.objects.select_for_update(of=["self"]).select_related("organisation").get(pk=batch.pk)
    if not regulators_of(by).filter(pk=batch.organisation_id).exists():
        raise Forbidden("not_competent", "年度集中调整由行业主管部门办理。")
    if batch.decided_at:
        raise Refused("decided", "本年度的集中调整已经决定。", rule=f"{rules.ONE_BATCH.source}：{rules.ONE_BATCH.says}")
    return batch


@transaction.atomic
def add_line(batch, kind, *, expert=None, application=None, specialties=(), reason="", by, at):
    """Propose one person's addition, change of specialties, or removal."""
    batch = open_to_change(batch, by)
    require_regulator(by, (expert or application).sector)
    if kind == Kind.SPECIALTY:
        check_specialties(list(specialties))
    if kind != Kind.ADD and not reason.strip():
        raise Refused("no_reason", "请写明调整的理由。", field="reason", status=400)
    lines = batch.lines.filter(expert=expert) if expert else batch.lines.filter(application=application)
    if lines.exists():
        raise Refused("listed", "此人已列入本次调整。")
    return AdjustmentLine.objects.create(
        batch=batch, kind=kind, expert=expert, application=application, specialties=list(specialties), reason=reason
    )


@transaction.atomic
def remove_batch_line(line, *, by, at):
    open_to_change(line.batch, by)
    line.delete()


@transaction.atomic
def decide_batch(batch, basis, *, by, at):
    """Carry out the whole batch at once; one line that cannot be carried out stops it all."""
    batch = open_to_change(batch, by)
    if not basis.strip():
        raise Refused("no_basis", "请填写决定依据（会议纪要或者文件文号）。", field="basis", status=400)
    lines = list(batch.lines.select_related("expert", "application__person"))
    if not lines:
        raise Refused("empty", "本次调整还没有列入任何人。")
    for line in lines:
        carry_out(line, by=by, at=at)
    batch.decided_by, batch.decided_at, batch.basis = by, at, basis
    batch.save(update_fields=["decided_by", "decided_at", "basis"])
    count = {kind: sum(line.kind == kind for line in lines) for kind in Kind}
    record(
        PoolAdjusted(
            year=batch.year, sector="、".join(batch.organisation.sectors), added=count[Kind.ADD], changed=count[Kind.SPECIALTY],
            removed=count[Kind.REMOVE],
        ),
        by=by, role="supervisor",
    )  # fmt: skip
    return batch


def carry_out(line, *, by, at):
    refuse_own((line.expert or line.application).person, by)
    if line.kind == Kind.ADD:
        appoint(line.application, by=by, at=at)
    elif line.kind == Kind.SPECIALTY:
        change_specialties(locked(line.expert), {"specialties": line.specialties})
    else:
        dismiss(line.expert, line.reason, by=by, at=at)


@transaction.atomic
def call_for_applications(title, specialties, text, until, *, by, at):
    """Ask the public for experts of the specialties that are short."""
    organisation = require_office(by)
    if until <= city_day(at):
        raise Refused("too_soon", "报名截止日期应晚于今天。", field="until", status=400)
    year = city_day(at).year
    row = ApplicationCall.objects.create(
        number=f"征集{year}-{next_number('expert-call', year):03d}", organisation=organisation, title=title, specialties=list(specialties),
        text=text, opened_at=at, until=until, by=by,
    )  # fmt: skip
    record(ApplicationsCalled(number=row.number, specialties=row.specialties, until=until.isoformat()), by=by)
    return row
