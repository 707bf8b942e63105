"""Before the publication: handed in, confirmed by the tenderee, filed by the regulator; each version is kept."""

from datetime import date

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import accepted_tender, city, city_time, member, reviewed, written_document
from tests.factories.venues import venue
from trading.projects.actions import assign_staff
from trading.tenders import actions
from trading.tenders.models import DocumentReview
from trading.tenders.reviews import stage_waiting, standing_version, version_changes

pytestmark = pytest.mark.django_db

PUBLISHED = city_time(date(2026, 3, 10))
DUE = city_time(date(2026, 3, 30))
REASON = "第三条的付款比例低于合同示范文本，请修改。"


@pytest.fixture
def where():
    return city()


@pytest.fixture
def document(where):
    """A document without problems, changed since its last review."""
    tender = accepted_tender(where)
    written = written_document(tender, by=where.handler, published_at=PUBLISHED, due_at=DUE)
    return write(written, where, "本次招标不含园林绿化。")


def write(document, where, text):
    row = document.sections.get(title="工程量清单与图纸")
    actions.save_document(document, data={}, sections={row.no: text}, lots={}, by=where.handler)
    document.refresh_from_db()
    return document


def submit(document, where):
    return actions.submit_document(document, by=where.handler, at=PUBLISHED)


def test_nothing_is_published_that_was_not_filed_as_it_stands(document, where):
    def refused():
        with pytest.raises(Refused) as found:
            actions.publish_tender(document.tender, by=where.handler, at=PUBLISHED)
        return found.value.code, found.value.message

    assert refused() == ("not_reviewed", "招标文件还没有送审，或者送审后又有修改。")
    version = submit(document, where)
    assert refused() == ("not_reviewed", "招标文件还在等待招标人确认，不能发布。")
    actions.review_document(version, by=where.owner.somebody, at=PUBLISHED)
    assert refused() == ("not_reviewed", "招标文件还在等待监督部门备案，不能发布。")
    actions.review_document(version, by=where.supervisor, at=PUBLISHED)
    write(document, where, "本次招标含园林绿化。")
    assert refused()[0] == "not_reviewed"
    write(document, where, "本次招标不含园林绿化。")
    assert actions.publish_tender(document.tender, by=where.handler, at=PUBLISHED).published_at == PUBLISHED


def test_each_stage_is_its_offices_and_in_turn(document, where):
    version = submit(document, where)
    for stranger in (where.handler, where.supervisor, where.staff, where.bidders[0].somebody):
        with pytest.raises(Forbidden):
            actions.review_document(version, by=stranger, at=PUBLISHED)
    actions.review_document(version, by=where.owner.somebody, at=PUBLISHED)
    for stranger in (where.handler, where.owner.somebody, where.staff):
        with pytest.raises(Forbidden):
            actions.review_document(version, by=stranger, at=PUBLISHED)
    actions.review_document(version, by=where.supervisor, at=PUBLISHED)
    with pytest.raises(Refused) as refused:
        actions.review_document(version, by=where.supervisor, at=PUBLISHED)
    assert refused.value.code == "not_waiting"
    rows = LedgerEntry.objects.filter(stream=document.tender.stream, kind__startswith="document.re").order_by("pk")
    assert [row.kind for row in rows][-2:] == ["document.reviewed"] * 2


def test_a_return_says_why_and_ends_that_version(document, where):
    version = submit(document, where)
    with pytest.raises(Refused) as refused:
        actions.return_document(version, reasons="不行", by=where.owner.somebody, at=PUBLISHED)
    assert refused.value.field == "reasons"
    actions.return_document(version, reasons=REASON, by=where.owner.somebody, at=PUBLISHED)
    assert stage_waiting(version) is None
    assert Message.objects.filter(person=where.handler, subject__startswith="招标文件审核结束").exists()
    with pytest.raises(Refused) as refused:
        actions.publish_tender(document.tender, by=where.handler, at=PUBLISHED)
    assert "已被退回" in refused.value.message
    again = submit(write(document, where, "本次招标不含园林绿化和路灯。"), where)
    assert (again.no, stage_waiting(again)) == (version.no + 1, DocumentReview.Stage.TENDEREE)
    assert not any(REASON in bytes(row.data).decode() for row in LedgerEntry.objects.all())


def test_what_changed_meanwhile_is_not_confirmed_blindly(document, where):
    version = submit(document, where)
    write(document, where, "本次招标含园林绿化。")
    with pytest.raises(Refused) as refused:
        actions.review_document(version, by=where.owner.somebody, at=PUBLISHED)
    assert refused.value.code == "changed_since"
    assert standing_version(document) is None


