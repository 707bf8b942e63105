"""Browser and server speak the same language: real Chromium, the scripts as shipped, the pages' strict CSP."""

import base64
import hashlib
import io
import json
import os
import tempfile
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import sync_playwright

from ledger.canonical import HJ, H, b64u, jcs, unb64u
from rulebook.refusals import Refused
from sealing import keys, uploads
from sealing.age import check_file_key, decrypt_chunks, parse_header
from sealing.container import padme, unpack
from sealing.context import opening_policy
from sealing.keyfile import read_key_file
from sealing.models import EncryptionKey, SigningKey, Upload
from sealing.reference import spki_of
from sealing.seal import seal_bid
from sealing.signatures import verify
from sealing.stanzas import fits_policy
from tests.chromium import ARGUMENTS, CHROMIUM, PATIENCE, bundled, our_renderers
from tests.factories.keys import make_key_file

PASSWORD = "三只猫-Watch-七座桥"
FORM = {"price": "1234567.80", "term_days": 90, "quality": "合格", "manager": "张三"}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

EXPORTS = """
export * from "./static/src/lib/base.js";
export * from "./static/src/lib/container.js";
export * from "./static/src/lib/keys.js";
export * from "./static/src/lib/recovery.js";
export * from "./static/src/lib/seal.js";
export * from "./static/src/lib/shelf.js";
export * from "./static/src/lib/stanza.js";
export * from "./static/src/lib/strength.js";
export * from "./static/src/lib/upload.js";
"""


@pytest.fixture(scope="module")
def scripts():
    """All that our scripts export, bundled as the build does it; the worker is the one that was built."""
    return bundled(EXPORTS)


@pytest.fixture(scope="module")
def chromium():
    # Playwright's loop runs in this thread; the test's own queries are made between its turns, never inside one.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def page(chromium, live_server, bidder, client, scripts):
    """The keys page, signed in as the bidder; `page.problems` lists what the browser complained of."""
    client.force_login(bidder.somebody)
    base = live_server.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(locale="zh-CN")
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda problem: page.problems.append(str(problem)))
    page.route("**/static/build/exports.js", lambda route: route.fulfill(body=scripts, content_type="text/javascript"))
    page.goto(f"{base}/me/keys/")
    yield page
    context.close()


def run(page, body, **given):
    """Run a function body in the page; `api` is all our scripts export."""
    source = "async (given) => { const api = await import('/static/build/exports.js');" + body + "}"
    return page.evaluate(source, given)


def made_keys(page):
    """Make and enrol keys as a person does; answers the key file, base64url."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.p12"
        page.recovery = make_key_file(page, PASSWORD, path)
        return b64u(path.read_bytes())


LOAD = "const keys = await api.loadKeys(new File([api.unb64u(given.keys)], 'k.p12'), given.password);"


def context_for(bidder, **changes):
    return {
        "v": 1, "suite": "p256", "origin": django_settings.ETP_ORIGIN, "tender": "T-2026-0001", "lot": "1",
        "envelope": "bid", "bidder": bidder.uscc, "seal": b64u(os.urandom(16)), "policy": "A" * 43, **changes,
    }  # fmt: skip


SEAL = (
    LOAD
    + """
    const files = given.files.map(([name, text]) => new File([api.unb64u(text)], name, { type: "application/pdf" }));
    const { context, form } = given;
    const worker = "/static/build/seal-worker.js";
    let told = 0;
    const sealed = await api.sealBid({ worker, context, form, files, keys, policy: { fallback: "none" }, progress: (count) => (told = count) });
    const bytes = new Uint8Array(await sealed.file.arrayBuffer());
    const digest = await api.openOwnStanza(api.headerOf(bytes), context, keys);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return { envelope: sealed.envelope, data: btoa(text), fileKey: api.b64u(digest), told };
