"""Standard texts: versions that regulators publish, facts that are entered once, and documents that stay on their version."""

from datetime import timedelta

import pytest
from django.urls import reverse

from disclosure.models import Notice
from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import accepted_tender, city, make_workday, member, organisation, published_tender, written_document
from trading.standards import actions as standards
from trading.standards.facts import pieces, strange_names
from trading.standards.models import DocumentTemplate
from trading.standards.queries import template_for
from trading.tenders import actions
from trading.tenders.models import TenderDocument
from trading.tenders.queries import changes_of
from trading.tenders.saying import sections_said

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city()


def newer(where, change=lambda text: text.replace("百分之十", "百分之五")):
    """A draft of version 2 of the works text with a change in the fixed contract terms."""
    first = DocumentTemplate.objects.get(code="works-construction", version=1)
    draft = standards.draft_template(first, where.regulator, by=where.supervisor)
    rows = list(draft.sections.values("title", "fixed", "text", "note"))
    for row in rows:
        row["text"] = change(row["text"]) if row["title"] == "合同通用条款" else row["text"]
    data = {"name": first.name, "source": "清建发〔2026〕8 号"}
    return standards.save_template(draft, where.regulator, data=data, sections=rows, by=where.supervisor)


@pytest.mark.requirement("R069")
def test_a_new_version_binds_from_its_day_and_running_documents_stay_on_theirs(where):
    now = database_now()
    today = city_day(now)
    running = actions.draft_document(accepted_tender(where), by=where.handler)
    draft = newer(where)
    standards.publish_template(draft, where.regulator, since=today + timedelta(days=3), by=where.supervisor, at=now)
    one, two = DocumentTemplate.objects.filter(code="works-construction").order_by("version")
    assert (one.until, two.since, two.until) == (today + timedelta(days=2), today + timedelta(days=3), None)
    project = running.tender.project
    assert template_for(project, on=today + timedelta(days=2)) == one
    assert template_for(project, on=today + timedelta(days=3)) == two
    running.refresh_from_db()
    assert running.template == one and all(row["same"] for row in changes_of(running))
    entry = LedgerEntry.objects.get(stream="template/works-construction", kind="template.published")
    assert two.digest in bytes(entry.data).decode()


@pytest.mark.requirement("R069")
def test_a_document_begun_after_that_day_is_written_from_the_new_version(where):
    now = database_now()
    standards.publish_template(newer(where), where.regulator, since=city_day(now), by=where.supervisor, at=now)
    document = actions.draft_document(accepted_tender(where), by=where.handler)
    assert document.template.version == 2
    assert "百分之五" in document.sections.get(title="合同通用条款").text


def test_published_versions_are_never_edited_and_only_their_regulator_writes(where):
    first = DocumentTemplate.objects.get(code="works-construction", version=1)
    with pytest.raises(Refused) as refused:
        standards.save_template(first, where.regulator, data={"name": "", "source": ""}, sections=[], by=where.supervisor)
    assert refused.value.code == "template_published"
    finance = organisation("regulator", "清江市财政局", sectors=["ZC"])
    for office, somebody in ((finance, finance.somebody), (where.agency, where.handler), (where.regulator, where.handler)):
        with pytest.raises(Forbidden):
            standards.draft_template(first, office, by=somebody)
    procurement = DocumentTemplate.objects.get(code="procurement-goods")
    assert standards.draft_template(procurement, finance, by=finance.somebody).version == 2


@pytest.mark.parametrize(("days", "code"), [(-1, "since_past"), (0, None), (1, None)])
def test_a_version_does_not_bind_before_today(where, days, code):
    now = database_now()
    draft, since = newer(where), city_day(now) + timedelta(days=days)
    if code is None:
        assert standards.publish_template(draft, where.regulator, since=since, by=where.supervisor, at=now).since == since
    else:
        with pytest.raises(Refused) as refused:
            standards.publish_template(draft, where.regulator, since=since, by=where.supervisor, at=now)
        assert refused.value.code == code


def test_a_version_that_changes_nothing_or_names_what_is_not_is_refused(where):
    now = database_now()
    with pytest.raises(Refused) as refused:
        standards.publish_template(newer(where, lambda text: text), where.regulator, since=city_day(now), by=where.supervisor, at=now)
    assert refused.value.code == "nothing_changed"
    with pytest.raises(Refused) as refused:
        newer(where, lambda text: text + "{开标日期}")
    assert refused.value.code == "strange_name" and "投标截止时间" in refused.value.next_step


