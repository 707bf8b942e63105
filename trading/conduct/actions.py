"""Taking the steps of a lot's procedure, and bending its way, as the procedure's file says."""

import json
import secrets
from dataclasses import replace
from decimal import Decimal

from django.db import transaction

from accounts.models import Organisation
from disclosure.models import Notice
from documents.actions import request_document
from documents.models import StoredFile
from ledger.acts import open_blind, record
from ledger.canonical import HJ, b64u
from postbox.actions import tell, tell_members
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused
from sealing.vault import read, store
from trading.conduct.checking import check_complete, check_limits, dates_set, law_day, obstacle, planned, words_of
from trading.conduct.events import StepsUndone, StepTaken, StepTakenInSecret, secret_stream
from trading.conduct.permissions import require_actor, role_in
from trading.conduct.queries import orders_of
from trading.conduct.values import gain_of, kept, latest, rows_of, sealed_amount, worded
from trading.procedures.models import Milestone, StepRecord
from trading.procedures.procedures import place_of
from trading.procedures.reaching import reach
from trading.procedures.records import records_of, undo_from, write
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot, Tender
from trading.projects.queries import handlers_of
from trading.tenders.actions import fail_lot, open_next_round, resume_lot, suspend_lot, terminate_tender
from trading.tenders.models import Suspension
from trading.tenders.notices import notice_of
from trading.tenders.queries import require_running

STATES = Lot.State.values


def locked(lot):
    return Lot.objects.select_for_update(of=["self"]).select_related("tender__project__owner", "tender__project__agency").get(pk=lot.pk)


def desk_address(lot):
    """The address of the lot's procedure desk, for messages."""
    return f"/work/tenders/{lot.tender.number}/lots/{lot.no}/steps/"


def desk_step(procedure, code):
    step = next((each for each in procedure.steps if each.code == code), None)
    if step is None or not step.by_form:
        raise Refused("no_step", "这个流程没有这一步，或者它在别处办理。", status=404)
    return step


@transaction.atomic
def complete_step(lot, code, data, *, by, at, organisation=None):
    """Take a step of the lot's procedure with what its form says ({field: value}); its record.

    Refused out of turn, to anybody but its actors, and where a rule that binds it forbids; a period that the law lets
    stand when overrun is noted on the record. Publishes and prints what the procedure says.
    """
    lot = locked(lot)
    tender, procedure = lot.tender, procedure_of(lot.tender)
    step = desk_step(procedure, code)
    role = require_actor(by, organisation, lot, step, procedure, at)
    require_running(lot, at)
    if refusal := obstacle(lot, procedure, step, at):
        raise refusal
    check_complete(step, data)
    said = {field.name: kept(field, data.get(field.name)) for field in step.fields}
    short = falls_short(lot, step, said)
    if step.opens_after and not postpones(step) and not short:
        open_secrets(lot, procedure, step.opens_after, by=by)
    overran = check_limits(lot, step, said, at)
    acting = organisation if role == "bidder" else None
    if acting and step.repeats and StepRecord.objects.filter(lot=lot, step=code, organisation=acting, void_at=None).exists():
        raise Refused("taken", f"你单位已经办理“{step.label}”。")
    files = [value for value in data.values() if isinstance(value, StoredFile)]
    if short:
        return close_without_deal(lot, step, said, files, overran, by=by, at=at, role=role)
    if step.secret:
        # A sum alone could be guessed from its digest.
        said["salt"] = secrets.token_urlsafe(16)
    digest = digest_of(step.code, said, files)
    kept_as = {"sealed": store([json.dumps(said).encode()])} if step.secret else {"data": said}
    row = write(lot, step, by=by, at=at, organisation=acting, digest=digest, overran=overran, **kept_as)
    row.files.set(files)
    for name, moment in planned(step, said).items():
        # A plan may be made anew (a second listing, an extension): the latest counts.
        known = Milestone.objects.filter(tender=tender, lot=lot, name=name).exists()
        reach(tender, name, at=moment, lot=lot, reference=f"{step.code}/{row.no}" if known else "")
    go_on(lot, procedure, step)
    if step.notice:
        publish(row, step, lot, procedure, by=by, at=at)
    if step.prints:
        print_document(row, step, lot, by=by, at=at)
    if role == "bidder" and not step.secret:
        for person in handlers_of(tender):
            tell(
                person,
                f"{step.label}：{tender.name}",
                f"{organisation.name}已办理。",
                link=desk_address(lot),
                key=f"step/{row.pk}",
            )
    note(row, step, lot, by=by, role=role)
    return row


