"""One certificate, one lot: custody from the award, conflicts, replacement, release."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from postbox.models import Message
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing.vault import unwrap_key
from tests.factories.evaluation import evaluating_lot
from tests.factories.performance import accepted, awarded, key_person, second_lot, signed_contract, with_team
from trading.awards import actions as awards
from trading.opening.models import Opening
from trading.performance import actions
from trading.performance.models import Custody, CustodyConflict, KeyPerson, Post, Replacement
from trading.performance.queries import missing_posts
from trading.performance.rules import CUSTODY_FROM, values_on
from trading.projects.models import Lot

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.requirement("R216")
def test_a_certificate_is_held_by_one_lot_until_acceptance(contract):
    team = with_team(contract)
    other = signed_contract(second_lot(contract.firm))
    with pytest.raises(Refused) as refusal:
        actions.name_team_member(other, team["safety"].key_person, Post.SAFETY, by=other.firm.somebody, at=other.at)
    assert contract.lot.tender.name in refusal.value.message and refusal.value.field == "person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Custody.objects.create(
            lot=other.lot, key_person=team["safety"].key_person, certificate=team["safety"].certificate, post="safety", since=other.at
        )
    with pytest.raises(Refused) as refusal:
        actions.withdraw_key_person(team["safety"].key_person, by=contract.firm.somebody, at=contract.at)
    assert refusal.value.code == "in_custody"
    accepted(contract, contract.at)
    assert actions.name_team_member(other, team["safety"].key_person, Post.SAFETY, by=other.firm.somebody, at=other.at)


def test_what_a_post_asks_for(contract):
    firm, by = contract.firm, contract.firm.somebody
    wrong = key_person(firm, "乙")
    with pytest.raises(Refused) as refusal:
        actions.name_team_member(contract, wrong, Post.MANAGER, by=by, at=contract.at)
    assert refusal.value.code == "not_the_manager"
    with pytest.raises(Refused) as refusal:
        actions.name_team_member(contract, wrong, Post.SAFETY, by=by, at=contract.at)
    assert refusal.value.code == "wrong_certificate"
    strange = key_person(contract.city.bidders[1], "辛", Post.SAFETY)
    with pytest.raises(Refused) as refusal:
        actions.name_team_member(contract, strange, Post.SAFETY, by=by, at=contract.at)
    assert refusal.value.code == "not_of_the_winner"
    expired = key_person(firm, "壬", Post.SAFETY)
    KeyPerson.objects.filter(pk=expired.pk).update(valid_until="2020-01-01")
    with pytest.raises(Refused) as refusal:
        actions.name_team_member(contract, expired, Post.SAFETY, by=by, at=contract.at)
    assert refusal.value.code == "certificate_expired"
    with pytest.raises(Forbidden):
        actions.name_team_member(contract, wrong, Post.SAFETY, by=contract.city.handler, at=contract.at)


def test_one_certificate_stands_with_one_firm_and_is_encrypted(contract):
    person = key_person(contract.firm, number="鄂 2020-abc123")
    with pytest.raises(Refused) as refusal:
        key_person(contract.city.bidders[1], "同号", number="鄂2020-ABC123")
    assert refusal.value.field == "number"
    row = KeyPerson.objects.get(pk=person.pk)
    assert unwrap_key(bytes(row.number_sealed)).decode() == row.number == "鄂2020-ABC123"
    assert "ABC123" not in str(bytes(row.number_sealed)) and row.masked == "****C123"


def test_numbers_are_masked_for_whom_they_do_not_concern(client, contract):
    with_team(contract, [Post.MANAGER])
    number = KeyPerson.objects.get().number
    seen = {}
    for name, person in (("firm", contract.firm.somebody), ("regulator", contract.city.supervisor), ("owner", contract.city.owner.somebody),
                         ("agency", contract.city.handler), ("centre", contract.city.staff)):  # fmt: skip
        client.force_login(person, backend=BACKEND)
        seen[name] = number in client.get(reverse("trading:contract", args=[contract.lot.tender.number, 1])).content.decode()
    assert seen == {"firm": True, "regulator": True, "owner": False, "agency": False, "centre": False}


def test_from_which_estimate_on_custody_is_asked_for(contract):
    least = values_on(contract.signed_on)[CUSTODY_FROM].value
    for estimate, wanted in ((least, 6), (least - 1, 0)):
        contract.lot.estimate = estimate
        assert len(missing_posts(contract, values_on(contract.signed_on))) == wanted


@pytest.mark.requirement("R216")
def test_the_manager_is_held_from_the_award_and_free_when_it_falls(lot, deliver):
    key_person(lot.city.bidders[0])
    award = awarded(lot)
    deliver()
    held = Custody.objects.get(lot=lot)
    assert (held.post, held.key_person.name, held.released_at) == ("manager", "甲", None)
    awards.void_publicity(award.candidate.publicity, reason="评分错误", by=lot.city.handler, at=award.at)
    deliver()
    held.refresh_from_db()
    assert held.release == "award_void" and held.released_at


@pytest.mark.requirement("R216")
def test_after_the_reveal_a_person_held_elsewhere_is_reported_to_all_who_must_know(contract, deliver):
    with_team(contract, [Post.MANAGER])
    lot = second_lot(contract.firm)
    Opening.objects.filter(lot=lot).update(revealed_at=database_now())
    actions.find_conflicts(lot, at=database_now())
    row = CustodyConflict.objects.get()
    assert (row.kind, row.lot, row.other, row.name) == ("held", lot, contract.lot, "甲")
    for person in (contract.firm.somebody, lot.tender.project.created_by, lot.tender.project.regulator.memberships.get().person):
        assert Message.objects.filter(person=person, subject__contains="关键人员冲突").count() == 1
    assert actions.find_conflicts(lot, at=database_now()) == []


def test_a_person_offered_twice_is_seen_only_between_revealed_lots(lot):
    other = second_lot(lot.city.bidders[0])
    assert actions.find_conflicts(lot, at=database_now()) == []
    Opening.objects.filter(lot=other).update(revealed_at=database_now())
    found = actions.find_conflicts(lot, at=database_now())
    assert [(row.kind, row.other.pk) for row in found] == [("offered", other.pk)]
    # The same pair is not reported again from the other side.
    Opening.objects.filter(lot=lot).update(revealed_at=database_now())
    assert actions.find_conflicts(other, at=database_now()) == []
    assert Lot.objects.get(pk=other.pk).state == Lot.State.EVALUATING


def asked(contract, custody, successor):
    return actions.ask_replacement(contract, custody, successor, reason="因病住院", proof=None, by=contract.firm.somebody, at=contract.at)


def test_a_successor_has_equal_or_higher_qualification_and_two_must_agree(contract):
    team = with_team(contract)
    manager, where = team[Post.MANAGER], contract.city
    lower = key_person(contract.firm, "低", level=KeyPerson.Level.PLAIN)
    with pytest.raises(Refused) as refusal:
        asked(contract, manager, lower)
    assert refusal.value.code == "D-PF-03" and refusal.value.field == "successor"
    with pytest.raises(Refused):
        asked(contract, manager, key_person(contract.firm, "别证", Post.TECHNICAL))
    row = asked(contract, manager, key_person(contract.firm, "高", level=KeyPerson.Level.FIRST))
    with pytest.raises(Refused):
        actions.approve_replacement(contract, row, decision="", by=where.supervisor, at=contract.at)
    with pytest.raises(Forbidden):
        actions.agree_replacement(contract, row, by=where.handler, at=contract.at)
    actions.agree_replacement(contract, row, by=where.owner.somebody, at=contract.at)
    with pytest.raises(Forbidden):
        actions.approve_replacement(contract, row, decision="", by=where.owner.somebody, at=contract.at)
    actions.approve_replacement(contract, row, decision="同意", by=where.supervisor, at=contract.at)
    manager.refresh_from_db()
    assert manager.release == "replaced"
    assert Custody.objects.get(lot=contract.lot, post="manager", released_at=None).key_person.name == "高"
    equal = asked(contract, team[Post.SAFETY], key_person(contract.firm, "平", Post.SAFETY))
    with pytest.raises(Refused):
        actions.refuse_replacement(contract, equal, decision="", by=where.owner.somebody, at=contract.at)
    actions.refuse_replacement(contract, equal, decision="理由不充分", by=where.owner.somebody, at=contract.at)
    assert Replacement.objects.get(pk=equal.pk).state == "refused"
    assert Custody.objects.get(pk=team[Post.SAFETY].pk).released_at is None


@pytest.mark.django_db(transaction=True)
def test_two_lots_reach_for_one_certificate_at_once_and_one_gets_it(committed):
    contract = signed_contract(evaluating_lot())
    other = signed_contract(second_lot(contract.firm))
    person = key_person(contract.firm, "丁", Post.SAFETY)
    start, outcomes = threading.Barrier(2), []

    def reach(wanted):
        try:
            start.wait(10)
            actions.name_team_member(wanted, person, Post.SAFETY, by=contract.firm.somebody, at=database_now() + timedelta(days=9))
            outcomes.append("held")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=reach, args=[each]) for each in (contract, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(outcomes) == ["D-PF-04", "held"]
    assert Custody.objects.filter(certificate=person.number_digest, released_at=None).count() == 1
