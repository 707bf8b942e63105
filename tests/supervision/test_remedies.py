"""A loser objects, is answered, complains; the regulator accepts, stops the tender, decides, and the decision takes effect."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Duty
from disclosure.models import Notice
from ledger.models import LedgerEntry
from rulebook.clock import database_now
from rulebook.refusals import Refused
from supervision.remedies import actions
from supervision.remedies.models import Complaint, Objection
from tests.factories.evaluation import end_of, shown
from tests.factories.trading import member, organisation, published_lot
from trading.awards import actions as awards
from trading.awards.models import CandidatePublicity
from trading.evaluation.models import Evaluation
from trading.projects.models import Lot
from trading.tenders.models import Suspension

BACKEND = "django.contrib.auth.backends.ModelBackend"


def object_to(lot, *, matter="result", at=None, bidder=None):
    bidder = bidder or lot.city.bidders[3]
    return actions.file_objection(
        lot, bidder, matter=matter, facts="第一名业绩不实", claim="请求复核", evidence=None, by=bidder.somebody, at=at or database_now()
    )


def answered(lot, *, upheld=False, at=None):
    objection = object_to(lot)
    actions.answer_objection(objection, upheld=upheld, answer="经核查，业绩证明齐全。", by=lot.city.handler, at=at or database_now())
    objection.refresh_from_db()
    return objection


def complaint_of(lot, *, at=None):
    objection = answered(lot)
    return actions.file_complaint(
        objection, objection.organisation, facts="答复没有附证明", claim="请求查处", evidence=None, by=objection.by, at=at or database_now()
    )


def second_official(lot):
    """Another person of the regulator, who watches the same tender."""
    from django.contrib.auth.models import Group

    colleague = member(lot.city.regulator, duties=[Duty.COMPLAINTS])
    Group.objects.get(name=f"regulator:{lot.city.regulator.pk}").user_set.add(colleague)
    return colleague


def test_an_objection_stops_the_lot_until_it_is_answered(lot):
    publicity = shown(lot)
    objection = object_to(lot)
    with pytest.raises(Refused) as refusal:
        awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    assert refusal.value.code == "suspended"
    actions.answer_objection(objection, upheld=False, answer="经核查属实。", by=lot.city.handler, at=database_now())
    assert awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity)).candidate.rank == 1


def test_an_objection_to_the_result_comes_in_the_publicity_and_from_a_bidder(lot):
    publicity = shown(lot)
    with pytest.raises(Refused) as refusal:
        object_to(lot, at=end_of(publicity))
    assert refusal.value.code == "late"
    with pytest.raises(Refused) as refusal:
        object_to(lot, bidder=organisation("bidder"))
    assert refusal.value.code == "not_concerned"


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "allowed"), [(11, True), (10, True), (9, False)])
def test_an_objection_to_the_document_comes_ten_days_before_the_deadline(days, allowed):
    lot = published_lot(due_in=timedelta(days=days), holders=1)
    bidder = lot.city.bidders[0]
    if allowed:
        assert object_to(lot, matter="document", bidder=bidder).state == Objection.State.FILED
    else:
        with pytest.raises(Refused) as refusal:
            object_to(lot, matter="document", bidder=bidder)
        assert "第二十二条" in refusal.value.rule


def test_an_upheld_objection_sends_the_result_back(lot):
    shown(lot)
    answered(lot, upheld=True)
    lot.refresh_from_db()
    assert lot.state == Lot.State.EVALUATING
    assert Evaluation.objects.filter(lot=lot).count() == 2
    assert CandidatePublicity.objects.get().void_at is not None


def test_a_complaint_needs_an_answered_objection_and_ten_days(lot):
    shown(lot)
    objection = object_to(lot)

    def file(at):
        return actions.file_complaint(objection, objection.organisation, facts="甲", claim="乙", evidence=None, by=objection.by, at=at)

    with pytest.raises(Refused) as refusal:
        file(database_now())
    assert refusal.value.code == "objection_first"
    actions.answer_objection(objection, upheld=False, answer="不成立。", by=lot.city.handler, at=database_now())
    with pytest.raises(Refused) as refusal:
        file(database_now() + timedelta(days=20))
    assert refusal.value.code == "late"
    assert file(database_now()).acceptance_due_at > database_now()


def test_the_regulator_decides_with_two_officials_and_the_decision_is_public(lot, client):
    shown(lot)
    complaint = complaint_of(lot)
    supervisor, colleague = lot.city.supervisor, second_official(lot)
    url = reverse("supervision:complaint", args=[complaint.number])
    enter = lambda somebody: client.force_login(somebody, backend=BACKEND)  # noqa: E731
    enter(supervisor)
    assert complaint.number in client.get(reverse("supervision:desk")).content.decode()
    client.post(url, {"move": "review", "outcome": "accepted"})
    client.post(url, {"move": "suspend", "reason": "调查期间暂停"})
    assert Suspension.objects.filter(reference=complaint.number, until=None).count() == 1
    client.post(url, {"move": "note", "text": "查阅评标报告"})
    decision = {
        "move": "decide",
        "upheld": "1",
        "findings": "业绩合同系伪造",
        "basis": "《招标投标法实施条例》第五十一条",
        "decision": "投诉成立，责令重新评标。",
        "remedy": "reevaluate",
    }
    assert "两名以上行政执法人员" in client.post(url, decision).content.decode()
    enter(colleague)
    client.post(url, {"move": "note", "text": "询问当事人"})
    client.post(url, decision)
    complaint.refresh_from_db()
    lot.refresh_from_db()
    assert (complaint.state, lot.state) == (Complaint.State.UPHELD, Lot.State.EVALUATING)
    assert not Suspension.objects.filter(until=None).exists()
    notice = Notice.objects.get(kind=Notice.Kind.COMPLAINT)
    assert "责令重新评标" in client.get(reverse("disclosure:notice", args=[notice.number])).content.decode()


def test_a_decision_to_tender_again_fails_the_lot(lot):
    shown(lot)
    complaint = complaint_of(lot)
    supervisor, colleague = lot.city.supervisor, second_official(lot)
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=supervisor, at=database_now())
    for official in (supervisor, colleague):
        actions.add_note(complaint, "调查", by=official, at=database_now())
    actions.decide_complaint(
        complaint, upheld=True, findings="围标", basis="条例第三十九条", decision="责令重新招标", remedy=Complaint.Remedy.RETENDER, by=supervisor,
        at=database_now(),
    )  # fmt: skip
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.FAILED


def test_an_accepted_complaint_is_withdrawn_with_the_regulators_leave(lot, client):
    shown(lot)
    complaint = complaint_of(lot)
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=lot.city.supervisor, at=database_now())
    actions.order_suspension(complaint, "调查", by=lot.city.supervisor, at=database_now())
    url = reverse("supervision:own_complaint", args=[complaint.number])
    client.force_login(complaint.by, backend=BACKEND)
    assert "请填写撤回的理由" in client.post(url, {"move": "withdraw", "reason": ""}).content.decode()
    client.post(url, {"move": "withdraw", "reason": "双方已沟通清楚"})
    assert Suspension.objects.filter(until=None).exists()
    client.force_login(lot.city.supervisor, backend=BACKEND)
    client.post(reverse("supervision:complaint", args=[complaint.number]), {"move": "grant"})
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.WITHDRAWN
    assert not Suspension.objects.filter(until=None).exists()


def test_a_complaint_is_corrected_once(lot, client):
    shown(lot)
    complaint = complaint_of(lot)
    supervisor = lot.city.supervisor
    with pytest.raises(Refused):
        actions.review_complaint(complaint, Complaint.State.CORRECTION, by=supervisor, at=database_now())
    actions.review_complaint(complaint, Complaint.State.CORRECTION, reasons="请写明请求", by=supervisor, at=database_now())
    client.force_login(complaint.by, backend=BACKEND)
    url = reverse("supervision:own_complaint", args=[complaint.number])
    assert "请写明请求" in client.get(url).content.decode()
    client.post(url, {"move": "correct", "facts": "业绩系伪造", "claim": "责令重新评标"})
    complaint.refresh_from_db()
    assert (complaint.state, complaint.claim) == (Complaint.State.FILED, "责令重新评标")
    with pytest.raises(Refused) as refusal:
        actions.review_complaint(complaint, Complaint.State.CORRECTION, reasons="再补", by=supervisor, at=database_now())
    assert refusal.value.code == "asked_once"


def test_a_withdrawn_objection_lets_the_lot_go_on(lot, client):
    shown(lot)
    objection = object_to(lot)
    client.force_login(objection.by, backend=BACKEND)
    client.post(reverse("supervision:withdraw_objection", args=[objection.number]))
    assert not Suspension.objects.filter(until=None).exists()
    with pytest.raises(Refused):
        actions.answer_objection(objection, upheld=False, answer="迟了", by=lot.city.handler, at=database_now())


@pytest.mark.django_db
def test_who_objects_to_the_document_stays_secret():
    found = published_lot(due_in=timedelta(days=24), holders=1)
    objection = object_to(found, matter="document", bidder=found.city.bidders[0])
    told = [bytes(row.data).decode() for row in LedgerEntry.objects.filter(stream=found.tender.stream)]
    assert any("objection.filed" in text for text in told)
    assert not any(objection.by.pseudonym in text or objection.organisation.uscc in text for text in told)
    assert objection.organisation.name not in "".join(Notice.objects.values_list("body", flat=True))


def test_a_decision_after_the_award_undoes_it(lot):
    publicity = shown(lot)
    complaint = complaint_of(lot)
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    officials = lot.city.supervisor, second_official(lot)
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=officials[0], at=database_now())
    for official in officials:
        actions.add_note(complaint, "调查", by=official, at=database_now())
    actions.decide_complaint(
        complaint, upheld=True, findings="业绩虚假", basis="条例第五十一条", decision="中标无效，重新评标", remedy=Complaint.Remedy.REEVALUATE,
        by=officials[0], at=database_now(),
    )  # fmt: skip
    award.refresh_from_db()
    assert award.void_at is not None
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.EVALUATING
    assert awards.current_award(lot) is None


def test_other_regulators_and_rivals_see_nothing(lot, client):
    shown(lot)
    complaint = complaint_of(lot)
    client.force_login(organisation("regulator", duties=[Duty.COMPLAINTS], sectors=["GC"]).somebody, backend=BACKEND)
    assert client.get(reverse("supervision:complaint", args=[complaint.number])).status_code == 404
    rival = lot.city.bidders[0]
    client.force_login(rival.somebody, backend=BACKEND)
    assert complaint.number not in client.get(reverse("supervision:own")).content.decode()
