"""The contract is written from tender, bid and award; both sides confirm the same words; what departs is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from disclosure.models import Notice
from documents.actions import ensure_printed
from documents.models import OfficialDocument
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused
from tests.factories.documents import bytes_of
from tests.factories.performance import awarded, drafted
from tests.factories.trading import organisation, stored
from trading.awards import actions as awards
from trading.awards import drafting
from trading.awards.models import Contract, ContractConfirmation, ContractDraft
from trading.awards.rules import LONGEST_AGREED_PAYMENT
from trading.procedures.reaching import milestones_of
from trading.procedures.rules import works
from trading.projects.models import Lot, Project

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def award(lot):
    return awarded(lot)


@pytest.mark.requirement("R130")
def test_what_departs_from_the_bid_is_refused_naming_the_law(award):
    for field, value in (("amount", Decimal("29999999.99")), ("term_days", 401), ("manager", "乙"), ("quality", "优良")):
        with pytest.raises(Refused) as refusal:
            drafted(award, **{field: value})
        assert (refusal.value.code, refusal.value.field) == ("differs_from_bid", field)
        assert "《招标投标法》第四十六条" in refusal.value.rule and "第五十七条" in refusal.value.rule
    draft = drafted(award)
    assert (draft.amount, draft.term_days, draft.manager) == (Decimal("30000000.00"), 400, "甲")


def test_agreements_behind_the_tender_s_back_are_refused(award):
    for words in ("中标人自愿让利百分之三", "结算价在中标价基础上下浮", "前期工程款由承包人垫资"):
        with pytest.raises(Refused) as refusal:
            drafted(award, additions=words)
        assert refusal.value.field == "additions" and "第四十六条" in refusal.value.rule
    assert drafted(award, additions="发包人不得要求承包人垫资。").additions


def test_a_small_firm_is_paid_within_the_longest_term_at_most(award):
    longest = LONGEST_AGREED_PAYMENT.maximum
    assert drafted(award, small_firm=True, payment_days=longest).payment_days == longest
    with pytest.raises(Refused) as refusal:
        drafted(award, small_firm=True, payment_days=longest + 1)
    assert "《保障中小企业款项支付条例》" in refusal.value.rule
    assert drafted(award, small_firm=False, payment_days=longest + 1)


def test_each_side_confirms_for_itself_and_the_same_words(award, lot):
    draft, owner, firm = drafted(award), lot.city.owner.somebody, award.winner.somebody
    for somebody in (lot.city.handler, firm, organisation("tenderee").somebody):
        with pytest.raises(Forbidden):
            drafting.offer_contract(draft, by=somebody, at=award.at)
    with pytest.raises(Refused):
        drafting.sign_contract(draft, by=firm, at=award.at)
    drafting.offer_contract(draft, by=owner, at=award.at)
    with pytest.raises(Refused):
        drafted(award, additions="另一句")
    for somebody in (owner, lot.city.bidders[1].somebody):
        with pytest.raises(Forbidden):
            drafting.sign_contract(draft, by=somebody, at=award.at)
    # Words that changed on their way are not signed.
    ContractDraft.objects.update(additions="悄悄加上的一句")
    with pytest.raises(Refused) as refusal:
        drafting.sign_contract(draft, by=firm, at=award.at)
    assert refusal.value.code == "text_changed"
    ContractDraft.objects.update(additions="")
    drafting.sign_contract(draft, by=firm, at=award.at)
    assert len(set(ContractConfirmation.objects.values_list("digest", flat=True))) == 1
    with pytest.raises(Refused):
        drafting.sign_contract(draft, by=firm, at=award.at)


def test_a_returned_draft_is_confirmed_anew(award, lot):
    draft, owner, firm = drafted(award), lot.city.owner.somebody, award.winner.somebody
    drafting.offer_contract(draft, by=owner, at=award.at)
    with pytest.raises(Refused):
        drafting.return_contract(draft, " ", by=firm, at=award.at)
    drafting.return_contract(draft, "开工日期应写明", by=firm, at=award.at)
    draft = drafted(award, starts_on=city_day(award.at))
    drafting.offer_contract(draft, by=owner, at=award.at)
    drafting.sign_contract(draft, by=firm, at=award.at)
    assert list(ContractConfirmation.objects.values_list("side", "void_reason")) == [
        ("tenderee", "开工日期应写明"),
        ("tenderee", ""),
        ("winner", ""),
    ]


def test_signed_late_is_filed_but_said_so(award, lot):
    draft, late = drafted(award), award.at + timedelta(days=40)
    assert award.contract_due_on == works.CONTRACT_DUE.due_on(city_day(award.decided_at))
    drafting.offer_contract(draft, by=lot.city.owner.somebody, at=late)
    drafting.sign_contract(draft, by=award.winner.somebody, at=late)
    contract = drafting.file_signed_contract(draft, by=lot.city.handler, at=late)
    assert "已逾期" in dict(contract.notice.facts)["签订时限"]
    assert milestones_of(lot.tender, lot)["contract_signed"] == late
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.CONTRACTED


def test_the_printed_contract_bears_clauses_parties_and_digest(award, lot):
    draft = drafted(award, additions="保修期内每季度回访一次。")
    drafting.offer_contract(draft, by=lot.city.owner.somebody, at=award.at)
    document = drafting.sign_contract(draft, by=award.winner.somebody, at=award.at).document
    said = document.context
    assert (said["owner"], said["winner"]) == (lot.city.owner.name, award.winner.name)
    assert said["capital"] == "叁仟万元整" and "回访" in said["additions"] and "百分之十" in said["clauses"][0][1]
    # Facts stand in the clauses as they were published, not as names between braces.
    words = "".join(text for _, text in said["clauses"])
    assert f"{lot.term_days} 日历天" in words and "{" not in words
    assert set(document.readers.all()) == {award.winner, lot.city.owner, lot.city.agency, lot.city.regulator}
    assert bytes_of(ensure_printed(document).file).startswith(b"%PDF")


def test_procurement_contracts_are_noticed_by_their_own_rules(award, lot):
    Project.objects.update(category="ZC")
    draft = drafted(award)
    drafting.offer_contract(draft, by=lot.city.owner.somebody, at=award.at)
    drafting.sign_contract(draft, by=award.winner.somebody, at=award.at)
    contract = drafting.file_signed_contract(draft, by=lot.city.handler, at=award.at)
    assert contract.notice.kind == Notice.Kind.PROCUREMENT_CONTRACT and "《政府采购法实施条例》第五十条" in contract.notice.body


def test_a_paper_contract_is_not_filed_beside_one_that_is_being_signed(award, lot):
    draft = drafted(award)
    drafting.offer_contract(draft, by=lot.city.owner.somebody, at=award.at)
    facts = {
        "number": "HT-1",
        "amount": draft.amount,
        "signed_on": city_day(award.at),
        "term_days": 400,
        "manager": "甲",
        "quality": "合格",
    }
    paper = stored(lot.city.handler, lot.city.agency, "contract")
    with pytest.raises(Refused) as refusal:
        awards.file_contract(award, facts, paper, by=lot.city.handler, at=award.at)
    assert refusal.value.code == "signing_online" and not Contract.objects.exists()


def test_the_written_report_goes_to_the_regulator_once(award, lot):
    paper = stored(lot.city.handler, lot.city.agency, "contract")
    awards.submit_written_report(award, paper, by=lot.city.handler, at=award.at)
    assert "written_report_submitted" in milestones_of(lot.tender, lot)
    with pytest.raises(Refused):
        awards.submit_written_report(award, paper, by=lot.city.handler, at=award.at)


def test_strangers_find_no_draft_and_the_winner_no_unfinished_one(client, award, lot):
    page = reverse("trading:contract_draft", args=[lot.tender.number, lot.no])

    def status(somebody, data=None):
        client.force_login(somebody, backend=BACKEND)
        return (client.post(page, data) if data else client.get(page)).status_code

    assert status(award.winner.somebody) == 404
    draft = drafted(award, additions="未定的话")
    assert (status(organisation("agency").somebody), status(lot.city.bidders[1].somebody)) == (404, 404)
    client.force_login(award.winner.somebody, backend=BACKEND)
    assert "未定的话" not in client.get(page).content.decode()
    assert status(award.winner.somebody, {"move": "offer"}) == 404
    assert status(lot.city.handler, {"move": "sign"}) == 404
    assert status(lot.city.supervisor, {"move": "save"}) == 404
    drafting.offer_contract(draft, by=lot.city.owner.somebody, at=award.at)
    client.force_login(award.winner.somebody, backend=BACKEND)
    assert "未定的话" in client.get(page).content.decode()
    assert OfficialDocument.objects.filter(kind="contract").count() == 0