"""
)


def test_keys_are_made_in_the_browser_and_enrolled(page, bidder):
    kept, owner, recovery = read_key_file(unb64u(made_keys(page)), PASSWORD)
    key = EncryptionKey.objects.get()
    assert (owner, key.organisation, key.kid, bytes(key.spki)) == (bidder.uscc, bidder, kept.kid, spki_of(kept.encryption))
    assert (key.role, key.recovery) == ("bidder", recovery)
    signing = SigningKey.objects.get()
    assert (signing.person, bytes(signing.spki)) == (bidder.somebody, spki_of(kept.signing))
    assert verify(bytes(signing.spki), "key-binding", key.binding, key.signature)
    assert "请妥善保管密钥文件、口令和恢复码，平台无法找回" in page.text_content("#keys-said")
    assert page.problems == []


def test_loaded_keys_cannot_be_read_by_any_script(page):
    kept = made_keys(page)
    found = run(
        page,
        LOAD + "return [keys.encryption.privateKey.extractable, keys.signing.extractable];",
        keys=kept, password=PASSWORD,
    )  # fmt: skip
    assert found == [False, False]


def test_the_server_opens_what_the_browser_sealed(page, bidder):
    kept = made_keys(page)
    context = context_for(bidder)
    contents = [("技术文件.pdf", os.urandom(300_000)), ("空.pdf", b""), ("cafe\u0301.pdf", b"x" * 512)]
    given = [[name, b64u(data)] for name, data in contents]
    # A name typed in another normal form must not make the bid unreadable later.
    form = FORM | {"manager": "Rene\u0301"}
    made = run(page, SEAL, keys=kept, password=PASSWORD, context=context, form=form, files=given)
    data, file_key = base64.b64decode(made["data"]), unb64u(made["fileKey"])

    header = parse_header(io.BytesIO(data))
    assert fits_policy(header, kid=EncryptionKey.objects.get().kid, policy=opening_policy("T-2026-0001", "1"))
    assert made["envelope"] == {
        "name": "bid",
        "seal": context["seal"],
        "size": len(data),
        "sha256": b64u(hashlib.sha256(data).digest()),
        "header": b64u(H("age-header", header.header_bytes)),
    }
    found = []

    def keep(member, pieces):
        found.append((member.name, member.type, b"".join(pieces)))

    opened = unpack(decrypt_chunks(file_key, io.BytesIO(data)), context, keep)
    assert opened == FORM | {"manager": "Ren\u00e9"}
    names = ["技术文件.pdf", "空.pdf", "caf\u00e9.pdf"]
    assert found == [(name, "application/pdf", body) for name, (_, body) in zip(names, contents, strict=True)]
    assert page.problems == []


def test_the_browser_opens_what_the_server_sealed(page, bidder):
    kept = made_keys(page)
    context = context_for(bidder)
    target = io.BytesIO()
    seal_bid(
        context, FORM, [("a.pdf", "application/pdf", io.BytesIO(b"a" * 70000))],
        spki=bytes(EncryptionKey.objects.get().spki), policy=opening_policy("T-2026-0001", "1"), target=target,
    )  # fmt: skip
    target.seek(0)
    header = parse_header(target)
    found = run(
        page,
        LOAD
        + """
        const release = { v: 1, tender: given.context.tender };
        const header = api.unb64u(given.header), wrong = { ...given.context, lot: "2" };
        return {
          fileKey: api.b64u(await api.openOwnStanza(header, given.context, keys)),
          signature: await api.sign(keys.signing, "key-release", release),
          other: await api.openOwnStanza(header, wrong, keys).catch((problem) => problem.message),
        };
        """,
        keys=kept, password=PASSWORD, header=b64u(header.header_bytes), context=context,
    )  # fmt: skip
    assert check_file_key(header, unb64u(found["fileKey"]))
    release = {"v": 1, "tender": context["tender"]}
    assert verify(bytes(SigningKey.objects.get().spki), "key-release", release, found["signature"])
    assert found["other"] == "该密钥不能解密此投标文件。"


def test_both_write_the_same_canonical_json_hashes_and_padding(page, vectors):
    objects = [{"b": [1, True, None, "é\n\u2028"], "a": {"z": "汉字", "Z": -(2**53 - 1)}}, [], {"": ""}]
    sizes = [2000, 65536, 65537, 1_000_000, 104_857_601, 524_288_000, 2**40 + 12345]
    found = run(
        page,
        """
        const context = JSON.parse(given.context);
        const refused = [1.5, 2 ** 53, "e\\u0301", "\\ud800", undefined, 10n].map((each) => {
          try { api.jcs({ each }); return null; } catch (problem) { return problem.name; }
        });
        return {
          jcs: given.objects.map((each) => api.b64u(api.jcs(each))), pads: given.sizes.map(api.padme),
          context: api.b64u(await api.contextHash(context)),
          label: api.b64u(await api.HJ("bid-manifest", given.objects[0])),
          refused,
        };
        """,
        objects=objects, sizes=sizes, context=vectors["context"]["jcs"],
    )  # fmt: skip
    assert found == {
        "jcs": [b64u(jcs(each)) for each in objects],
        "pads": [padme(size) for size in sizes],
        "context": b64u(bytes.fromhex(vectors["context"]["hash"])),
        "label": b64u(HJ("bid-manifest", objects[0])),
        "refused": ["TypeError"] * 6,
    }


UPLOAD = """
    const data = new Uint8Array(given.size);
    for (let at = 0; at < data.length; at += 65536) crypto.getRandomValues(data.subarray(at, at + 65536));
    const told = [];
    const about = { tender: "T-2026-0001", lot: "1", envelope: "bid", seal: given.seal };
    const file = new File([data], "x.etp");
    try {
      await api.upload(file, about, (count) => told.push(count));
    } catch (problem) {
      return { problem: problem.message };
    }
    return { told, sha256: api.b64u(await api.sha256(data)) };
