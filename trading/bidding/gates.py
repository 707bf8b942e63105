"""Whether bytes of a sealed bid may still come (docs/trust.md §4)."""

from credit.queries import is_excluded
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.bidding.actions import deadline_passed
from trading.projects.models import Lot
from trading.tenders.queries import require_open_to


def upload_gate(tender, lot, organisation):
    """Refuse uploads for lots that take no bids, from who does not hold the document, and after the deadline."""
    row = Lot.objects.filter(tender__number=tender, no=lot if lot.isdigit() else 0).select_related("tender__project").first()
    if row is not None:
        require_open_to(row.tender, organisation)
    if row is None or not row.tender.holders.filter(organisation=organisation).exists():
        raise Refused("no_document", "你单位尚未获取本项目的招标文件。", status=403)
    now = database_now()
    if not row.is_open_for_bids(now):
        raise deadline_passed(now)
    if is_excluded(organisation, row.tender.project.category, city_day(now)):
        raise Refused("excluded", "你单位处于禁止参与期内，平台不能接收投标。", status=403)
