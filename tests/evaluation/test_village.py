"""The review group of a village deal comes out of the village pool: trained and activated people alone."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from draws.actions import opened
from draws.models import Draw
from experts.actions import appointment
from experts.models import Expert, Sitting
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.factories.evaluation import confirm_all, drawn, expert, parties
from tests.factories.experts import trained
from tests.factories.procedures import lot_under, take, take_until
from trading.evaluation.actions import start_evaluation
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.procedures.versions import procedure_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def villager(number, **fields):
    return expert(number, pool="village", sector="CJ", state="training", **fields)


def ready(where, who):
    trained(where, who.person, pool="village")
    appointment.activate(who, by=where.supervisor, at=database_now())


def post_draw(client, lot):
    parties(lot.city)
    client.force_login(lot.city.staff)
    when = (database_now() + timedelta(hours=1)).astimezone(ZoneInfo("Asia/Shanghai"))
    fields = {
        "size": 5, "specialties": ["A08"], "starts_at": f"{when:%Y-%m-%dT%H:%M}", "supervisor": lot.city.supervisor.pk, "tenderee": lot.city.handler.pk,
    }  # fmt: skip
    return client.post(reverse("trading:committee", args=[lot.tender.number, lot.no]), fields)


@pytest.mark.requirement("R111", "R179")
@pytest.mark.parametrize("code", ["CJ-W", "CJ-P"])
def test_a_village_deal_draws_its_group_from_the_village_pool_alone(client, code, settings, deliver):
    settings.ETP_STEP_UP = "offered"
    lot = lot_under(code)
    group = take_until(lot, "review_group")
    lot.refresh_from_db()
    for number in range(100, 107):
        expert(number)
    villagers = [villager(number) for number in range(7)]
    untrained = villager(7)
    bidder = villager(8, employer_uscc=lot.city.bidders[0].uscc)
    # Until they are trained and activated there is nobody to draw, whatever the city's pool holds.
    assert "符合条件且无须回避的专家只有 0 名" in post_draw(client, lot).content.decode()
    for each in (*villagers, bidder):
        ready(lot.city, each)
    assert post_draw(client, lot).status_code == 302
    draw = Draw.objects.get()
    listed = {opened(row)["candidate"]["expert"] for row in draw.candidates.all()}
    assert listed == {each.number for each in villagers} and untrained.number not in listed
    drawn(draw, parties(lot.city))
    confirm_all(evaluation := Evaluation.objects.get())
    assert evaluation.members.filter(state="accepted").count() == 5
    page = client.get(reverse("trading:committee", args=[lot.tender.number, lot.no])).content.decode()
    assert "开始评标" not in page and "5 号席" in page
    with pytest.raises(Refused) as refused:
        start_evaluation(evaluation, by=lot.city.staff, at=database_now())
    assert refused.value.code == "no_desk"
    # Paper carries the review; when it has decided, the seats are named and the pool pays.
    take(lot, group)
    take(lot, next(step for step in procedure_of(lot.tender).steps if step.code == "choice"))
    deliver()
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.SIGNED
    assert {each.named_expert for each in CommitteeMember.objects.all()} <= set(Expert.objects.filter(pool="village"))
    assert Sitting.objects.filter(outcome="served", fee__isnull=False).count() == 5
