"""质疑: a supplier challenges a procurement, is answered in seven working days, complains in fifteen; the lot goes where its procedure bends."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from disclosure.models import Notice
from documents.models import OfficialDocument
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now, pretend
from rulebook.refusals import Refused
from supervision.remedies import actions
from supervision.remedies.links import links_of
from supervision.remedies.models import Complaint, Objection, Remedy
from supervision.remedies.queries import remedies_open_to
from tests.factories.evaluation import as_procurement, published_procurement
from tests.factories.procedures import lot_under, take, take_until
from tests.factories.trading import city_time, national_day, organisation, published_lot
from trading.awards import actions as awards
from trading.awards.debriefing import debriefs_of
from trading.awards.models import ContractDraft
from trading.conduct.values import latest
from trading.opening.models import Opening
from trading.procedures.records import records_of, set_down
from trading.procedures.rules import procurement
from trading.procedures.timeline import Status
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot
from trading.tenders.models import Clarification, DocumentHolder, Suspension
from trading.tenders.queries import clock_of

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
LAST_MOMENT = {"hour": 23, "minute": 59}
# The result hangs out from 29 to 30 September 2026; seven working days after it are 8 to 10 and 12 to 15 October.
ANNOUNCED, NOTICE_ENDS, LAST = date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 15)


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


@pytest.fixture
def sealed(lot):
    """An open procurement whose result was announced before National Day."""
    national_day()
    published_procurement(lot, city_time(ANNOUNCED))
    Opening.objects.update(revealed_at=city_time(date(2026, 9, 22)))
    return lot


def dealt(code):
    """A lot of a desk whose deal was announced."""
    lot = lot_under(code)
    take(lot, take_until(lot, "deal_result"))
    return lot


def fresh(lot):
    return Lot.objects.get(pk=lot.pk)


def challenge(lot, at=None, *, matter="result", bidder=None, step=""):
    bidder = bidder or lot.city.bidders[3]
    return actions.file_objection(
        fresh(lot), bidder, matter=matter, step=step, facts="评分与采购文件不符", claim="请求撤销结果", evidence=None, by=bidder.somebody,
        at=at or database_now(),
    )  # fmt: skip


def answer(found, lot, *, upheld=False, remedy=Remedy.NONE, at=None):
    return actions.answer_objection(
        found, upheld=upheld, remedy=remedy, answer="经核查，评分无误。", by=lot.city.handler, at=at or database_now()
    )


def complain(found, at):
    return actions.file_complaint(found, found.organisation, facts="答复没有依据", claim="请求查处", evidence=None, by=found.by, at=at)


def rows(lot, code, on):
    return [each.row for each in clock_of(fresh(lot).tender, on=on) if each.row.rule.code == code]


@pytest.mark.parametrize(("day", "allowed"), [(LAST, True), (LAST + timedelta(days=1), False)])
def test_a_result_is_challenged_within_seven_working_days_of_the_end_of_its_notice(sealed, day, allowed):
    at = city_time(day, **LAST_MOMENT) if allowed else city_time(day, 0, 0)
    if allowed:
        made = challenge(sealed, at)
        assert (made.number[:2], made.state, made.about) == ("ZY", Objection.State.FILED, "采购结果")
        (row,) = rows(sealed, "T-ZC-20", day)
        assert (row.since, row.permitted, row.actual, row.status) == (NOTICE_ENDS, LAST, day, Status.OK)
        return
    with pytest.raises(Refused) as refusal:
        challenge(sealed, at)
    assert refusal.value.code == "T-ZC-20"
    assert "对采购过程和采购结果的质疑期限已于 2026-10-15 23:59 届满" in refusal.value.message
    assert "《政府采购质疑和投诉办法》第十条" in refusal.value.rule
    assert refusal.value.next_step


@pytest.mark.parametrize(
    ("obtained", "last"),
    # The notice hangs out five working days, from 28 September to 10 October: who took the document before counts from then.
    [(date(2026, 9, 29), date(2026, 10, 20)), (date(2026, 10, 12), date(2026, 10, 21))],
)
def test_a_document_is_challenged_from_obtaining_it_or_the_end_of_the_notice(obtained, last):
    national_day()
    lot = published_lot(holders=1)
    as_procurement()
    type(lot.tender).objects.filter(pk=lot.tender_id).update(published_at=city_time(date(2026, 9, 28)))
    DocumentHolder.objects.update(obtained_at=city_time(obtained))
    bidder = lot.city.bidders[0]
    with pytest.raises(Refused) as refusal:
        challenge(lot, city_time(last + timedelta(days=1), 0, 0), matter="document", bidder=bidder)
    assert refusal.value.code == "T-ZC-20"
    made = challenge(lot, city_time(last, **LAST_MOMENT), matter="document", bidder=bidder)
    assert made.hides_who
    told = [bytes(row.data).decode() for row in LedgerEntry.objects.filter(stream=lot.tender.stream)]
    assert any("challenge.filed" in each for each in told)
    assert not any(bidder.uscc in each or made.by.pseudonym in each for each in told)


def test_the_process_is_challenged_from_the_end_of_each_step(sealed):
    set_down(fresh(sealed), "opening", by=sealed.city.staff, at=city_time(NOTICE_ENDS))
    with pytest.raises(Refused) as refusal:
        challenge(sealed, city_time(LAST + timedelta(days=1), 0, 0), matter="process", step="opening")
    assert refusal.value.code == "T-ZC-20"
    made = challenge(sealed, city_time(LAST, **LAST_MOMENT), matter="process", step="opening")
    assert made.about == "“开标、解密”环节"
    with pytest.raises(Refused) as refusal:
        challenge(sealed, city_time(LAST), matter="process", step="evaluation")
    assert (refusal.value.code, refusal.value.field) == ("no_link", "link")


def test_an_answer_is_due_in_seven_working_days_and_the_clock_shows_it(sealed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    assert city_day(made.due_at) == LAST
    assert [row.status for row in rows(sealed, "T-ZC-11", LAST)] == [Status.OK]
    (row,) = rows(sealed, "T-ZC-21", LAST)
    assert (row.reference, row.permitted, row.status, row.is_public) == (made.number, LAST, Status.DUE, True)
    assert rows(sealed, "T-ZC-21", LAST + timedelta(days=1))[0].status == Status.MISSED
    answer(made, sealed, at=made.due_at)
    assert rows(sealed, "T-ZC-21", LAST + timedelta(days=1))[0].status == Status.OK


def test_a_challenge_taken_back_runs_no_clock(sealed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    actions.withdraw_objection(made, by=made.by, at=city_time(NOTICE_ENDS))
    assert rows(sealed, "T-ZC-21", LAST + timedelta(days=1)) == []


def test_a_challenge_does_not_stop_the_procurement(sealed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    assert not Suspension.objects.exists()
    asked = Message.objects.get(person=sealed.city.handler, key__startswith=f"objection/{made.pk}")
    assert asked.subject.startswith("收到质疑：")
    assert "应当暂停签订合同" in asked.body
    assert "招标投标活动暂停" not in asked.body


def test_only_who_took_part_challenges_the_result(sealed):
    outsider, at = organisation("bidder"), city_time(NOTICE_ENDS)
    with pytest.raises(Refused) as refusal:
        challenge(sealed, at, bidder=outsider)
    assert (refusal.value.code, refusal.value.status) == ("not_concerned", 403)
    assert "第十一条" in refusal.value.rule
    DocumentHolder.objects.create(tender=sealed.tender, organisation=outsider, by=outsider.somebody, obtained_at=at)
    with pytest.raises(Refused) as refusal:
        challenge(sealed, at, bidder=outsider)
    assert refusal.value.code == "no_link"
    assert [link.matter for link in links_of(fresh(sealed), outsider, at)] == ["document"]


@pytest.mark.requirement("R128")
def test_the_pages_lead_to_a_challenge_in_its_own_word_and_only_in_time(lot, client, deliver):
    published_procurement(lot, database_now())
    deliver()
    loser, tender = lot.city.bidders[3], lot.tender
    form = reverse("supervision:new_objection", args=[tender.number, lot.no])
    client.force_login(loser.somebody, backend=BACKEND)
    debrief = reverse("trading:debrief", args=[tender.number, lot.no])
    public = reverse("trading:tender", args=[tender.number])
    assert "提出质疑（一标段）" in client.get(reverse("trading:held", args=[tender.number])).content.decode()
    assert "提出质疑</a>" in client.get(debrief).content.decode()
    page = client.get(public).content.decode()
    assert "提出质疑（一标段）" in page
    assert "自知道或者应知其权益受到损害之日起七个工作日内提出质疑" in page
    assert "提出异议" not in page
    page = client.get(form).content.decode()
    assert "提交质疑" in page
    assert "异议" not in page.split("<main")[1].split("</main")[0]
    said = {"link": "result/", "facts": "评分有误", "claim": "请求复核"}
    page = client.post(form, said, follow=True).content.decode()
    made = Objection.objects.get()
    assert (made.matter, made.organisation, made.lot) == ("result", loser, lot)
    assert f"质疑 {made.number} 已提出" in page
    assert "撤回质疑" in page

    pretend(timedelta(days=30))
    assert "提出质疑（一标段）" not in client.get(public).content.decode()
    assert "提出质疑</a>" not in client.get(debrief).content.decode()
    page = client.post(form, said).content.decode()
    assert "届满" in page
    assert "《政府采购法》第五十二条" in page
    client.force_login(organisation("bidder").somebody, backend=BACKEND)
    assert client.get(form).status_code == 403
    assert "提出质疑（" not in client.get(public).content.decode()


def test_an_upheld_challenge_takes_the_result_back_to_a_new_committee(lot, client, deliver):
    award = published_procurement(lot, database_now())
    deliver()
    made = challenge(lot)
    client.force_login(lot.city.handler, backend=BACKEND)
    url = reverse("supervision:objection", args=[made.number])
    page = client.get(url).content.decode()
    assert "质疑成立" in page
    assert "退回“资格审查、符合性审查、评审、推荐中标候选人”重新办理" in page
    client.post(url, {"upheld": "1", "answer": "业绩分计算有误。", "remedy": "reevaluate"})
    made.refresh_from_db()
    award.refresh_from_db()
    assert (made.state, made.remedy) == (Objection.State.UPHELD, Remedy.REEVALUATE)
    assert fresh(lot).state == Lot.State.EVALUATING
    assert award.void_at is not None
    assert awards.current_award(lot) is None
    # The public knew the result: it is told that it stands no more.
    assert Notice.objects.filter(title__endswith="中标结果撤销公告").count() == 1
    assert Message.objects.filter(person=lot.city.supervisor, subject__startswith="质疑成立，采购结果改变").exists()
    deliver()
    assert debriefs_of(lot, made.organisation).first().voided_at is not None
    public = client.get(reverse("supervision:replies", args=[lot.tender.number])).content.decode()
    assert "对采购结果的质疑" in public
    assert made.organisation.name not in public


@pytest.mark.requirement("R128")
def test_a_dismissed_challenge_changes_nothing_and_every_supplier_reads_the_answer(sealed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    with pytest.raises(Refused) as refusal:
        answer(made, sealed, remedy=Remedy.RETENDER)
    assert (refusal.value.code, refusal.value.field) == ("remedy", "remedy")
    answer(made, sealed)
    assert fresh(sealed).state == Lot.State.RESULT_PUBLIC
    read = Message.objects.filter(subject__startswith="质疑答复：").values_list("person", flat=True)
    assert set(read) == {bidder.somebody.pk for bidder in sealed.city.bidders}


def test_after_the_contract_the_purchaser_undoes_nothing_by_itself(sealed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    Lot.objects.filter(pk=sealed.pk).update(state=Lot.State.CONTRACTED)
    with pytest.raises(Refused) as refusal:
        answer(made, sealed, upheld=True, remedy=Remedy.REEVALUATE)
    assert refusal.value.code == "too_late"
    assert "财政部门" in refusal.value.next_step
    assert answer(made, sealed, upheld=True).remedy == Remedy.NONE


@pytest.mark.parametrize(
    ("code", "place", "state"), [("ZC-CS", 1, "bidding"), ("ZC-TP", 1, "bidding"), ("ZC-XJ", 1, "bidding"), ("ZC-DY", 0, "bidding")]
)
def test_at_a_desk_an_upheld_challenge_goes_back_where_the_procedure_bends(code, place, state):
    lot = dealt(code)
    procedure = procedure_of(lot.tender)
    made = challenge(lot, bidder=lot.city.bidders[place])
    answer(made, lot, upheld=True, remedy=Remedy.REEVALUATE)
    back = procedure.bend("challenge_upheld").back
    codes = [step.code for step in procedure.steps]
    standing = set(records_of(lot).values_list("step", flat=True))
    assert not standing & set(codes[codes.index(back) :])
    assert fresh(lot).state == state
    with pytest.raises(Refused) as refusal:
        challenge(lot, bidder=organisation("bidder"))
    assert refusal.value.code in ("not_concerned", "no_link")


def test_a_supplier_of_a_desk_challenges_the_document_and_the_steps_it_took_part_in(client):
    lot = dealt("ZC-CS")
    client.force_login(lot.city.bidders[1].somebody, backend=BACKEND)
    for page in (reverse("trading:steps", args=[lot.tender.number, lot.no]), reverse("trading:tender", args=[lot.tender.number])):
        assert "提出质疑（一标段）" in client.get(page).content.decode()
    keys = [link.key for link in links_of(fresh(lot), lot.city.bidders[1], database_now())]
    assert keys == ["document/", "process/responses", "process/talks", "process/final_quote", "result/"]
    # The notice of the result came down by itself, which is no missed limit.
    assert [row.status for row in rows(lot, "T-ZC-11", city_day(database_now() + timedelta(days=30)))] == [Status.OK]
    talks = challenge(lot, bidder=lot.city.bidders[1], matter="process", step="talks")
    assert talks.about == f"“{procedure_of(lot.tender).step('talks').label}”环节"


def test_an_upheld_challenge_begins_a_desk_anew():
    lot = dealt("ZC-TP")
    made = challenge(lot, bidder=lot.city.bidders[1])
    answer(made, lot, upheld=True, remedy=Remedy.RETENDER)
    assert fresh(lot).state == Lot.State.FAILED


@pytest.mark.parametrize(("day", "allowed"), [(date(2026, 11, 5), True), (date(2026, 11, 6), False)])
def test_a_complaint_follows_within_fifteen_working_days_of_the_answer(sealed, day, allowed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    with pytest.raises(Refused) as refusal:
        complain(made, city_time(LAST))
    assert refusal.value.code == "objection_first"
    assert "质疑还在答复期内" in refusal.value.message
    answer(made, sealed, at=city_time(LAST))
    made.refresh_from_db()
    if not allowed:
        with pytest.raises(Refused) as refusal:
            complain(made, city_time(day, 0, 0))
        assert "《政府采购法》第五十五条" in refusal.value.rule
        return
    complaint = complain(made, city_time(day, **LAST_MOMENT))
    assert (complaint.regulator, city_day(complaint.acceptance_due_at)) == (sealed.city.regulator, date(2026, 11, 12))
    (row,) = rows(sealed, "T-ZC-22", day)
    assert (row.since, row.permitted, row.status) == (LAST, day, Status.OK)


def test_a_complaint_follows_an_answer_that_never_came(sealed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    assert complain(made, city_time(LAST + timedelta(days=1))).objection == made


def test_the_regulator_handles_a_procurement_complaint_by_its_own_clock(sealed, client):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    answer(made, sealed, at=city_time(NOTICE_ENDS))
    made.refresh_from_db()
    at, official = city_time(date(2026, 10, 8)), sealed.city.supervisor
    complaint = complain(made, at)
    actions.review_complaint(complaint, Complaint.State.CORRECTION, reasons="请写明请求", by=official, at=city_time(date(2026, 10, 9)))
    actions.correct_complaint(complaint, facts="甲", claim="乙", evidence=None, by=made.by, at=city_time(date(2026, 10, 13)))
    complaint.refresh_from_db()
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=official, at=city_time(date(2026, 10, 14)))
    complaint.refresh_from_db()
    # Thirty working days from 8 October are over on 18 November; three of them went by with the correction.
    assert city_day(complaint.decision_due_at) == date(2026, 11, 23)
    copy = Message.objects.get(person=sealed.city.handler, subject__startswith="投诉答复通知")
    assert "甲" in copy.body
    actions.order_suspension(complaint, "调查", by=official, at=city_time(date(2026, 10, 15)))
    assert "《政府采购法》第五十七条" in Notice.objects.get(kind=Notice.Kind.SUSPENSION).body
    client.force_login(official, backend=BACKEND)
    page = client.get(reverse("supervision:complaint", args=[complaint.number])).content.decode()
    assert "《政府采购质疑和投诉办法》" in page
    assert "前置质疑" in page
    assert "招标" not in page.split("法定时限")[1].split("调查记录")[0]
    actions.decide_complaint(
        complaint, upheld=True, findings="评分有误", basis="94号令第三十二条", decision="责令重新评审", remedy=Remedy.REEVALUATE, by=official,
        at=city_time(date(2026, 11, 23)),
    )  # fmt: skip
    assert fresh(sealed).state == Lot.State.EVALUATING
    assert not Suspension.objects.filter(until=None).exists()
    codes = ("T-ZC-22", "T-ZC-23", "T-ZC-24", "T-ZC-25", "T-ZC-27")
    day = date(2026, 12, 31)
    assert {code: [row.status for row in rows(sealed, code, day)] for code in codes} == {
        "T-ZC-22": [Status.OK], "T-ZC-23": [Status.OK], "T-ZC-24": [], "T-ZC-25": [Status.OK], "T-ZC-27": [Status.OK],
    }  # fmt: skip
    assert not [row for row in rows(sealed, "T-GC-18", day) + rows(sealed, "T-ZC-20", day) if row.status != Status.OK]


def test_a_procurement_complaint_is_refused_with_reasons_or_taken_back_without_leave(sealed):
    made, at = challenge(sealed, city_time(NOTICE_ENDS)), city_time(date(2026, 10, 9))
    answer(made, sealed, at=city_time(NOTICE_ENDS))
    made.refresh_from_db()
    complaint = complain(made, at)
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=sealed.city.supervisor, at=at)
    actions.order_suspension(complaint, "调查", by=sealed.city.supervisor, at=at)
    actions.withdraw_complaint(complaint, reason="不再主张", by=made.by, at=at)
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.WITHDRAWN
    assert not Suspension.objects.filter(until=None).exists()
    again = complain(made, at)
    actions.review_complaint(again, Complaint.State.REFUSED, reasons="不属于质疑事项", by=sealed.city.supervisor, at=at)
    assert [row.status for row in rows(sealed, "T-ZC-24", city_day(at))] == [Status.OK]


@pytest.mark.parametrize("code", ["ZC-CS", "ZC-TP"])
def test_a_complaint_decided_against_a_desk_sends_it_back(code):
    lot = dealt(code)
    made = challenge(lot, bidder=lot.city.bidders[1])
    answer(made, lot)
    made.refresh_from_db()
    complaint = complain(made, database_now())
    official = lot.city.supervisor
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=official, at=database_now())
    actions.decide_complaint(
        complaint, upheld=True, findings="评审错误", basis="94号令第三十二条", decision="重新评审", remedy=Remedy.REEVALUATE, by=official,
        at=database_now(),
    )  # fmt: skip
    assert fresh(lot).state == Lot.State.BIDDING
    assert procurement.COMPLAINT_DECISION in procedure_of(lot.tender).periods


@pytest.mark.parametrize("state", [Lot.State.BIDDING, Lot.State.OPENING])
def test_before_the_opening_no_step_is_offered_that_would_tell_who_bids(sealed, state):
    bidder, at = sealed.city.bidders[3], city_time(LAST)
    set_down(fresh(sealed), "opening", by=sealed.city.staff, at=city_time(NOTICE_ENDS))
    assert [link.key for link in links_of(fresh(sealed), bidder, at)] == ["document/", "process/opening", "result/"]
    Lot.objects.filter(pk=sealed.pk).update(state=state)
    assert [link.key for link in links_of(fresh(sealed), bidder, at)] == ["document/"]


def test_what_was_filed_before_the_opening_does_not_tell_who_filed_it(sealed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    assert not made.hides_who
    Opening.objects.update(revealed_at=city_time(LAST))
    assert made.hides_who


def said_in_public(lot):
    """Every word of the lot's ledger, notices and documents."""
    told = [bytes(row.data).decode() for row in LedgerEntry.objects.filter(stream=lot.tender.stream)]
    told += [f"{row.title}{row.body}{row.facts}" for row in Notice.objects.all()]
    return "".join([*told, *(str(row.context) for row in OfficialDocument.objects.all())])


