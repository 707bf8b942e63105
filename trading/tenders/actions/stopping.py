"""Stopping a lot for a reason, and letting it go on."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require, require_duty
from disclosure.models import Notice
from ledger.acts import record
from rulebook.refusals import Refused
from trading.procedures.reaching import reach
from trading.procedures.versions import procedure_of
from trading.projects.lifecycle import RUNNING
from trading.projects.models import Lot
from trading.projects.queries import SUPERVISE
from trading.tenders.events import LotResumed, LotSuspended
from trading.tenders.models import Suspension
from trading.tenders.notices import notice_of, shown, tell_parties
from trading.tenders.queries import stopped_words

STOPPABLE = (*RUNNING, Lot.State.AWARD_DECIDED, Lot.State.RESULT_PUBLIC)


def check_entitled(lot, cause, by):
    """A regulator orders, the centre reports a failure; an objection stops by law, whoever brings it in."""
    if cause == Suspension.Cause.ORDER:
        require(by, SUPERVISE, lot.tender)
    elif cause == Suspension.Cause.FAILURE:
        require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)


def locked(lot):
    return Lot.objects.select_for_update(of=["self"]).select_related("tender__project__owner", "tender__project__agency").get(pk=lot.pk)


@transaction.atomic
def suspend_lot(lot, *, cause, reference, reason, by, at):
    """Stop a lot: an objection waits for its answer, a regulator orders it, or the system has failed."""
    lot = locked(lot)
    check_entitled(lot, cause, by)
    if lot.state not in STOPPABLE:
        raise Refused("not_running", f"标段当前为“{lot.get_state_display()}”，没有可以暂停的活动。")
    if not reason.strip():
        raise Refused("no_reason", "请写明暂停的理由。", field="reason")
    (activity, source), tenderee = stopped_words(lot.tender), procedure_of(lot.tender).actor("tenderee")
    suspension = Suspension.objects.create(lot=lot, cause=cause, reference=reference, reason=reason, since=at, by=by)
    notice = notice_of(
        lot.tender,
        Notice.Kind.SUSPENSION,
        title=f"{lot.tender.name}{lot.name}暂停公告",
        context={"lot": lot, "suspension": suspension, "activity": activity, "source": source, "tenderee": tenderee},
        facts=[("标段", lot.name), ("事由", suspension.get_cause_display()), ("暂停时间", shown(at))],
        lot=lot,
        by=by,
        at=at,
    )
    tell_parties(lot.tender, f"{activity}暂停：{lot.tender.name}{lot.name}", reason, notice, key=f"suspended/{suspension.pk}")
    reach(lot.tender, "suspended", at=at, lot=lot, reference=str(suspension.pk))
    record(LotSuspended(tender=lot.tender.number, lot=lot.key, cause=str(cause), reference=reference), by=by)
    return suspension


@transaction.atomic
def resume_lot(suspension, *, by, at, reason="暂停的事由已经消除"):
    """End one suspension; the lot goes on only when no other is in force."""
    suspension = Suspension.objects.select_for_update(of=["self"]).get(pk=suspension.pk)
    lot = locked(suspension.lot)
    check_entitled(lot, suspension.cause, by)
    if suspension.until is not None:
        return suspension
    if not reason.strip():
        raise Refused("no_reason", "请写明恢复的理由。", field="reason")
    suspension.until = at
    suspension.save(update_fields=["until"])
    others = Suspension.objects.filter(lot=lot).exclude(pk=suspension.pk).in_force(at)
    notice = notice_of(
        lot.tender,
        Notice.Kind.RESUMPTION,
        title=f"{lot.tender.name}{lot.name}恢复公告",
        context={"lot": lot, "suspension": suspension, "reason": reason, "others": others},
        facts=[("标段", lot.name), ("原暂停事由", suspension.get_cause_display()), ("恢复时间", shown(at))],
        lot=lot,
        by=by,
        at=at,
    )
    tell_parties(
        lot.tender, f"{stopped_words(lot.tender)[0]}恢复：{lot.tender.name}{lot.name}", reason, notice, key=f"resumed/{suspension.pk}"
    )
    reach(lot.tender, "resumed", at=at, lot=lot, reference=str(suspension.pk))
    record(LotResumed(tender=lot.tender.number, lot=lot.key, reference=suspension.reference), by=by)
    return suspension