def test_a_document_with_open_problems_is_not_handed_in(document, where):
    write(document, where, "采用指定品牌的电缆。")
    with pytest.raises(Refused) as refused:
        submit(document, where)
    assert refused.value.code == "restrictive"


@pytest.mark.requirement("R091")
def test_a_reviewer_sees_what_changed_against_any_earlier_version(document, where):
    first = submit(document, where)
    actions.return_document(first, reasons=REASON, by=where.owner.somebody, at=PUBLISHED)
    write(document, where, "本次招标不含路灯。")
    submit(document, where)
    changed = [row for row in version_changes(first, document) if not row["same"]]
    assert [row["title"] for row in changed] == ["工程量清单与图纸"]
    (line,) = changed[0]["lines"]
    assert [piece.text for piece in line.old if piece.changed] == ["园林绿化"]
    assert [piece.text for piece in line.new if piece.changed] == ["路灯"]


# ── doors ──────────────────────────────────────────────────────────────────


def signed_in(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_desk_shows_each_office_its_turn(client, document, where):
    review = reverse("trading:review", args=[document.tender.number])
    version = submit(document, where)
    signed_in(client, where.owner.somebody)
    page = client.get(review).content.decode()
    assert "确认，报送备案" in page and "登记备案" not in page
    answer = client.post(review, {"move": "return", "reasons": "太短"}).content.decode()
    assert "不少于 10 个字" in answer and "太短" in answer
    assert client.post(review, {"move": "pass"}).url == review
    signed_in(client, where.supervisor)
    page = client.get(review).content.decode()
    assert "登记备案" in page and "不是审批" in page
    assert client.post(review, {"move": "return", "reasons": REASON}).url == review
    signed_in(client, where.handler)
    assert REASON in client.get(review).content.decode()
    against = reverse("trading:document_changes", args=[document.tender.number]) + f"?against={version.no}"
    assert f"第 {version.no} 次送审稿" in client.get(against).content.decode()
    for stranger in (where.bidders[0].somebody, member(where.agency)):
        signed_in(client, stranger)
        assert client.get(review).status_code in (403, 404)


def test_two_browsers_on_one_draft_see_each_other_and_lose_nothing(client, where):
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    colleague = member(where.agency, name="同事")
    assign_staff(tender, colleague, by=where.handler)
    row = document.sections.get(title="技术标准和要求")
    edit, presence = (reverse(f"trading:{name}", args=[tender.number]) for name in ("edit_document", "document_presence"))
    pages = {}
    for person in (where.handler, colleague):
        page = signed_in(client, person).get(edit)
        pages[person] = {"revision": page.context["revision"], "page": page.context["page"]}
        client.get(presence)
    signed_in(client, where.handler)
    assert colleague.name in client.get(presence).content.decode()
    sent = {f"section{row.no}": "执行国家标准。", "quality1": "优良"}
    client.post(edit, {**pages[where.handler], **sent}, headers={"ETP-Part": "1"})
    signed_in(client, colleague)
    assert "技术标准和要求" in client.get(f"{presence}?since={pages[colleague]['revision']}").content.decode()
    hall = venue(where)
    mine = {**pages[colleague], f"section{row.no}": "执行行业标准。", "hall": hall.pk}
    part = client.post(edit, mine, headers={"ETP-Part": "1"}).content.decode()
    assert "1 处与他人的修改冲突" in part and "<del>国家</del>" in part and "<ins>行业</ins>" in part
    whole = client.post(edit, mine).content.decode()
    assert "执行行业标准。</textarea>" in whole
    document.refresh_from_db()
    row.refresh_from_db()
    assert (row.text, document.hall, document.opening_place) == ("执行国家标准。", hall, hall.words)
    last = document.edits.filter(applied=True, field=f"section{row.no}").last()
    client.post(edit, {**mine, f"seen-section{row.no}": last.revision}, headers={"ETP-Part": "1"})
    row.refresh_from_db()
    assert row.text == "执行行业标准。"
    assert tender.lots.get().quality == "优良"


def test_the_factories_review_is_the_real_one(document, where):
    version = reviewed(document, by=where.handler, at=PUBLISHED)
    assert [(row.stage, row.outcome) for row in version.reviews.all()] == [("tenderee", "passed"), ("regulator", "passed")]
