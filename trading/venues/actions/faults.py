"""Faults of rooms: reported by whoever works there, repaired on record; a blocking one keeps the room from being lent."""

from django.db import transaction

from accounts.models import Organisation
from accounts.permissions import is_member
from ledger.acts import record
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused
from trading.venues.actions.booking import require_keeper
from trading.venues.events import FaultRepaired, FaultReported
from trading.venues.models import VenueFault
from trading.venues.queries import troubled_by


@transaction.atomic
def report_fault(venue, *, what, blocks, expected_on, by, at):
    """Anybody of the centre reports a fault; whether it blocks the room, and until when, is said at once."""
    centres = Organisation.objects.of_kind(Organisation.Kind.CENTRE).filter(memberships__person=by, memberships__until=None)
    if not by.is_superuser and not any(is_member(by, centre) for centre in centres):
        raise Forbidden("not_centre", "场地故障由交易中心人员登记。")
    if not what.strip():
        raise Refused("no_fault", "请写明故障情况。", field="what")
    if blocks and (expected_on is None or expected_on < city_day(at)):
        raise Refused("no_day", "影响使用的，请写明预计修复日期，不早于今天。", field="expected_on")
    fault = VenueFault.objects.create(
        venue=venue, what=what, blocks=blocks, expected_on=expected_on if blocks else None, reported_by=by, reported_at=at
    )
    troubled = troubled_by(fault, at)
    for row in venue.centre.memberships.filter(until=None, duties__overlap=["opening", "manager"]).select_related("person"):
        tell(
            row.person, f"场地故障：{venue.name}", f"{what}" + (f"。受影响的安排 {len(troubled)} 项，请调整。" if troubled else ""),
            link="/staff/venues/faults/", key=f"fault/{fault.pk}",
        )  # fmt: skip
    record(FaultReported(fault=fault.pk, blocks=blocks), by=by, private={"venue": venue.name, "what": what})
    return fault


@transaction.atomic
def repair_fault(fault, *, repair, by, at):
    """The fault is gone: what was done; the room is lent again."""
    require_keeper(by)
    fault = VenueFault.objects.select_for_update(of=["self"]).select_related("venue").get(pk=fault.pk)
    if fault.repaired_at:
        raise Refused("repaired", "这项故障已经登记排除。", next_step="请刷新页面查看。")
    if not repair.strip():
        raise Refused("no_repair", "请写明处理结果。", field="repair")
    fault.repair, fault.repaired_by, fault.repaired_at = repair, by, at
    fault.save(update_fields=["repair", "repaired_by", "repaired_at"])
    record(FaultRepaired(fault=fault.pk), by=by, private={"venue": fault.venue.name, "repair": repair})
    return fault