def test_a_complaint_about_the_document_keeps_the_supplier_secret_until_the_opening():
    lot = published_lot(holders=1)
    as_procurement()
    bidder, official, at = lot.city.bidders[0], lot.city.supervisor, database_now()
    made = challenge(lot, at, matter="document", bidder=bidder)
    answer(made, lot, at=at)
    taken_back = complain(made, at)
    actions.withdraw_complaint(taken_back, reason="先不主张", by=made.by, at=at)
    complaint = complain(made, at)
    actions.review_complaint(complaint, Complaint.State.CORRECTION, reasons="请写明请求", by=official, at=at)
    actions.correct_complaint(complaint, facts="条款排斥供应商", claim="修改条款", evidence=None, by=made.by, at=at)
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=official, at=at)
    complaint = actions.decide_complaint(
        complaint, upheld=False, findings="条款合法", basis="94号令第二十九条", decision="驳回投诉", remedy=Remedy.NONE, by=official, at=at
    )
    said = said_in_public(lot)
    assert all(kind in said for kind in ("complaint.filed", "complaint.corrected", "complaint.withdrawn", "complaint.decided"))
    assert not [each for each in (bidder.name, bidder.uscc, made.by.pseudonym) if each in said]
    secret = "潜在供应商（名称在开标前保密）"
    assert dict(complaint.notice.facts)["投诉人"] == complaint.document.context["complainant"] == secret
    Opening.objects.create(lot=lot, state=Opening.State.REVEALED, revealed_at=at)
    assert complaint.complainant_named(at) == bidder.name


