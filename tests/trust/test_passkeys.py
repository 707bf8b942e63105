"""Passkeys: enrolled, used as second factor or alone, and worthless when replayed, phished, copied, unverified or revoked."""

from datetime import timedelta

import pyotp
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import Challenge, Membership, Organisation, Passkey, Person
from postbox.models import Message
from rulebook.clock import database_now
from rulebook.identifiers import make_uscc
from sealing.models import EncryptionKey
from tests.trust.authenticator import Authenticator, challenge, enrolled, post, sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-2026"


def person(mobile="13912345678", kind=None, duties=("manager",), **fields):
    made = Person.objects.create_user(mobile, PASSWORD, name="季无名", **fields)
    if kind:
        office = Organisation.objects.create(
            uscc=make_uscc("12", "429900", f"4900{mobile[-4:]}"), name="某单位", kinds=[kind], state="active"
        )
        Membership.objects.create(person=made, organisation=office, duties=list(duties))
    return made


def by_password(client, who):
    return client.post(reverse("accounts:sign_in"), {"mobile": who.mobile, "password": PASSWORD})


def who_is_in(client):
    return client.session.get("_auth_user_id")


@pytest.fixture
def owner(client):
    """Somebody with a passkey (`owner.key`), signed out again."""
    somebody = person()
    by_password(client, somebody)
    somebody.key = enrolled(client)
    client.logout()
    return somebody


def refused(answer, code="wrong_passkey"):
    assert (answer.status_code, answer.json()["code"]) == (403, code)


def test_a_passkey_is_enrolled_named_listed_and_its_owner_told(client, owner):
    by_password(client, owner)
    assert sign_in(client, owner.key).status_code == 200
    row = Passkey.objects.get()
    page = client.get(reverse("accounts:profile")).content.decode()
    assert "办公室电脑" in page and Message.objects.get(person=owner).subject == "账号新增了通行密钥"
    client.post(reverse("accounts:name_passkey", args=[row.pk]), {"name": "值班室电脑"})
    assert "值班室电脑" in client.get(reverse("accounts:profile")).content.decode()


def test_the_password_alone_no_longer_opens_the_account(client, owner):
    assert by_password(client, owner).url == reverse("accounts:second_step")
    assert who_is_in(client) is None
    before = client.session.session_key
    assert sign_in(client, owner.key, next="/me/").json() == {"url": "/me/"}
    assert who_is_in(client) == str(owner.pk) and client.session["strong"] == "passkey"
    assert client.session.session_key != before


def test_a_passkey_alone_signs_in(client, owner):
    before = client.get(reverse("accounts:sign_in")) and challenge(client) and client.session.session_key
    assert sign_in(client, owner.key, next="https://elsewhere.example/").json() == {"url": "/desk/"}
    assert who_is_in(client) == str(owner.pk) and client.session["strong"] == "passkey"
    assert client.session.session_key != before


def test_an_assertion_serves_once(client, owner):
    shown = owner.key.get(challenge(client))
    assert post(client, "accounts:passkey_sign_in", {"credential": shown}).status_code == 200
    refused(post(client, "accounts:passkey_sign_in", {"credential": shown}), "stale_challenge")
    client.logout()
    refused(post(client, "accounts:passkey_sign_in", {"credential": shown}), "stale_challenge")
    assert who_is_in(client) is None


def test_an_assertion_of_another_session_opens_nothing(client, owner):
    shown = owner.key.get(challenge(client))
    thief = Client()
    challenge(thief)
    refused(post(thief, "accounts:passkey_sign_in", {"credential": shown}), "stale_challenge")
    assert who_is_in(thief) is None


def test_a_challenge_lives_two_minutes(client, owner):
    shown = owner.key.get(challenge(client))
    made = Challenge.objects.get(used_at=None)
    assert timedelta(seconds=110) < made.expires_at - database_now() <= timedelta(seconds=120)
    Challenge.objects.filter(pk=made.pk).update(expires_at=database_now())
    refused(post(client, "accounts:passkey_sign_in", {"credential": shown}), "stale_challenge")


def test_an_enrolment_challenge_signs_nobody_in(client, owner):
    by_password(client, owner)
    sign_in(client, owner.key)
    options = post(client, "accounts:new_passkey_options").json()
    refused(post(client, "accounts:passkey_sign_in", {"credential": owner.key.get(options["challenge"])}), "stale_challenge")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: setattr(key, "origin", "https://ggzy.qingjiang.example.evil.example"),
        lambda key: setattr(key, "rp_id", "evil.example"),
        lambda key: setattr(key, "verified", False),
        lambda key: setattr(key, "count", 0),
        lambda key: setattr(key, "key", Authenticator().key),
        lambda key: setattr(key, "credential_id", b"\x00" * 16),
        lambda key: setattr(key, "handle", b"\x00" * 32),
    ],
    ids=["other origin", "other site", "no user verification", "counter rolled back", "other key", "unknown", "other user"],
)
def test_a_wrong_assertion_opens_nothing(client, owner, spoil):
    challenge(client)
    spoil(owner.key)
    refused(sign_in(client, owner.key))
    assert who_is_in(client) is None and Passkey.objects.get().last_used_at is None


def test_a_copied_passkey_is_noticed_by_its_counter(client, owner):
    by_password(client, owner)
    assert sign_in(client, owner.key).status_code == 200
    client.logout()
    owner.key.count -= 1
    refused(sign_in(client, owner.key))


