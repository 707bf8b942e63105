"""In real Chromium: the trial before a bid, the price table read in the browser alone, and what comes from the register."""

import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from ledger.canonical import unb64u
from reception.models import RegisterEntry
from rulebook.clock import database_now
from sealing.age import decode, decrypt_chunks, parse_header
from sealing.container import unpack
from sealing.context import context_hash, seal_context
from sealing.hpke import open_sealed, owner_info
from sealing.keyfile import read_key_file
from sealing.models import Upload
from tests.factories.trading import stored
from tests.sealing.test_bid_page import give_keys, lot, page  # noqa: F401 - fixtures
from tests.sealing.test_browser import PASSWORD, chromium, made_keys, scripts  # noqa: F401 - fixtures
from trading.bidding.models import Bid, BidPreflight
from trading.opening.actions import read_form
from trading.tenders.models import BillItem
from trading.tenders.spreadsheet import workbook_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def keys(page, lot):  # noqa: F811 - fixtures
    page.goto(f"{page.base}/me/keys/")
    return unb64u(made_keys(page))


def test_a_trial_tries_key_browser_and_line_and_leaves_nothing_behind(page, lot, keys):  # noqa: F811
    page.goto(f"{page.base}/me/bids/{lot.tender.number}/{lot.no}/preflight/")
    page.select_option("#size", "1")
    page.set_input_files("#key", {"name": "k.p12", "mimeType": "application/x-pkcs12", "buffer": keys})
    page.fill("#password", "wrong")
    page.get_by_role("button", name="开始预检").click()
    page.get_by_text("有一项没有通过").wait_for()
    expect(page.locator("[data-check=storage] [data-state]")).to_have_text("通过")
    expect(page.locator("[data-check=seal] [data-state]")).to_have_text("未检查")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="开始预检").click()
    page.get_by_text("约需").wait_for(timeout=60_000)
    last = BidPreflight.objects.first()
    assert last.passed == ["browser", "storage", "key", "seal", "upload"]
    assert last.size > 1024 * 1024 and last.upload_ms > 0
    # What was uploaded is gone, at once and for good; nothing of it could become a bid.
    upload = Upload.objects.get()
    assert upload.envelope == "test" and upload.terminated_at and not upload.path.exists()
    assert not Bid.objects.exists()
    assert page.evaluate("async () => (await Array.fromAsync((await navigator.storage.getDirectory()).keys())).length") == 0
    assert [line for line in page.problems if "Content Security" in line or "TrustedHTML" in line] == []


def filled(bill, prices, **others):
    book = load_workbook(io.BytesIO(workbook_of(bill, for_bidder=True)))
    for row, price in enumerate(prices, start=2):
        book.active.cell(row, 6, price)
    for cell, value in others.items():
        book.active[cell] = value
    made = io.BytesIO()
    book.save(made)
    return {"name": "报价.xlsx", "mimeType": XLSX, "buffer": made.getvalue()}


@pytest.mark.parametrize("lot", [False, True], indirect=True, ids=["whole", "two_envelopes"])
def test_prices_are_checked_in_the_browser_and_travel_sealed_with_what_was_chosen(page, lot, keys):  # noqa: F811
    bidder = lot.tender.holders.get().organisation
    person = bidder.memberships.get().person
    rows = [("010101", "挖土方", "120.5", "30.00"), ("010501", "C30 混凝土", "33.3333", "600.00")]
    for no, (code, name, quantity, ceiling) in enumerate(rows, start=1):
        BillItem.objects.create(lot=lot, no=no, code=code, name=name, unit="m³", quantity=Decimal(quantity), ceiling=Decimal(ceiling))
    RegisterEntry.objects.create(
        organisation=bidder, kind="person", name="何建造", about="项目经理", certificate="一级建造师", number="鄂1", by=person,
        proof=stored(person, bidder, "register"), added_at=database_now(),
    )  # fmt: skip
    bill = list(lot.bill.all())
    sent = []
    page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
    url = f"{page.base}/me/bids/{lot.tender.number}/{lot.no}/"
    page.goto(url)
    page.set_input_files("#price_table", filled(bill, [30.01, "五百"]))
    page.get_by_text("2 处不符").wait_for()
    assert page.locator("[data-bid-part=prices] tbody td:first-child").all_inner_texts() == ["F2", "F3"]
    page.set_input_files("#price_table", filled(bill, [28.5, 589.99]))
    page.get_by_text("与清单核对无误").wait_for()
    assert page.input_value("#price") == "23100.56"
    page.check("#team0")
    page.fill("#term_days", "90")
    page.fill("#manager", "何建造")
    pdf = {"name": "文件.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    page.set_input_files("#technical", [pdf])
    page.set_input_files("#commercial", [pdf])
    give_keys(page, keys)
    page.get_by_role("button", name="封存并递交").click()
    for _ in range(120):
        if Bid.objects.exists():
            break
        page.wait_for_timeout(250)
    bid = Bid.objects.get()
    assert not any(b"589.99" in body or "何建造".encode() in body for body in sent)
    forms = {envelope.name: opened_form(envelope, keys) for envelope in bid.envelopes.all()}
    assert list(forms) == list(lot.tender.document.envelopes)
    first, last = list(forms)[0], list(forms)[-1]
    assert read_form(forms[last], last)["price"] == Decimal("23100.56")
    assert forms[last]["price_table"]["items"] == [["010101", "28.50", "3434.25"], ["010501", "589.99", "19666.31"]]
    assert read_form(forms[first], first)["manager"] == "何建造"
    assert [row["number"] for row in forms[first]["team"]] == ["鄂1"]
    # Nothing in a first envelope tells a price.
    assert first == last or not {"price", "price_table"} & set(forms[first])
    # The next bid on this computer begins with this one, but never with its price.
    page.goto(url)
    page.evaluate(
        "() => Object.keys(localStorage).filter((key) => key.startsWith('draft:')).forEach((key) => localStorage.removeItem(key))"
    )
    page.reload()
    assert page.is_checked("#team0") and page.input_value("#manager") == "何建造" and page.input_value("#price") == ""
    assert "589.99" not in page.evaluate("JSON.stringify(localStorage)")


def opened_form(envelope, kept):
    """What the bidder's own key opens."""
    keys, _, _ = read_key_file(kept, PASSWORD)
    bid = envelope.bid
    context = seal_context(
        tender=bid.lot.tender.number, lot=bid.lot.key, envelope=envelope.name, bidder=bid.bidder.uscc, seal=envelope.seal,
        policy=bid.manifest["policy"],
    )  # fmt: skip
    with envelope.upload.open() as sealed:
        stanza = parse_header(sealed).stanzas[0]
        key = open_sealed(keys.encryption, owner_info(context_hash(context)), decode(stanza.args[2].encode()), stanza.body)
    with envelope.upload.open() as sealed:
        return unpack(decrypt_chunks(key, sealed), context, lambda member, pieces: [None for _ in pieces])