@pytest.mark.parametrize(
    ("answered", "since", "last"),
    [(NOTICE_ENDS, LAST, date(2026, 11, 5)), (date(2026, 10, 16), date(2026, 10, 16), date(2026, 11, 6))],
)
def test_after_an_early_answer_the_time_to_complain_runs_from_the_last_day_for_it(sealed, answered, since, last):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    answer(made, sealed, at=city_time(answered))
    made.refresh_from_db()
    assert city_day(made.complaint_until) == last
    with pytest.raises(Refused) as refusal:
        complain(made, city_time(last + timedelta(days=1), 0, 0))
    assert refusal.value.code == "late"
    complain(made, city_time(last, **LAST_MOMENT))
    (row,) = rows(sealed, "T-ZC-22", last)
    assert (row.since, row.permitted, row.status) == (since, last, Status.OK)


def test_a_challenge_taken_back_cannot_be_complained_about(sealed):
    made = challenge(sealed, city_time(NOTICE_ENDS))
    actions.withdraw_objection(made, by=made.by, at=city_time(NOTICE_ENDS))
    with pytest.raises(Refused) as refusal:
        complain(made, city_time(LAST + timedelta(days=1)))
    assert refusal.value.code == "withdrawn"
    assert "重新提出质疑" in refusal.value.next_step


