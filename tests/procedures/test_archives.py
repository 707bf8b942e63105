"""What the archive of any procedure wants follows from its steps: at its end, and where it broke off."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rulebook.clock import city_day, database_now, pretend
from rulebook.refusals import Refused
from tests.factories.archives import add_paper, sealed, witnessed
from tests.factories.bids import hand_in, jump_to
from tests.factories.documents import place_entries, seal_documents
from tests.factories.procedures import lot_under, take, take_as_bidder, take_until
from tests.factories.trading import published_lot, stored
from trading.archive.contents import items_of
from trading.archive.queries import completeness_of
from trading.archive.retention import ended_on
from trading.conduct.actions import bend_way
from trading.procedures.records import records_of
from trading.procedures.rules import procurement
from trading.procedures.versions import all_versions, procedure_of
from trading.projects.models import Lot, Tender
from trading.tenders.actions import terminate_tender
from trading.witness.stages import automatic_lines, reached, witnessed_stages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_print")]


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def places_of(lot):
    return {row.item.code: row for row in completeness_of(Lot.objects.get(pk=lot.pk), database_now()).places}


def missing_of(lot):
    return [code for code, row in places_of(lot).items() if row.is_missing]


def taken_through(lot, code):
    take(lot, take_until(lot, code))


def bent(lot, code):
    bend_way(lot, code, reason="响应的供应商不足三家", by=lot.city.handler, at=database_now())
    lot.refresh_from_db()


@pytest.mark.requirement("R064")
def test_a_procurement_that_failed_wants_what_was_due_until_then_and_its_notice():
    lot = lot_under("ZC-TP")
    taken_through(lot, "response_check")
    bent(lot, "none_left")
    places = places_of(lot)
    # Of the steps that were taken, and of none that would have followed; an optional one that was not taken leaves nothing.
    steps = [code for code in places if code in {step.code for step in procedure_of(lot.tender).steps}]
    assert steps == ["registration", "plan", "demand", "group", "negotiation_notice", "responses", "response_check"]
    assert list(places)[-1] == "ending" and places["ending"].there
    assert (places["ending"].item.says, places["ending"].item.supplier) == ("交易失败公告", "采购人、代理机构")
    assert "《政府采购非招标采购方式管理办法》" in places["ending"].item.source
    # The talks were about to begin: their stage is witnessed as far as it came.
    assert missing_of(lot) == ["activity", "witness"]
    add_paper(lot, "activity")
    witnessed(lot, *[stage for stage in reached(lot) if stage in witnessed_stages(lot)])
    volume = sealed(lot)
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.FAILED
    assert (volume.retention, volume.kept_until) == ("T-ZC-52", procurement.ARCHIVE_KEPT.earliest(ended_on(lot)))


@pytest.mark.requirement("R064")
def test_the_files_that_the_law_names_are_those_of_a_procurement():
    """《政府采购法》第四十二条: record, budget, document, bids, standards, report, award, contract, acceptance, replies, decisions."""
    for code, documents in {
        "ZC-OT": ("plan", "drafting", "bids", "evaluation", "award", "contract", "acceptance", "remedies", "activity"),
        "ZC-TP": ("plan", "negotiation_notice", "responses", "deal_report", "deal_decision", "deal_contract", "acceptance", "remedies", "activity"),
        "ZC-DY": ("plan", "document", "talks", "deal_report", "deal_decision", "deal_contract", "acceptance", "remedies", "activity"),
    }.items():  # fmt: skip
        places = places_of(lot_under(code))
        assert set(documents) <= set(places)
        assert all("《政府采购法》第四十二条" in places[each].item.source for each in documents)


@pytest.mark.requirement("R065")
def test_a_procurement_is_kept_for_fifteen_years_from_the_payment_and_not_from_the_contract():
    lot = lot_under("ZC-XJ")
    taken_through(lot, "acceptance")
    accepted = city_day(database_now())
    assert ended_on(Lot.objects.get(pk=lot.pk)) == accepted
    jump_to(database_now() + timedelta(days=20))
    taken_through(lot, "payment")
    assert ended_on(Lot.objects.get(pk=lot.pk)) == accepted + timedelta(days=20)


@pytest.mark.requirement("R064")
def test_a_listing_of_state_property_says_in_words_what_is_missing(client):
    lot = lot_under("CQ-L")
    taken_through(lot, "result_notice")
    taken_through(lot, "certificate")
    client.force_login(lot.city.handler, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("trading:archive", args=[lot.tender.number, lot.no])
    assert missing_of(lot) == ["title", "witness"]
    shown = client.get(page).content.decode()
    row = shown[shown.index("权属变更证明") :].split("</tr>")[0]
    assert "转让方" in row and "经纪机构" in row and "《企业国有资产交易监督管理办法》" in row and "缺少" in row
    assert "竞价或者协议见证记录" in shown
    taken_through(lot, "title")
    shown = client.get(page).content.decode()
    assert "缺少" not in shown[shown.index("权属变更证明") :].split("</tr>")[0]
    assert missing_of(lot) == ["witness"]
    # Two ways to find a buyer: the one that was not taken wants no document.
    assert "session" in places_of(lot) and "agreement" not in places_of(lot)


def test_an_optional_step_leaves_its_document_once_it_is_taken():
    lot = lot_under("ZC-TP")
    take(lot, procedure_of(lot.tender).step("intention"))
    assert places_of(lot)["intention"].there
    assert "method_approval" not in places_of(lot)


def test_a_paper_is_for_an_item_of_this_lot_s_own_procedure():
    lot = lot_under("CQ-L")
    with pytest.raises(Refused) as refused:
        add_paper(lot, "acceptance")
    assert refused.value.code == "no_item"
    assert add_paper(lot, "title").item == "title"


def test_who_applied_is_not_told_by_the_archive_before_the_time():
    lot = lot_under("TD-L")
    taken_through(lot, "transfer_notice")
    before = places_of(lot)["buyers"].there
    take(lot, procedure_of(lot.tender).step("buyers"))
    assert records_of(lot).filter(step="buyers").exists()
    assert (before, places_of(lot)["buyers"].there) == (False, False)
    taken_through(lot, "deposit_check")
    assert places_of(lot)["buyers"].there


def test_what_ended_after_its_intention_lacks_a_tender_document_and_says_so(client):
    lot = lot_under("ZC-OT", kind="services", lots=({"qualification": "具有独立承担民事责任的能力"},))
    take(lot, procedure_of(lot.tender).step("intention"))
    terminate_tender(lot.tender, reason="采购任务取消", by=lot.city.handler, at=database_now())
    client.force_login(lot.city.handler, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("trading:archive", args=[lot.tender.number, lot.no]))
    assert answer.status_code == 200 and "采购意向公告" in answer.content.decode()


def archive_of(lot):
    """Everything the lot's archive would hold, names of files and their bytes alike."""
    seal_documents()
    return b"\n".join(part for item in items_of(lot) for part in (f"{item.path} {item.what}".encode(), *item.pieces()))


