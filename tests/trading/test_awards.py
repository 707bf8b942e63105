"""Candidates in public, award, result and contract, through the agency's page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from disclosure.models import Notice
from documents.models import OfficialDocument
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from tests.factories.evaluation import end_of, shown, signed
from tests.factories.trading import organisation, pdf
from trading.awards import actions as awards
from trading.awards.models import CandidatePublicity, Contract, ContractDraft
from trading.evaluation import actions
from trading.procedures.reaching import milestones_of
from trading.procedures.versions import version_on
from trading.projects.models import Lot, Project, Tender
from trading.tenders.actions import suspend_lot
from trading.tenders.models import Suspension


def test_three_candidates_hang_out_for_three_days_with_their_scores(lot):
    publicity = shown(lot)
    assert [row.rank for row in publicity.candidates.all()] == [1, 2, 3]
    assert (city_day(publicity.until) - city_day(publicity.since)).days >= 3
    notice = Notice.objects.get(kind=Notice.Kind.CANDIDATES)
    assert "31,000,000.00" in notice.body
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.CANDIDATES_PUBLIC


def test_nobody_is_awarded_before_the_publicity_ends(lot):
    publicity = shown(lot)
    with pytest.raises(Refused) as refusal:
        awards.decide_award(lot, by=lot.city.handler, at=publicity.until)
    assert "第五十四条" in refusal.value.rule
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    assert award.candidate.rank == 1


def test_a_suspended_lot_is_not_awarded(lot):
    publicity = shown(lot)
    suspend_lot(lot, cause=Suspension.Cause.OBJECTION, reference="YY-1", reason="异议未答复", by=lot.city.handler, at=database_now())
    with pytest.raises(Refused) as refusal:
        awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    assert refusal.value.code == "suspended"


def test_candidates_are_passed_over_only_in_order_and_with_a_reason(lot):
    publicity = shown(lot)
    first, second, _ = publicity.candidates.all()
    with pytest.raises(Refused):
        awards.pass_over_first(lot, reason=" ", by=lot.city.handler, at=database_now())
    assert awards.pass_over_first(lot, reason="书面放弃中标", by=lot.city.handler, at=database_now()) == first
    assert awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity)).candidate == second


@pytest.mark.parametrize("published", [False, True])
def test_a_winner_that_signs_no_contract_gives_way_to_the_next(lot, client, published):
    publicity = shown(lot)
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    if published:
        awards.publish_result(award, by=lot.city.handler, at=database_now())
    url = reverse("trading:award", args=[lot.tender.number, lot.no])
    client.force_login(lot.city.handler, backend="django.contrib.auth.backends.ModelBackend")
    assert "中标人放弃或拒签合同" in client.get(url).content.decode()
    client.post(url, {"move": "pass_over", "reason": "书面拒绝签订合同"})
    award.refresh_from_db()
    assert award.void_at is not None and OfficialDocument.objects.get(pk=award.award_notice_id).voided_at is not None
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.CANDIDATES_PUBLIC
    undone = Notice.objects.filter(tender_number=lot.tender.number, title__contains="撤销")
    assert [row.title.endswith("中标结果撤销公告") for row in undone] == [True] * published
    later = end_of(publicity) + timedelta(days=9)
    again = awards.decide_award(lot, by=lot.city.handler, at=later)
    assert again.candidate.rank == 2
    # The time for the contract runs anew.
    assert milestones_of(lot.tender, lot)["award_notice_sent"] == later


def test_a_contract_that_both_have_signed_stands(lot):
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(shown(lot)))
    ContractDraft.objects.create(
        award=award, number="HT-9", amount=1, term_days=1, manager="甲", quality="合格", payment="按月", state=ContractDraft.State.SIGNED,
        written_by=lot.city.handler, written_at=database_now(),
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        awards.pass_over_first(lot, reason="改变主意", by=lot.city.handler, at=database_now())
    assert refusal.value.code == "signed"


def test_in_procurement_the_next_follows_without_a_publicity(lot):
    signed(lot)
    Project.objects.update(category="ZC")
    Tender.objects.update(procedure="ZC-OT", procedure_since=version_on("ZC-OT", city_day(database_now())).since)
    assert awards.pass_over_first(lot, reason="被禁止参与政府采购", by=lot.city.handler, at=database_now()).rank == 1
    award = awards.decide_award(lot, by=lot.city.handler, at=database_now())
    assert award.candidate.rank == 2
    awards.pass_over_first(lot, reason="拒绝签订合同", by=lot.city.handler, at=database_now())
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.EVALUATED
    assert awards.decide_award(lot, by=lot.city.handler, at=database_now()).candidate.rank == 3


def test_an_upheld_objection_sends_the_lot_back_to_a_new_committee(lot):
    publicity = shown(lot)
    awards.void_publicity(publicity, reason="评分计算错误", by=lot.city.handler, at=database_now())
    again = actions.order_reevaluation(lot, reason="评分计算错误", by=lot.city.handler, at=database_now())
    assert (again.round, Lot.objects.get(pk=lot.pk).state) == (2, Lot.State.EVALUATING)
    with pytest.raises(Refused):
        awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))


def test_from_candidates_to_the_filed_contract_in_the_browser(client, lot):
    signed(lot)
    client.force_login(lot.city.handler, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("trading:award", args=[lot.tender.number, lot.no])
    client.post(url, {"move": "candidates"})
    assert client.post(url, {"move": "decide"}).status_code == 409
    CandidatePublicity.objects.update(until=database_now() - timedelta(seconds=1))
    client.post(url, {"move": "decide"})
    client.post(url, {"move": "result"})
    facts = {"move": "contract", "number": "HT-2026-1", "amount": "30000000", "signed_on": city_day(database_now()).isoformat(),
             "term_days": "400", "manager": "甲", "quality": "合格"}  # fmt: skip
    page = client.post(url, {**facts, "file": pdf("合同.pdf")}).content.decode()
    assert "合同金额与中标人的投标文件不一致" in page
    assert 'value="HT-2026-1"' in page
    client.post(url, {**facts, "amount": "31000000", "file": pdf("合同.pdf")})
    assert Contract.objects.get().amount == 31_000_000
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.CONTRACTED
    kinds = set(Notice.objects.filter(tender_number=lot.tender.number).values_list("kind", flat=True))
    assert {"GC_CAND", "GC_WIN", "GC_CONTRACT"} <= kinds


def test_another_agency_finds_no_such_page(client, lot):
    client.force_login(organisation("agency").somebody, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("trading:award", args=[lot.tender.number, lot.no])).status_code == 404