def test_one_complaint_at_a_time_stands_about_a_challenge(sealed):
    made, at = challenge(sealed, city_time(NOTICE_ENDS)), city_time(LAST + timedelta(days=1))
    with CaptureQueriesContext(connection) as asked:
        complain(made, at)
    # Who complains second waits for the first.
    locks = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"] and 'FROM "supervision_objection"' in each["sql"]]
    assert len(locks) == 1
    with pytest.raises(Refused) as refusal:
        complain(made, at)
    assert refusal.value.code == "again"
    assert refusal.value.next_step
    assert Complaint.objects.count() == 1


def test_a_contract_that_was_signed_is_undone_by_nobody_here_though_it_is_not_filed(sealed):
    made, award = challenge(sealed, city_time(NOTICE_ENDS)), awards.current_award(sealed)
    assert remedies_open_to(fresh(sealed)) == [Remedy.NONE, Remedy.REEVALUATE, Remedy.RETENDER]
    draft = ContractDraft.objects.create(
        award=award, number="HT-9", amount=1, term_days=1, manager="甲", quality="合格", payment="按月", written_by=sealed.city.handler,
        written_at=city_time(NOTICE_ENDS),
    )  # fmt: skip
    assert len(remedies_open_to(fresh(sealed))) == 3
    ContractDraft.objects.filter(pk=draft.pk).update(state=ContractDraft.State.SIGNED)
    assert fresh(sealed).state == Lot.State.RESULT_PUBLIC
    assert remedies_open_to(fresh(sealed)) == [Remedy.NONE]
    with pytest.raises(Refused) as refusal:
        answer(made, sealed, upheld=True, remedy=Remedy.RETENDER)
    assert (refusal.value.code, refusal.value.message) == ("too_late", "合同已经订立，不能由采购人退回或者重新开展。")