def falls_short(lot, step, said):
    """Whether the best price does not reach the sealed reserve. It is judged once: the record of a price is final."""
    reserve = sealed_amount(step.reserve, lot) if step.reserve else None
    return reserve is not None and bool(said.get("price")) and Decimal(said["price"]) < reserve


def close_without_deal(lot, step, said, files, overran, *, by, at, role):
    """Nobody has offered the reserve: what was offered is on record, the lot ends, the reserve stays sealed."""
    said |= {field.name: "" for field in step.fields if field.name == "winner"}
    # No buyer was found: the step's milestone is not reached, and no period runs from it.
    row = write(lot, replace(step, reaches=""), by=by, at=at, digest=digest_of(step.code, said, files), overran=overran, data=said)
    row.files.set(files)
    note(row, step, lot, by=by, role=role)
    fail_lot(lot, reason=f"最高报价 {Decimal(said['price']):,.2f} 元没有达到底价，不成交。底价不公开。", by=by, at=at)
    return row


def go_on(lot, procedure, step):
    """The lot stands where the step leads, and never goes back by going on."""
    target = step.state or procedure.stage_of(step).states[0]
    if STATES.index(target) > STATES.index(lot.state):
        lot.state = target
        lot.save(update_fields=["state"])


def digest_of(code, said, files):
    """What the ledger binds: the form's words and the digests of its files."""
    return b64u(HJ("procedure-step", {"v": 1, "step": code, "data": said, "files": sorted(file.sha256 for file in files)}))


def postpones(step):
    """Whether the step puts off the very moment it waits for, so that what was secret stays so."""
    return any(field.moves == step.opens_after for field in step.fields)


def open_secrets(lot, procedure, milestone, *, by):
    """What was said in secret until a moment is known from the first step taken after it."""
    codes = [each.code for each in procedure.steps if each.secret and each.closes_at == milestone]
    rows = list(records_of(lot).filter(step__in=codes, data={}).exclude(sealed=None))
    for row in rows:
        row.data = json.loads(b"".join(read(row.sealed)))
        row.save(update_fields=["data"])
    if rows:
        for code in codes:
            open_blind(private_stream=secret_stream(lot.tender.number, lot.key, code), stream=lot.tender.stream, by=by)


def note(row, step, lot, *, by, role):
    about = {"tender": lot.tender.number, "lot": lot.key, "step": step.code, "no": row.no, "digest": row.digest}
    if step.secret:
        record(StepTakenInSecret(**about, organisation=row.organisation.uscc if row.organisation else ""), by=by, role=role)
        return
    record(StepTaken(**about, notice=row.notice.number if row.notice else ""), by=by, role=role)


def shown_of(step, lot):
    """[label, value] of earlier fields that a notice repeats."""
    procedure, found = procedure_of(lot.tender), []
    for reference in step.shows:
        owner, _, name = reference.rpartition(".")
        source, row = procedure.step(owner), latest(lot, owner)
        if row is not None and row.data.get(name):
            found.append((source.field(name).label, worded(source.field(name), row.data[name])))
    return found


def titled(name, kind):
    """A name with its kind of notice; a word that ends the one and begins the other is said once (…挂牌出让公告)."""
    return name + (kind[2:] if name.endswith(kind[:2]) else kind)


def publish(row, step, lot, procedure, *, by, at):
    """Pin the step's notice to the board; the first one makes the tender public and fixes the law of its day."""
    tender, long = lot.tender, {field.label for field in step.fields if field.kind == "longtext"}
    said = rows_of(step, row.data)
    rules = words_of(step.limits_on(law_day(lot, at)))
    due = min((moment for name, (moment, field) in dates_set(step, row.data, at).items() if field and moment > at), default=None)
    named = lot.name if tender.lots.count() > 1 else ""
    if tender.published_at is None:
        tender.state, tender.published_at, tender.rules_on = Tender.State.PUBLISHED, at, city_day(at)
        tender.save(update_fields=["state", "published_at", "rules_on"])
    row.notice = notice_of(
        tender, step.notice, title=titled(f"{tender.name}{named}", Notice.Kind(step.notice).label), lot=lot, by=by, at=at, due_at=due,
        facts=[
            ("标段", lot.name), ("交易方式", procedure.name), *shown_of(step, lot), *gain_of(step, lot),
            *(pair for pair in said if pair[0] not in long),
        ],
        context={"rows": [{"label": label, "value": value} for label, value in said if label in long], "rules": rules}, template="STEP",
    )  # fmt: skip
    row.save(update_fields=["notice"])


