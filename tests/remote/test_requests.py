"""Asking a host: its four working hours, what it may answer, and how the draw depends on it."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from draws.models import Draw
from postbox.actions import answer_call
from postbox.models import Dispatch
from rulebook.clock import CITY, database_now
from rulebook.models import Holiday
from rulebook.refusals import Forbidden, Refused
from tests.factories.evaluation import begun, confirm_all, drawn, expert, formed, parties
from tests.factories.remote import a_host, asked, confirmed, off_site, pool
from trading.evaluation import offsite
from trading.evaluation.committee import empty_seats, needs_more, replace_member
from trading.evaluation.models import CommitteeMember
from trading.remote import actions as remote
from trading.remote.models import RemoteSession, SessionDesk
from trading.remote.rules import ANSWER, OFFSITE_SHARE, SCOPE

pytestmark = pytest.mark.django_db
ROW = pytest.mark.requirement("R100")
S = RemoteSession.State


@pytest.fixture
def host(db):
    return a_host()


def at(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=CITY)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (at(1, 9), at(1, 13)),
        (at(1, 8), at(1, 12, 30)),
        # What is left at closing time is counted on from the next morning.
        (at(1, 15), at(2, 10)),
        (at(1, 13, 30), at(1, 17, 30)),
        (at(1, 18), at(2, 12, 30)),
        # A Friday afternoon and a weekend.
        (at(4, 16, 30), at(7, 11, 30)),
        (at(5, 10), at(7, 12, 30)),
    ],
)
def test_four_working_hours(start, due):
    assert ANSWER.due_at(start) == due


def test_a_holiday_has_no_working_hours():
    Holiday.objects.create(date=date(2026, 12, 2), kind=Holiday.Kind.OFF)
    assert ANSWER.due_at(at(1, 15)) == at(3, 10)


@ROW
def test_an_overdue_request_is_pointed_out_and_a_late_answer_still_counts(lot, host, client):
    session = asked(lot, host, at=database_now() - timedelta(days=5), starts_at=database_now() + timedelta(hours=1))
    desk = reverse("trading:remote", args=[lot.tender.number, lot.no])
    client.force_login(lot.city.staff)
    assert "逾期未答复" in client.get(desk).content.decode()
    assert "逾期未答复" in client.get(reverse("trading:committee", args=[lot.tender.number, lot.no])).content.decode()
    client.force_login(host.somebody)
    assert "逾期未答复" in client.get(reverse("trading:host_desk")).content.decode()
    remote.confirm_session(session, host.shared_desks.all()[:2], by=host.somebody, at=database_now())
    client.force_login(lot.city.staff)
    page = client.get(desk).content.decode()
    assert "逾期答复" in page and "逾期未答复" not in page and "副场已确认" in page


@ROW
def test_a_host_refuses_with_a_reason_and_another_is_asked(lot, host, client):
    session, other = asked(lot, host), a_host("江陵市公共资源交易中心", region="421024")
    client.force_login(host.somebody)
    own = reverse("trading:host_session", args=[session.pk])
    assert client.post(own, {"move": "refuse", "refuse-reason": " "}).status_code == 200
    assert client.post(own, {"move": "refuse", "refuse-reason": "当日工位已满"}).status_code == 302
    client.force_login(lot.city.staff)
    desk = reverse("trading:remote", args=[lot.tender.number, lot.no])
    assert "当日工位已满" in client.get(desk).content.decode()
    again = asked(lot, other)
    client.post(desk, {"move": "withdraw", "session": again.pk, f"withdraw-{again.pk}-reason": "改由另一副场承接"})
    assert [row.state for row in RemoteSession.objects.order_by("pk")] == [S.REFUSED, S.WITHDRAWN]
    # Both are free to be asked anew.
    asked(lot, host)


def test_what_is_refused_of_a_request_stays_beside_its_field(lot, client):
    near = a_host("清江市洛河区公共资源交易中心", region="429902")
    client.force_login(lot.city.staff)
    later = database_now() + timedelta(days=1)
    typed = {
        "move": "request", "request-host": near.pk, "request-seats": 2, "request-purpose": "工程评标",
        "request-starts_at": f"{later:%Y-%m-%dT09:00}", "request-ends_at": f"{later:%Y-%m-%dT18:00}",
    }  # fmt: skip
    page = client.post(reverse("trading:remote", args=[lot.tender.number, lot.no]), typed).content.decode()
    assert "副场应在其他地区" in page and 'value="工程评标"' in page and not RemoteSession.objects.exists()


def test_desks_are_enough_free_and_the_hosts_own(lot, host):
    other = a_host("江陵市公共资源交易中心", region="421024")
    session = asked(lot, host)
    for desks, code in ((host.shared_desks.all()[:1], "few_desks"), (other.shared_desks.all()[:2], "taken")):
        with pytest.raises(Refused) as refused:
            remote.confirm_session(session, desks, by=host.somebody, at=database_now())
        assert refused.value.code == code
    assert not SessionDesk.objects.exists()
    with pytest.raises(Forbidden):
        remote.confirm_session(session, host.shared_desks.all(), by=other.somebody, at=database_now())


def test_a_desk_serves_one_session_at_a_time(lot, host):
    confirmed(lot, host)
    again = RemoteSession.objects.create(
        number="YD2026-9999", lot=lot, round=2, host=host, seats=2, purpose="另一项目", starts_at=database_now() + timedelta(hours=2),
        ends_at=database_now() + timedelta(hours=3), requested_by=lot.city.staff, requested_at=database_now(), due_at=database_now(),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        remote.confirm_session(again, host.shared_desks.order_by("name")[:2], by=host.somebody, at=database_now())
    assert refused.value.code == "taken"


@ROW
def test_nobody_is_drawn_before_the_host_has_answered(lot, host):
    pool()
    asked(lot, host)
    with pytest.raises(Refused) as refused:
        begun(lot)
    assert refused.value.code == "host_waiting" and not Draw.objects.exists()


@ROW
@pytest.mark.parametrize(("seats", "allowed"), [(1, False), (2, True), (4, True), (5, False)])
def test_at_least_a_third_sits_off_site_and_somebody_at_the_main_venue(lot, seats, allowed):
    pool()
    host = a_host(desks=6)
    confirmed(lot, host, seats)
    if allowed:
        assert {row["id"]: row["take"] for row in begun(lot).draw.strata} == {"experts": 5 - seats, f"host-{host.pk}": seats}
        return
    with pytest.raises(Refused) as refused:
        begun(lot)
    assert refused.value.code == (OFFSITE_SHARE.code if seats == 1 else "no_main") and refused.value.field == "size"


def test_the_draw_keeps_to_the_hours_that_were_confirmed(lot, host):
    pool()
    confirmed(lot, host)
    with pytest.raises(Refused) as refused:
        begun(lot, starts_at=database_now() + timedelta(days=2))
    assert (refused.value.code, refused.value.field) == ("other_time", "starts_at")


def test_a_region_with_too_few_experts_is_named(lot, host):
    pool(theirs=1)
    confirmed(lot, host)
    with pytest.raises(Refused) as refused:
        begun(lot)
    assert refused.value.code == "pool_too_small" and host.name in refused.value.message


@ROW
def test_each_group_is_drawn_from_its_own_region_and_the_call_names_its_place(lot, host):
    ours, theirs = pool(theirs=4)
    confirmed(lot, host)
    evaluation = formed(lot)
    for seat in evaluation.members.all():
        there = offsite.session_of(seat) is not None
        assert seat.expert in (theirs if there else ours)
        text = Dispatch.objects.get(key=f"committee/{seat.pk}").words
        assert (f"地点{host.name}异地评标席位" in text, "地点交易中心评标区" in text) == (there, not there)
    assert len(off_site_called(evaluation)) == 2
    # Nobody of the other region stands on a group's list at all.
    counts = {row.stratum: 0 for row in evaluation.draw.candidates.all()}
    for row in evaluation.draw.candidates.all():
        counts[row.stratum] += 1
    assert counts == {"experts": len(ours), f"host-{host.pk}": len(theirs)}


def off_site_called(evaluation):
    return [seat for seat in evaluation.members.filter(state__in=("called", "accepted")) if offsite.session_of(seat)]


@ROW
def test_who_refuses_off_site_is_replaced_from_the_same_region(lot, host):
    _, theirs = pool(theirs=4)
    confirmed(lot, host)
    evaluation = formed(lot)
    gone = off_site_called(evaluation)[0]
    answer_call(Dispatch.objects.get(key=f"committee/{gone.pk}"), False)
    now = off_site_called(evaluation)
    assert len(now) == 2 and gone not in now and {seat.expert for seat in now} <= set(theirs)
    confirm_all(evaluation)
    absent = off_site(evaluation)[0]
    replace_member(absent, CommitteeMember.State.ABSENT, by=lot.city.staff, at=database_now())
    confirm_all(evaluation)
    assert len(off_site(evaluation)) == 2 and {seat.expert for seat in off_site(evaluation)} <= set(theirs)


@ROW
def test_with_the_hosts_order_used_up_a_further_draw_fills_its_group_alone(lot, host):
    pool(theirs=2)
    confirmed(lot, host)
    evaluation = formed(lot)
    confirm_all(evaluation)
    replace_member(off_site(evaluation)[0], CommitteeMember.State.RECUSED, by=lot.city.staff, at=database_now())
    evaluation.refresh_from_db()
    assert empty_seats(evaluation) == {"experts": 0, f"host-{host.pk}": 1, "monitor": 0} and needs_more(evaluation)
    expert(900, region_code="421003")
    drawn(begun(lot).draw, parties(lot.city))
    evaluation.refresh_from_db()
    confirm_all(evaluation)
    assert [row["id"] for row in evaluation.draw.strata] == [f"host-{host.pk}"]
    assert "ZJ00900" in {seat.expert.number for seat in off_site(evaluation)} and not needs_more(evaluation)


def test_one_employer_is_taken_once_over_all_groups(lot, host):
    ours, theirs = pool(ours=5, theirs=3)
    for each in (*ours[:3], theirs[0]):
        each.employer, each.employer_uscc = "清江某设计院", "914299000000000001"
        each.save()
    confirmed(lot, host)
    evaluation = formed(lot)
    employers = [seat.expert.employer for seat in evaluation.members.filter(state="called")]
    assert len(employers) == 5 and employers.count("清江某设计院") == 1


def test_without_a_session_the_draw_is_as_it_was(lot):
    ours, theirs = pool(ours=3, theirs=3)
    evaluation = formed(lot)
    assert [row["id"] for row in evaluation.draw.strata] == ["experts"]
    assert evaluation.draw.candidates.count() == len(ours) + len(theirs)


def test_what_is_evaluated_remotely_is_a_rule_with_its_source(lot, client):
    assert (
        SCOPE.covers("GC", SCOPE.least["GC"])
        and not SCOPE.covers("GC", SCOPE.least["GC"] - 1)
        and not SCOPE.covers("TD", SCOPE.least["GC"])
    )
    client.force_login(lot.city.staff)
    assert "实行远程异地评标的范围" in client.get(reverse("trading:committee", args=[lot.tender.number, lot.no])).content.decode()