def test_after_the_contract_the_regulator_upholds_and_says_what_follows_by_law(sealed, client):
    made, at, official = challenge(sealed, city_time(NOTICE_ENDS)), database_now(), sealed.city.supervisor
    complaint = complain(made, city_time(LAST + timedelta(days=1)))
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=official, at=at)
    client.force_login(official, backend=BACKEND)
    url = reverse("supervision:complaint", args=[complaint.number])
    assert "撤销结果，责令退回重新评审" in client.get(url).content.decode()
    Lot.objects.filter(pk=sealed.pk).update(state=Lot.State.CONTRACTED)
    page = client.get(url).content.decode()
    assert "撤销结果，责令退回重新评审" not in page
    assert "责令重新开展采购活动" not in page
    decision = {"upheld": True, "findings": "评分有误", "basis": "94号令第三十二条", "decision": "投诉成立。", "by": official, "at": at}
    with pytest.raises(Refused) as refusal:
        actions.decide_complaint(complaint, **decision, remedy=Remedy.REEVALUATE)
    assert (refusal.value.code, refusal.value.field) == ("too_late", "remedy")
    actions.decide_complaint(complaint, **decision, remedy=Remedy.NONE)
    complaint.refresh_from_db()
    assert (complaint.state, fresh(sealed).state) == (Complaint.State.UPHELD, Lot.State.CONTRACTED)
    assert "撤销合同、承担赔偿责任，由当事人依法处理（《政府采购质疑和投诉办法》第三十二条）" in complaint.notice.body
    assert "由当事人依法处理" in complaint.document.context["decision"]


