"""A room booked and contested, a stage witnessed, an archive that says what it lacks: at a real browser."""

import pytest

from rulebook.clock import CITY, database_now
from tests.e2e.walk import PASSWORD, give_password
from tests.factories.archives import add_paper, lock_in_ledger
from tests.factories.evaluation import evaluating_lot
from tests.factories.venues import hour, venue
from trading.tenders.actions import fail_lot

pytestmark = [pytest.mark.e2e]


def book(page, lot, room, start, end):
    day = hour(9).astimezone(CITY)
    page.goto(f"/staff/venues/bookings/new/?venue={room.pk}&day={day:%Y-%m-%d}")
    page.get_by_label("用途").select_option(label="评标")
    page.get_by_label("标段").select_option(value=str(lot.pk))
    page.get_by_label("开始时间").fill(start)
    page.get_by_label("结束时间").fill(end)
    page.get_by_role("button", name="安排场地").click()


def test_rooms_witness_and_archive(platform, user):
    lot = evaluating_lot()
    room = venue(lot.city, "evaluation")
    staff = user("中心").sign_in(give_password(lot.city.staff), PASSWORD)
    page = staff.page
    book(page, lot, room, "09:00", "11:00")
    page.get_by_text("场地已安排。").wait_for()
    staff.look("booking")
    book(page, lot, room, "10:00", "12:00")
    page.locator(".errsum").wait_for()
    assert "最近的空闲时段从" in page.content()
    staff.look("booking-clash")
    page.goto(f"/staff/venues/?day={hour(9):%Y-%m-%d}")
    staff.look("venue-week")
    # By keyboard alone: the day's free hours are links in reading order.
    page.goto(f"/staff/venues/?view=day&day={hour(9):%Y-%m-%d}")
    page.locator(".slot-free").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/new/**")
    page.goto(f"/staff/venues/?view=day&day={hour(9):%Y-%m-%d}")
    staff.look("venue-day")
    page.goto("/staff/venues/rooms/")
    staff.look("venues")

    page.goto(f"/witness/{lot.tender.number}/1/opening/")
    page.get_by_label("地点").fill("第一开标厅")
    page.get_by_label("见证情况").fill("按时开标，过程正常。")
    page.get_by_role("button", name="写入记录").click()
    page.get_by_text("已保存。").wait_for()
    staff.look("witness-open")

    lock_in_ledger(lot)
    fail_lot(lot, reason="评标委员会否决全部投标", by=lot.city.handler, at=database_now())
    page.goto(f"/archives/{lot.tender.number}/1/")
    page.locator("tr", has_text="开标、评标见证记录").get_by_text("缺少").wait_for()
    staff.look("archive-missing")
    page.goto("/staff/archives/")
    assert page.get_by_role("button", name="归档").count() == 0
    staff.look("archives-waiting")

    page.goto(f"/witness/{lot.tender.number}/1/opening/")
    for choice in page.locator(".point-answer select").all():
        choice.select_option(label="正常")
    page.get_by_role("button", name="保存核查结果").click()
    page.get_by_role("button", name="签署见证记录").click()
    page.get_by_text("摘要已存证").wait_for()
    staff.look("witness-signed")
    add_paper(lot, "deposit")
    page.goto("/staff/archives/")
    page.get_by_role("button", name="归档").wait_for()
    public = user("公众")
    public.go(f"/openings/?day={lot.bids_due_at:%Y-%m-%d}")
    public.look("openings-week")
