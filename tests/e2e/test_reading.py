"""The experts' reading desk in a browser: pages beside the criteria, search, two bids side by side, a sheet that is kept."""

import re
from decimal import Decimal

import pytest

from rulebook.clock import database_now
from sealing.age import decrypt_chunks
from sealing.container import unpack
from tests.e2e.test_trust import key_file, wait_for
from tests.e2e.walk import KEY_PASSWORD, PASSWORD, give_password
from tests.factories.evaluation import evaluating_lot, members, review, started
from tests.factories.reading import answering, give_file, pdf_of
from tests.factories.trading import published_lot
from trading.bidding.models import Bid
from trading.evaluation import actions, blind
from trading.evaluation.drafts import draft_of
from trading.evaluation.reading import asked_of
from trading.opening.actions import context_of
from trading.opening.models import OpenedBid, Opening
from trading.opening.reference import file_key_of, make_keys
from trading.tenders.models import TenderDocument

pytestmark = [pytest.mark.e2e]

SCALED = "洁净手术部机电安装关键技术：漏风量控制按 1500 Pa 逐段检测。"


def readable(lot, bids):
    """Two bids whose plans answer the technical criterion on different pages, and others that name none."""
    key = next(row.key for row in asked_of(lot.tender.document) if row.part == "technical")
    for place, bid in enumerate(bids):
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
    readable(lot, actions.valid_bids(evaluation))
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


def sealed_form(bid, keys):
    """The form that lies in a sealed bid, opened with its owner's key."""
    opened = OpenedBid(bid=bid, opening=Opening(lot=bid.lot))
    forms = decrypt_chunks(file_key_of(opened, keys), opened.sealed.upload.open())
    return unpack(forms, context_of(opened), lambda member, pieces: list(pieces))


@pytest.fixture
def blind_lot(committed, house):
    lot = published_lot(holders=3, document={"blind_technical": True})
    lot.city.bidders[0].keys = make_keys(lot.city.bidders[0], by=lot.city.bidders[0].somebody)
    return lot


def test_a_bidder_names_its_pages_and_finds_its_own_name_before_sealing(blind_lot, platform, user, tmp_path):
    lot, firm = blind_lot, blind_lot.city.bidders[0]
    bidder = user("投标人").sign_in(give_password(firm.somebody), PASSWORD)
    page = bidder.go(f"/me/bids/{lot.tender.number}/{lot.no}/")
    plan = lambda *texts: {"name": "技术方案.pdf", "mimeType": "application/pdf", "buffer": pdf_of(*texts)}  # noqa: E731 - a shorthand
    page.get_by_label("技术文件").set_input_files(plan("施工组织", f"编制单位 {firm.name}"))
    page.get_by_text("第 2 页出现身份信息").wait_for()
    bidder.look("blind-bid")
    page.get_by_label("技术文件").set_input_files(plan("施工组织", "进度计划"))
    page.get_by_text("文字中没有发现本单位的名称").wait_for()
    page.get_by_label("商务文件（含保证金凭证）").set_input_files({**plan("资格"), "name": "商务文件.pdf"})
    page.get_by_label("投标报价（元）").fill("30123456.78")
    page.get_by_label("工期（日历天）").fill("400")
    page.get_by_label("项目经理", exact=True).fill("甲")
    page.get_by_label("施工组织设计所在文件").select_option(label="技术方案.pdf")
    page.get_by_label("密钥文件").set_input_files(key_file(tmp_path, firm.keys))
    page.get_by_label("密钥口令").fill(KEY_PASSWORD)
    page.get_by_role("button", name="封存并递交").click()
    page.get_by_text("响应索引的“施工组织设计”须同时选择文件和填写页码").wait_for()
    page.get_by_label("施工组织设计页码").fill("2")
    page.get_by_role("button", name="封存并递交").click()
    page.get_by_text("第 1 版：递交").wait_for()
    form = sealed_form(Bid.objects.get(lot=lot, bidder=firm), firm.keys)
    key = next(row.key for row in asked_of(lot.tender.document) if row.part == "technical")
    assert (form["v"], form["index"], form["technical_files"]) == (3, [{"criterion": key, "path": "f/0001", "page": 2}], 1)
    assert [line for line in bidder.problems if "Content Security Policy" in line or "TrustedHTML" in line] == []


@pytest.fixture
def blind_evaluation(committed, house):
    lot = evaluating_lot()
    TenderDocument.objects.filter(tender=lot.tender).update(blind_technical=True)
    lot.tender.document.refresh_from_db()
    readable(lot, lot.openings.get().bids.all())
    return started(lot)


def test_a_member_marks_blind_and_learns_the_names_when_all_have(blind_evaluation, platform, user):
    evaluation = blind_evaluation
    seat, *others = members(evaluation)
    expert = user("专家").sign_in(give_password(seat.person), PASSWORD)
    wait_for(expert.page, lambda: blind.BlindFile.objects.count() == 2 or None)
    page = expert.go(f"/expert/evaluations/{evaluation.pk}/")
    viewer = page.get_by_role("region", name="投标文件阅读")
    page.get_by_role("link", name=re.compile("对应第 . 页")).first.click()
    wait_for(page, lambda: viewer.get_attribute("data-open") or None)
    viewer.locator(".page canvas").first.wait_for()
    assert "子虚" not in page.content() and "乌有" not in page.content()
    expert.look("blind-desk")
    boxes = page.get_by_label(re.compile("得分$")).all()
    for box in boxes:
        box.fill("16")
    page.get_by_text("已自动保存").wait_for()
    page.get_by_role("button", name="提交技术评分").click()
    page.get_by_text("你的技术（暗标）评分已提交").first.wait_for()
    assert "子虚" not in page.content()
    for member in others:
        marks = {(place, row.pk): (Decimal(16), "") for place in range(len(boxes)) for row in blind.blind_criteria(evaluation)}
        blind.submit_blind_marks(evaluation, marks, by=member.person, at=database_now())
    page = expert.go(f"/expert/evaluations/{evaluation.pk}/")
    page.get_by_text("暗标编号 投标人甲").wait_for()
    expert.look("blind-over")
    assert "清江子虚建设有限公司" in page.content()
