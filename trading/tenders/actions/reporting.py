"""What was done outside the platform and ends a statutory period: reported by who did it."""

from datetime import datetime, time

from django.db import transaction

from ledger.acts import record
from rulebook.clock import CITY, city_day
from rulebook.refusals import Refused
from trading.procedures.milestones import MILESTONES
from trading.procedures.models import Milestone
from trading.procedures.reaching import reach
from trading.projects.models import Tender
from trading.projects.permissions import require_handler
from trading.tenders.events import FactReported

REPORTABLE = ("bid_deposit_refunded", "loser_deposit_refunded", "contract_copy_filed")


@transaction.atomic
def report_fact(tender, lot, name, happened_on, *, by, at):
    """A handler reports the day on which something was done that the platform does not do itself; it stands as reported."""
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tender.pk)
    require_handler(by, tender)
    if name not in REPORTABLE:
        raise Refused("not_reportable", "这个事项由平台自动记录，不需要登记。", field="name")
    if happened_on > city_day(at):
        raise Refused("future", "办理日期不能晚于今天。", field="happened_on")
    signed = Milestone.objects.filter(lot=lot, name__in=["winner_decided", "contract_signed"]).order_by("-at").first()
    if signed is None:
        raise Refused("too_early", "定标之后才有需要登记的事项。", field="name")
    if Milestone.objects.filter(lot=lot, name=name, reference=signed.reference).exists():
        raise Refused("reported", f"“{MILESTONES[name]}”已经登记。", field="name")
    reach(tender, name, at=datetime.combine(happened_on, time(), tzinfo=CITY), lot=lot, reference=signed.reference)
    record(FactReported(tender=tender.number, lot=lot.key, fact=name, happened_on=happened_on.isoformat()), by=by)
