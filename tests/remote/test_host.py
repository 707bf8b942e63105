"""A host is no centre: what it may see and do, and what stays closed to it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Duty, Organisation
from accounts.permissions import audiences, needs_second_factor
from rulebook.clock import database_now
from rulebook.identifiers import make_uscc
from rulebook.refusals import Forbidden
from tests.authorisation.matrix import MATRIX
from tests.authorisation.test_matrix import address, doors
from tests.factories.evaluation import confirm_all, formed, members
from tests.factories.remote import a_host, asked, confirmed, off_site, pool, running, shown
from tests.factories.trading import person
from trading.evaluation import actions, offsite
from trading.evaluation.attendance import sign_in
from trading.evaluation.committee import replace_member
from trading.evaluation.models import CommitteeMember
from trading.remote import actions as remote
from trading.remote.models import HostTerms, RemoteSession, SharedDesk
from trading.remote.permissions import may_receive

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ROW = pytest.mark.requirement("R100")


@pytest.fixture
def host(db):
    return a_host()


@ROW
def test_a_host_with_every_duty_has_no_power_of_our_centre(lot, host):
    """Every act of the centre asks for a duty in a centre; holding them all in a host opens none."""
    evaluation, session = running(lot, host)
    host.memberships.update(duties=list(Duty.values))
    who, now = host.somebody, database_now()
    for act in (
        lambda: actions.start_evaluation(evaluation, by=who, at=now),
        lambda: replace_member(members(evaluation)[0], CommitteeMember.State.ABSENT, by=who, at=now),
        lambda: remote.request_session(
            lot, 1, host=host, seats=2, purpose="x", starts_at=now + HOUR, ends_at=now + 2 * HOUR, by=who, at=now
        ),
        lambda: remote.withdraw_session(session, "理由", by=who, at=now),
        lambda: remote.resume_session(session, by=who, at=now),
        lambda: remote.answer_statement(session, accepted=True, by=who, at=now),
        lambda: remote.take_recordings(session, "x", by=who, at=now),
    ):
        with pytest.raises(Forbidden):
            act()


def test_at_every_door_of_the_centre_a_host_is_turned_away(lot, host, client):
    client.force_login(host.somebody)
    number, no = lot.tender.number, lot.no
    for name in ("trading:committee", "trading:committee_move", "trading:remote"):
        assert client.post(reverse(name, args=[number, no]), {"move": "start"}).status_code == 403
    closed = [name for name, allowed in MATRIX.items() if "staff" in allowed and not {"public", "signed_in", "host"} & allowed]
    assert len(closed) > 50
    assert [name for name in closed if client.get(address(name, doors()[name])).status_code not in (403, 405)] == []


@ROW
def test_a_host_sees_no_other_hosts_session_and_no_name(lot, host, client):
    evaluation, session = running(lot, host)
    other = a_host("江陵市公共资源交易中心", region="421100")
    client.force_login(other.somebody)
    for name in ("trading:host_session", "trading:host_arrivals"):
        assert client.get(reverse(name, args=[session.pk])).status_code == 404
        assert client.post(reverse(name, args=[session.pk]), {"move": "interrupt", "interrupt-what": "x"}).status_code == 404
    assert session.number not in client.get(reverse("trading:host_desk")).content.decode()
    with pytest.raises(Forbidden):
        remote.report_interruption(session, "x", by=other.somebody, at=database_now())
    client.force_login(host.somebody)
    pages = "".join(
        client.get(url).content.decode()
        for url in (
            reverse("trading:host_desk"), reverse("trading:host_session", args=[session.pk]), reverse("trading:host_arrivals", args=[session.pk]),
        )
    )  # fmt: skip
    seats = members(evaluation)
    assert f"{off_site(evaluation)[0].order} 号席" in pages
    assert not any(seat.person.name in pages or seat.expert.number in pages or seat.person.mobile in pages for seat in seats)
    # Nor do the seats of the other venue stand there.
    assert not any(f"{seat.order} 号席" in pages for seat in seats if seat not in off_site(evaluation))


@ROW
def test_each_venue_receives_its_own_seats_alone(lot, host):
    pool()
    session = confirmed(lot, host)
    evaluation = formed(lot)
    confirm_all(evaluation)
    far, near = off_site(evaluation)[0], offsite.main_seats(evaluation)[0]
    other = a_host("江陵市公共资源交易中心", region="421100").somebody
    for seat, who in ((far, lot.city.staff), (near, host.somebody), (far, other), (near, lot.city.handler), (far, far.person)):
        with pytest.raises(Forbidden):
            sign_in(evaluation, **shown(seat), locker="", by=who, at=database_now())
    assert may_receive(host.somebody, session) and not may_receive(host.somebody, None)
    assert may_receive(lot.city.staff, None) and not may_receive(lot.city.staff, session)


def test_a_host_that_was_suspended_does_nothing_more(lot, host):
    session = asked(lot, host)
    Organisation.objects.filter(pk=host.pk).update(state=Organisation.State.SUSPENDED)
    host.refresh_from_db()
    session = RemoteSession.objects.get(pk=session.pk)
    with pytest.raises(Forbidden):
        remote.confirm_session(session, host.shared_desks.all(), by=host.somebody, at=database_now())


def test_a_host_is_entered_by_the_operator_with_its_region():
    manager = person("副场经办")
    uscc = make_uscc("12", "421000", "MB000001")
    with pytest.raises(CommandError, match="行政区划"):
        call_command("found_office", "host", uscc, "汉东市公共资源交易中心", manager.mobile)
    call_command("found_office", "host", uscc, "汉东市公共资源交易中心", manager.mobile, region="421000")
    made = Organisation.objects.get(uscc=uscc)
    assert (made.kinds, made.region_code) == (["host"], "421000")
    assert audiences(manager, made) == {"public", "signed_in", "host"} and needs_second_factor(manager)


@ROW
def test_what_a_host_shares_stands_on_the_public_page(host, client):
    ours, theirs = pool(theirs=3)
    client.force_login(host.somebody)
    door = reverse("trading:host_desks")
    assert client.post(door, {"move": "desk", "name": "1 号工位", "fee": "10", "active": "on"}).status_code == 200
    assert client.post(door, {"move": "desk", "name": "贵宾工位", "fee": "200", "active": "on"}).status_code == 302
    client.post(door, {"move": "desk", "name": "维修工位", "fee": "1"})
    terms = {"move": "terms", "meals": "每餐 30 元", "lodging": "合作酒店", "expert_fees": "按本省标准，会后五日内转账"}
    assert client.post(door, terms).status_code == 302
    first = SharedDesk.objects.get(name="1 号工位")
    assert client.post(door, {"move": "desk", "desk": first.pk, "name": "1 号工位", "fee": "180", "active": "on"}).status_code == 302
    client.logout()
    page = client.get(reverse("trading:remote_evaluation")).content.decode()
    for words in (
        "贵宾工位",
        "180.00",
        "每餐 30 元",
        "合作酒店",
        "会后五日内转账",
        "发改办法规〔2025〕807号",
        "10,000,000.00",
        "工程施工 3 人",
    ):
        assert words in page, words
    assert "维修工位" not in page and HostTerms.objects.count() == 1
    assert not any(each.person.name in page for each in theirs)
    assert reverse("trading:remote_evaluation") in client.get("/").content.decode()


def test_a_changed_fee_changes_no_session_that_was_confirmed(lot, host):
    session = confirmed(lot, host)
    SharedDesk.objects.update(fee=999)
    assert {desk.fee for desk in session.desks.all()} == {150}
