"""Staff, supervisors and administrators sign in with two factors; until the second is set up they can do nothing else."""

import pyotp
import pytest
from django.urls import reverse

from accounts.models import Membership, Organisation, Person
from rulebook.clock import database_now
from rulebook.identifiers import make_uscc

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-2026"


@pytest.fixture(autouse=True)
def required(house, settings):
    settings.ETP_REQUIRE_TOTP = True


def person(kind=None, **fields):
    made = Person.objects.create_user("13912345678", PASSWORD, name="季无名", **fields)
    if kind:
        office = Organisation.objects.create(uscc=make_uscc("12", "429900", "49000001"), name="某单位", kinds=[kind], state="active")
        Membership.objects.create(person=made, organisation=office, duties=["manager"])
    return made


def sign_in(client, who, **more):
    return client.post(reverse("accounts:sign_in"), {"mobile": who.mobile, "password": PASSWORD}, **more)


@pytest.mark.parametrize("who", [{"kind": "centre"}, {"kind": "regulator"}, {"is_administrator": True}])
def test_whoever_oversees_others_is_led_to_set_it_up_and_then_may_go_on(client, who):
    somebody = person(**who)
    sign_in(client, somebody)
    page = reverse("accounts:totp")
    for name in ("web:desk", "accounts:profile", "disclosure:home"):
        answer = client.get(reverse(name))
        assert (answer.status_code, answer.headers.get("Location")) == (302, page)
    assert client.post(reverse("accounts:switch"), {"organisation": "self"}).headers["Location"] == page
    asked = client.get(reverse("web:desk"), headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json()["code"]) == (403, "second_factor")

    shown = client.get(page)
    assert "启用后方可办理业务" in shown.content.decode()
    somebody.refresh_from_db()
    code = pyotp.TOTP(somebody.totp_secret).at(database_now())
    assert client.post(page, {"code": code}).status_code == 302
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_they_may_sign_out_instead(client):
    sign_in(client, person("centre"))
    assert client.post(reverse("accounts:sign_out")).headers["Location"] == reverse("disclosure:home")


@pytest.mark.parametrize("kind", [None, "bidder", "agency", "tenderee"])
def test_others_choose_for_themselves(client, kind):
    sign_in(client, person(kind))
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_a_membership_that_has_ended_asks_for_nothing(client):
    somebody = person("centre")
    Membership.objects.update(until=database_now())
    sign_in(client, somebody)
    assert client.get(reverse("accounts:profile")).status_code == 200
