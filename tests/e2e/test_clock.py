"""The platform was silent before a deadline: the bidder finds the deadline moved, the notice and the certificate, without asking."""

from datetime import timedelta

import pytest

from rulebook.clock import database_now
from supervision.clocks.actions import watch_clocks
from tests.e2e.walk import PASSWORD, give_password
from tests.trading.test_outages import touched_lot
from trading.outages.models import Component, Heartbeat, LotExtension
from trading.procedures.reaching import reach

pytestmark = [pytest.mark.e2e]


def test_the_bidder_finds_the_deadline_moved(platform, user):
    now = database_now()
    # An outage counts that ended within the last day before the deadline.
    lot = touched_lot(due_at=now + timedelta(hours=5))
    reach(lot.tender, "evaluation_report_received", at=now - timedelta(days=30), lot=lot, reference="1")
    watch_clocks(by=None, on=now.date(), at=now)
    bidder = user("投标人").sign_in(give_password(lot.city.bidders[0].somebody), PASSWORD)
    page = bidder.go(f"/tenders/{lot.tender.number}/")
    page.get_by_role("heading", name="法定时限").wait_for()

    # As if nobody had looked for forty minutes: the next round of the workers sees the gap.
    Heartbeat.objects.all().delete()
    silent = (now - timedelta(minutes=40)).replace(second=0, microsecond=0)
    Heartbeat.objects.create(component=Component.PLATFORM, minute=silent, ok=True)
    for _ in range(240):
        if LotExtension.objects.exists():
            break
        page.wait_for_timeout(500)
    extension = LotExtension.objects.get()
    assert extension.new > extension.old

    page = bidder.go(f"/tenders/{lot.tender.number}/")
    page.get_by_text("顺延后的投标截止").first.wait_for()
    bidder.look("clock-tender")
    page.get_by_role("link", name="截止时间顺延公告").first.click()
    page.get_by_role("link", name="下载平台故障证明").wait_for()
    bidder.go("/availability/")
    bidder.look("clock-availability")
    supervisor = user("监督人员").sign_in(give_password(lot.city.supervisor), PASSWORD)
    supervisor.go("/supervision/clocks/")
    supervisor.look("clock-board")
    page = supervisor.go("/supervision/alerts/")
    supervisor.look("clock-alerts")
    page.get_by_role("link", name="中标候选人公示开始").first.click()
    page.get_by_role("heading", name="处置").wait_for()
