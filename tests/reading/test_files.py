"""Who reads which file at the desk, when, and at which page each criterion is answered."""

import pytest
from django.urls import reverse

from experts.models import Expert
from tests.factories.documents import sealed
from tests.factories.evaluation import expert, members, review, started
from tests.factories.reading import answering, give_file, pdf_of
from tests.factories.trading import person
from tests.reading.test_drafts import enter
from trading.evaluation import actions
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.evaluation.reading import asked_of

PLAN = b"%PDF-1.4 plan"


@pytest.fixture
def evaluation(lot):
    return started(lot)


@pytest.fixture
def bid(evaluation):
    return actions.bids_of(evaluation)[0]


def url(evaluation, file):
    return reverse("trading:evaluation_file", args=[evaluation.pk, file.pk])


def test_a_member_reads_on_the_page_and_what_is_no_pdf_is_a_download(client, evaluation, bid):
    plan, sheet = give_file(bid, "施工组织设计.pdf", PLAN), give_file(bid, "清单.xlsx", b"PK", content_type="application/x")
    enter(client, members(evaluation)[0].person)
    answer = client.get(url(evaluation, plan))
    assert b"".join(answer.streaming_content) == PLAN
    assert (answer["Content-Type"], answer["Cache-Control"], answer["X-Content-Type-Options"]) == (
        "application/pdf",
        "private, no-store",
        "nosniff",
    )
    assert answer["Content-Disposition"].startswith("inline")
    assert client.get(url(evaluation, sheet))["Content-Disposition"].startswith("attachment")
    # Elsewhere it stays a download.
    assert client.get(reverse("trading:opened_file", args=[plan.pk]))["Content-Disposition"].startswith("attachment")


def test_only_pledged_members_and_supervisors_read_and_only_while_the_committee_works(client, lot, evaluation, bid):
    file = give_file(bid, "施工组织设计.pdf", PLAN)
    seat, late, *_ = members(evaluation)
    CommitteeMember.objects.filter(pk=late.pk).update(pledged_at=None)
    stranger = expert(77).person
    who = {
        "member": seat.person, "unpledged": late.person, "another expert": stranger, "owner": lot.city.owner.somebody,
        "bidder": lot.city.bidders[0].somebody, "agency": lot.city.handler, "staff": lot.city.staff, "supervisor": lot.city.supervisor,
    }  # fmt: skip

    def answers():
        return {name: enter(client, somebody).get(url(evaluation, file)).status_code for name, somebody in who.items()}

    closed = {"unpledged": 403, "another expert": 404, "owner": 404, "bidder": 403, "agency": 403, "staff": 403, "supervisor": 200}
    assert answers() == {"member": 200, **closed}
    Evaluation.objects.update(state=Evaluation.State.SIGNED)
    assert answers() == {"member": 403, **closed}


def test_a_file_of_another_lot_cannot_be_asked_for_here(client, evaluation, bid):
    file = give_file(bid, "施工组织设计.pdf", PLAN)
    bid.opening.state = "keys"
    bid.opening.save()
    assert enter(client, members(evaluation)[0].person).get(url(evaluation, file)).status_code == 404


def test_an_expert_who_was_replaced_reads_no_more(client, lot, evaluation, bid):
    file = give_file(bid, "施工组织设计.pdf", PLAN)
    seat = members(evaluation)[0]
    CommitteeMember.objects.filter(pk=seat.pk).update(state=CommitteeMember.State.RECUSED)
    assert Expert.objects.filter(person=seat.person).exists()
    assert enter(client, seat.person).get(url(evaluation, file)).status_code == 404


def test_the_tender_document_lies_beside_the_bids(client, evaluation, lot):
    paper = reverse("trading:evaluation_paper", args=[evaluation.pk, 0])
    sealed(lot.tender.document.printed)
    enter(client, members(evaluation)[0].person)
    answer = client.get(paper)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert client.get(reverse("trading:evaluation_paper", args=[evaluation.pk, 9])).status_code == 404
    outsider = person()
    Expert.objects.create(person=outsider, number="ZJ99999", specialties=["A08"])
    assert enter(client, outsider).get(paper).status_code == 404


def test_each_criterion_leads_to_the_page_that_its_bidder_named(client, evaluation, bid):
    file = give_file(bid, "施工组织设计.pdf", pdf_of("一", "二"))
    form, response, technical = (
        next(row.key for row in asked_of(evaluation.lot.tender.document) if row.part == part) for part in ("form", "response", "technical")
    )
    answering(bid, {form: (1, 2), response: (7, 1), technical: (1, 1)})
    enter(client, members(evaluation)[0].person)
    page = client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
    assert f'href="{url(evaluation, file)}#page=2" target="_blank" data-file="{file.pk}" data-page="2">对应第 2 页</a>' in page
    # A file that is not there answers nothing, nor does a criterion that is judged later; what is not answered says so.
    checks = evaluation.lot.tender.document.criteria.filter(part__in=["form", "qualification", "response"]).count()
    assert page.count("对应第") == 1
    assert page.count("投标人没有指明页码") == 4 * checks - 1
    for member in members(evaluation):
        review(evaluation, member)
    page = client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
    assert f'{url(evaluation, file)}#page=1"' in page and page.count("对应第") == 1