"""
MIB = 1024 * 1024


def test_an_upload_survives_broken_connections(page):
    """The second chunk's connection breaks twice, the third chunk is damaged on the way: all bytes arrive, in order."""
    turns = []

    def meddle(route):
        if route.request.method != "PATCH":
            return route.continue_()
        turns.append(route.request.headers["upload-offset"])
        if len(turns) in (2, 3):
            return route.abort("connectionreset")
        if len(turns) == 5:
            return route.continue_(post_data=b"\0" * len(route.request.post_data_buffer))
        return route.continue_()

    page.route("**/uploads/**", meddle)
    made = run(page, UPLOAD, size=20 * MIB, seal=b64u(os.urandom(16)))
    upload = Upload.objects.get()
    assert (upload.is_complete, upload.sha256, upload.size) == (True, made["sha256"], 20 * MIB)
    assert made["told"] == [0, 8 * MIB, 16 * MIB, 20 * MIB]
    assert turns == ["0", str(8 * MIB), str(8 * MIB), str(8 * MIB), str(16 * MIB), str(16 * MIB)]


def test_a_refusal_is_not_tried_again_and_is_told_in_chinese(page, monkeypatch):
    def shut(tender, lot, organisation):
        raise Refused("deadline_passed", "投标截止时间已过，平台依规拒收。", status=403)

    monkeypatch.setattr(uploads, "_gates", [shut])
    assert run(page, UPLOAD, size=9, seal=b64u(os.urandom(16)))["problem"] == "投标截止时间已过，平台依规拒收。"


