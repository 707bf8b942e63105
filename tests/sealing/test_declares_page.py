"""In real Chromium: what the bid page asks of a procurement's bidder, told beside the fields, kept as a draft and sealed with the bid."""

import pytest
from playwright.sync_api import expect

from ledger.canonical import unb64u
from tests.factories.declared import FIRM, declarations, procurement_lot
from tests.sealing.test_bid_page import give_keys, page  # noqa: F401 - fixtures
from tests.sealing.test_bid_parts_page import opened_form
from tests.sealing.test_browser import chromium, made_keys, scripts  # noqa: F401 - fixtures
from trading.bidding.models import Bid
from trading.opening.actions import read_form

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]
PDF = {"name": "文件.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}


@pytest.fixture
def lot():
    return procurement_lot(bidders=1, same_brand="CORE", core_product="服务器")


def test_a_declaration_is_checked_beside_its_fields_and_travels_sealed(page, lot):  # noqa: F811 - fixture
    page.goto(f"{page.base}/me/keys/")
    kept = unb64u(made_keys(page))
    page.goto(f"{page.base}/me/bids/{lot.tender.number}/{lot.no}/")
    page.fill("#price", "900000")
    page.fill("#term_days", "30")
    page.fill("#manager", "甲")
    page.set_input_files("#technical", [PDF])
    page.set_input_files("#commercial", [PDF])
    page.get_by_role("button", name="填写一家企业").click()
    firm = page.get_by_role("group", name="第 1 家")
    firm.get_by_label("标的名称").fill(FIRM["item"])
    firm.get_by_label("制造商名称").fill(FIRM["name"])
    firm.get_by_label("企业类型").select_option("micro")
    firm.get_by_label("所属行业").select_option("manufacturing")
    firm.get_by_label("从业人员").fill("一百二十")
    expect(firm.get_by_role("alert").filter(has_text="请填写整数")).to_be_visible()
    firm.get_by_label("从业人员").fill("120")
    firm.get_by_label("营业收入").fill("1800")
    expect(firm.get_by_role("status")).to_contain_text("按所填数据划型为小型企业，与声明不一致")
    firm.get_by_label("企业类型").select_option("small")
    expect(firm.get_by_role("status")).to_contain_text("与声明一致")
    firm.get_by_label("资产总额").fill("900.00")
    give_keys(page, kept)
    send = page.get_by_role("button", name="封存并递交")
    send.click()
    expect(page.locator("#bid-said")).to_contain_text("请阅读并勾选中小企业声明的承诺")
    page.get_by_label("我单位承诺").check()
    send.click()
    expect(page.locator("#bid-said")).to_have_text("请填写产品品牌。")
    page.get_by_label("核心产品（服务器）的品牌").fill("扶摇")
    page.get_by_label("型号").fill("T1")
    # What was typed is a draft on this computer; the words must be agreed to anew.
    page.reload()
    assert page.get_by_label("制造商名称").input_value() == FIRM["name"]
    assert page.get_by_label("核心产品（服务器）的品牌").input_value() == "扶摇" and not page.get_by_label("我单位承诺").is_checked()
    page.get_by_label("我单位承诺").check()
    page.set_input_files("#technical", [PDF])
    page.set_input_files("#commercial", [PDF])
    give_keys(page, kept)
    send.click()
    for _ in range(120):
        if Bid.objects.exists():
            break
        page.wait_for_timeout(250)
    form = opened_form(Bid.objects.get().envelopes.get(), kept)
    assert read_form(form, "bid")["form"]["declarations"] == declarations(FIRM, brand="扶摇") and form["v"] == 4
    assert [line for line in page.problems if "Content Security" in line or "TrustedHTML" in line] == []
