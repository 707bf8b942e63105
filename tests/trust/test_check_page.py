"""The check page in a browser: a file dropped on it is hashed there, checked by the server, and judged in large letters."""

import base64
import os
from pathlib import Path

import pytest

from documents.actions import void_document
from rulebook.clock import database_now
from tests.factories.documents import a_document, bytes_of, sealed
from tests.factories.trading import person
from tests.sealing.test_browser import chromium, scripts  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type: "application/pdf" }));
  const drop = document.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover", "drop"])
    drop.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(params=[1440, 390])
def page(request, chromium, live_server, scripts):  # noqa: F811 - fixtures
    context = chromium.new_context(locale="zh-CN", viewport={"width": request.param, "height": 900})
    page = context.new_page()
    page.width, page.base, page.problems = request.param, live_server.url, []
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda problem: page.problems.append(str(problem)))
    yield page
    context.close()


def look(page, name):
    """For the eye: kept where ETP_LOOK says."""
    if folder := os.environ.get("ETP_LOOK"):
        page.screenshot(path=Path(folder) / f"{name}-{page.width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def checked(page, data):
    page.goto(f"{page.base}/verify/")
    page.evaluate(DROP, ["文书.pdf", base64.b64encode(data).decode()])
    page.wait_for_function("document.querySelector('#check-file [name=digest]').value.length === 64")
    assert "本机计算的 SHA-256" in page.inner_text("#own-digest")
    page.get_by_role("button", name="核验文件").click()
    page.wait_for_selector(".verdict")
    return page.inner_text(".verdict h1")


def test_a_dropped_file_is_judged_in_large_letters(page):
    document = sealed(a_document(person()))
    pdf = bytes_of(document.sealed)
    page.goto(f"{page.base}/verify/")
    look(page, "check-empty")
    assert checked(page, pdf) == "真实有效，签章后未被改动"
    assert "浏览器与服务器计算的摘要一致" in page.inner_text(".checks")
    look(page, "check-valid")
    assert checked(page, pdf[:9000] + bytes([pdf[9000] ^ 1]) + pdf[9001:]) == "文件在签章后被改动，或签章是从别处搬来的"
    look(page, "check-changed")
    page.goto(f"{page.base}/verify/{document.check_code}/")
    assert page.inner_text(".verdict h1") == "平台出具过这份文书，现行有效"
    look(page, "check-code")
    void_document(document, reason="公告内容有误", by=document.issued_by, at=database_now())
    assert checked(page, pdf) == "是平台出具的文书，但已经作废"
    look(page, "check-void")
    assert page.problems == []


def test_a_file_too_large_is_told_before_it_is_sent(page):
    page.goto(f"{page.base}/verify/")
    page.set_input_files("#check-file [type=file]", {"name": "大.pdf", "mimeType": "application/pdf", "buffer": bytes(20971521)})
    page.wait_for_function("document.getElementById('own-digest').textContent.includes('超过 20 MB')")
    assert page.evaluate("document.querySelector('#check-file [type=file]').files.length") == 0
