"""The centre's open selection of agencies: terms first, marks in public, a dated list by order; and it restricts nobody."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from agencies import actions
from agencies.actions.lists import ordered
from agencies.models import SelectionEntry, SelectionEvent
from agencies.queries import drawn_from, free_agencies
from disclosure.models import Notice
from ledger.models import LedgerEntry
from rulebook.clock import CITY, city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.agencies import asked, listed, mandate
from tests.factories.trading import city, member, organisation
from trading.projects.actions import start_project

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
CRITERIA = [{"title": "人员与内控", "weight": 40}, {"title": "业绩与评价", "weight": 60}]
GRADES = [{"title": "A级", "places": 1}, {"title": "B级", "places": 1}]


@pytest.fixture
def where(settings):
    settings.ETP_STEP_UP = "offered"
    return city(bidders=0)


def opened(where, **more):
    data = {
        "title": "2018 年工程招标代理机构公开遴选", "service": "works", "trial": "上半年试用后公开遴选", "criteria": CRITERIA, "grades": GRADES,
        "due_at": database_now() + timedelta(days=8), **more,
    }  # fmt: skip
    return actions.open_event(data, by=where.staff, at=database_now())


def over(event):
    SelectionEvent.objects.filter(pk=event.pk).update(due_at=database_now() - timedelta(minutes=1))
    event.refresh_from_db()
    return event


def entered(event, *agencies):
    for agency in agencies:
        actions.enter_event(event, agency, "人员十名，内控完整。", by=agency.somebody, at=database_now())


def marked(where, event, scores):
    """Every entry has the same mark by all criteria, in the order of entering."""
    for entry, score in zip(event.entries.order_by("pk"), scores, strict=True):
        actions.mark_entry(entry, [Decimal(score)] * len(event.criteria), by=where.staff, at=database_now())


def confirmed(where, event):
    colleague = member(where.centre, duties=["review"])
    later = city_day(database_now()) + timedelta(days=365)
    return actions.confirm_list(event, valid_until=later, by=colleague, at=database_now())


def published(where, scores=(90, 80, 70)):
    event = opened(where)
    entered(event, *(organisation("agency") for _ in scores))
    marked(where, over(event), scores)
    return confirmed(where, event)


def code(refused):
    return refused.value.code


@pytest.mark.requirement("R185")
@pytest.mark.parametrize(
    ("grades", "entries", "expected"),
    [
        ((("A级", 7), ("B级", 7), ("暂定", 4)), 20, {"A级": 7, "B级": 7, "暂定": 4, "": 2}),
        ((("A级", 9), ("B级", 6)), 15, {"A级": 9, "B级": 6}),
    ],
)
def test_the_order_of_scores_fills_the_grades_of_the_source(grades, entries, expected):
    class Agency:
        uscc = "1"

    rows = [SelectionEntry(score=Decimal(100 - number)) for number in range(entries)]
    for row in rows:
        row._state.fields_cache["agency"] = Agency
    found = [row.grade for row in ordered(rows, [{"title": title, "places": places} for title, places in grades])]
    assert {grade: found.count(grade) for grade in found} == expected


@pytest.mark.requirement("R185")
def test_who_shares_the_last_place_of_a_grade_is_in_it(where):
    event = published(where, (90, 90, 80))
    assert [(row.place, row.grade) for row in event.entries.order_by("place", "pk")] == [(1, "A级"), (1, "A级"), (3, "")]


@pytest.mark.requirement("R185")
def test_a_selection_from_its_opening_to_its_public_list_at_the_doors(where, client):
    client.force_login(where.staff, backend=BACKEND)
    due = (database_now() + timedelta(days=9)).astimezone(CITY).strftime("%Y-%m-%dT%H:%M")
    posted = {
        "title": "政府采购代理机构公开遴选", "service": "procurement", "trial": "", "due_at": due, "criteria": "人员与内控 40\n业绩与评价 60", "grades": "A级 1\nB级 1",
    }  # fmt: skip
    answer = client.post(reverse("agencies:new_list"), posted)
    assert answer.status_code == 302, answer.context["form"].errors
    event = SelectionEvent.objects.get()
    client.force_login(where.handler, backend=BACKEND)
    assert client.post(reverse("agencies:enter_list", args=[event.number]), {"statement": "十人，内控完整"}).status_code == 302
    client.logout()
    page = client.get(reverse("agencies:list", args=[event.number])).content.decode()
    assert "人员与内控" in page and where.agency.name not in page
    over(event)
    client.force_login(where.staff, backend=BACKEND)
    assert where.agency.name in client.get(reverse("agencies:list_desk", args=[event.number])).content.decode()
    entry = event.entries.get()
    assert client.post(reverse("agencies:mark_entry", args=[event.number, entry.pk]), {"mark-0": "90", "mark-1": "80"}).status_code == 302
    later = (city_day(database_now()) + timedelta(days=365)).isoformat()
    answer = client.post(reverse("agencies:confirm_list", args=[event.number]), {"valid_until": later})
    assert answer.status_code == 200 and "公布人不能是评分人" in answer.content.decode()
    client.force_login(member(where.centre, duties=["review"]), backend=BACKEND)
    assert client.post(reverse("agencies:confirm_list", args=[event.number]), {"valid_until": later}).status_code == 302
    client.logout()
    page = client.get(reverse("agencies:list", args=[event.number])).content.decode()
    for words in (
        where.agency.name,
        "84.00",
        "A级",
        "名单只供参考",
        "《招标投标法》第十二条",
        "财库〔2018〕2号",
        f"{city_day(database_now()):%Y-%m-%d}",
    ):
        assert words in page
    assert "公布遴选名单" in page and event.title in client.get(reverse("agencies:lists")).content.decode()
    notice = Notice.objects.get(kind="DL_LIST")
    assert "不得据此限制" in client.get(reverse("disclosure:notice", args=[notice.number])).content.decode()
    kinds = list(LedgerEntry.objects.filter(stream=f"agency-selection/{event.number}").order_by("n").values_list("kind", flat=True))
    assert kinds == ["agency.selection_opened", "agency.selection_entered", "agency.selection_marked", "agency.list_published"]


@pytest.mark.requirement("R185")
def test_an_agency_that_is_on_no_list_is_chosen_mandated_and_registers(where):
    published(where)
    assert not where.agency.selection_entries.exists()
    contract = mandate(where)
    assert contract.agency == where.agency and contract.state == "signed"
    assert start_project(where.agency, by=where.handler).agency == where.agency


@pytest.mark.requirement("R185")
def test_a_list_changes_nothing_of_who_is_free_and_who_is_drawn(where):
    outside, inside = listed(where), listed(where)
    request, on = asked(where, "draw"), city_day(database_now())
    before = (set(free_agencies("works", on)), set(drawn_from(request, on)))
    event = opened(where)
    entered(event, inside)
    marked(where, over(event), [95])
    confirmed(where, event)
    assert outside in before[1] and (set(free_agencies("works", on)), set(drawn_from(request, on))) == before


def test_terms_are_complete_and_leave_time(where):
    for more, wanted in (
        ({"criteria": [{"title": "甲", "weight": 90}]}, "criteria"), ({"grades": []}, "grades"), ({"due_at": database_now() + timedelta(days=3)}, "DL-16"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            opened(where, **more)
        assert code(refused) == wanted
    with pytest.raises(Forbidden):
        actions.open_event({"criteria": CRITERIA}, by=where.supervisor, at=database_now())


def test_nothing_is_marked_before_the_time_is_over_nor_entered_after(where):
    event = opened(where)
    entered(event, where.agency)
    with pytest.raises(Refused) as refused:
        marked(where, event, [90])
    assert code(refused) == "early"
    with pytest.raises(Refused) as refused:
        entered(over(event), organisation("agency"))
    assert code(refused) == "over"
    with pytest.raises(Refused) as refused:
        confirmed(where, event)
    assert code(refused) == "not_done"


def test_a_published_list_stands(where):
    event = published(where)
    with pytest.raises(Refused) as refused:
        marked(where, event, (1, 2, 3))
    assert code(refused) == "listed"
