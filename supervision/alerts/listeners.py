from accounts.models import Person
from ledger.delivery import listens
from rulebook.clock import database_now
from supervision.alerts.actions import raise_alert
from trading.outages.events import OutageConfirmed
from trading.outages.models import Outage


@listens(OutageConfirmed)
def report_outage(event):
    """Every regulator learns of an outage, and of the deadlines that it moved."""
    outage = Outage.objects.prefetch_related("extensions__lot__tender").get(number=event.outage)
    moved = sorted({row.lot.tender.number for row in outage.extensions.all() if row.moved})
    raise_alert(
        "outage", event.stream, f"平台故障 {outage.minutes} 分钟：{outage.get_component_display()}",
        [("故障编号", outage.number), ("顺延的项目", "、".join(moved) or "无")], rule="L-02", link="/availability/",
        by=Person.objects.platform(), at=database_now(),
    )  # fmt: skip
