"""Who may see and do what with one contract, at the doors; how many queries the list takes; what the archive keeps."""

import json
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.audit import CHECKS
from postbox.models import Message
from tests.factories.performance import accepted, again, found_absent, key_person, second_lot, signed_contract, with_team
from tests.factories.trading import organisation, stored
from trading.archive.contents import contract as kept_contract
from trading.awards.sides import CENTRE, DESK, SUPERVISOR, TENDEREE, WINNER
from trading.performance import actions
from trading.performance.models import ContractChange, Post
from trading.performance.steps import STEPS
from trading.performance.tasks import remind_of_red_items

BACKEND = "django.contrib.auth.backends.ModelBackend"


def people(contract):
    where = contract.city
    return {
        DESK: where.handler, TENDEREE: where.owner.somebody, WINNER: contract.firm.somebody, SUPERVISOR: where.supervisor, CENTRE: where.staff,
        "loser": where.bidders[1].somebody, "stranger": organisation("agency").somebody, "other regulator": organisation("regulator").somebody,
        "other owner": organisation("tenderee").somebody,
    }  # fmt: skip


def test_every_step_opens_only_to_its_sides(client, contract):
    change = actions.propose_change(
        contract, data={"title": "变更", "reason": "理由", "amount": 1, "days": 0}, proof=None, by=contract.city.handler, at=contract.at
    )
    custody = with_team(contract, [Post.MANAGER])[Post.MANAGER]
    targets = {"agree_change": change.pk, "refuse_change": change.pk, "approve_change": change.pk, "ask_replacement": custody.pk}
    wrong = []
    for side, person in people(contract).items():
        client.force_login(person, backend=BACKEND)
        for name, step in STEPS.items():
            if step.model is not None and name not in targets:
                continue
            address = reverse("trading:contract_step", args=[contract.lot.tender.number, 1, name])
            status = client.get(address, {"target": targets.get(name, "")}).status_code
            if status != (200 if side in step.sides else 404):
                wrong.append((side, name, status))
    assert wrong == []


def test_strangers_find_neither_contract_nor_list_row(client, contract):
    page, listed = reverse("trading:contract", args=[contract.lot.tender.number, 1]), reverse("trading:contracts")
    for side, person in people(contract).items():
        client.force_login(person, backend=BACKEND)
        inside = side in (DESK, TENDEREE, WINNER, SUPERVISOR, CENTRE)
        assert client.get(page).status_code == (200 if inside else 404), side
        assert (contract.number in client.get(listed).content.decode()) is inside, side


def test_a_step_posted_under_another_name_is_refused(client, contract):
    """What is signed is the act that the form names: the address alone does not make another of it."""
    client.force_login(contract.firm.somebody, backend=BACKEND)
    address = reverse("trading:contract_step", args=[contract.lot.tender.number, 1, "apply_acceptance"])
    assert client.post(address, {"move": "check_in"}).status_code == 404


def test_rows_of_other_contracts_are_no_targets(client, contract):
    row = ContractChange(contract=contract, no=1)
    address = reverse("trading:contract_step", args=[contract.lot.tender.number, 1, "agree_change"])
    client.force_login(contract.firm.somebody, backend=BACKEND)
    for target in ("", "0", "abc", row.pk or "999999"):
        assert client.get(address, {"target": target}).status_code == 404


def test_the_list_takes_as_many_queries_for_three_contracts_as_for_one(client, contract):
    with_team(contract)
    client.force_login(contract.firm.somebody, backend=BACKEND)

    def count():
        # What is remembered between requests (days off) is not counted.
        client.get(reverse("trading:contracts"))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("trading:contracts")).status_code == 200
        return len(caught)

    one = count()
    for _ in range(2):
        signed_contract(second_lot(contract.firm))
    assert count() == one


def test_a_firm_sees_only_its_own_people(client, contract):
    theirs = key_person(contract.city.bidders[1], "别家人", Post.SAFETY)
    client.force_login(contract.firm.somebody, backend=BACKEND)
    assert "别家人" not in client.get(reverse("trading:key_people")).content.decode()
    assert client.post(reverse("trading:withdraw_key_person", args=[theirs.pk])).status_code == 404


