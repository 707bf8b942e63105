"""A committee that sits in two cities: a host with desks and experts of its region, sessions at every stage."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import Duty
from rulebook.clock import database_now
from tests.factories.evaluation import at_work, code_of, confirm_all, expert, formed, identity_of
from tests.factories.trading import organisation
from trading.evaluation import offsite
from trading.evaluation.attendance import sign_in
from trading.evaluation.models import CommitteeMember
from trading.remote import actions as remote
from trading.remote.models import RemoteSession, SharedDesk

REGION = "421000"


def a_host(name="汉东市公共资源交易中心", *, region=REGION, desks=3):
    """Another city's centre that lends desks."""
    made = organisation("host", name, duties=[Duty.HANDLER], region_code=region)
    for number in range(1, desks + 1):
        SharedDesk.objects.create(host=made, name=f"{number} 号工位", fee=Decimal("150.00"))
    return made


def pool(*, ours=9, theirs=6, region=REGION):
    """(experts of our own region, experts of the host's)"""
    return [expert(number) for number in range(ours)], [expert(500 + number, region_code=region) for number in range(theirs)]


def asked(lot, host, seats=2, **more):
    """A session asked for, for the time at which the factories draw."""
    now = database_now()
    given = {"purpose": "工程施工评标", "starts_at": now + timedelta(minutes=30), "ends_at": now + timedelta(hours=9), "at": now, **more}
    return remote.request_session(lot, 1, host=host, seats=seats, by=lot.city.staff, **given)


def confirmed(lot, host, seats=2, **more):
    session = asked(lot, host, seats, **more)
    desks = list(host.shared_desks.order_by("name"))[:seats]
    return remote.confirm_session(session, desks, by=host.somebody, at=database_now())


def received(evaluation, staff, at=None):
    """Every confirmed seat signs in at its venue."""
    for seat in CommitteeMember.called.filter(evaluation=evaluation, state="accepted", arrived_at=None).order_by("order"):
        session = offsite.session_of(seat)
        sign_in(
            evaluation, **shown(seat), locker="", by=session.host.memberships.get().person if session else staff, at=at or database_now()
        )


def shown(seat):
    """What the bearer of a seat shows at the gate, and what the gate finds."""
    return {"code": code_of(seat), "identity": identity_of(seat.person), "matched": True}


def joined(lot, **more):
    """A committee that was drawn in both cities and has confirmed and signed in."""
    evaluation = formed(lot, **more)
    confirm_all(evaluation)
    received(evaluation, lot.city.staff)
    return evaluation


def running(lot, host):
    """(evaluation at work, its session), five seats of which two are at the host's."""
    pool()
    confirmed(lot, host)
    evaluation = at_work(joined(lot), lot.city.staff)
    return evaluation, RemoteSession.objects.get()


def off_site(evaluation):
    """The seats that sit at the host's."""
    return [seat for seat in evaluation.members.filter(state="accepted") if offsite.session_of(seat)]
