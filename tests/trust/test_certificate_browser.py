"""Certificates in real Chromium: got from the simulated authority, enrolled, and used to sign in; RSA, SM2 and an unknown CA."""

import pytest
from django.urls import reverse

from accounts.models import Certificate
from config.demo.authority import Authority
from rulebook.clock import database_now
from tests.chromium import PATIENCE
from tests.e2e.conftest import SHOTS
from tests.factories.trading import person
from tests.sealing.test_browser import chromium  # noqa: F401 - a fixture
from tests.trust.certified import PASSWORD, trusted  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]
SIGN_IN = "Sign-in-2026"


@pytest.fixture
def holder(db):
    made = person("季无名")
    made.set_password(SIGN_IN)
    made.save()
    return made


@pytest.fixture
def page(chromium, live_server, settings, tmp_path, trusted):  # noqa: F811 - fixtures
    """A browser at the platform, whose authority is the simulated one in this test's folder."""
    settings.VAR, settings.ETP_BASE_URL = tmp_path, live_server.url.replace("127.0.0.1", "localhost")
    for name in ("roots", "crls"):
        setattr(settings, "ETP_TRUST_ROOTS" if name == "roots" else "ETP_CRLS", tmp_path / "demo-ca" / name)
    context = chromium.new_context(locale="zh-CN", base_url=settings.ETP_BASE_URL, accept_downloads=True)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda problem: page.problems.append(str(problem)))
    page.on("console", lambda said: page.problems.append(said.text) if "Content Security" in said.text else None)
    page.set_default_timeout(PATIENCE)
    yield page
    assert page.problems == []
    context.close()


def with_password(page, holder):
    page.goto(reverse("accounts:sign_in"))
    page.fill("#id_mobile", holder.mobile)
    page.fill("#id_password", SIGN_IN)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def sign_out(page):
    page.context.clear_cookies()


def give(page, path, button, password=PASSWORD):
    page.set_input_files("#file", path)
    page.fill("#password", password)
    page.get_by_role("button", name=button).click()


def enrol(page, path, at=1):
    page.goto(reverse("accounts:certificates"))
    give(page, path, "签名并登记")
    page.get_by_text("证书已登记，可以用于登录和签名。").wait_for()
    assert Certificate.objects.count() == at


def by_certificate(page, path, password=PASSWORD):
    page.goto(reverse("accounts:sign_in") + "?next=/me/certificates/")
    page.get_by_role("link", name="数字证书登录").click()
    give(page, path, "登录", password)


def told(page, text):
    page.locator("#certificate-said", has_text=text).wait_for()


def test_from_the_counter_of_the_simulated_authority_to_a_session(page, holder, tmp_path, shot):
    with_password(page, holder)
    page.goto(reverse("demo:authority"))
    shot(page, "demo-ca")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    with page.expect_download() as download:
        page.get_by_role("button", name="生成密钥并领取证书").click()
    path = tmp_path / "person.p12"
    download.value.save_as(path)
    assert download.value.suggested_filename == "演示证书-季无名.p12"
    page.locator("#demo-ca[data-done]").wait_for()
    sign_out(page)

    by_certificate(page, path)
    told(page, "还没有与任何账号绑定")
    shot(page, "certificate-sign-in")
    with_password(page, holder)
    enrol(page, path)
    shot(page, "certificates")
    sign_out(page)

    by_certificate(page, path, "wrong-password")
    told(page, "口令错误")
    by_certificate(page, path)
    page.wait_for_url("**/me/certificates/")
    page.get_by_text("有效", exact=True).wait_for()
    assert Certificate.objects.get().person == holder

    row = Certificate.objects.get()
    Authority(at=database_now()).revoke(int(row.serial, 16), at=database_now())
    sign_out(page)
    by_certificate(page, path)
    told(page, "证书已被签发机构吊销")
    page.goto(reverse("accounts:sign_in"))
    shot(page, "sign-in")


@pytest.mark.parametrize("scheme", ["p256", "rsa", "sm2"])
def test_key_files_of_the_command_open_a_session(page, holder, tmp_path, scheme):
    path = tmp_path / f"{scheme}.p12"
    path.write_bytes(Authority(scheme=scheme, at=database_now()).issue_file(holder.name, PASSWORD, at=database_now())[0])
    with_password(page, holder)
    enrol(page, path)
    assert Certificate.objects.get().algorithm == scheme
    sign_out(page)
    by_certificate(page, path)
    page.wait_for_url("**/me/certificates/")


def test_an_authority_that_nobody_knows_and_a_file_that_is_none(page, tmp_path):
    Authority(at=database_now())
    other, nonsense = tmp_path / "other.p12", tmp_path / "nonsense.p12"
    other.write_bytes(Authority(tmp_path / "other", at=database_now()).issue_file("季无名", PASSWORD, at=database_now())[0])
    nonsense.write_bytes(b"nothing")
    by_certificate(page, other)
    told(page, "平台不认可的机构签发")
    by_certificate(page, nonsense)
    told(page, "不是密钥文件")


def test_nothing_is_signed_for_a_site_of_another_name(page, settings, tmp_path):
    path = tmp_path / "a.p12"
    path.write_bytes(Authority(at=database_now()).issue_file("季无名", PASSWORD, at=database_now())[0])
    page.goto(reverse("accounts:certificate_sign_in"))
    settings.ETP_BASE_URL = "https://elsewhere.example"
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    give(page, path, "登录")
    told(page, "请从 https://elsewhere.example 访问本平台")
    assert [url.rsplit("/", 2)[-2] for url in posts] == ["challenge"]


@pytest.fixture
def shot(request):
    """Keeps a page as it stands, wide and narrow, and finds whether it scrolls sideways when narrow."""

    def take(page, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 391, name
        page.set_viewport_size({"width": 1440, "height": 900})

    return take
