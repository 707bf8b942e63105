"""Clarifications reach every holder and are confirmed; who asked is known to the system alone."""

import logging
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from ledger.models import LedgerEntry
from ledger.sequencer import sequence_once
from postbox.models import Message
from rulebook.clock import database_now, pretend
from tests.factories.trading import city, organisation, person, published_lot
from trading.projects.models import Lot
from trading.tenders import actions
from trading.tenders.models import Clarification, Question
from trading.tenders.queries import receipts_shown
from trading.tenders.tasks import remind_holders

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    yield published_lot(city(bidders=3), holders=2, due_in=timedelta(days=25))
    pretend(timedelta(0))


def clarified(lot, text="质量保修期延长为三年。"):
    return actions.publish_clarification(
        lot.tender, text=text, answers={}, affects_bids=False, new_bids_due_at=None, by=lot.city.handler, at=database_now()
    )


def signed_in(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.requirement("R095")
def test_each_clarification_has_its_number_and_reaches_every_holder_once(lot):
    one, two = clarified(lot), clarified(lot, "增加一处踏勘时间。")
    assert (one.no, two.no) == (1, 2)
    holders = set(lot.city.bidders[:2])
    for row in (one, two):
        assert {receipt.organisation for receipt in row.receipts.all()} == holders
    # Who takes the document later gets what was clarified before.
    late = lot.city.bidders[2]
    actions.obtain_document(lot.tender, late, by=late.somebody, at=database_now())
    assert {receipt.clarification.no for receipt in one.receipts.model.objects.filter(organisation=late)} == {1, 2}


def reminders():
    return list(Message.objects.filter(subject__startswith="请确认收到").order_by("pk").values_list("person", flat=True))


def test_who_has_not_confirmed_is_reminded_daily_and_who_has_is_left_alone(lot):
    row = clarified(lot)
    first, second = lot.city.bidders[:2]
    actions.acknowledge_clarification(row, first, by=first.somebody, at=database_now())
    remind_holders()
    assert reminders() == []
    Clarification.objects.update(published_at=database_now() - timedelta(hours=24))
    remind_holders()
    remind_holders()
    assert reminders() == [second.somebody.pk]
    actions.acknowledge_clarification(row, second, by=second.somebody, at=database_now())
    Message.objects.all().delete()
    remind_holders()
    assert reminders() == []


def test_names_and_numbers_of_holders_stay_secret_until_the_opening(client, lot):
    row = clarified(lot)
    first, second = lot.city.bidders[:2]
    actions.acknowledge_clarification(row, first, by=first.somebody, at=database_now())
    work = reverse("trading:tender_work", args=[lot.tender.number])
    page = signed_in(client, lot.city.handler).get(work).content.decode()
    assert "有获取人未确认" in page and "未确认（" not in page
    assert all(bidder.name not in page for bidder in lot.city.bidders)
    assert receipts_shown(lot.tender)[0]["receipts"] == []
    Lot.objects.filter(pk=lot.pk).update(state=Lot.State.OPENING)
    page = client.get(work).content.decode()
    assert first.name in page and f"{second.name}：未确认" in page
    assert lot.city.bidders[2].name not in page


# ── anonymity ──────────────────────────────────────────────────────────────

TEXT = "清单第三十七项的计量单位是米还是吨？"


def marks_of(asker):
    """Everything by which the asker could be known."""
    return [asker.name, asker.uscc, asker.somebody.name, asker.somebody.mobile, asker.somebody.pseudonym]


@pytest.mark.requirement("R094")
def test_no_role_finds_the_asker_on_any_page_that_shows_the_question(client, lot, caplog):
    caplog.set_level(logging.DEBUG)
    asker = lot.city.bidders[0]
    number = lot.tender.number
    signed_in(client, asker.somebody).post(reverse("trading:ask", args=[number]), {"text": TEXT})
    question = Question.objects.get()
    while sequence_once():
        pass
    admin = person(is_administrator=True)
    other = lot.city.bidders[1]
    watchers = [lot.city.handler, lot.city.owner.somebody, lot.city.staff, lot.city.supervisor, other.somebody, admin]
    pages = [
        reverse("trading:clarify", args=[number]), reverse("trading:tender_work", args=[number]), reverse("trading:tender", args=[number]),
        reverse("trading:held", args=[number]), reverse("trading:agency_desk"), reverse("trading:staff_desk"), reverse("web:ledger"),
        reverse("web:audits"), reverse("web:alarms"), reverse("accounts:admin_desk"), reverse("postbox:inbox"),
        reverse("web:ledger_stream", args=[f"tender/{number}"]), reverse("web:ledger_stream", args=[f"holders/{number}"]),
    ]  # fmt: skip
    shown = 0

    def look():
        nonlocal shown
        for somebody in watchers:
            signed_in(client, somebody)
            for url in pages:
                body = client.get(url).content.decode()
                if TEXT not in body:
                    # A list of all organisations names the asker for other reasons.
                    assert url == reverse("accounts:admin_desk") or asker.somebody.mobile not in body
                    continue
                shown += 1
                assert [mark for mark in marks_of(asker) if mark in body] == [], (somebody, url)

    look()
    assert shown
    actions.publish_clarification(
        lot.tender,
        text="",
        answers={question.pk: "单位为吨。"},
        affects_bids=False,
        new_bids_due_at=None,
        by=lot.city.handler,
        at=database_now(),
    )
    look()
    said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert [mark for mark in marks_of(asker) if mark in said and TEXT in said] == []


def columns_with(text):
    """(table, column) of every text in the database that says this."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            for field in model._meta.local_concrete_fields:
                kind = field.get_internal_type()
                if kind in ("CharField", "TextField", "JSONField", "SlugField"):
                    cast = f'"{field.column}"::text'
                elif kind == "BinaryField":
                    cast = f"encode(\"{field.column}\", 'escape')"
                else:
                    continue
                cursor.execute(f'SELECT 1 FROM "{model._meta.db_table}" WHERE strpos({cast}, %s) > 0 LIMIT 1', [text])
                if cursor.fetchone():
                    found.add((model._meta.db_table, field.column))
    return found


@pytest.mark.requirement("R094")
def test_the_question_stands_in_no_row_that_names_its_asker_but_its_own(lot):
    asker = lot.city.bidders[0]
    actions.ask_question(lot.tender, asker, TEXT, by=asker.somebody, at=database_now())
    while sequence_once():
        pass
    assert columns_with(TEXT) == {("trading_question", "text"), ("postbox_message", "body")}
    told = Message.objects.filter(body__contains=TEXT)
    assert {row.person for row in told} == {lot.city.handler}
    assert not any(mark in f"{row.subject}{row.body}{row.link}{row.key}" for row in told for mark in marks_of(asker))
    # The ledger holds it blindly: neither its public bytes nor its stream say who, or that it happened.
    entry = LedgerEntry.objects.filter(kind="question.asked").first()
    public = [bytes(row.data).decode() for row in LedgerEntry.objects.filter(kind="question.asked")]
    assert entry is not None and not any(mark in text for text in public for mark in marks_of(asker))


def test_a_question_that_names_its_asker_is_refused_and_leaves_no_trace(lot):
    from rulebook.refusals import Refused

    asker = lot.city.bidders[0]
    for text in (f"{asker.name}想问单位。", f"请回电 {asker.somebody.mobile}"):
        with pytest.raises(Refused) as refused:
            actions.ask_question(lot.tender, asker, text, by=asker.somebody, at=database_now())
        assert refused.value.code == "names_asker"
    assert not Question.objects.exists()
    stranger = organisation("bidder")
    with pytest.raises(Refused):
        actions.ask_question(lot.tender, stranger, TEXT, by=stranger.somebody, at=database_now())
