"""Choosing an intermediary: the tenderee's own choice, a draw over an open list, a competition by stated criteria."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from agencies import actions
from agencies.models import AgencyContract, AgencyRequest
from draws.actions import opened, void_draw
from draws.models import Draw
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.agencies import asked, drawing, listed, offered
from tests.factories.documents import place_entries
from tests.factories.evaluation import drawn
from tests.factories.trading import acting_for, city, organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city(bidders=0)


def enter(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


def begin(where, request):
    drawing(where)
    return actions.begin_draw(request, supervisor=where.supervisor, tenderee=where.owner.somebody, by=where.staff, at=database_now())


def names_of(draw):
    return {opened(row)["candidate"]["uscc"] for row in draw.candidates.all()}


def suspend(where, agency):
    order = {"order_number": "清建罚〔2026〕1 号", "basis": "依据", "reason": "事由", "until": city_day(database_now()) + timedelta(days=9)}
    return actions.suspend_agency(agency, **order, by=where.supervisor, at=database_now())


@pytest.mark.requirement("R123", "R195")
@pytest.mark.parametrize("service", ["cost", "survey", "works"])
def test_an_intermediary_is_drawn_from_all_of_its_service_and_it_is_recorded(where, service):
    pool = [listed(where, None, service) for _ in range(3)]
    listed(where, None, "auction")
    request = asked(where, "draw", service=service)
    draw = begin(where, request)
    assert (draw.confidential, names_of(draw)) == (False, {row.uscc for row in pool})
    drawn(draw, drawing(where))
    request.refresh_from_db()
    assert request.state == "chosen" and request.agency in pool
    entry = LedgerEntry.objects.get(kind="agency.chosen")
    assert (entry.stream, draw.number in request.reason) == (f"agency-request/{request.number}", True)


@pytest.mark.requirement("R113")
def test_the_auction_service_body_is_drawn_inside_the_centre(where, client):
    house = listed(where, organisation("agency", "清江拍卖行有限公司"), "auction")
    request = asked(where, "draw", service="auction", project_name="滨江地块出让拍卖服务")
    drawing(where)
    enter(client, where.staff)
    assert house.name in client.get(reverse("agencies:begin_draw", args=[request.number])).content.decode()
    fields = {"supervisor": where.supervisor.pk, "tenderee": where.owner.somebody.pk}
    assert client.post(reverse("agencies:begin_draw", args=[request.number]), fields).status_code == 302
    drawn(Draw.objects.get(), drawing(where))
    client.logout()
    page = client.get(reverse("agencies:request", args=[request.number])).content.decode()
    assert house.name in page and "拍卖服务" in page and Draw.objects.get().number in page
    assert request.project_name in client.get(reverse("agencies:register")).content.decode()


def test_the_list_leaves_out_who_is_restricted_who_does_not_wish_and_who_has_left(where):
    free, stopped, unwilling, left = (listed(where) for _ in range(4))
    suspend(where, stopped)
    data = {"services": ["works"], "historic_grade": "", "introduction": "", "takes_draws": False}
    actions.save_profile(unwilling, data, by=unwilling.somebody)
    actions.leave_register(left, "退出", by=left.somebody, at=database_now())
    assert names_of(begin(where, asked(where, "draw"))) == {free.uscc}


def test_who_is_restricted_after_the_list_was_fixed_is_passed_over(where):
    free, stopped = listed(where), listed(where)
    request = asked(where, "draw")
    draw = begin(where, request)
    suspend(where, stopped)
    drawn(draw, drawing(where))
    request.refresh_from_db()
    assert request.agency == free


@pytest.mark.requirement("R123")
def test_when_all_of_the_list_are_passed_over_the_request_is_closed_with_its_reason(where):
    house = listed(where)
    request = asked(where, "draw")
    draw = begin(where, request)
    suspend(where, house)
    drawn(draw, drawing(where))
    request.refresh_from_db()
    assert (request.state, request.agency, draw.number in request.reason) == ("closed", None, True)
    assert Message.objects.filter(person=where.owner.somebody, subject__contains="没有选定机构").exists()


def test_who_declines_when_all_standbys_are_restricted_has_declined(where):
    agencies = [listed(where), listed(where)]
    request = asked(where, "draw")
    drawn(begin(where, request), drawing(where))
    request.refresh_from_db()
    first = request.agency
    suspend(where, next(each for each in agencies if each != first))
    actions.decline_request(request, first, "人手不足", by=acting_for(first), at=database_now())
    request.refresh_from_db()
    assert (request.state, request.agency) == ("closed", None)


def test_ending_the_contract_of_the_drawn_brings_the_next_and_every_draw_stays_public(where, client):
    listed(where), listed(where)
    request = asked(where, "draw")
    drawn(begin(where, request), drawing(where))
    request.refresh_from_db()
    first = request.agency
    actions.end_contract(request.contracts.get(), "不合意", by=where.owner.somebody, at=database_now())
    request.refresh_from_db()
    second = request.agency
    assert request.state == "chosen" and second not in (None, first)
    actions.end_contract(request.contracts.get(agency=second), "不合意", by=where.owner.somebody, at=database_now())
    request.refresh_from_db()
    assert (request.state, request.agency) == ("closed", None)
    assert client.get(reverse("agencies:request", args=[request.number])).status_code == 200
    assert request.number in client.get(reverse("agencies:register")).content.decode()


def test_a_signed_contract_that_ends_brings_nobody_and_its_selection_stays_public(where, client):
    listed(where), listed(where)
    request = asked(where, "draw")
    drawn(begin(where, request), drawing(where))
    request.refresh_from_db()
    contract = offered(where, request)
    contract = actions.sign_contract(contract, seen=contract.digest, by=acting_for(request.agency), at=database_now())
    actions.end_contract(contract, "项目取消", by=where.owner.somebody, at=database_now())
    request.refresh_from_db()
    assert (request.state, request.contracts.count()) == ("closed", 1)
    assert request.agency.name in client.get(reverse("agencies:request", args=[request.number])).content.decode()


def test_a_request_with_a_running_draw_is_not_given_up_and_with_a_void_one_it_is(where):
    listed(where)
    request = asked(where, "draw")
    draw = begin(where, request)
    given = {"by": where.owner.somebody, "at": database_now()}
    with pytest.raises(Refused) as refused:
        actions.close_request(request, "改为自主选择", **given)
    assert refused.value.code == "drawing"
    void_draw(draw, "名单有误", by=where.staff, at=database_now())
    assert actions.close_request(request, "改为自主选择", **given).state == "closed"
    assert LedgerEntry.objects.get(kind="agency.request_withdrawn").stream == f"agency-request/{request.number}"


def test_who_has_proposed_hears_that_the_request_is_given_up(where):
    agency = listed(where)
    actions.close_request(competing(where, agency), "项目取消", by=where.owner.somebody, at=database_now())
    assert Message.objects.filter(person=agency.somebody, subject__contains="委托需求已撤回").count() == 1


def test_the_owner_mandates_and_draws_no_agency_that_is_itself(where):
    both = listed(where, organisation("agency"))
    both.kinds = ["agency", "tenderee"]
    both.save()
    where.owner = both
    with pytest.raises(Refused) as refused:
        asked(where, agency=both)
    assert refused.value.code == "own_mandate"
    request = asked(where, "competition", due_at=database_now() + timedelta(days=5), criteria=CRITERIA)
    with pytest.raises(Refused) as refused:
        actions.propose(request, both, fee=Decimal(1), plan="方案", file=None, by=both.somebody, at=database_now())
    assert refused.value.code == "own_mandate"


def test_who_declines_is_replaced_by_the_next_of_the_drawn_order(where):
    listed(where), listed(where)
    request = asked(where, "draw")
    drawn(begin(where, request), drawing(where))
    request.refresh_from_db()
    first = request.agency
    actions.decline_request(request, first, "人手不足", by=acting_for(first), at=database_now())
    request.refresh_from_db()
    assert request.state == "chosen" and request.agency != first
    assert [row.agency for row in request.contracts.order_by("pk")] == [first, request.agency]
    second = request.agency
    actions.decline_request(request, second, "人手不足", by=acting_for(second), at=database_now())
    request.refresh_from_db()
    assert (request.state, request.agency) == ("closed", None)


def test_only_the_centre_begins_a_draw_and_only_where_the_tenderee_wanted_one(where):
    listed(where)
    drawing(where)
    parties = {"supervisor": where.supervisor, "tenderee": where.owner.somebody, "at": database_now()}
    with pytest.raises(Forbidden):
        actions.begin_draw(asked(where, "draw"), **parties, by=where.supervisor)
    with pytest.raises(Refused) as refused:
        actions.begin_draw(asked(where, agency=where.agency), **parties, by=where.staff)
    assert refused.value.code == "wrong_state"


def test_the_tenderee_chooses_freely_whether_or_not_the_register_has_the_agency(where, client):
    listed(where)
    enter(client, where.owner.somebody)
    page = client.get(reverse("agencies:new_request")).content.decode()
    assert "《招标投标法》第十二条" in page and where.agency.name in page
    fields = {"service": "works", "project_name": "综合楼", "scope": "施工招标", "way": "direct", "agency": where.agency.pk, "criteria": ""}
    assert client.post(reverse("agencies:new_request"), fields).status_code == 302
    request = AgencyRequest.objects.get()
    assert (request.state, request.agency) == ("chosen", where.agency)
    assert AgencyContract.objects.get().state == "writing"
    # A free choice is between the two.
    client.logout()
    assert client.get(reverse("agencies:request", args=[request.number])).status_code == 404


CRITERIA = [{"title": "服务方案", "weight": 60}, {"title": "报价", "weight": 40}]


def competing(where, *agencies):
    """A competition whose time is over, with a proposal of each."""
    now = database_now()
    request = asked(where, "competition", at=now - timedelta(days=5), due_at=now - timedelta(hours=1), criteria=CRITERIA)
    for place, each in enumerate(agencies):
        actions.propose(
            request, each, fee=Decimal(50_000 + place), plan=f"方案{place}", file=None, by=each.somebody, at=now - timedelta(hours=2)
        )
    place_entries()
    return request


def test_a_competition_is_decided_by_the_stated_criteria_and_its_list_is_public(where, client):
    first, second = listed(where), listed(where)
    request = competing(where, first, second)
    one, two = request.proposals.order_by("pk")
    marks = {one.pk: [Decimal(80), Decimal(90)], two.pk: [Decimal(90), Decimal(80)]}
    given = {"by": where.owner.somebody, "at": database_now()}
    with pytest.raises(Refused) as refused:
        actions.choose_proposal(request, marks, one, "", **given)
    assert refused.value.code == "not_first"
    actions.choose_proposal(request, marks, two, "", **given)
    request.refresh_from_db()
    assert request.agency == second
    assert [(row.agency, row.total) for row in request.proposals.all()] == [(second, Decimal("86.00")), (first, Decimal("84.00"))]
    page = client.get(reverse("agencies:request", args=[request.number])).content.decode()
    assert first.name in page and "86.00" in page and "84.00" in page
    assert request.contracts.get().fee == Decimal("50001.00")


def test_between_equals_the_tenderee_says_why(where):
    request = competing(where, listed(where), listed(where))
    rows = list(request.proposals.all())
    marks = {row.pk: [Decimal(80), Decimal(80)] for row in rows}
    given = {"by": where.owner.somebody, "at": database_now()}
    with pytest.raises(Refused) as refused:
        actions.choose_proposal(request, marks, rows[0], "", **given)
    assert refused.value.field == "reason"
    assert actions.choose_proposal(request, marks, rows[0], "同类业绩更多", **given).agency == rows[0].agency


def test_the_best_of_those_still_free_is_taken_and_nobody_when_none_is(where):
    first, second = listed(where), listed(where)
    request = competing(where, first, second)
    one, two = request.proposals.order_by("pk")
    marks = {one.pk: [Decimal(90), Decimal(90)], two.pk: [Decimal(80), Decimal(80)]}
    given = {"by": where.owner.somebody, "at": database_now()}
    suspend(where, first)
    with pytest.raises(Refused) as refused:
        actions.choose_proposal(request, marks, one, "", **given)
    assert refused.value.code == "agency_restricted"
    other = competing(where, second)
    assert actions.choose_proposal(request, marks, two, "", **given).agency == second
    suspend(where, second)
    row = other.proposals.get()
    with pytest.raises(Refused) as refused:
        actions.choose_proposal(other, {row.pk: marks[one.pk]}, row, "", **given)
    assert refused.value.code == "nobody"


def test_how_many_propose_and_who_is_not_known_before_the_time_is_over(where, client):
    agency, now = listed(where), database_now()
    request = asked(where, "competition", due_at=now + timedelta(days=5), criteria=CRITERIA)
    actions.propose(request, agency, fee=Decimal(1), plan="方案", file=None, by=agency.somebody, at=now)
    entry = LedgerEntry.objects.get(kind="agency.proposed")
    told = bytes(entry.data).decode()
    assert entry.is_blind and agency.somebody.pseudonym not in told and request.number not in told
    page = enter(client, where.owner.somebody).get(reverse("agencies:request", args=[request.number]))
    assert page.context["count"] is None and "1 份" not in page.content.decode()
    assert agency.name not in client.get(reverse("agencies:choose", args=[request.number])).content.decode()
    over = competing(where, agency)
    assert client.get(reverse("agencies:request", args=[over.number])).context["count"] == 1
    marks = {row.pk: [Decimal(80), Decimal(80)] for row in over.proposals.all()}
    actions.choose_proposal(over, marks, over.proposals.get(), "", by=where.owner.somebody, at=database_now())
    opened_one = LedgerEntry.objects.get(kind="blind.opened", stream=f"agency-request/{over.number}")
    assert agency.uscc in bytes(opened_one.data).decode()


def test_nobody_reads_a_proposal_before_the_time_is_over(where, client):
    agency, other = listed(where), listed(where)
    now = database_now()
    request = asked(where, "competition", due_at=now + timedelta(days=5), criteria=CRITERIA)
    actions.propose(request, agency, fee=Decimal("54321.00"), plan="保密的方案", file=None, by=agency.somebody, at=now)
    for somebody in (where.owner.somebody, where.staff, other.somebody):
        page = enter(client, somebody).get(reverse("agencies:request", args=[request.number])).content.decode()
        assert "54,321.00" not in page and agency.name not in page
    with pytest.raises(Refused) as refused:
        actions.choose_proposal(request, {}, request.proposals.get(), "", by=where.owner.somebody, at=now)
    assert refused.value.code == "not_due"


@pytest.mark.parametrize(("days", "allowed"), [(2, False), (3, True)])
def test_agencies_have_three_days_to_propose(where, days, allowed):
    now = database_now()
    more = {"due_at": now + timedelta(days=days), "criteria": CRITERIA, "at": now}
    if allowed:
        assert asked(where, "competition", **more).state == "proposing"
    else:
        with pytest.raises(Refused) as refused:
            asked(where, "competition", **more)
        assert refused.value.field == "due_at"


def test_a_late_or_too_dear_proposal_is_refused(where):
    agency, now = listed(where), database_now()
    due = now + timedelta(days=4)
    request = asked(where, "competition", due_at=due, criteria=CRITERIA, fee_limit=Decimal(60_000))
    given = {"plan": "方案", "file": None, "by": agency.somebody}
    with pytest.raises(Refused) as refused:
        actions.propose(request, agency, fee=Decimal("60000.01"), **given, at=now)
    assert refused.value.field == "fee"
    with pytest.raises(Refused) as refused:
        actions.propose(request, agency, fee=Decimal(1), **given, at=due)
    assert refused.value.code == "too_late"


def test_weights_that_are_no_hundred_are_refused_beside_the_field(where, client):
    enter(client, where.owner.somebody)
    due = (database_now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    fields = {
        "service": "works",
        "project_name": "综合楼",
        "scope": "招标",
        "way": "competition",
        "due_at": due,
        "criteria": "方案 60\n报价 30",
    }
    answer = client.post(reverse("agencies:new_request"), fields)
    assert answer.status_code == 200 and "权重合计应为 100" in answer.content.decode()
    assert not AgencyRequest.objects.exists()
