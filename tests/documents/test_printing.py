"""Official documents: what users typed pulls nothing in, and Chinese is there to read."""

import shutil
import subprocess

import pytest

from documents.actions import ensure_printed, request_document
from documents.kinds import KINDS
from documents.printing import print_pdf
from rulebook.clock import database_now
from tests.factories.trading import person

HOSTILE = (
    "<img src='file:///etc/passwd'>",
    "<img src='http://127.0.0.1/x.png'>",
    "<link rel=attachment href='file:///etc/passwd'>",
    "<style>@import url(file:///etc/passwd);</style>",
    "<div style=\"background:url('file:///etc/hostname')\">x</div>",
    "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/hostname'/></svg>",
    "<img src='etp-static:../../platform/config/settings.py'>",
)


def a_document(by, **context):
    return request_document(
        "notice", subject="notices", title="关于测试的公告", by=by, at=database_now(), public=True,
        context={"notice_number": "GG2026-00001", "kind": "招标公告", "facts": [["招标人", "清江市教育局"]], "body": "<p>正文内容</p>", **context},
    )  # fmt: skip


def text_of(pdf, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.django_db
def test_nothing_from_elsewhere_gets_into_a_document(hostile, tmp_path):
    document = a_document(person())
    pdf = print_pdf("documents/notice.html", {**document.context, "document": document, "body": f"<p>前</p>{hostile}<p>后</p>"})
    assert b"/EmbeddedFile" not in pdf
    text = text_of(pdf, tmp_path)
    assert "root:" not in text
    assert "SECRET_KEY" not in text
    assert "后" in text


@pytest.mark.django_db
def test_what_users_typed_is_text_and_no_markup(tmp_path):
    pdf = ensure_printed(a_document(person(), facts=[["<b>标签</b>", "<script>alert(1)</script>"]])).file
    assert pdf.size > 1000
    with_markup = print_pdf("documents/notice.html", {"document": a_document(person()), "facts": [["甲", "<b>粗</b>"]], "body": ""})
    assert "<b>粗</b>" in text_of(with_markup, tmp_path)


@pytest.mark.django_db
def test_a_document_embeds_its_fonts_and_bears_number_and_code(tmp_path):
    document = ensure_printed(a_document(person()))
    path = tmp_path / "a.pdf"
    from django.core.files.storage import default_storage

    with default_storage.open(document.file.path) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts)
    text = text_of(path.read_bytes(), tmp_path)
    assert document.number in text
    assert document.check_code in text


@pytest.mark.django_db
def test_numbers_run_without_gaps_and_codes_avoid_look_alikes():
    by = person()
    first, second = a_document(by), a_document(by)
    assert int(second.number.split("〕")[1].rstrip("号")) == int(first.number.split("〕")[1].rstrip("号")) + 1
    assert not set(first.check_code) & set("0O1IL")


@pytest.mark.django_db
def test_a_document_with_missing_content_is_not_issued():
    with pytest.raises(ValueError, match="facts"):
        request_document("notice", subject="notices", title="缺项", context={"body": ""}, by=person(), at=database_now())


def test_every_kind_has_its_template():
    from django.template.loader import get_template

    for kind in KINDS:
        get_template(f"documents/{kind}.html")
