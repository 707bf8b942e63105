"""The offline sealing page: one file, no network, the same bytes as online, and the bid page takes in what it made."""

import base64
import hashlib
import io
import json
import os

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from ledger.canonical import HJ, H, b64u, jcs
from ledger.sequencer import sequence_once
from sealing.age import CHUNK, decode, decrypt_chunks, parse_header
from sealing.container import unpack
from sealing.context import context_hash
from sealing.hpke import open_sealed, owner_info
from sealing.reference import spki_of
from sealing.signatures import verify
from sealing.stanzas import fits_policy
from sealing.uploads import register_gate
from tests.chromium import PATIENCE, bundled
from tests.factories.bids import two_envelope_lot, with_holders
from tests.factories.trading import published_lot
from tests.processes import ROOT
from tests.sealing.conftest import new_key
from tests.sealing.test_browser import run
from trading.bidding.gates import upload_gate
from trading.bidding.models import Bid
from trading.holders.queries import opening_policy, policy_hash
from trading.opening import reference

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]
PAGE = ROOT / "static/build/seal-offline.html"
PASSWORD = "清江-口令-2026"
FORM = {"price": "1234567.80", "term_days": 90, "quality": "合格", "manager": "René"}
FILES = [("技术文件.pdf", os.urandom(3 * CHUNK + 7)), ("商务文件.pdf", b"%PDF-1.4 bid")]


def sequenced():
    while sequence_once():
        pass


@pytest.fixture
def lot(scripts, request):
    """A lot under a signed policy with three holders; `lot.bidder` has a key file. Parametrized with True: in two envelopes."""
    lot = with_holders(two_envelope_lot(1) if getattr(request, "param", False) else published_lot(holders=1))
    sequenced()
    lot.bidder = lot.tender.holders.get().organisation
    lot.person = lot.bidder.memberships.get().person
    lot.keys = reference.make_keys(lot.bidder, by=lot.person)
    lot.key_file = reference.key_file(lot.keys, PASSWORD)
    return lot


@pytest.fixture
def policy(lot, client):
    """The policy file as it is downloaded, without signing in."""
    response = client.get(f"/tenders/{lot.tender.number}/lots/{lot.key}/policy.json")
    assert response.status_code == 200
    assert jcs(json.loads(response.content)) == response.content
    return json.loads(response.content)


@pytest.fixture
def offline(chromium):
    """The page, opened from the disk of a computer without network; `page.asked` lists what it asked for."""
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    context.set_offline(True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.asked, page.problems = [], []
    page.on("request", lambda request: page.asked.append(request.url.split(":")[0]))
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda problem: page.problems.append(str(problem)))
    yield page
    context.close()


def given(name, data, kind="application/octet-stream"):
    return {"name": name, "mimeType": kind, "buffer": data}


def give_policy(page, policy):
    page.set_input_files("#policy", given("policy.json", json.dumps(policy).encode(), "application/json"))


def fill(page, lot, policy, *, password=PASSWORD):
    give_policy(page, policy)
    expect(page.locator("#facts")).to_be_visible()
    page.fill("#price", "1,234,567.8")
    page.fill("#term_days", "90")
    page.fill("#manager", "Rene\u0301")
    page.fill("#quality", "合格")
    page.set_input_files("#technical", given(*FILES[0], "application/pdf"))
    page.set_input_files("#commercial", given(*FILES[1], "application/pdf"))
    page.set_input_files("#key", given("k.p12", lot.key_file))
    page.fill("#password", password)


def sealed_files(page, names=("#sealed", "#note")):
    """Seal, and save the files: (ciphertext, note), or with two envelopes (ciphertext, ciphertext, note)."""
    page.get_by_role("button", name="封存", exact=True).click()
    expect(page.locator("#done, #said.bad").locator("visible=true")).to_be_visible(timeout=60_000)
    assert page.text_content("#said") == ""
    saved = []
    for name in names:
        with page.expect_download() as waiting:
            page.click(name)
        saved.append(waiting.value.path().read_bytes())
    return *saved[:-1], json.loads(saved[-1])


