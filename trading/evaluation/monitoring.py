"""The supervising expert (监标专家) watches the committee: pledges, notes what is seen, and in the end reports. Judges nothing."""

from django.db import transaction

from ledger.acts import record
from ledger.canonical import HJ, b64u, instant
from rulebook.refusals import Refused
from trading.evaluation import offsite
from trading.evaluation.bounds import MONITOR
from trading.evaluation.events import MonitorReported, about
from trading.evaluation.models import CommitteeMember, Evaluation, MonitorNote
from trading.evaluation.permissions import AT_WORK
from trading.evaluation.seats import SEATED, locked, require_fit

# Where every bid is rejected the end comes by itself; the report is handed in after it.
REPORTABLE = (Evaluation.State.COMBINED, Evaluation.State.FAILED)


def own_monitor_seat(evaluation, person):
    """The person's seat beside this committee; nobody else may write for the monitor."""
    seat = CommitteeMember.monitors.filter(evaluation=evaluation, state=SEATED).of(person).first()
    if seat is None:
        raise Refused("not_seated", "你不是本次评标的监标专家。", status=403)
    require_fit(seat)
    return seat


def pledged_monitor(evaluation, person):
    seat = own_monitor_seat(evaluation, person)
    if seat.pledged_at is None:
        raise Refused("no_pledge", "请先签署监标承诺。", rule=MONITOR.source)
    return seat


@transaction.atomic
def pledge_monitor(evaluation, *, by, at):
    """The monitor declares to have no interest and to keep what is seen secret."""
    evaluation = locked(evaluation)
    seat = own_monitor_seat(evaluation, by)
    offsite.require_at_work(evaluation, seat, at)
    if seat.pledged_at is None:
        seat.pledged_at = at
        seat.save(update_fields=["pledged_at"])


@transaction.atomic
def add_remark(evaluation, text, *, by, at):
    """Note something seen while the committee works; it stands with its time and is never changed."""
    evaluation = locked(evaluation)
    seat = pledged_monitor(evaluation, by)
    if evaluation.state not in AT_WORK:
        raise Refused("wrong_stage", f"评标现在处于“{evaluation.get_state_display()}”，不能再写监标记录。")
    refuse_after_report(seat)
    return MonitorNote.objects.create(seat=seat, text=written(text), at=at)


@transaction.atomic
def hand_in_report(evaluation, text, *, by, at):
    """Report on the whole evaluation, once its scores are combined or it has ended; without this nobody signs it off."""
    evaluation = locked(evaluation)
    seat = pledged_monitor(evaluation, by)
    if evaluation.state not in REPORTABLE:
        raise Refused("wrong_stage", "评分汇总后才能提交监标报告。", next_step="评审期间请写监标记录。", rule=MONITOR.source)
    offsite.require_joined(offsite.sessions_for(evaluation), at)
    refuse_after_report(seat)
    note = MonitorNote.objects.create(seat=seat, report=True, text=written(text), at=at)
    record(MonitorReported(**about(evaluation), digest=digest_of(seat)), by=seat, role="expert")
    return note


def refuse_after_report(seat):
    if seat.notes.filter(report=True).exists():
        raise Refused("handed_in", "监标报告已经提交，不能再写。")


def written(text):
    if not text.strip():
        raise Refused("no_text", "请写明内容。", field="text", status=400)
    return text.strip()


def digest_of(seat):
    """What the ledger holds of a monitor's remarks and report."""
    return b64u(HJ("monitor-report", [[instant(row.at), row.report, row.text] for row in seat.notes.all()]))