def test_a_sealed_bid_waits_on_the_browsers_disk_until_it_is_handed_in(page, bidder):
    kept = made_keys(page)
    context = context_for(bidder)
    made = run(page, SEAL, keys=kept, password=PASSWORD, context=context, form=FORM, files=[["a.pdf", b64u(b"a" * 9999)]])
    page.reload()
    about = {"tender": context["tender"], "lot": "1", "bidder": bidder.uscc, "policy": context["policy"]}
    found = run(
        page,
        """
        const kept = await api.keptSeals(given.about);
        const file = await api.sealedFile(kept[0].context.seal);
        const digest = api.b64u(await api.sha256(new Uint8Array(await file.arrayBuffer())));
        const others = await api.keptSeals({ ...given.about, lot: "2" });
        await api.forget(kept[0].context.seal);
        return { envelope: kept[0].envelope, digest, others, after: await api.keptSeals(given.about) };
        """,
        about=about,
    )
    assert found == {
        "envelope": made["envelope"], "digest": made["envelope"]["sha256"], "others": [], "after": [],
    }  # fmt: skip


def test_the_platform_holds_no_private_key(page):
    """What the browser posted is all there is: two public keys, a recipient, a day and a signature."""
    posted = []
    page.on("request", lambda request: posted.append(request.post_data) if request.method == "POST" else None)
    made_keys(page)
    assert [sorted(json.loads(body)) for body in posted] == [
        ["encryption_spki", "not_after", "recovery", "role", "signature", "signing_spki"]
    ]
    assert keys.newest_key(EncryptionKey.objects.get().organisation) is not None


@pytest.mark.alone
def test_a_large_bid_is_sealed_with_flat_memory(page, bidder, tmp_path):
    """500 MB: the renderer stays under 600 MB."""
    kept = made_keys(page)
    context = context_for(bidder)
    block = os.urandom(1_000_000)
    with (tmp_path / "large.pdf").open("wb") as out:
        for _ in range(500):
            out.write(block)
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'large' }))")
    page.set_input_files("#large", tmp_path / "large.pdf")
    start = """
        const files = [...document.getElementById("large").files];
        const { context, form } = given;
        window.sealing = api.sealBid({ worker: "/static/build/seal-worker.js", context, form, files, keys, policy: { fallback: "none" } })
          .then((made) => (window.sealed = made))
          .catch((problem) => (window.sealed = { problem: String(problem) }));
    """
    run(page, LOAD + start, keys=kept, password=PASSWORD, context=context, form=FORM)
    highest = 0
    ends = time.monotonic() + 180
    while not page.evaluate("window.sealed !== undefined"):
        assert time.monotonic() < ends, "the sealing hangs"
        highest = max(highest, *our_renderers())
        page.wait_for_timeout(200)
    made = page.evaluate("({ envelope: window.sealed.envelope, problem: window.sealed.problem })")
    assert made.get("problem") is None
    assert highest < 600e6
    assert made["envelope"]["size"] > 500_000_000


FORGETFUL = """
import { forget, opened } from "./static/src/lib/shelf.js";
const waiting = (count) => new Promise((resolve) => setTimeout(resolve, count));
self.onmessage = async () => {
  let lost = 0;
  for (let place = 0; place < 20; place++) {
    const asked = opened(`forgetful${place}`);
    // A trip to the disk, so that the question is on its way when the garbage is collected.
    await (await navigator.storage.getDirectory()).getFileHandle("other", { create: true });
    gc();
    const disk = await Promise.race([asked, waiting(2000)]);
    if (disk) disk.close();
    else lost += 1;
    await forget(`forgetful${place}`);
  }
  postMessage(lost);
};
"""


def test_the_disk_answers_even_when_garbage_is_collected_meanwhile(chromium):
    """Chromium drops its answer to a handle that was collected: that hung every third sealing of a large bid."""
    script = bundled(FORGETFUL)
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, "--js-flags=--expose-gc"])
    page = browser.new_page()
    page.route("https://disk.example/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.route("https://disk.example/worker.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.goto("https://disk.example/")
    start = "new Promise((done) => { const worker = new Worker('/worker.js'); worker.onmessage = ({ data }) => done(data); worker.postMessage(0); })"
    assert page.evaluate(start) == 0
    browser.close()
