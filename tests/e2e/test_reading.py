"""The experts' reading desk in a browser: pages beside the criteria, search, two bids side by side, a sheet that is kept."""

import re

import pytest

from rulebook.clock import database_now
from tests.e2e.test_trust import wait_for
from tests.e2e.walk import PASSWORD, give_password
from tests.factories.evaluation import evaluating_lot, members, review, started
from tests.factories.reading import answering, give_file, pdf_of
from trading.evaluation import actions
from trading.evaluation.drafts import draft_of
from trading.evaluation.reading import asked_of

pytestmark = [pytest.mark.e2e]

SCALED = "洁净手术部机电安装关键技术：漏风量控制按 1500 Pa 逐段检测。"


def readable(lot, evaluation):
    """Two bids whose plans answer the technical criterion on different pages, and one that names none."""
    key = next(row.key for row in asked_of(lot.tender.document) if row.part == "technical")
    for place, bid in enumerate(actions.valid_bids(evaluation)):
        pages = [f"第 {page + 1} 页 {bid.bidder.name}施工组织设计" for page in range(6)]
        pages[2 + place] += SCALED
        pages[5] += "漏风量"
        give_file(bid, "施工组织设计.pdf", pdf_of(*pages))
        if place < 2:
            answering(bid, {key: (1, 3 + place)})


def shown_page(pane):
    return pane.get_by_label("页码").input_value()


def opened_at(page, pane, number):
    wait_for(page, lambda: (pane.get_attribute("data-open") and shown_page(pane) == str(number)) or None)
    pane.locator(f".page[data-page-number='{number}'] .textLayer span").first.wait_for(state="attached")


@pytest.fixture
def evaluation(committed, house):
    """Made before the platform runs: its sequencer would be a second one beside the test's."""
    lot = evaluating_lot()
    evaluation = started(lot)
    for member in members(evaluation):
        review(evaluation, member)
    readable(lot, evaluation)
    return evaluation


def test_a_member_reads_compares_searches_and_loses_nothing(evaluation, platform, user):
    seat = members(evaluation)[0]
    first, second, third = list(actions.valid_bids(evaluation))[:3]
    desk = f"/expert/evaluations/{evaluation.pk}/"
    expert = user("专家").sign_in(give_password(seat.person), PASSWORD)
    page = expert.go(desk)
    viewer = page.get_by_role("region", name="投标文件阅读")
    opened_at(page, viewer, 3)
    viewer.get_by_role("button", name="上一页").click()
    opened_at(page, viewer, 2)

    # The page that the bidder named for the criterion.
    page.locator(f"#bid-{first.pk}").get_by_role("link", name="对应第 3 页").click()
    opened_at(page, viewer, 3)
    assert "漏风量控制" in viewer.locator(".page[data-page-number='3'] .textLayer").inner_text()
    assert re.search(rf"{seat.order} 号席　\d\d:\d\d　仅供评标", viewer.locator(".page[data-page-number='3'] .wm").inner_text())
    assert "投标人没有指明页码" in page.locator(f"#bid-{third.pk}").inner_text()

    # By keys and by number.
    viewer.get_by_role("group", name="第 3 页").focus()
    page.keyboard.press("ArrowRight")
    opened_at(page, viewer, 4)
    viewer.get_by_label("页码").fill("6")
    viewer.get_by_label("页码").press("Enter")
    opened_at(page, viewer, 6)
    before = viewer.locator("[data-part=zoom]").inner_text()
    viewer.get_by_role("button", name="放大").click()
    assert viewer.locator("[data-part=zoom]").inner_text() != before
    viewer.locator("[data-do=fit]").click()

    # Search, with all hits marked and one after the other.
    viewer.get_by_role("button", name="在文件中查找").click()
    viewer.get_by_label("查找的文字").fill("漏风量")
    hits = viewer.locator("[data-part=hits]")
    wait_for(page, lambda: hits.inner_text() == "第 2 / 2 处" or None)
    viewer.get_by_label("查找的文字").press("Enter")
    wait_for(page, lambda: hits.inner_text() == "第 1 / 2 处" or None)
    opened_at(page, viewer, 3)
    assert viewer.locator(".highlight.selected").first.inner_text() == "漏风量"
    viewer.get_by_label("查找的文字").fill("没有这样的字")
    wait_for(page, lambda: hits.inner_text() == "没有找到" or None)
    viewer.get_by_label("查找的文字").fill("漏风量")

    # What is typed is kept a moment later, and is there on another computer.
    points = page.get_by_label(f"{first.bidder.name}施工组织设计得分")
    points.fill("16.5")
    page.get_by_label(f"{first.bidder.name}施工组织设计评分说明").fill("工序组织清楚")
    page.get_by_text(re.compile(r"^\d\d:\d\d:\d\d 已自动保存$")).wait_for()
    assert set(draft_of(seat).values()) == {"16.5", "工序组织清楚"}
    expert.look("reading-desk")
    elsewhere = user("另一台电脑").sign_in(seat.person.mobile, PASSWORD)
    again = elsewhere.go(desk)
    assert again.get_by_label(f"{first.bidder.name}施工组织设计得分").input_value() == "16.5"

    # A line that is down is said, and tried again.
    expert.context.set_offline(True)
    points.fill("17")
    page.get_by_text("连不上平台").wait_for()
    expert.context.set_offline(False)
    page.get_by_text(re.compile(r"^\d\d:\d\d:\d\d 已自动保存$")).wait_for()
    assert "17" in draft_of(seat).values()

    # Another bid beside it, at the page where it answers the same criterion.
    viewer.get_by_role("button", name="并排比较").click()
    beside = page.get_by_role("region", name="并排比较的投标文件")
    opened_at(page, beside, 4)
    assert second.bidder.name in beside.locator(".page[data-page-number='4'] .textLayer").inner_text()
    expert.look("reading-compare")
    page.locator(f"#bid-{second.pk}").get_by_role("link", name="对应第 4 页").click()
    opened_at(page, viewer, 4)
    beside.get_by_role("button", name="关闭比较").click()
    assert beside.count() == 0

    page.get_by_label(f"{first.bidder.name}施工组织设计得分").fill("16")
    for box in page.get_by_label(re.compile("得分$")).all():
        box.fill("5" if "业绩" in box.get_attribute("aria-label") else "16")
    page.get_by_role("button", name="提交评分").click()
    page.get_by_text("你的评分已提交").wait_for()
    assert draft_of(seat) == {}
    assert evaluation.started_at < database_now()
    assert [line for line in expert.problems if "Content Security Policy" in line or "TrustedHTML" in line] == []
