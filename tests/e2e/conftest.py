"""The running platform for browser tests: web, worker, beat and sequencer as processes, on the test database."""

import base64
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.chromium import PATIENCE
from tests.processes import Platform

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var" / "screenshots"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def quiet_queue():
    """Here the real queue carries everything."""


@pytest.fixture
def house(settings, tmp_path_factory):
    """The processes and the test share one set of folders."""
    folder = tmp_path_factory.mktemp("platform")
    for name, part in (
        ("ETP_KEYS", "keys"),
        ("ETP_SIGNER_KEYS", "signer"),
        ("ETP_LEDGER", "ledger"),
        ("ETP_UPLOADS", "uploads"),
        ("ETP_PARTNERS", "partners"),
    ):
        setattr(settings, name, folder / part)
    settings.MEDIA_ROOT = folder / "media"
    settings.ETP_REQUIRE_TOTP = False
    return folder


@pytest.fixture
def platform(committed, house):
    if not (ROOT / "static" / "build" / "bid.js").exists():
        pytest.fail("the front end is not built: npm run build")
    running = Platform(house)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium():
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


# Fills in the dialog that asks for a signature, and signs: what the person would do each time.
SIGN = """(kept, password) => addEventListener("DOMContentLoaded", () => {
  const dialog = document.getElementById("act-dialog");
  if (!dialog) return;
  new MutationObserver(() => {
    if (!dialog.open || dialog.dataset.signing) return;
    dialog.dataset.signing = "1";
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(atob(kept), (char) => char.charCodeAt(0))], "keys.p12"));
    dialog.querySelector("#act-file").files = files.files;
    dialog.querySelector("#act-password").value = password;
    const button = dialog.querySelector("[data-act-sign]");
    const press = () => (button.hidden || button.disabled ? setTimeout(press, 50) : button.click());
    press();
  }).observe(dialog, { attributes: true });
})"""


class User:
    """One person at a browser of their own."""

    def __init__(self, chromium, platform, name):
        self.name = name
        self.context = chromium.new_context(
            base_url=platform.url, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900},
            accept_downloads=True, bypass_csp=False,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: self.problems.append(f"{line.text} {line.location}") if line.type == "error" else None)

    def sign_in(self, mobile, password):
        self.page.goto("/sign-in/")
        self.page.get_by_label("手机号").fill(mobile)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)
        return self

    def signs_with(self, path, password):
        """From now on the person signs each official act with this key file, as soon as the page asks."""
        kept = base64.b64encode(Path(path).read_bytes()).decode()
        self.context.add_init_script(f"({SIGN})({json.dumps(kept)}, {json.dumps(password)})")

    def go(self, path):
        try:
            self.page.goto(path)
        except Error as aborted:
            # A live page that renews itself in the same moment takes the browser back; people would ask again.
            if "ERR_ABORTED" not in str(aborted):
                raise
            self.page.goto(path)
        return self.page

    def shot(self, name):
        """The page as it stands, wide and narrow."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}-1440.png", full_page=True)
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.page.screenshot(path=SHOTS / f"{name}-390.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size({"width": 1440, "height": 900})
        assert wide <= 391, f"{name} scrolls sideways at 390 px: {wide}"

    def axe(self, name):
        """No serious violation that axe-core can see."""
        source = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
        self.page.evaluate(source)
        found = self.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")["violations"]
        serious = [(row["id"], [node["target"] for node in row["nodes"]][:4]) for row in found if row["impact"] in ("serious", "critical")]
        assert serious == [], f"{name}: {serious}"

    def look(self, name):
        self.shot(name)
        self.axe(name)


@pytest.fixture
def user(chromium, platform):
    """`user(name)` gives a person with a browser context of their own."""
    made = []

    def make(name):
        made.append(User(chromium, platform, name))
        return made[-1]

    yield make
    # Where each person's browser stood last: what one wants to see when a walk fails.
    (SHOTS / "last").mkdir(parents=True, exist_ok=True)
    for each in made:
        with suppress(Error):
            each.page.screenshot(path=SHOTS / "last" / f"{each.name}.png", full_page=True)
        each.context.close()