def test_an_archive_of_what_ended_before_bids_were_opened_names_no_bidder():
    lot = published_lot(holders=1)
    bidder = lot.city.bidders[0]
    hand_in(lot, bidder)
    place_entries()
    terminate_tender(lot.tender, reason="项目资金被调整，不再建设", by=lot.city.handler, at=database_now())
    lot.refresh_from_db()
    held = archive_of(lot)
    assert lot.tender.name.encode() in held
    assert bidder.name.encode() not in held and bidder.uscc.encode() not in held


def test_an_archive_of_what_ended_while_responses_were_sealed_names_nobody_and_holds_none_of_them():
    lot = lot_under("ZC-TP")
    bidder, paper = lot.city.bidders[0], stored(lot.city.bidders[0].somebody, lot.city.bidders[0], "step", "我方响应.pdf")
    take_as_bidder(lot, take_until(lot, "responses"), bidder, 0, response=paper)
    bend_way(lot, "cancel", reason="采购任务取消", by=lot.city.handler, at=database_now())
    held = archive_of(lot)
    assert "未开启，不记载".encode() in held
    for word in (bidder.name, bidder.uscc, bidder.somebody.name, "我方响应"):
        assert word.encode() not in held


def test_responses_that_were_opened_are_in_the_archive_with_who_gave_them():
    lot = lot_under("ZC-TP")
    taken_through(lot, "response_check")
    bent(lot, "cancel")
    held, responses = archive_of(lot), records_of(lot).filter(step="responses")
    for row in responses:
        assert row.organisation.name.encode() in held
        assert f"13-steps/responses-{row.no}-1".encode() in held
    assert responses.count() == 4


def test_the_ledger_s_lines_of_the_desk_stand_at_their_stages():
    lot = lot_under("CQ-L")
    taken_through(lot, "session")
    lot.refresh_from_db()
    lines = {key: [row.act for row in rows] for key, rows in automatic_lines(lot).items()}
    assert lines["registered"].count("办理交易流程步骤") == 2
    assert "发布公告" in lines["bidding"] and lines["opening"].count("办理交易流程步骤") == 1
    assert lines["award_decided"] == []


@pytest.mark.parametrize("procedure", all_versions(), ids=lambda each: each.code)
def test_the_stages_in_which_bids_or_talks_decide_are_witnessed(procedure):
    lot = Lot(tender=Tender(procedure=procedure.code, procedure_since=procedure.since))
    labels = [stage.label for stage in witnessed_stages(lot).values()]
    assert labels == (["开标", "评标"] if procedure.is_sealed else [WITNESSED[procedure.code]])


WITNESSED = {
    "GC-LOT": "摇号", "ZC-TP": "谈判与最后报价", "ZC-CS": "磋商与最后报价", "ZC-XJ": "评审", "ZC-DY": "协商", "ZC-KJ": "评审入围", "TD-T": "投标与评标",
    "TD-A": "拍卖会", "TD-L": "挂牌", "KY-T": "投标与评标", "KY-A": "拍卖会", "KY-L": "挂牌", "CQ-L": "竞价或者协议", "CQ-NB": "网络竞价", "CQ-ZL": "竞价", "CQ-JY": "竞价",
    "CJ-W": "评审与摇号", "CJ-P": "评审", "CJ-A": "竞价",
}  # fmt: skip
