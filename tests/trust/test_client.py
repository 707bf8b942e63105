"""What browsers run is what was released: the policy of every page, digests on every tag, one entry per release."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import urllib.request

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import expect

from disclosure.models import Notice
from ledger.canonical import b64u, parse_jcs
from ledger.models import LedgerEntry
from tests.factories.trading import published_lot
from tests.processes import ROOT, Platform
from web import actions, released
from web.actions import record_release
from web.worker_policy import WORKER_POLICY

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "worker-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "etp",
}
TAGS = re.compile(r"<script(?![^>]*application/json)[^>]*>|<link[^>]*rel=.?stylesheet[^>]*>")


def policy_of(response):
    return dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))


@pytest.fixture(scope="module", autouse=True)
def built():
    subprocess.run(["node", "static/build.mjs"], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/", 200),
        ("/notices/", 200),
        ("/sign-in/", 200),
        ("/ledger/", 200),
        ("/ledger/checkpoint", 404),
        ("/healthz", 200),
        ("/me/keys/", 302),
        ("/no-such-page/", 404),
        ("/notices/NOBODY-1/", 404),
    ],
)
def test_every_answer_carries_the_policy(client, url, status):
    response = client.get(url)
    assert (response.status_code, policy_of(response)) == (status, POLICY)


@pytest.mark.django_db
def test_refusals_breakdowns_and_the_bidders_pages_carry_it_too(client, bidder, monkeypatch):
    client.force_login(bidder.somebody)
    refused = client.post("/uploads/", headers={"Tus-Resumable": "1.0.0"})
    keys = client.get("/me/keys/")
    data = client.post("/me/keys/new/", "{}", content_type="application/json")

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("disclosure.views.now_of", broken)
    published_lot()
    patient = Client(raise_request_exception=False)
    broke = patient.get(f"/notices/{Notice.objects.get().number}/")
    answers = [refused, keys, data, broke]
    assert [(answer.status_code, policy_of(answer)) for answer in answers] == [(status, POLICY) for status in (400, 200, 400, 500)]


def test_no_template_names_a_script_or_stylesheet_without_its_digest():
    # What is printed takes its stylesheets from etp-static: and is no page.
    pages = {path.name: TAGS.findall(path.read_text()) for path in (ROOT / "templates").rglob("*.html")}
    assert [name for name, tags in pages.items() if any("etp-static:" not in tag for tag in tags)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/me/keys/", "/no-such-page/"])
def test_every_tag_has_the_digest_of_what_it_names(client, bidder, url):
    client.force_login(bidder.somebody)
    tags = TAGS.findall(client.get(url).content.decode())
    assert len(tags) >= 5
    for tag in tags:
        name = re.search(r'(?:src|href)="/static/([^"]*)"', tag)[1]
        with open(finders.find(name), "rb") as file:
            digest = base64.b64encode(hashlib.sha384(file.read()).digest()).decode()
        assert f'integrity="sha384-{digest}"' in tag


@pytest.fixture
def page(chromium, live_server, client, bidder, transactional_db):
    """The keys page, signed in; `page.said` lists what the browser complained of."""
    client.force_login(bidder.somebody)
    base = live_server.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    page = context.new_page()
    page.base, page.said = base, []
    page.on("console", lambda said: page.said.append(said.text) if said.type == "error" else None)
    yield page
    context.close()


def tampered(body):
    """A handler that passes on a page with this body appended, or a script with this code."""

    def handle(route):
        answer = route.fetch()
        route.fulfill(
            response=answer, body=answer.text().replace("</body>", body + "</body>") if "</body>" in answer.text() else answer.text() + body
        )

    return handle


@pytest.mark.e2e
def test_an_injected_inline_script_or_handler_does_not_run(page):
    page.route("**/me/keys/", tampered("<script>window.hacked = 1</script><img src=/nowhere onerror='window.hacked = 2'>"))
    page.goto(f"{page.base}/me/keys/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hacked") is None
    assert len([text for text in page.said if "Content Security Policy" in text]) == 2


@pytest.mark.e2e
@pytest.mark.parametrize(
    "attack",
    [
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.write('<b>x</b>')",
        "document.createElement('iframe').srcdoc = '<b>x</b>'",
        "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
        "document.createElement('script').text = 'window.hacked = 1'",
        "document.createElement('script').src = '/static/build/bid.js'",
        "new Worker('/static/build/seal-worker.js')",
        "new Worker(URL.createObjectURL(new Blob(['1'])))",
        "trustedTypes.createPolicy('default', { createHTML: (text) => text })",
        "trustedTypes.createPolicy('etp', { createScriptURL: (text) => text })",
        "trustedTypes.createPolicy('other', {})",
    ],
)
def test_no_string_becomes_html_or_script(page, attack):
    # The bid page's bundle holds the one policy that may exist; here it is loaded as that page loads it.
    page.goto(f"{page.base}/me/keys/")
    page.evaluate("import('/static/build/seal-worker.js')")
    found = page.evaluate(f"() => {{ try {{ {attack}; return 'it worked'; }} catch (problem) {{ return problem.name; }} }}")
    assert found == "TypeError"


@pytest.mark.e2e
def test_our_own_policy_starts_nothing_but_our_released_scripts(page, scripts):
    page.route("**/static/build/exports.js", lambda route: route.fulfill(body=scripts, content_type="text/javascript"))
    page.goto(f"{page.base}/me/keys/")
    found = page.evaluate(
        """async () => {
          const api = await import("/static/build/exports.js");
          const keys = { encryption: {} }, context = {}, form = {}, files = [];
          const tried = ["blob:x", "data:text/javascript,1", "https://elsewhere.example/static/a.js", "/uploads/x.js", "/static/../uploads/x.js",
            "/static/build/seal-worker.js?x=1"];
          const said = [];
          for (const worker of tried) said.push(await api.sealBid({ worker, context, form, files, keys }).catch((problem) => problem.name));
          return said;
        }"""
    )
    assert found == ["TypeError"] * 6


@pytest.mark.e2e
@pytest.mark.parametrize("name", ["js/site.js", "build/keys.js"])
def test_a_changed_script_is_not_run(page, name):
    page.route(f"**/static/{name}", tampered("\nwindow.hacked = 1;"))
    page.goto(f"{page.base}/me/keys/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hacked") is None
    assert any("integrity" in text for text in page.said)


@pytest.mark.e2e
def test_a_changed_stylesheet_is_not_used(page):
    page.route("**/static/css/site.css", tampered("\nbody { opacity: 0 }"))
    page.goto(f"{page.base}/me/keys/")
    assert page.evaluate("getComputedStyle(document.body).opacity") == "1"
    assert any("integrity" in text for text in page.said)


@pytest.mark.e2e
def test_lists_still_follow_their_form(page):
    published_lot()
    page.goto(f"{page.base}/notices/")
    page.fill("#q", "没有这样的公告")
    page.press("#q", "Enter")
    expect(page.locator("#result")).to_contain_text("没有符合条件的公告")
    assert "q=" in page.url
    page.fill("#q", Notice.objects.get().title[:6])
    page.press("#q", "Tab")
    expect(page.locator("#result")).to_contain_text("共 1 条")
    page.go_back()
    expect(page.locator("#q")).to_have_value("没有这样的公告")
    assert page.said == []


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_give_the_same_bytes_wherever_they_stand(tmp_path):
    elsewhere = tmp_path / "another checkout"
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in tracked.split("\n"):
        if name.endswith((".js", ".mjs", ".html", ".py", ".css", ".svg", ".toml", "package.json")):
            (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, elsewhere / name)
    (elsewhere / "node_modules").symlink_to((ROOT / "node_modules").resolve())
    subprocess.run(["node", "static/build.mjs", tmp_path / "first"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["node", "static/build.mjs", tmp_path / "second"], cwd=elsewhere, check=True, capture_output=True)
    first = tree(tmp_path / "first")
    assert first == tree(tmp_path / "second")
    assert {"bid.js", "seal-worker.js", "release.json"} <= set(first)


def test_the_list_names_every_file_that_browsers_can_get():
    listed = {row["path"]: row["sha256"] for row in json.loads((ROOT / "static/build/release.json").read_text())["files"]}
    static = {
        str(path.relative_to(ROOT / "static")): b64u(hashlib.sha256(path.read_bytes()).digest())
        for folder in ("build", "css", "img", "js")
        for path in (ROOT / "static" / folder).rglob("*")
        if path.is_file() and path.name != "release.json"
    }
    assert listed == static


@pytest.mark.django_db
def test_a_release_is_recorded_once(monkeypatch):
    call_command("record_release")
    assert record_release() is None
    entry = LedgerEntry.objects.get(kind="client.released")
    body = parse_jcs(bytes(entry.data))
    listed = json.loads((ROOT / "static/build/release.json").read_text())
    assert (body["s"], body["by"]["id"]) == ("client", "platform")
    assert body["d"] == {
        "version": listed["version"],
        "files": [{"path": f"/static/{row['path']}", "sha256": row["sha256"]} for row in listed["files"]],
    }
    newer = {"version": "9.9", "files": [{"path": "/static/a.js", "sha256": "A" * 43}]}
    with monkeypatch.context() as patch:
        patch.setattr(actions, "release", lambda: newer)
        assert record_release().n == 2
        assert record_release() is None
    # Going back to the older files is a release too.
    assert record_release().n == 3


@pytest.mark.django_db
def test_a_file_that_is_not_the_built_one_is_never_vouched_for(monkeypatch, tmp_path):
    changed = tmp_path / "bid.js"
    changed.write_text("window.hacked = 1")
    right = released.served_file
    monkeypatch.setattr(released, "served_file", lambda name: changed if name == "build/bid.js" else right(name))
    with pytest.raises(RuntimeError, match=r"build/bid\.js"):
        record_release()
    assert not LedgerEntry.objects.exists()


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_in_production_names_are_hashed_and_everything_still_holds(chromium, tmp_path):
    """Collected files, one web process: digests fit, workers have a policy of their own, the entry names what is served."""
    platform = Platform(tmp_path)
    platform.environment |= {"ETP_DEBUG": "0", "ETP_STATIC_ROOT": str(tmp_path / "staticfiles")}
    for command in (["collectstatic", "--noinput", "-v0"], ["record_release"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=platform.environment, check=True)
    body = parse_jcs(bytes(LedgerEntry.objects.get(kind="client.released").data))
    platform.launch("web")
    try:
        platform.wait()
        for row in body["d"]["files"]:
            with urllib.request.urlopen(platform.url + row["path"]) as answer:  # noqa: S310 - our own address
                assert b64u(hashlib.sha256(answer.read()).digest()) == row["sha256"]
                if row["path"].endswith(".js"):
                    assert re.search(r"\.[0-9a-f]{12}\.js$", row["path"])
                    assert answer.headers["Content-Security-Policy"] == WORKER_POLICY
        context = chromium.new_context(locale="zh-CN")
        page, said = context.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{platform.url}/notices/")
        assert page.evaluate("[...document.scripts].every((each) => each.integrity.startsWith('sha384-'))")
        page.fill("#q", "没有这样的公告")
        page.press("#q", "Enter")
        expect(page.locator("#result")).to_contain_text("没有符合条件的公告")
        assert said == []
        context.close()
    finally:
        platform.stop()