@pytest.mark.requirement("R030")
def test_a_bid_is_sealed_without_network_for_owner_and_holders(offline, lot, policy):
    offline.goto(PAGE.as_uri())
    fill(offline, lot, policy)
    assert "须 2 名同意" in offline.text_content("#facts")
    data, note = sealed_files(offline)

    header = parse_header(io.BytesIO(data))
    assert fits_policy(header, kid=lot.keys.kid, policy=opening_policy(lot))
    (context,), (envelope,) = note["contexts"], note["manifest"]["envelopes"]
    stanza = header.stanzas[0]
    file_key = open_sealed(lot.keys.encryption, owner_info(context_hash(context)), decode(stanza.args[2].encode()), stanza.body)
    found = []
    form = unpack(decrypt_chunks(file_key, io.BytesIO(data)), context, lambda member, pieces: found.append((member.name, b"".join(pieces))))
    assert (form, found) == (FORM, FILES)
    assert envelope == {
        "name": "bid",
        "seal": context["seal"],
        "size": len(data),
        "sha256": b64u(hashlib.sha256(data).digest()),
        "header": b64u(H("age-header", header.header_bytes)),
    }
    assert note["manifest"] == {
        "v": 1, "action": "submit", "tender": lot.tender.number, "lot": lot.key, "bidder": lot.bidder.uscc, "rev": 1, "prev": None,
        "policy": policy_hash(lot), "envelopes": [envelope],
    }  # fmt: skip
    assert verify(spki_of(lot.keys.signing), "bid-manifest", note["manifest"], note["signature"])
    assert b"1234567.80" not in data + json.dumps(note).encode()
    assert (set(offline.asked) - {"file", "blob"}, offline.problems) == (set(), [])


def test_the_page_can_reach_nobody_and_runs_nothing_else(offline, lot):
    offline.goto(PAGE.as_uri())
    offline.context.set_offline(False)
    tries = offline.evaluate(
        """async (url) => {
          const said = [];
          said.push(await fetch(url).then(() => "reached", (problem) => problem.name));
          said.push(await new Promise((done) => Object.assign(new Image(), { onload: () => done("reached"), onerror: () => done("refused"), src: url })));
          const script = document.createElement("script");
          try { script.text = "window.hacked = 1"; document.body.append(script); } catch (problem) { said.push(problem.name); }
          try { document.body.innerHTML = "<b>x</b>"; } catch (problem) { said.push(problem.name); }
          return [...said, String(window.hacked)];
        }""",
        f"{django_settings.ETP_BASE_URL}/healthz",
    )
    assert tries == ["TypeError", "refused", "TypeError", "TypeError", "undefined"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda file: {**file, "policy": {**file["policy"], "k": 3}}, "开标授权的核对没有通过"),
        (lambda file: {**file, "policy_hash": "A" * 43}, "开标授权的核对没有通过"),
        (lambda file: {**file, "signature": file["signature"][:-4] + "AAAA"}, "开标授权的核对没有通过"),
        (lambda file: {**file, "lot": "2"}, "开标授权的核对没有通过"),
        (lambda file: {**file, "entry": file["entry"].replace('"n":', '"n" :')}, "开标授权的核对没有通过"),
        (lambda file: {**file, "proof": {**file["proof"], "proof": file["proof"]["proof"][:-1]}}, "开标授权的核对没有通过"),
        (lambda file: {**file, "ledger": {**file["ledger"], "key": b64u(bytes(32))}}, "开标授权的核对没有通过"),
        (lambda file: {**file, "bindings": file["bindings"][::-1]}, "开标授权的核对没有通过"),
        (lambda file: {**file, "signature": None}, "封存规则文件的核对没有通过"),
        (lambda file: {**file, "type": "other"}, "这不是封存规则文件"),
        (lambda file: [], "这不是封存规则文件"),
    ],
)
def test_a_changed_policy_file_is_refused(offline, lot, policy, spoil, message):
    offline.goto(PAGE.as_uri())
    give_policy(offline, spoil(policy))
    expect(offline.locator("#said")).to_contain_text(message)
    offline.get_by_role("button", name="封存", exact=True).click()
    expect(offline.locator("#said")).to_have_text("请先选择封存规则文件。")
    assert offline.is_hidden("#done")


def test_a_wrong_password_is_named(offline, lot, policy):
    offline.goto(PAGE.as_uri())
    fill(offline, lot, policy, password="another password")
    offline.get_by_role("button", name="封存", exact=True).click()
    expect(offline.locator("#said")).to_contain_text("口令", timeout=60_000)
    assert offline.is_hidden("#done")