def test_the_site_s_code_is_shown_to_the_tenderee_only(client, contract):
    screen = reverse("trading:site_screen", args=[contract.lot.tender.number, 1])
    client.force_login(contract.city.owner.somebody, backend=BACKEND)
    assert client.get(screen).status_code == 200
    client.force_login(organisation("tenderee").somebody, backend=BACKEND)
    assert client.get(screen).status_code == 404


def test_the_archive_keeps_the_performance(contract):
    with_team(contract)
    accepted(contract, contract.at)
    kept = {item.path: item for item in kept_contract(contract.lot)}
    said = json.loads(b"".join(kept["08-contract/performance.json"].pieces()))
    assert len(said["关键人员"]) == 6 and said["验收"][0]["结论"] == "验收合格"
    assert said["关键人员"][0]["解除"] and "****" in said["关键人员"][0]["证书"]


def test_changed_sums_are_found_by_the_audit(contract):
    row = actions.propose_change(
        contract, data={"title": "变更", "reason": "理由", "amount": 1000, "days": 5}, proof=None, by=contract.city.handler, at=contract.at
    )
    body = {"d": {"tender": contract.lot.tender.number, "lot": "1", "no": row.no, "amount": "1000.00", "days": 5}}
    (check,) = CHECKS["contract.change"]
    assert check(body) is None
    ContractChange.objects.update(amount=1)
    assert check(body) == "合同变更与存证不符"


def test_red_items_are_told_once_a_week(contract, monkeypatch):
    monkeypatch.setattr("trading.performance.tasks.database_now", lambda: contract.at)
    firm = contract.firm.somebody
    remind_of_red_items()
    told = Message.objects.filter(person=firm, subject__contains="标后提醒").count()
    assert told == 1 and "关键人员未登记" in Message.objects.filter(person=firm, subject__contains="标后提醒").get().body
    remind_of_red_items()
    assert Message.objects.filter(person=firm, subject__contains="标后提醒").count() == told


@pytest.mark.requirement("R129")
def test_the_public_page_shows_facts_and_no_private_data(client, contract):
    with_team(contract)
    accepted(contract, contract.at)
    page = client.get(reverse("trading:public_contract", args=[contract.lot.tender.number, 1])).content.decode()
    assert contract.number in page and "30,000,000.00" in page and contract.manager in page
    people = get_user_model().objects.exclude(mobile="platform")
    assert not any(person.mobile in page for person in people)
    assert "丁安全" not in page and "证书" not in page and again(contract).lot.tender.name in page


@pytest.mark.requirement("R219")
def test_the_ledger_of_inspections_adds_up_notices_and_amounts(client, contract):
    team, where = with_team(contract), contract.city
    for absent in ([team[Post.MANAGER], team[Post.SAFETY]], [team[Post.QUALITY]]):
        inspection = found_absent(contract, absent, contract.at)
        actions.issue_inspection_deduction(contract, inspection, by=where.supervisor, at=contract.at)
    client.force_login(where.supervisor, backend=BACKEND)
    answer = client.get(reverse("trading:site_inspections"))
    assert answer.context["totals"] == {"count": 2, "amount": 15_000} and "15,000.00" in answer.content.decode()
    client.force_login(organisation("regulator").somebody, backend=BACKEND)
    assert client.get(reverse("trading:site_inspections")).context["totals"] == {"count": 0, "amount": 0}


def test_the_centre_sees_bonds_that_wait_for_it(client, contract):
    where = contract.city
    actions.ask_bond(contract, amount=Decimal(100_000), due_on=contract.signed_on, by=where.handler, at=contract.at)
    paper = stored(contract.firm.somebody, contract.firm, "performance")
    data = {"form": "transfer", "reference": "QJ1", "valid_until": None}
    actions.put_up_bond(contract, data=data, proof=paper, by=contract.firm.somebody, at=contract.at)
    client.force_login(where.staff, backend=BACKEND)
    assert "确认履约保证金" in client.get(reverse("trading:contracts")).content.decode()
    assert client.get(reverse("documents:file", args=[paper.key])).status_code == 200
    client.force_login(where.bidders[1].somebody, backend=BACKEND)
    assert client.get(reverse("documents:file", args=[paper.key])).status_code == 404