def test_every_text_we_deliver_names_only_facts_there_are(where):
    rows = [row for template in DocumentTemplate.objects.all() for row in template.sections.all()]
    assert [name for row in rows for name in strange_names(row.text)] == []
    kinds = {(row.category, row.kind) for row in DocumentTemplate.objects.published()}
    assert kinds == {("GC", "works"), ("GC", "epc"), ("GC", "goods"), ("GC", "services"), ("ZC", "goods")}


def test_a_fact_stands_in_the_text_as_a_piece_of_its_own():
    assert pieces("在 {投标截止时间} 前，{别的}", {"投标截止时间": "今天"}) == [
        {"text": "在 "}, {"text": "今天", "name": "投标截止时间"}, {"text": " 前，{别的}"},
    ]  # fmt: skip


@pytest.mark.requirement("R091")
def test_a_fact_is_entered_once_and_stands_everywhere(where):
    now = database_now()
    due_at = now + timedelta(days=25)
    make_workday(city_day(due_at))
    tender = accepted_tender(where)
    document = written_document(tender, by=where.handler, published_at=now, due_at=due_at, bid_validity_days=77)
    before = dict(sections_said(document))
    assert "77 日历天" in before["投标人须知"] and "200,000.00 元" in before["投标保证金"]
    actions.save_document(
        document, data={"bid_validity_days": 99}, sections={}, by=where.handler,
        lots={1: {"term_days": 333, "qualification": "建筑工程施工总承包一级"}},
    )  # fmt: skip
    document.refresh_from_db()
    after = dict(sections_said(document))
    assert "99 日历天" in after["投标人须知"] and "333 日历天" in after["合同专用条款"]
    assert after["投标人资格要求"] == "建筑工程施工总承包一级"


def test_what_was_published_keeps_its_words_when_a_fact_moves(where):
    tender = published_tender(where)
    document = TenderDocument.objects.get(tender=tender)
    before = dict(sections_said(document))
    document.bids_due_at += timedelta(days=7)
    document.save(update_fields=["bids_due_at"])
    assert dict(sections_said(document)) == before
    assert document.printed.context["sections"][1:] == [list(row) for row in before.items()]
    assert Notice.objects.filter(tender_number=tender.number).exists()


# ── doors ──────────────────────────────────────────────────────────────────


def url(name, version=1, code="works-construction"):
    return reverse(f"trading:{name}", args=[code, version])


def signed_in(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_regulator_drafts_compares_and_publishes_through_its_pages(client, where):
    signed_in(client, where.supervisor)
    assert client.post(url("draft_template")).url == url("edit_template", 2)
    page = client.get(url("edit_template", 2)).content.decode()
    assert "投标人须知" in page
    rows = list(DocumentTemplate.objects.get(code="works-construction", version=2).sections.values("title", "fixed", "text", "note"))
    rows[4]["text"] = rows[4]["text"].replace("百分之十", "百分之五")
    posted = {"name": "工程施工招标文件范本", "source": "清建发〔2026〕8 号", "s-TOTAL_FORMS": len(rows), "s-INITIAL_FORMS": len(rows)}
    for place, row in enumerate(rows):
        posted |= {f"s-{place}-{name}": value for name, value in row.items() if value not in (False, "")}
        posted[f"s-{place}-ORDER"] = place + 1
    assert client.post(url("edit_template", 2), posted).url == url("template", 2)
    page = client.get(url("template", 2)).content.decode()
    assert "<del>十</del>" in page and "<ins>五</ins>" in page
    client.logout()
    assert client.get(url("template", 2)).status_code == 404
    signed_in(client, where.supervisor)
    assert client.post(url("publish_template", 2), {"since": f"{city_day(database_now()):%Y-%m-%d}"}).url == url("template", 2)
    client.logout()
    assert "清建发〔2026〕8 号" in client.get(url("template", 2)).content.decode()
    assert client.get(reverse("trading:templates")).content.decode().count("第 2 版") == 1


def test_a_draft_is_its_regulators_alone(client, where):
    newer(where)
    finance = organisation("regulator", "清江市财政局", sectors=["ZC"])
    for somebody in (finance.somebody, where.handler, member(where.owner)):
        signed_in(client, somebody)
        assert client.get(url("template", 2)).status_code == 404
    signed_in(client, finance.somebody)
    assert client.get(url("edit_template", 2)).status_code == 404