def test_without_holders_the_plain_policy_is_enough(offline, scripts, client):
    lot = published_lot()
    file = client.get(f"/tenders/{lot.tender.number}/lots/{lot.key}/policy.json").json()
    assert (file["signature"], file["policy"]) == (None, opening_policy(lot))
    offline.goto(PAGE.as_uri())
    give_policy(offline, file)
    expect(offline.locator("#facts")).to_contain_text("只有你的密钥能解密")
    give_policy(offline, {**file, "policy": {**file["policy"], "fallback": "required"}})
    expect(offline.locator("#said")).to_contain_text("核对没有通过")


# Every random byte is 7, and every key pair that is made for one use is the same.
FIXED = """
crypto.getRandomValues = (bytes) => bytes.fill(7);
const pair = (async () => {
  const kind = { name: "ECDH", namedCurve: "P-256" };
  const jwk = {"kty":"EC","crv":"P-256","x":"%(x)s","y":"%(y)s"};
  return {
    publicKey: await crypto.subtle.importKey("jwk", jwk, kind, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d: "%(d)s" }, kind, true, ["deriveBits"]),
  };
})();
crypto.subtle.generateKey = () => pair;
"""


def fixed():
    numbers = new_key().private_numbers()
    public = numbers.public_numbers
    return FIXED % {
        name: b64u(value.to_bytes(32, "big")) for name, value in (("x", public.x), ("y", public.y), ("d", numbers.private_value))
    }


ONLINE = """
    const policy = await api.checkedPolicy(given.policy, { ...given.policy, policy: given.policy.policy_hash });
    const keys = await api.loadKeys(new File([api.unb64u(given.keys)], "k.p12"), given.password);
    const files = given.files.map(([name, data]) => new File([api.unb64u(data)], name, { type: "application/pdf" }));
    const context = api.newContext({ origin: given.policy.context.origin, tender: given.policy.tender, lot: given.policy.lot, policy: given.policy.policy_hash }, keys.owner, given.policy.context.envelopes[0]);
    const sealed = await api.sealBid({ worker: "/static/build/seal-worker.js", context, form: given.form, files, keys, policy });
    let text = "";
    for (const byte of new Uint8Array(await sealed.file.arrayBuffer())) text += String.fromCharCode(byte);
    return [btoa(text), context, sealed.envelope];
"""