def print_document(row, step, lot, *, by, at):
    """The step's official document, for the parties it names and those who work on or watch the tender."""
    project = lot.tender.project
    codes = [code for field in step.fields if field.kind == "parties" for code in row.data.get(field.name) or []]
    named = list(Organisation.objects.filter(uscc__in=codes))
    row.document = request_document(
        "procedure_document", subject=lot.tender.stream, title=f"{lot.tender.name}{lot.name}{step.document}", by=by, at=at,
        readers=[each for each in (*named, project.owner, project.agency, project.regulator) if each is not None],
        context={
            "tender": lot.tender.name, "lot": lot.name, "owner": project.owner.name, "rows": [*shown_of(step, lot), *rows_of(step, row.data)],
            "basis": words_of(step.limits_on(law_day(lot, at))),
        },
    )  # fmt: skip
    row.save(update_fields=["document"])
    for organisation in named:
        key = f"document/{row.document.pk}/{organisation.pk}"
        tell_members(organisation, f"{step.document}：{lot.tender.name}", link=f"/documents/{row.document.check_code}.pdf", key=key)


@transaction.atomic
def bend_way(lot, code, *, reason, by, at):
    """Bend the lot's way as its procedure allows: fail, begin anew, end, stop, or go back to an earlier step."""
    lot = locked(lot)
    procedure = procedure_of(lot.tender)
    bend = next((each for each in procedure.bends if each.code == code and each.way == "desk"), None)
    if bend is None:
        raise Refused("no_bend", "这个流程没有这种情形，或者它在别处办理。", status=404)
    if role_in(by, None, lot, bend, at) is None:
        raise Forbidden("not_your_bend", f"“{bend.label}”由{procedure.actors(bend.actors)}办理，你不能办理。")
    if lot.state not in bend.states:
        raise Refused("not_now", f"标段当前为“{lot.get_state_display()}”，不能办理“{bend.label}”。")
    if not reason.strip():
        raise Refused("no_reason", "请写明理由。", field="reason", rule=bend.basis or words_of(bend.rules))
    if bend.leads == "failed":
        return fail_lot(lot, reason=f"{bend.label}：{reason}", by=by, at=at)
    if bend.leads == "terminated":
        return terminate_tender(lot.tender, reason=f"{bend.label}：{reason}", by=by, at=at, lot=lot)
    if bend.leads == "next_round":
        return open_next_round(lot, by=by, at=at, reason=reason)
    if bend.leads == "suspended":
        return suspend_lot(lot, cause=Suspension.Cause.ORDER, reference=bend.label, reason=reason, by=by, at=at)
    return go_back(lot, procedure, bend, reason=reason, by=by, at=at)


def end_order(lot, pk, *, reason, by, at):
    """The regulator lets a lot go on that it stopped from this desk; what an objection or a complaint stopped ends there."""
    stop = orders_of(lot, procedure_of(lot.tender)).filter(pk=pk).first()
    if stop is None:
        raise Refused(
            "no_order",
            "这项暂停已经恢复，或者不是在交易流程中责令的。",
            next_step="因异议、投诉暂停的，请在异议、投诉处理中恢复。",
            status=404,
        )
    return resume_lot(stop, reason=reason, by=by, at=at)


def go_back(lot, procedure, bend, *, reason, by, at):
    """Undo everything from the bend's step on; the lot stands where the last step that is left put it."""
    step = procedure.step(bend.back)
    undo_from(lot, step.code, reason=f"{bend.label}：{reason}", at=at)
    before = [each for each in procedure.steps[: procedure.steps.index(step)] if not each.optional]
    target = next((each.state or procedure.stage_of(each).states[0] for each in reversed(before)), procedure.stages[0].states[0])
    if place_of(procedure, target) <= place_of(procedure, lot.state):
        lot.state = target
        lot.save(update_fields=["state"])
    for person in handlers_of(lot.tender):
        tell(person, f"{bend.label}：{lot.tender.name}", reason, link=desk_address(lot), key=f"bend/{lot.pk}/{at.timestamp()}")
    record(StepsUndone(tender=lot.tender.number, lot=lot.key, bend=bend.code, step=step.code, reason=reason[:500]), by=by)
