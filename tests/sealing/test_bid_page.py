"""The bid page as a bidder uses it: seal, lose the connection, come back, go on, hand in."""

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from ledger.canonical import unb64u
from ledger.sequencer import sequence_once
from sealing.age import parse_header
from sealing.keyfile import read_key_file, write_key_file
from sealing.models import Upload
from sealing.signatures import verify
from sealing.uploads import register_gate
from tests.chromium import PATIENCE
from tests.factories.bids import two_envelope_lot
from tests.factories.trading import published_lot
from tests.sealing.test_browser import PASSWORD, chromium, made_keys, scripts  # noqa: F401 - fixtures
from trading.bidding.gates import upload_gate
from trading.bidding.models import Bid

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]


@pytest.fixture
def lot(request):
    """A lot whose document one bidder holds. Parametrized with True: in two envelopes."""
    return two_envelope_lot(1) if getattr(request, "param", False) else published_lot(holders=1)


@pytest.fixture
def page(chromium, live_server, client, scripts, lot):  # noqa: F811 - fixtures
    register_gate(upload_gate)
    holder = lot.tender.holders.get().organisation
    client.force_login(holder.memberships.get().person)
    base = live_server.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.base = base
    page.problems = []
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda problem: page.problems.append(str(problem)))
    yield page
    context.close()


def bid_file(name, data=b"%PDF-1.4 bid"):
    return {"name": name, "mimeType": "application/pdf", "buffer": data}


def give_keys(page, kept):
    page.set_input_files("#key", {"name": "k.p12", "mimeType": "application/x-pkcs12", "buffer": kept})
    page.fill("#password", PASSWORD)


def fill(page, kept):
    page.fill("#price", "1,234,567.8")
    page.fill("#term_days", "90")
    page.fill("#manager", "Rene\u0301")
    page.set_input_files("#technical", [bid_file("技术文件.pdf", b"t" * 300_000)])
    page.set_input_files("#commercial", [bid_file("商务文件.pdf")])
    give_keys(page, kept)


def test_a_bid_whose_upload_was_cut_off_goes_on_after_the_page_was_closed(page, lot):
    page.goto(f"{page.base}/me/keys/")
    kept = unb64u(made_keys(page))
    address = f"{page.base}/me/bids/{lot.tender.number}/{lot.no}/"
    page.goto(address)
    assert page.is_hidden("#bid-kept")
    # The connection hangs: nothing of the sealed file arrives before the browser is closed.
    page.route("**/uploads/*/", lambda route: None)
    fill(page, kept)
    with page.expect_request("**/uploads/*/"):
        page.click("#bid-form button[data-bid]:not([type=button])")
    page.goto("about:blank")
    page.unroute("**/uploads/*/")
    assert (Upload.objects.get().offset, Bid.objects.count()) == (0, 0)

    page.goto(address)
    page.wait_for_selector("#bid-kept:visible")
    assert "已封存、尚未递交" in page.text_content("#bid-kept")
    give_keys(page, kept)
    page.click("#bid-kept button")
    expect(page.locator("#bid-said")).to_contain_text("已收到", timeout=20_000)
    while sequence_once():
        pass
    page.wait_for_selector("section.receipt")

    bid, upload = Bid.objects.get(), Upload.objects.get()
    envelope = bid.envelopes.get()
    assert (bid.rev, bid.state, envelope.upload, envelope.sha256) == (1, Bid.State.SUBMITTED, upload, upload.sha256)
    assert verify(bytes(bid.signed_by.signing_keys.get().spki), "bid-manifest", bid.manifest, bid.signature)
    assert b"1234567.80" not in upload.path.read_bytes()
    (owner, stanza) = [each.args[0] for each in parse_header(upload.open()).stanzas]
    assert (owner, stanza) == ("etp/owner", "X25519")
    # What was handed in need not stay on the bidder's disk.
    assert page.is_hidden("#bid-kept")
    assert page.problems == []


def test_a_rivals_key_file_is_refused_before_anything_is_sealed(page, lot):
    page.goto(f"{page.base}/me/keys/")
    keys, _, recovery = read_key_file(unb64u(made_keys(page)), PASSWORD)
    kept = write_key_file(keys, "91110000MA00000000", PASSWORD, recovery=recovery)
    page.goto(f"{page.base}/me/bids/{lot.tender.number}/{lot.no}/")
    fill(page, kept)
    page.click("#bid-form button[data-bid]:not([type=button])")
    expect(page.locator("#bid-said")).to_have_text("这是其他单位的密钥文件。")
    assert not Upload.objects.exists()


@pytest.mark.parametrize("lot", [True], indirect=True)
def test_two_envelopes_cut_off_between_them_go_on_with_the_same_bytes(page, lot):
    page.goto(f"{page.base}/me/keys/")
    kept = unb64u(made_keys(page))
    address = f"{page.base}/me/bids/{lot.tender.number}/{lot.no}/"
    page.goto(address)
    fill(page, kept)
    # The first envelope arrives; the connection breaks before the second does.
    sent = []
    page.route(
        "**/uploads/*/",
        lambda route: None if sent and route.request.url != sent[0] else (sent.append(route.request.url), route.continue_()),
    )
    page.click("#bid-form button[data-bid]:not([type=button])")
    page.wait_for_function("() => /正在上传第二信封/.test(document.querySelector('#bid-progress label').textContent)")
    page.wait_for_timeout(300)
    page.goto("about:blank")
    page.unroute("**/uploads/*/")
    assert (Upload.objects.filter(envelope="technical").exclude(sha256="").count(), Bid.objects.count()) == (1, 0)

    page.goto(address)
    page.wait_for_selector("#bid-kept:visible")
    assert page.locator("#bid-kept a").all_text_contents() == ["下载封存的第一信封", "下载封存的第二信封"]
    give_keys(page, kept)
    page.click("#bid-kept button")
    expect(page.locator("#bid-said")).to_contain_text("已收到", timeout=20_000)
    bid = Bid.objects.get()
    assert [(row.name, row.upload.is_complete) for row in bid.envelopes.all()] == [("technical", True), ("commercial", True)]
    assert Upload.objects.count() == 2
    assert page.problems == []
