"""The same through the doors: who finds which page, what it says, and what it keeps to itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from disclosure.models import Notice
from rulebook.clock import CITY, city_day, database_now
from tests.factories.documents import seal_documents
from tests.factories.trading import (
    accepted_tender,
    city,
    make_workday,
    member,
    organisation,
    pdf,
    person,
    published_lot,
    published_tender,
    reviewed,
    stored,
    written_document,
)
from trading.projects.models import Lot, Tender
from trading.tenders import actions
from trading.tenders.clauses import hits_in
from trading.tenders.models import ClarificationReceipt, DocumentHolder, Question, TenderDocument

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city()


def signed_in(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


def typed(moment):
    return moment.astimezone(CITY).strftime("%Y-%m-%dT%H:%M")


def page(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


def url(name, tender, *args):
    return reverse(f"trading:{name}", args=[tender.number, *args])


def document_form(document, due_at, **changes):
    rows = {
        "supply_from": "", "supply_until": typed(due_at), "questions_until": typed(due_at - timedelta(days=16)),
        "bids_due_at": typed(due_at), "bid_validity_days": "90", "decrypt_minutes": "30",
        "hall": "", "limit1": "3800 万元", "deposit1": "20 万元",
    }  # fmt: skip
    rows |= {f"section{row.no}": row.text for row in document.sections.filter(fixed=False)}
    return {**rows, **changes}


@pytest.mark.requirement("R092")
def test_a_tender_walks_from_intake_to_clarification(client, where):
    tender = accepted_tender(where)
    due_at = database_now() + timedelta(days=25)
    make_workday(city_day(due_at))
    signed_in(client, where.handler)
    assert "编制招标文件" in page(client, url("tender_work", tender))
    document = TenderDocument.objects.get(tender=tender)
    saved = client.post(url("edit_document", tender), document_form(document, due_at))
    assert saved.url == url("publish", tender)
    assert "可以发布" in page(client, saved.url)
    assert client.get(url("tender", tender)).status_code == 404
    # Not before the owner has confirmed and the regulator has filed what is to be published.
    assert "还没有送审" in client.post(url("publish", tender), {"publish_at": ""}).content.decode()
    assert client.post(url("review", tender), {"move": "submit"}).url == url("review", tender)
    signed_in(client, where.owner.somebody)
    assert tender.name in page(client, reverse("trading:reviews"))
    assert client.post(url("review", tender), {"move": "pass"}).url == url("review", tender)
    signed_in(client, where.supervisor)
    assert tender.name in page(client, reverse("trading:reviews"))
    assert client.post(url("review", tender), {"move": "pass"}).url == url("review", tender)
    assert "没有等待审核" in page(client, reverse("trading:reviews"))
    signed_in(client, where.handler)
    assert client.post(url("publish", tender), {"publish_at": ""}).url == url("tender_work", tender)

    client.logout()
    public = page(client, url("tender", tender))
    assert "招标公告" in public and where.owner.name in public and "38,000,000.00 元" in public

    bidder, other = where.bidders[:2]
    signed_in(client, bidder.somebody)
    assert client.post(url("obtain", tender)).url == url("held", tender)
    assert "招标文件" in page(client, url("held", tender))
    asked = client.post(url("ask", tender), {"text": "清单第 37 项的单位是米还是吨？"})
    assert asked.url == url("held", tender)
    question = Question.objects.get()

    signed_in(client, where.handler)
    answering = page(client, url("clarify", tender))
    assert "清单第 37 项" in answering and bidder.name not in answering
    words = {"text": "", f"answer{question.pk}": "单位为吨。", "affects_bids": "on", "new_bids_due_at": ""}
    assert client.post(url("clarify", tender), words).url == url("tender_work", tender)

    signed_in(client, other.somebody)
    assert "单位为吨。" in page(client, url("tender", tender))
    signed_in(client, bidder.somebody)
    assert "第 1 号澄清" in page(client, url("held", tender))
    assert client.post(url("acknowledge_clarification", tender, 1)).url == url("held", tender)
    assert ClarificationReceipt.objects.get().acknowledged_by == bidder.somebody
    assert "已确认收到" in page(client, url("held", tender))


def test_the_document_keeps_itself_while_one_types(client, where):
    tender = accepted_tender(where)
    signed_in(client, where.handler)
    document = actions.draft_document(tender, by=where.handler)
    due_at = database_now() + timedelta(days=25)
    half = document_form(document, due_at, bids_due_at="2026-13", limit1="三千八百", section6="本次招标范围为土建工程。")
    said = client.post(url("edit_document", tender), half, headers={"ETP-Part": "true"}).content.decode()
    assert "已自动保存" in said and "已按原样保留" in said and "请填写投标截止时间" in said
    document.refresh_from_db()
    assert document.draft == {"bids_due_at": "2026-13", "limit1": "三千八百"}
    assert document.sections.get(no=6).text == "本次招标范围为土建工程。"
    again = page(client, url("edit_document", tender))
    assert 'value="三千八百"' in again and "本次招标范围为土建工程。" in again
    full = document_form(document, due_at, section6="本次招标范围为土建工程。")
    said = client.post(url("edit_document", tender), full, headers={"ETP-Part": "true"}).content.decode()
    assert "已按原样保留" not in said and "投标截止" in said
    document.refresh_from_db()
    assert document.draft == {}


def test_fixed_blocks_are_shown_but_have_no_field(client, where):
    tender = accepted_tender(where)
    signed_in(client, where.handler)
    shown = page(client, url("edit_document", tender))
    assert "可以采用银行转账" in shown
    document = TenderDocument.objects.get(tender=tender)
    for row in document.sections.filter(fixed=True):
        assert f'name="section{row.no}"' not in shown
    client.post(url("edit_document", tender), {**document_form(document, database_now()), "section1": "改写固定版块"})
    assert not document.sections.filter(text="改写固定版块").exists()


def test_the_publish_page_names_the_rule_and_the_earliest_day(client, where):
    now = database_now()
    due_at = now + timedelta(days=10)
    make_workday(city_day(due_at))
    tender = accepted_tender(where)
    written_document(tender, by=where.handler, published_at=now, due_at=due_at, questions_until=due_at)
    signed_in(client, where.handler)
    first = city_day(now) + timedelta(days=20)
    for shown in (
        page(client, url("publish", tender)),
        client.post(url("publish", tender), {"publish_at": ""}).content.decode(),
    ):
        assert f"{first:%Y-%m-%d}" in shown and "《招标投标法》第二十四条" in shown
    assert not Notice.objects.exists()


def test_a_publication_is_scheduled_and_taken_back(client, where):
    now = database_now()
    due_at = now + timedelta(days=26)
    make_workday(city_day(due_at))
    tender = accepted_tender(where)
    written_document(tender, by=where.handler, published_at=now, due_at=due_at, supply_from=None)
    signed_in(client, where.handler)
    client.post(url("publish", tender), {"publish_at": typed(now + timedelta(hours=2))})
    document = TenderDocument.objects.get(tender=tender)
    assert document.state == TenderDocument.State.SCHEDULED
    assert "待定时发布" in page(client, url("tender_work", tender))
    assert client.get(url("tender", tender)).status_code == 404
    client.post(url("publish", tender), {"publish_at": "", "withdraw": "1"})
    document.refresh_from_db()
    assert document.state == TenderDocument.State.DRAFT


def test_the_price_formula_and_criteria_are_edited(client, where):
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    signed_in(client, where.handler)
    page(client, url("edit_criteria", tender))
    rows = list(document.criteria.order_by("no").values("part", "title", "standard", "points"))
    data = {"c-TOTAL_FORMS": len(rows), "c-INITIAL_FORMS": len(rows), "m-formula": "BENCHMARK", "m-above": "1.5",
            "m-below": "0.50", "m-coefficient": "0.985", "m-trim_from": "7"}  # fmt: skip
    for place, row in enumerate(rows):
        data |= {f"c-{place}-{name}": str(value) for name, value in row.items()}
    assert client.post(url("edit_criteria", tender), data).status_code == 302
    document.refresh_from_db()
    assert document.method_settings == {
        "formula": "BENCHMARK", "above": "1.5", "below": "0.5", "trimming": "ONE_EACH", "trim_from": 7, "k": "FIXED", "coefficient": "0.985",
        "credit": "ABSOLUTE", "marks_trim_from": 7, "ties": "price,technical,draw", "rounding": "HALF_UP", "digits": 2,
    }  # fmt: skip
    wrong = client.post(url("edit_criteria", tender), {**data, "m-above": "-1"})
    assert wrong.status_code == 200 and "不能小于 0" in wrong.content.decode()


@pytest.mark.requirement("R089")
def test_a_restrictive_clause_is_answered_for_and_the_reviewer_reads_why(client, where):
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    row = document.sections.get(title="投标人资格要求")
    actions.save_document(document, data={}, sections={row.no: "须提供原厂授权。"}, lots={}, by=where.handler)
    signed_in(client, where.handler)
    shown = page(client, url("clauses", tender))
    assert "原厂授权" in shown and "第三十二条" in shown
    key = hits_in(document)[0].key
    short = client.post(url("clauses", tender), {"key": key, "reason": "需要"})
    assert "不少于 10 个字" in short.content.decode()
    reason = "进口专用设备，生产者依法授权唯一总代理维护。"
    assert client.post(url("clauses", tender), {"key": key, "reason": reason}).status_code == 302
    for reviewer in (where.staff, where.supervisor):
        signed_in(client, reviewer)
        shown = page(client, url("document_changes", tender))
        assert reason in shown and where.handler.name in shown


def test_terminating_asks_for_the_number_and_tells_the_consequences(client, where):
    tender = published_tender(where)
    signed_in(client, where.handler)
    assert "终止后不能恢复" in page(client, url("terminate", tender))
    wrong = client.post(url("terminate", tender), {"reason": "项目取消", "typed": "QJGC"})
    assert f"应为 {tender.number}" in wrong.content.decode()
    tender.refresh_from_db()
    assert tender.state == Tender.State.PUBLISHED
    client.post(url("terminate", tender), {"reason": "项目取消", "typed": tender.number})
    client.logout()
    assert "终止公告" in page(client, url("tender", tender))


def test_a_failed_lot_is_tendered_again_from_the_page(client, where):
    tender = published_tender(where)
    lot = tender.lots.get()
    actions.fail_lot(lot, reason="投标人少于三家", by=where.staff, at=database_now())
    signed_in(client, where.handler)
    assert "重新招标" in page(client, url("tender_work", tender))
    again = client.post(url("next_round", tender, lot.no))
    successor = Tender.objects.get(previous=tender)
    assert again.url == url("tender_work", successor)
    assert "第 2 次招标" in page(client, url("tender_work", tender))


WORK = (
    "tender_work",
    "edit_document",
    "edit_criteria",
    "clauses",
    "document_changes",
    "publish",
    "clarify",
    "terminate",
)


def test_other_agencies_and_unassigned_colleagues_find_nothing(client, where):
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    file = stored(where.handler, where.agency, "tender_document")
    attachment = actions.add_attachment(document, "清单", file, by=where.handler)
    for somebody in (organisation("agency").somebody, organisation("tenderee").somebody, member(where.agency)):
        signed_in(client, somebody)
        for name in WORK:
            page(client, url(name, tender), 404)
            if name != "document_changes":
                assert client.post(url(name, tender), {}).status_code in (404, 405), name
        assert client.post(url("add_attachment", tender), {"title": "x", "file": pdf()}).status_code == 404
        assert client.post(url("remove_attachment", tender, attachment.pk)).status_code == 404
        assert client.post(url("next_round", tender, 1)).status_code == 404
    for somebody in (where.bidders[0].somebody, person()):
        signed_in(client, somebody)
        for name in WORK:
            page(client, url(name, tender), 403)


def test_the_document_is_read_by_holders_and_officials_only(client, where):
    tender = accepted_tender(where)
    now = database_now()
    due_at = now + timedelta(days=25)
    make_workday(city_day(due_at))
    document = written_document(tender, by=where.handler, published_at=now, due_at=due_at)
    file = stored(where.handler, where.agency, "tender_document")
    actions.add_attachment(document, "清单", file, by=where.handler)
    reviewed(document, by=where.handler, at=now)
    actions.publish_tender(tender, by=where.handler, at=now)
    holder, other = where.bidders[:2]
    actions.obtain_document(tender, holder, by=holder.somebody, at=now)
    document.refresh_from_db()
    seal_documents()
    expected = {
        holder.somebody: (200, 200), other.somebody: (403, 404), where.handler: (200, 200), where.staff: (200, 200),
        where.supervisor: (200, 200), organisation("agency").somebody: (403, 404),
    }  # fmt: skip
    found = {}
    for somebody in expected:
        signed_in(client, somebody)
        printed = reverse("documents:document", args=[document.printed.check_code])
        direct = client.get(printed).status_code
        download = client.get(url("download", tender)).status_code
        attached = client.get(reverse("documents:file", args=[file.key])).status_code
        assert (direct == 200) == (attached == 200)
        found[somebody] = (download, attached)
    assert found == expected


@pytest.mark.requirement("R093")
def test_nobody_learns_who_took_the_document(client, where):
    """Every page of every role, from the public to the administrator, before the opening."""
    lot = published_lot(where, holders=2)
    tender = lot.tender
    holder, rival = where.bidders[:2]
    question = actions.ask_question(tender, holder, "清单第 37 项的单位？", by=holder.somebody, at=database_now())
    actions.publish_clarification(
        tender, text="", answers={question.pk: "吨。"}, affects_bids=False, new_bids_due_at=None, by=where.handler,
        at=database_now(),
    )  # fmt: skip
    notices = [reverse("disclosure:notice", args=[row.number]) for row in Notice.objects.all()]
    admin = person("管理员", is_administrator=True)
    watchers = [
        None,
        rival.somebody,
        where.bidders[2].somebody,
        where.handler,
        where.owner.somebody,
        where.staff,
        where.supervisor,
        admin,
    ]
    pages = [url(name, tender) for name in (*WORK, "tender", "held", "handlers", "ask")] + notices
    pages += [reverse(f"trading:{name}") for name in ("agency_desk", "staff_desk", "openings", "projects", "intake", "bidder_desk")]
    pages += [reverse("web:ledger"), reverse("postbox:inbox"), f"/ledger/entries/{tender.document.notice.entry_id}/"]
    seen = 0
    for somebody in watchers:
        client.logout()
        if somebody is not None:
            signed_in(client, somebody)
        for path in pages:
            response = client.get(path)
            if response.status_code != 200:
                continue
            seen += 1
            text = response.content.decode()
            assert holder.name not in text and holder.uscc not in text, (somebody, path)
            if somebody != rival.somebody:
                assert rival.name not in text and rival.uscc not in text, (somebody, path)
    assert seen > 40


@pytest.mark.requirement("R094")
def test_the_agency_never_sees_the_asker(client, where):
    lot = published_lot(where, holders=1)
    holder = where.bidders[0]
    actions.ask_question(lot.tender, holder, "清单第 37 项的单位？", by=holder.somebody, at=database_now())
    signed_in(client, where.handler)
    for path in (url("clarify", lot.tender), url("tender_work", lot.tender), reverse("postbox:inbox")):
        text = page(client, path)
        assert holder.name not in text and holder.somebody.name not in text and holder.somebody.mobile not in text
    words = {"text": f"答复{holder.name}：单位为吨。", "affects_bids": "", "new_bids_due_at": ""}
    refused = client.post(url("clarify", lot.tender), words).content.decode()
    assert "不能发布" in refused and "第二十二条" in refused


def test_questions_of_others_are_not_on_a_holders_page(client, where):
    lot = published_lot(where, holders=2)
    first, second = where.bidders[:2]
    actions.ask_question(lot.tender, first, "清单第 37 项的单位？", by=first.somebody, at=database_now())
    signed_in(client, second.somebody)
    assert "第 37 项" not in page(client, url("held", lot.tender))
    signed_in(client, where.bidders[2].somebody)
    page(client, url("held", lot.tender), 404)
    page(client, url("ask", lot.tender), 404)


def test_the_door_to_the_document_is_a_post_by_a_bidder(client, where):
    tender = published_tender(where)
    assert client.post(url("obtain", tender)).status_code == 302
    for somebody, status in ((where.handler, 403), (where.staff, 403), (where.bidders[0].somebody, 302)):
        signed_in(client, somebody)
        assert client.post(url("obtain", tender)).status_code == status
        assert client.get(url("obtain", tender)).status_code in (403, 405)
    assert [row.organisation for row in DocumentHolder.objects.all()] == [where.bidders[0]]


def test_desks_show_what_waits(client, where):
    lot = published_lot(where, holders=1)
    bidder = where.bidders[0]
    actions.ask_question(lot.tender, bidder, "清单第 37 项的单位？", by=bidder.somebody, at=database_now())
    accepted_tender(where)
    signed_in(client, where.handler)
    desk = page(client, reverse("trading:agency_desk"))
    assert "答复 1 个提问" in desk and "编制并发布招标文件" in desk
    assert desk.index("答复 1 个提问") < desk.index("编制并发布招标文件")
    signed_in(client, where.staff)
    assert lot.tender.name in page(client, reverse("trading:staff_desk"))


def test_a_desk_asks_the_database_no_more_for_three_tenders_than_for_one(client, where):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            page(client, reverse("trading:agency_desk"))
        return len(caught)

    published_lot(where)
    signed_in(client, where.handler)
    queries()
    one = queries()
    published_lot(where)
    published_lot(where)
    assert queries() == one


def test_the_public_page_shows_what_became_of_a_tender(client, where):
    tender = published_tender(where)
    lot = tender.lots.get()
    order = {"cause": "order", "reference": "TS1", "reason": "调查期间责令暂停"}
    suspension = actions.suspend_lot(lot, **order, by=where.supervisor, at=database_now())
    assert "已暂停" in page(client, url("tender", tender))
    actions.resume_lot(suspension, by=where.supervisor, at=database_now())
    actions.fail_lot(lot, reason="投标人少于三家", by=where.staff, at=database_now())
    shown = page(client, url("tender", tender))
    assert "已暂停" not in shown and "招标失败公告" in shown
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.FAILED
