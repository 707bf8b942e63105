"""Passkeys and signatures under official acts in real Chromium, with its virtual authenticator."""

import re
from pathlib import Path

import pytest

from accounts.models import Passkey, StepUp
from reception.grants import ask_permission, decide_permission
from rulebook.clock import database_now
from tests.chromium import PATIENCE
from tests.e2e.conftest import SHOTS
from tests.factories.trading import city, member, organisation, person
from tests.sealing.test_browser import chromium  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]
PASSWORD = "long-enough-2026"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def where(settings):
    settings.ETP_STEP_UP = "required"
    settings.ETP_REQUIRE_STRONG = True
    made = city(bidders=1)
    made.staff.set_password(PASSWORD)
    made.staff.save()
    return made


@pytest.fixture
def page(chromium, live_server, settings, where):  # noqa: F811 - fixtures
    if not (ROOT / "static/build/act.js").exists():
        pytest.fail("the front end is not built: npm run build")
    settings.ETP_BASE_URL = live_server.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(base_url=settings.ETP_BASE_URL, locale="zh-CN", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.cdp = context.new_cdp_session(page)
    page.cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    page.authenticator = page.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda line: page.problems.append(line.text) if line.type == "error" else None)
    yield page
    context.close()


def shot(page, name):
    """The dialog as it stands, wide and narrow."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SHOTS / f"{name}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width + 1
    page.set_viewport_size({"width": 1440, "height": 900})


def axe(page):
    page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")["violations"]
    assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == []


def by_password(page, who):
    page.goto("/sign-in/")
    page.get_by_label("手机号").fill(who.mobile)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def enrolled(page, who):
    """Sign in for the first time and be led to a passkey, then to signing in with it."""
    by_password(page, who)
    page.wait_for_url("**/me/strong/")
    page.get_by_label("新通行密钥的名称").fill("办公室电脑")
    page.get_by_role("button", name="登记通行密钥").click()
    page.get_by_role("button", name="用通行密钥继续").click()
    page.wait_for_url("**/staff/")


def test_from_the_first_passkey_to_a_signed_act(page, where):
    enrolled(page, where.staff)
    assert Passkey.objects.get().name == "办公室电脑"
    page.goto("/me/")
    shot(page, "profile-passkeys")
    axe(page)
    page.get_by_role("button", name="退出").click()

    page.goto("/sign-in/")
    shot(page, "sign-in-passkey")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/staff/")
    page.get_by_role("button", name="退出").click()
    by_password(page, where.staff)
    page.wait_for_url("**/sign-in/code/")
    page.get_by_role("button", name="用通行密钥继续").click()
    page.wait_for_url("**/staff/")

    newcomer = organisation("bidder", "清江扶摇建设有限公司", state="submitted")
    page.goto(f"/staff/organisations/{newcomer.uscc}/")
    page.get_by_label("退回补正").check()
    page.get_by_label("意见").fill("营业执照不清晰。\n请重新上传，并写明 café 的全称。")
    page.get_by_role("button", name="登记审核结果").click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    row = StepUp.objects.get()
    for told in ("退回主体登记", newcomer.name, newcomer.uscc, where.staff.name, row.digest[:8]):
        assert told in dialog.inner_text()
    shot(page, "act-dialog")
    axe(page)
    newcomer.refresh_from_db()
    assert newcomer.state == "submitted"

    # Broken off, nothing is sent; and what was typed is still there.
    dialog.get_by_role("button", name="取消").click()
    assert "营业执照不清晰" in page.get_by_label("意见").input_value()
    page.get_by_role("button", name="登记审核结果").click()
    # Somebody who is not the person cannot confirm it.
    page.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": page.authenticator, "isUserVerified": False})
    dialog.get_by_role("button", name="用通行密钥签名").click()
    dialog.get_by_text("没有完成验证，请重试。").wait_for()
    page.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": page.authenticator, "isUserVerified": True})
    dialog.get_by_role("button", name="用通行密钥签名").click()
    page.wait_for_url("**/staff/organisations/")
    newcomer.refresh_from_db()
    signed = StepUp.objects.get(method="passkey")
    assert (newcomer.state, signed.entries.get().kind, page.problems) == ("returned", "organisation.reviewed", [])


def test_a_page_changed_by_a_stranger_after_the_signature_sends_in_vain(page, where):
    """What is signed is what is sent: a script that alters a field between the two only spoils the act."""
    enrolled(page, where.staff)
    newcomer = organisation("bidder", "清江扶摇建设有限公司", state="submitted")
    page.goto(f"/staff/organisations/{newcomer.uscc}/")
    page.get_by_label("退回补正").check()
    page.get_by_label("意见").fill("请补正。")
    page.get_by_role("button", name="登记审核结果").click()
    page.get_by_role("dialog").wait_for()
    page.evaluate("document.querySelector('input[name=outcome][value=accepted]').checked = true")
    page.get_by_role("button", name="用通行密钥签名").click()
    page.get_by_text("平台没有收到有效的签名").wait_for()
    shot(page, "act-refused")
    newcomer.refresh_from_db()
    assert newcomer.state == "submitted"


def test_who_has_nothing_to_sign_with_is_led_to_enrolling(page, where, settings):
    settings.ETP_REQUIRE_STRONG = False
    by_password(page, where.staff)
    page.wait_for_url("**/staff/")
    newcomer = organisation("bidder", state="submitted")
    page.goto(f"/staff/organisations/{newcomer.uscc}/")
    page.get_by_label("通过").check()
    page.get_by_role("button", name="登记审核结果").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("还没有登记通行密钥或签名密钥").wait_for()
    shot(page, "act-no-method")
    dialog.get_by_role("link", name="登记通行密钥").click()
    page.wait_for_url("**/me/#passkeys")


def test_a_waiting_request_shows_who_asked_for_what(page, where, settings):
    settings.ETP_REQUIRE_STRONG = False
    boss = member(where.centre, duties=["manager"], name="陈主任")
    for place, duties in enumerate((["opening", "draw"], ["review"])):
        row = ask_permission(
            "duties", person(f"新同事{place}").mobile, organisation=where.centre, duties=duties, reason="新到任，接替调出的同事", by=boss,
            at=database_now(),
        )  # fmt: skip
    decide_permission(row, approved=True, by=where.staff, at=database_now())
    by_password(page, where.staff)
    page.wait_for_url("**/staff/")
    page.goto("/administration/permissions/")
    page.get_by_role("button", name=re.compile("^批准")).wait_for()
    shot(page, "permissions")
    axe(page)