def test_online_and_offline_make_the_same_bytes_of_the_same_randomness(offline, chromium, live_server, lot, policy):
    chance = fixed()
    offline.add_init_script(chance)
    offline.goto(PAGE.as_uri())
    fill(offline, lot, policy)
    data, note = sealed_files(offline)

    names = ("base", "draft", "keys", "policy", "seal")
    script = bundled("".join(f'export * from "./static/src/lib/{name}.js";' for name in names))
    worker = chance + (ROOT / "static/build/seal-worker.js").read_text()
    context = chromium.new_context(locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.add_init_script(chance)
    page.route("**/static/build/exports.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.route("**/static/build/seal-worker.js", lambda route: route.fulfill(body=worker, content_type="text/javascript"))
    page.goto(f"{live_server.url.replace('127.0.0.1', 'localhost')}/sign-in/")
    found = run(
        page, ONLINE, policy=policy, keys=b64u(lot.key_file), password=PASSWORD, form={**FORM, "manager": "Rene\u0301"},
        files=[[name, b64u(body)] for name, body in FILES],
    )  # fmt: skip
    context.close()
    assert (base64.b64decode(found[0]), found[1], found[2]) == (data, *note["contexts"], *note["manifest"]["envelopes"])


@pytest.fixture
def online(chromium, live_server, client, lot):
    """The bid page, signed in."""
    register_gate(upload_gate)
    client.force_login(lot.person)
    base = live_server.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{base}/me/bids/{lot.tender.number}/{lot.no}/")
    yield page
    context.close()


def take_in(page, data, note):
    page.set_input_files("#sealed", given("bid.etp", data))
    page.set_input_files("#note", given("bid.etp.json", json.dumps(note).encode(), "application/json"))
    page.get_by_role("button", name="上传并递交").click()


@pytest.mark.requirement("R030")
def test_the_bid_page_takes_in_what_was_sealed_offline_without_any_key(offline, online, lot, policy):
    offline.goto(PAGE.as_uri())
    fill(offline, lot, policy)
    data, note = sealed_files(offline)
    spoilt = {**note, "contexts": [{**note["contexts"][0], "bidder": "91110000MA00000000"}]}
    take_in(online, data, spoilt)
    expect(online.locator("#bid-said")).to_contain_text("不是本标段、本单位的同一份")
    take_in(online, data[:-1], note)
    expect(online.locator("#bid-said")).to_contain_text("不是本标段、本单位的同一份")
    assert not Bid.objects.exists()
    take_in(online, data, note)
    expect(online.locator("#bid-said")).to_contain_text("已收到", timeout=30_000)
    sequenced()
    online.wait_for_selector("section.receipt")
    bid = Bid.objects.get()
    assert (bid.rev, bid.manifest, bid.envelopes.get().upload.path.read_bytes()) == (1, note["manifest"], data)


def test_a_bid_sealed_offline_after_another_revision_is_signed_again(offline, online, lot, policy):
    offline.goto(PAGE.as_uri())
    fill(offline, lot, policy)
    data, note = sealed_files(offline)
    reference.submit(lot, lot.bidder, lot.keys, FORM, [("a.pdf", "application/pdf", b"%PDF-1.4")], by=lot.person)
    take_in(online, data, note)
    expect(online.locator("#bid-said")).to_contain_text("请先在上方选择密钥文件并输入口令")
    online.set_input_files("#key", given("k.p12", lot.key_file))
    online.fill("#password", PASSWORD)
    take_in(online, data, note)
    expect(online.locator("#bid-said")).to_contain_text("已收到", timeout=60_000)
    newest = Bid.objects.get(rev=2)
    assert (newest.envelopes.get().upload.path.read_bytes(), newest.manifest["prev"]) == (
        data,
        b64u(HJ("bid-manifest", Bid.objects.get(rev=1).manifest)),
    )


def test_with_the_last_receipt_the_offline_page_signs_the_next_revision(offline, online, lot, policy):
    bid = reference.submit(lot, lot.bidder, lot.keys, FORM, [("a.pdf", "application/pdf", b"%PDF-1.4")], by=lot.person)
    sequenced()
    receipt = online.request.get(f"{online.url}receipts/1.json").body()
    offline.goto(PAGE.as_uri())
    fill(offline, lot, policy)
    offline.get_by_text("替换已经递交的投标").click()
    offline.set_input_files("#receipt", given("receipt.json", receipt, "application/json"))
    data, note = sealed_files(offline)
    assert (note["manifest"]["rev"], note["manifest"]["prev"]) == (2, bid.manifest_hash)
    take_in(online, data, note)
    expect(online.locator("#bid-said")).to_contain_text("已收到", timeout=30_000)
    assert Bid.objects.get(rev=2).manifest == note["manifest"]


@pytest.mark.parametrize("lot", [True], indirect=True)
def test_two_envelopes_are_sealed_offline_and_taken_in_together(offline, online, lot, policy):
    offline.goto(PAGE.as_uri())
    fill(offline, lot, policy)
    first, second, note = sealed_files(offline, ("#sealed", "#sealed-second", "#note"))
    assert [row["envelope"] for row in note["contexts"]] == ["technical", "commercial"]
    forms = []
    for data, context in zip((first, second), note["contexts"], strict=True):
        stanza = parse_header(io.BytesIO(data)).stanzas[0]
        key = open_sealed(lot.keys.encryption, owner_info(context_hash(context)), decode(stanza.args[2].encode()), stanza.body)
        forms.append(unpack(decrypt_chunks(key, io.BytesIO(data)), context, lambda member, pieces: b"".join(pieces)))
    assert forms == [{name: FORM[name] for name in ("term_days", "quality", "manager")}, {"price": FORM["price"]}]
    online.set_input_files("#note", given("bid.etp.json", json.dumps(note).encode(), "application/json"))
    online.set_input_files("#sealed", [given("one.etp", first), given("again.etp", first)])
    online.get_by_role("button", name="上传并递交").click()
    expect(online.locator("#bid-said")).to_contain_text("不是本标段、本单位的同一份")
    # In whatever order they are chosen, each goes to its place.
    online.set_input_files("#sealed", [given("two.etp", second), given("one.etp", first)])
    online.get_by_role("button", name="上传并递交").click()
    expect(online.locator("#bid-said")).to_contain_text("已收到", timeout=30_000)
    bid = Bid.objects.get()
    assert [(row.name, row.upload.path.read_bytes()) for row in bid.envelopes.all()] == [("technical", first), ("commercial", second)]