@pytest.mark.parametrize(("changes", "last"), [(True, date(2026, 10, 26)), (False, date(2026, 10, 20))])
def test_an_amended_document_is_challenged_from_its_amendment(changes, last):
    national_day()
    lot = published_lot(holders=1)
    as_procurement()
    type(lot.tender).objects.filter(pk=lot.tender_id).update(published_at=city_time(date(2026, 9, 28)))
    DocumentHolder.objects.update(obtained_at=city_time(date(2026, 9, 29)))
    Clarification.objects.create(
        tender=lot.tender, no=1, text="修改资格条件", affects_bids=changes, published_at=city_time(date(2026, 10, 15))
    )
    (link,) = links_of(fresh(lot), lot.city.bidders[0], city_time(last))
    assert city_day(link.until) == last


@pytest.mark.parametrize("remedy", [Remedy.REEVALUATE, Remedy.RETENDER])
@pytest.mark.parametrize("code", ["ZC-TP", "ZC-CS", "ZC-XJ", "ZC-DY"])
def test_an_upheld_challenge_takes_a_desks_deal_back_in_public(code, remedy):
    lot = dealt(code)
    told = latest(lot, "deal_decision").document
    winner = lot.city.bidders[0]
    made = challenge(lot, bidder=lot.city.bidders[0 if code == "ZC-DY" else 1])
    answer(made, lot, upheld=True, remedy=remedy)
    told.refresh_from_db()
    assert told.voided_at is not None
    notice = Notice.objects.get(title__endswith="成交结果撤销公告")
    assert (notice.kind, dict(notice.facts)["原成交供应商"]) == (Notice.Kind.DEAL, winner.name)
    assert Message.objects.filter(person=winner.somebody, subject__startswith="成交资格已取消").count() == 1
