"""Complaints about agencies: filed under a name, taken in time, the agency heard, decided, and where founded an item of its conduct."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies import actions
from agencies.conduct_data import load_conduct
from agencies.models import AgencyComplaint
from agencies.pages import may_read_complaint
from credit.actions import check_entry, make_effective
from credit.models import CreditEntry, CreditRule
from credit.queries import public_entries
from documents.actions import store_file
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.agencies import listed
from tests.factories.trading import city, member, organisation, pdf, person

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def where(settings):
    settings.ETP_STEP_UP = "offered"
    load_conduct()
    return city(bidders=1)


def filed(where, who=None, **more):
    who = who or where.bidders[0].somebody
    given = {
        "category": "GC", "matter": "ability", "tender_number": "QJGC2026-0001", "facts": "招标文件三次更正，工期写错。", "evidence": None,
        "organisation": where.bidders[0], "by": who, "at": database_now(), **more,
    }  # fmt: skip
    return actions.file_complaint(where.agency, **given)


def taken(where, **more):
    return actions.take_complaint(filed(where, **more), True, "", by=where.supervisor, at=database_now())


def heard(where):
    return actions.answer_complaint(taken(where), "已更正并致歉。", by=where.handler, at=database_now())


def decided(row, where, outcome="founded", at=None, **more):
    conduct = CreditRule.objects.get(code="AG14") if outcome != "unfounded" else None
    given = {"decision": "查实招标文件编制能力不足。", "conduct": conduct, "evidence": pdf(), "decision_number": "", **more}
    return actions.decide_complaint(row, outcome=outcome, **given, by=where.supervisor, at=at or database_now())


def code(refused):
    return refused.value.code


@pytest.mark.requirement("R193")
def test_a_founded_complaint_becomes_a_point_item_at_the_doors(where, client):
    listed(where, where.agency)
    bidder = where.bidders[0].somebody
    client.force_login(bidder, backend=BACKEND)
    page = client.get(reverse("agencies:agency", args=[where.agency.uscc])).content.decode()
    there = reverse("agencies:new_complaint", args=[where.agency.uscc])
    assert there in page
    posted = {
        "category": "GC",
        "matter": "ability",
        "tender_number": "QJGC2026-0001",
        "facts": "招标文件三次更正。",
        "evidence": pdf("证据.pdf"),
    }
    assert client.post(there, posted).status_code == 302
    row = AgencyComplaint.objects.get()
    assert row.number in client.get(reverse("agencies:own_complaints")).content.decode()
    client.force_login(where.supervisor, backend=BACKEND)
    assert row.number in client.get(reverse("agencies:complaints")).content.decode()
    office = reverse("agencies:complaint", args=[row.number])
    assert bidder.name in client.get(office).content.decode()
    assert client.post(office, {"move": "take", "accepted": "1", "opinion": ""}).status_code == 302
    decision = {"move": "decide", "outcome": "founded", "decision": "查实。", "conduct": CreditRule.objects.get(code="AG14").pk}
    answer = client.post(office, decision)
    assert answer.status_code == 200 and "代理机构可以在" in answer.content.decode()
    client.force_login(where.handler, backend=BACKEND)
    own = reverse("agencies:answer_complaint", args=[row.number])
    page = client.get(own).content.decode()
    assert "招标文件三次更正。" in page and bidder.name not in page and where.bidders[0].name not in page
    assert client.post(own, {"statement": "已更正。"}).status_code == 302
    client.force_login(where.supervisor, backend=BACKEND)
    answer = client.post(office, {**decision, "conduct": ""})
    assert answer.status_code == 200 and "请选择应当记入的信用行为" in answer.content.decode()
    assert client.post(office, decision).status_code == 302
    row.refresh_from_db()
    entry = CreditEntry.objects.get()
    # The complainant's own proof serves where the office brings none.
    assert (row.entry, entry.organisation, entry.rule.code, entry.evidence) == (entry, where.agency, "AG14", row.evidence)
    second = member(where.regulator, duties=["credit"])
    check_entry(entry, by=second, at=database_now())
    make_effective(CreditEntry.objects.get(), by=second, at=CreditEntry.objects.get().statement_until + timedelta(seconds=1))
    entry.refresh_from_db()
    assert [row.rule.code for row in public_entries(where.agency, entry.effective_on)] == ["AG14"]
    client.logout()
    assert "属实或者部分属实 1 件" in client.get(reverse("agencies:agency", args=[where.agency.uscc])).content.decode()


@pytest.mark.requirement("R193")
def test_an_expert_or_a_citizen_complains_for_themselves_and_the_log_names_nobody(where):
    who = person("秦居民")
    # The agency will read the facts.
    with pytest.raises(Refused, match="你或你单位的名称"):
        filed(where, who, organisation=None, facts=f"{who.name}反映：拒不答复。")
    row = filed(where, who, organisation=None, facts="本人反映：拒不答复。")
    assert (row.complainant, row.organisation, row.regulator) == (who, None, where.regulator)
    public = bytes(LedgerEntry.objects.get(kind="agency.complaint_filed").data).decode()
    assert who.pseudonym not in public and "拒不答复" not in public


@pytest.mark.requirement("R193")
def test_it_goes_to_the_regulator_of_its_trade_and_to_nobody_else(where, client):
    finance = organisation("regulator", "清江市财政局", sectors=["ZC"], duties=["complaints"])
    row = filed(where, category="ZC")
    assert row.regulator == finance
    client.force_login(where.supervisor, backend=BACKEND)
    assert client.get(reverse("agencies:complaint", args=[row.number])).status_code == 404
    with pytest.raises(Forbidden):
        actions.take_complaint(row, True, "", by=where.supervisor, at=database_now())
    with pytest.raises(Refused) as refused:
        filed(where, category="TD")
    assert code(refused) == "no_office"


def test_nobody_complains_of_their_own_agency_and_a_refusal_gives_its_reason(where):
    with pytest.raises(Refused) as refused:
        filed(where, where.handler, organisation=where.agency)
    assert code(refused) == "own_agency"
    row = filed(where)
    with pytest.raises(Refused) as refused:
        actions.take_complaint(row, False, " ", by=where.supervisor, at=database_now())
    assert refused.value.field == "opinion"
    row = actions.take_complaint(row, False, "不属于代理机构的职责。", by=where.supervisor, at=database_now())
    assert row.state == "rejected" and not Message.objects.filter(person=where.handler).exists()
    assert Message.objects.filter(person=row.complainant, subject__contains="不予受理").exists()


@pytest.mark.requirement("R193")
def test_the_agency_is_heard_or_lets_its_time_pass(where):
    row = taken(where)
    with pytest.raises(Refused) as refused:
        decided(row, where)
    assert code(refused) == "not_heard"
    late = row.hear_until + timedelta(seconds=1)
    with pytest.raises(Refused):
        actions.answer_complaint(row, "太晚", by=where.handler, at=late)
    assert decided(row, where, at=late).state == "decided"


def test_what_is_unfounded_leaves_no_item(where):
    row = heard(where)
    with pytest.raises(Refused) as refused:
        decided(row, where, "unfounded", conduct=CreditRule.objects.get(code="AG14"))
    assert code(refused) == "unfounded"
    assert decided(row, where, "unfounded").entry is None and not CreditEntry.objects.exists()


def test_without_any_proof_nothing_is_entered(where):
    with pytest.raises(Refused) as refused:
        decided(heard(where), where, evidence=None)
    assert code(refused) == "no_evidence" and AgencyComplaint.objects.get().state == "accepted"


@pytest.mark.requirement("R193")
def test_the_clocks_run_and_show_what_is_late(where, client):
    row = filed(where)
    assert row.due_at == row.accept_by and city_day(row.accept_by) > city_day(row.filed_at)
    AgencyComplaint.objects.update(accept_by=database_now() - timedelta(days=1))
    client.force_login(where.supervisor, backend=BACKEND)
    assert "已逾期" in client.get(reverse("agencies:complaints")).content.decode()
    row = actions.take_complaint(row, True, "", by=where.supervisor, at=database_now())
    assert row.due_at == row.decide_by > row.hear_until


def test_a_complaint_is_withdrawn_by_its_complainant_alone(where, client):
    row = filed(where)
    with pytest.raises(Forbidden):
        actions.withdraw_complaint(row, by=where.handler, at=database_now())
    client.force_login(row.complainant, backend=BACKEND)
    assert client.post(reverse("agencies:withdraw_complaint", args=[row.number])).status_code == 302
    row.refresh_from_db()
    assert row.state == "withdrawn" and row.due_at is None


def test_the_proof_is_for_the_complainant_and_the_office(where):
    who = where.bidders[0].somebody
    file = store_file(pdf(), by=who, organisation=None, purpose="agency_complaint", at=database_now())
    filed(where, evidence=file)
    assert may_read_complaint(who, None, file) and may_read_complaint(where.supervisor, where.regulator, file)
    assert not may_read_complaint(where.handler, where.agency, file) and not may_read_complaint(where.staff, where.centre, file)
