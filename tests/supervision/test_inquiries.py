"""询问: a supplier asks about a procurement, is answered in three working days, and the answer is public."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Person
from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from supervision.alerts.models import Alert
from supervision.clocks.actions import watch_clocks
from supervision.inquiries import actions
from supervision.inquiries.models import Inquiry
from supervision.remedies import actions as remedies
from tests.factories.procedures import lot_under, take, take_until
from tests.factories.trading import city_time, published_lot
from trading.procedures.models import Milestone
from trading.procedures.rules.procurement import INQUIRY_REPLY
from trading.procedures.versions import procedure_of
from trading.projects.models import Tender
from trading.tenders.actions import obtain_document

pytestmark = pytest.mark.django_db


def procurement():
    """A published consultation, with its city."""
    lot = lot_under("ZC-CS")
    take_until(lot, "consultation_notice")
    take(lot, procedure_of(lot.tender).step("consultation_notice"))
    tender = Tender.objects.get(pk=lot.tender_id)
    tender.city = lot.city
    return tender


def ask(tender, text="能否提供现场踏勘？", **act):
    bidder = tender.city.bidders[0]
    return actions.file_inquiry(tender, bidder, text, **{"by": bidder.somebody, "at": database_now(), **act})


@pytest.mark.requirement("R127")
def test_an_inquiry_is_answered_within_three_working_days():
    # A Friday: Monday, Tuesday, Wednesday.
    tender = procurement()
    inquiry = ask(tender, at=city_time(date(2026, 11, 20)))
    assert (INQUIRY_REPLY.days, city_day(inquiry.due_at)) == (3, date(2026, 11, 25))
    received = Milestone.objects.get(tender=tender, name="inquiry_received")
    assert received.reference == inquiry.number
    assert INQUIRY_REPLY in procedure_of(tender).periods
    answered = actions.answer_inquiry(inquiry, "可以，请与经办人联系。", by=tender.city.handler, at=inquiry.due_at)
    assert Milestone.objects.get(tender=tender, name="inquiry_replied", reference=inquiry.number).at == inquiry.due_at
    with pytest.raises(Refused, match="已经答复"):
        actions.answer_inquiry(answered, "再答", by=tender.city.handler, at=database_now())


@pytest.mark.requirement("R127")
@pytest.mark.parametrize(("late", "alerts"), [(timedelta(0), 0), (timedelta(days=2), 1)])
def test_an_inquiry_answered_too_late_is_reported_to_the_regulator(late, alerts):
    tender = procurement()
    inquiry = ask(tender, at=city_time(date(2026, 11, 20)))
    actions.answer_inquiry(inquiry, "可以。", by=tender.city.handler, at=inquiry.due_at + late)
    watch_clocks(by=Person.objects.platform(), on=city_day(database_now()), at=database_now())
    assert Alert.objects.filter(kind="limit", rule="T-ZC-19").count() == alerts


@pytest.mark.requirement("R127")
@pytest.mark.requirement("R128")
def test_the_question_goes_to_who_runs_the_procurement_and_the_answer_to_everybody_without_the_asker(client):
    tender = procurement()
    bidder = tender.city.bidders[0]
    client.force_login(bidder.somebody)
    empty = client.post(reverse("supervision:new_inquiry", args=[tender.number]), {"text": " "})
    assert "请填写询问事项" in empty.content.decode()
    client.post(reverse("supervision:new_inquiry", args=[tender.number]), {"text": "能否提供现场踏勘？"})
    inquiry = Inquiry.objects.get()
    client.force_login(tender.city.handler)
    work = reverse("supervision:inquiry", args=[inquiry.number])
    assert inquiry.text in client.get(reverse("supervision:inquiries")).content.decode()
    page = client.get(work).content.decode()
    assert inquiry.text in page and bidder.name not in page
    # Whoever is named is refused alike: the refusal tells nothing of who asked.
    for each in tender.city.bidders[:2]:
        named = client.post(work, {"answer": f"答{each.name}：可以。"}).content.decode()
        assert "不能写出供应商的名称" in named
    assert not Inquiry.objects.get().answered_at
    client.post(work, {"answer": "可以，请与经办人联系。"})
    client.logout()
    public = client.get(reverse("supervision:replies", args=[tender.number])).content.decode()
    assert "能否提供现场踏勘？" in public and "可以，请与经办人联系。" in public and bidder.name not in public
    entries = "".join(bytes(each.data).decode() for each in LedgerEntry.objects.filter(kind__startswith="inquiry."))
    assert bidder.uscc not in entries and bidder.somebody.pseudonym not in entries


@pytest.mark.requirement("R128")
def test_the_centre_takes_in_an_inquiry_made_by_telephone_and_routes_it(client):
    tender = procurement()
    asker = tender.city.bidders[1]
    client.force_login(tender.city.staff)
    page = reverse("supervision:inquiry_intake")
    given = {"tender": tender.number, "uscc": asker.uscc, "channel": "phone", "text": "保证金何时退还？"}
    wrong = client.post(page, given | {"tender": "QJZC2026-9999"}).content.decode()
    assert "没有这个编号的政府采购项目" in wrong and "保证金何时退还？" in wrong
    client.post(page, given)
    inquiry = Inquiry.objects.get()
    assert (inquiry.channel, inquiry.organisation, inquiry.by) == ("phone", asker, tender.city.staff)
    client.force_login(tender.city.handler)
    assert "保证金何时退还？" in client.get(reverse("supervision:inquiries")).content.decode()
    with pytest.raises(Forbidden):
        actions.take_in_inquiry(tender, asker, "问", "phone", by=tender.city.handler, at=database_now())


@pytest.mark.requirement("R128")
def test_answered_objections_are_public_too_and_open_ones_are_not(client):
    lot = published_lot()
    bidder, now = lot.city.bidders[0], database_now()
    obtain_document(lot.tender, bidder, by=bidder.somebody, at=now)
    objection = remedies.file_objection(
        lot, bidder, matter="document", facts="条件过高", claim="修改", evidence=None, by=bidder.somebody, at=now
    )
    page = reverse("supervision:replies", args=[lot.tender.number])
    assert objection.number not in client.get(page).content.decode()
    remedies.answer_objection(objection, upheld=False, answer="条件与项目规模相适应。", by=lot.city.handler, at=database_now())
    text = client.get(page).content.decode()
    assert objection.number in text and "条件与项目规模相适应。" in text and bidder.name not in text


def test_works_have_no_inquiries():
    lot = published_lot()
    bidder = lot.city.bidders[0]
    with pytest.raises(Refused, match="政府采购"):
        actions.file_inquiry(lot.tender, bidder, "问", by=bidder.somebody, at=database_now())


def test_only_who_runs_the_procurement_answers():
    tender = procurement()
    inquiry = ask(tender)
    with pytest.raises(Forbidden):
        actions.answer_inquiry(inquiry, "答", by=tender.city.staff, at=database_now())
