"""The mandate: the same words signed by both, printed, and taken over by the registration of the project."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from agencies import actions
from agencies.models import AgencyContract, AgencyRequest, MandateUse, Proposal
from documents.actions import ensure_printed
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.agencies import asked, mandate, offered
from tests.factories.trading import city, filled_project, organisation
from trading.archive.required import agency_contract
from trading.projects.actions import review_project, submit_project
from trading.projects.models import ProjectPaper
from trading.projects.queries import mandate_of, missing

pytestmark = pytest.mark.django_db
PAPER = ProjectPaper.Kind.AGENCY_CONTRACT


@pytest.fixture
def where():
    return city(bidders=0)


def enter(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client, page, move):
    """What the page of a contract posts for a signature."""
    return {"move": move, "digest": client.get(page).context["digest"]}


def without_paper(where):
    project = filled_project(where)
    project.papers.filter(kind=PAPER).delete()
    return project


def test_a_mandate_is_written_offered_and_signed_on_the_pages(where, client):
    contract = asked(where, agency=where.agency).contracts.get()
    page = reverse("agencies:contract", args=[contract.number])
    enter(client, where.owner.somebody)
    day = city_day(database_now())
    fields = {
        "scope": "施工招标的全部事务", "powers": "编制招标文件", "fee": "8 万元", "fee_basis": "market", "payer": "owner", "starts_on": f"{day}",
        "ends_on": f"{day + timedelta(days=300)}", "additions": "",
    }  # fmt: skip
    assert client.post(reverse("agencies:edit_contract", args=[contract.number]), fields).status_code == 302
    assert "发改价格〔2015〕299号" in client.get(page).content.decode()
    assert client.post(reverse("agencies:move_contract", args=[contract.number]), shown(client, page, "offer")).status_code == 302
    enter(client, where.handler)
    assert "签署合同" in client.get(page).content.decode()
    assert client.post(reverse("agencies:move_contract", args=[contract.number]), shown(client, page, "sign")).status_code == 302
    contract.refresh_from_db()
    assert (contract.state, contract.fee, contract.document.public) == ("signed", Decimal("80000.00"), False)
    assert set(contract.document.readers.all()) == {where.owner, where.agency}
    assert ensure_printed(contract.document).file.size > 1000
    other = organisation("tenderee")
    assert enter(client, other.somebody).get(page).status_code == 404


def test_who_signs_on_which_side(where):
    contract = offered(where, asked(where, agency=where.agency))
    with pytest.raises(Forbidden):
        actions.sign_contract(contract, seen=contract.digest, by=where.owner.somebody, at=database_now())
    with pytest.raises(Forbidden):
        actions.end_contract(contract, "理由", by=where.handler, at=database_now())


def test_a_returned_mandate_is_signed_anew(where):
    contract = offered(where, asked(where, agency=where.agency))
    first = contract.digest
    actions.return_contract(contract, "服务费偏低", by=where.handler, at=database_now())
    contract = offered(where, contract.request, fee=Decimal("90000.00"))
    assert contract.digest != first
    assert actions.sign_contract(contract, seen=contract.digest, by=where.handler, at=database_now()).state == "signed"


def test_words_that_changed_after_the_first_signature_are_not_signed(where):
    contract = offered(where, asked(where, agency=where.agency))
    AgencyContract.objects.filter(pk=contract.pk).update(fee=Decimal(1))
    with pytest.raises(Refused) as refused:
        actions.sign_contract(contract, seen=contract.digest, by=where.handler, at=database_now())
    assert refused.value.code == "text_changed"


def test_a_signature_binds_the_words_that_stood_on_the_page(where, client):
    contract = offered(where, asked(where, agency=where.agency))
    page = reverse("agencies:contract", args=[contract.number])
    move = reverse("agencies:move_contract", args=[contract.number])
    stale = shown(enter(client, where.handler), page, "sign")
    assert f'name="digest" value="{stale["digest"]}"' in client.get(page).content.decode()
    # Returned, changed and offered anew while the page stands open.
    actions.return_contract(contract, "请改", by=where.handler, at=database_now())
    contract = offered(where, contract.request, fee=Decimal("1.00"))
    assert client.post(move, stale).status_code == 409
    assert client.post(move, {"move": "sign"}).status_code == 409
    contract.refresh_from_db()
    assert contract.state == "offered"
    assert client.post(move, shown(client, page, "sign")).status_code == 302


def test_the_owners_signature_binds_what_it_saw_too(where):
    contract = asked(where, agency=where.agency).contracts.get()
    with pytest.raises(Refused) as refused:
        actions.offer_contract(contract, seen="", by=where.owner.somebody, at=database_now())
    assert refused.value.code == "text_changed"


def test_the_mandate_of_the_projects_own_name_goes_before_a_newer_one(where):
    project = without_paper(where)
    own = mandate(where)
    newer = mandate(where)
    AgencyContract.objects.filter(pk=newer.pk).update(project_name="另一个项目")
    assert mandate_of(project) == own


def test_a_mandate_that_has_ended_is_no_more_the_projects_when_it_is_handed_in_anew(where):
    project = filled_project(where)
    contract = mandate(where)
    submit_project(project, by=where.handler, at=database_now())
    assert MandateUse.objects.get().contract == contract
    review_project(project, "returned", "请补正。", by=where.staff, at=database_now())
    actions.end_contract(contract, "终止", by=where.owner.somebody, at=database_now())
    submit_project(project, by=where.handler, at=database_now())
    assert not MandateUse.objects.exists()


@pytest.mark.parametrize("field", ["scope", "powers", "fee"])
def test_what_a_mandate_must_say_is_asked_for(where, field):
    with pytest.raises(Refused) as refused:
        offered(where, asked(where, agency=where.agency), **{field: None if field == "fee" else ""})
    assert refused.value.field == field


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True)])
def test_a_mandate_does_not_end_before_today(where, days, allowed):
    request, day = asked(where, agency=where.agency), city_day(database_now())
    term = {"starts_on": day - timedelta(days=5), "ends_on": day + timedelta(days=days)}
    if allowed:
        assert offered(where, request, **term).state == "offered"
    else:
        with pytest.raises(Refused) as refused:
            offered(where, request, **term)
        assert refused.value.code == "term"


def test_a_standing_mandate_stands_for_the_paper_and_stays_with_the_project(where, client):
    project = without_paper(where)
    assert [gap.field for gap in missing(project)] == ["paper-agency_contract"]
    contract = mandate(where)
    assert missing(project) == []
    page = enter(client, where.handler).get(reverse("trading:project", args=[project.pk])).content.decode()
    assert contract.number in page and "采用平台签订的" in page
    submit_project(project, by=where.handler, at=database_now())
    assert MandateUse.objects.get().contract == contract
    # What becomes of the mandate later changes nothing for the project.
    actions.end_contract(contract, "项目调整", by=where.owner.somebody, at=database_now())
    project.refresh_from_db()
    assert mandate_of(project) == contract
    review_project(project, "accepted", "", by=where.staff, at=database_now())
    assert agency_contract(project.tenders.get().lots.get()) is True
    assert contract.number in enter(client, where.staff).get(reverse("trading:review_project", args=[project.pk])).content.decode()


def test_a_mandate_of_another_service_owner_or_time_does_not_count(where):
    project = without_paper(where)
    gap = ["paper-agency_contract"]
    signed = offered(where, asked(where, agency=where.agency, service="procurement"), fee_basis="purchase")
    actions.sign_contract(signed, seen=signed.digest, by=where.handler, at=database_now())
    assert [each.field for each in missing(project)] == gap
    contract = mandate(where)
    AgencyContract.objects.filter(pk=contract.pk).update(ends_on=city_day(database_now()) - timedelta(days=1))
    assert [each.field for each in missing(project)] == gap
    AgencyContract.objects.filter(pk=contract.pk).update(ends_on=city_day(database_now()), owner=organisation("tenderee"))
    assert [each.field for each in missing(project)] == gap


def test_a_quoted_fee_is_the_contracts_fee(where):
    request = asked(where, agency=where.agency)
    AgencyRequest.objects.filter(pk=request.pk).update(way="competition", due_at=database_now())
    Proposal.objects.create(
        request=request, agency=where.agency, fee=Decimal(70_000), plan="方案", sent_by=where.handler, sent_at=database_now()
    )
    with pytest.raises(Refused) as refused:
        offered(where, request)
    assert refused.value.code == "other_fee"
    assert offered(where, request, fee=Decimal(70_000)).state == "offered"