def test_a_revoked_passkey_opens_nothing(client, owner):
    by_password(client, owner)
    sign_in(client, owner.key)
    assert client.post(reverse("accounts:revoke_passkey", args=[Passkey.objects.get().pk])).status_code == 302
    client.logout()
    refused(sign_in(client, owner.key))
    assert who_is_in(client) is None


def test_somebody_elses_passkey_does_not_complete_my_password(client, owner):
    other = person("13912345679")
    by_password(client, other)
    enrolled(client)
    client.logout()
    by_password(client, other)
    refused(sign_in(client, owner.key))
    assert who_is_in(client) is None


def test_a_closed_account_is_not_opened_by_its_passkey(client, owner):
    Person.objects.filter(pk=owner.pk).update(is_active=False)
    refused(sign_in(client, owner.key))


@pytest.mark.parametrize("spoil", [("verified", False), ("origin", "https://evil.example"), ("rp_id", "evil.example")])
def test_a_wrong_enrolment_is_refused(client, spoil):
    by_password(client, person())
    made = Authenticator()
    setattr(made, *spoil)
    options = post(client, "accounts:new_passkey_options").json()
    refused(post(client, "accounts:passkeys", {"credential": made.create(options)}))
    assert not Passkey.objects.exists()


def test_an_enrolment_serves_once(client):
    by_password(client, person())
    credential = Authenticator().create(post(client, "accounts:new_passkey_options").json())
    assert post(client, "accounts:passkeys", {"credential": credential}).status_code == 201
    client.logout()
    by_password(client, person("13912345679"))
    refused(post(client, "accounts:passkeys", {"credential": credential}), "stale_challenge")


@pytest.mark.parametrize("credential", [None, "x", 5, [], {}, {"id": "a", "rawId": "a", "type": "public-key", "response": {}}])
def test_nonsense_is_refused_like_a_wrong_passkey(client, owner, credential):
    refused(post(client, "accounts:passkey_sign_in", {"credential": credential}))
    assert who_is_in(client) is None


def test_a_session_from_before_the_first_passkey_cannot_add_its_own(client, owner):
    """Whoever sat in the account with the password alone must not make themselves at home after the owner has secured it."""
    thief = Client()
    thief.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    refused(post(thief, "accounts:new_passkey_options"), "second_factor")
    answer = thief.post(reverse("accounts:revoke_passkey", args=[Passkey.objects.get().pk]), headers={"Accept": "application/json"})
    refused(answer, "second_factor")


@pytest.mark.parametrize("who", [{"kind": "regulator"}, {"kind": "centre", "duties": ["opening"]}, {"is_administrator": True}])
def test_a_code_is_not_enough_for_openers_supervisors_and_administrators(client, settings, who):
    settings.ETP_REQUIRE_STRONG = settings.ETP_REQUIRE_TOTP = True
    secret = pyotp.random_base32()
    somebody = person(**who, totp_secret=secret, totp_confirmed_at=database_now())
    by_password(client, somebody)
    client.post(reverse("accounts:second_step"), {"code": pyotp.TOTP(secret).at(database_now())})
    assert who_is_in(client) == str(somebody.pk)
    page = reverse("accounts:strong")
    for name in ("web:desk", "accounts:profile", "accounts:permissions", "disclosure:home"):
        answer = client.get(reverse(name))
        assert (answer.status_code, answer.headers.get("Location")) == (302, page)
    asked = client.get(reverse("web:desk"), headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json()["code"]) == (403, "strong_sign_in")
    assert "登记通行密钥" in client.get(page).content.decode()
    key = enrolled(client)
    assert client.get(reverse("accounts:profile")).status_code == 302
    assert sign_in(client, key).status_code == 200
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_holders_of_keys_to_bids_need_more_than_a_code(client, settings):
    settings.ETP_REQUIRE_STRONG = True
    somebody = person(kind="tenderee")
    EncryptionKey.objects.create(
        organisation=somebody.organisations().get(), enrolled_by=somebody, spki=b"-", kid="-", role="holder", binding={}, signature="-", signing_spki=b"-",
        enrolled_at=database_now(), not_after=database_now(),
    )  # fmt: skip
    by_password(client, somebody)
    assert client.get(reverse("accounts:profile")).headers.get("Location") == reverse("accounts:strong")


@pytest.mark.parametrize("who", [{}, {"kind": "bidder"}, {"kind": "agency"}, {"kind": "centre", "duties": ["intake"]}])
def test_others_go_on_without(client, settings, who):
    settings.ETP_REQUIRE_STRONG = True
    by_password(client, person(**who))
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_the_session_ends_after_half_an_hour_without_a_request(client):
    by_password(client, person())
    row = Session.objects.get(session_key=client.session.session_key)
    left = row.expire_date - database_now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30, seconds=5)
    # In use it goes on: the end moves with a request a minute after the last one that was written.
    client.get(reverse("accounts:profile"))
    session = client.session
    session["seen"] -= 61
    session.save()
    Session.objects.update(expire_date=database_now() + timedelta(minutes=1))
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert Session.objects.get().expire_date - database_now() > timedelta(minutes=29)
    Session.objects.update(expire_date=database_now() - timedelta(seconds=1))
    assert client.get(reverse("accounts:profile")).url.startswith(reverse("accounts:sign_in"))
