"""Signing in with a certificate: who holds the key and is vouched for comes in, and each other is told why not."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from accounts import certificates
from accounts.models import CertificateChallenge
from config.demo.authority import CERTIFIES, NO_USAGE, SIGNS, Authority, built, name_of, pem
from config.demo.certificate_keys import SCHEMES, Key
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from tests.factories.trading import member, organisation, person
from tests.trust.certified import answer_to, ask, enrolled, issued, post, sign, sign_in, trusted

pytestmark = pytest.mark.django_db
assert trusted  # a fixture of these tests
DAY = timedelta(days=1)


@pytest.fixture
def holder():
    return person("季无名")


def told(answer):
    """(status, code) of a refusal; it says in Chinese what is wrong and what to do."""
    said = answer.json()
    assert said["message"] and said["next_step"], said
    return answer.status_code, said["code"]


def signed_in(client):
    return client.session.get(SESSION_KEY)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_who_holds_an_enrolled_certificate_comes_in(client, trusted, holder, scheme):
    made, key = enrolled(trusted(scheme), holder)
    assert made.algorithm == scheme
    answer = sign_in(client, bytes(made.der), key, next="/me/certificates/")
    assert (answer.status_code, answer.json()) == (200, {"url": "/me/certificates/"})
    assert signed_in(client) == str(holder.pk)
    assert made.serial in client.get("/me/certificates/").content.decode()


def test_the_session_gets_a_new_id(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    question = ask(client)
    before = client.session.session_key
    assert post(client, "accounts:certificate_session", answer_to(question, bytes(made.der), key)).status_code == 200
    assert client.session.session_key != before


def test_it_counts_as_two_factors(client, trusted, settings):
    settings.ETP_REQUIRE_TOTP = True
    official = member(organisation("regulator"))
    made, key = enrolled(trusted(), official)
    client.force_login(official)
    assert client.get(reverse("accounts:profile")).headers.get("Location") == reverse("accounts:totp")
    client.logout()
    sign_in(client, bytes(made.der), key)
    assert client.get(reverse("accounts:profile")).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", 5])
def test_it_leads_nowhere_else(client, trusted, holder, target):
    made, key = enrolled(trusted(), holder)
    assert sign_in(client, bytes(made.der), key, next=target).json() == {"url": reverse("web:desk")}


def test_an_expired_certificate(client, trusted, holder):
    authority = trusted()
    made, key = enrolled(authority, holder, not_after=database_now() + DAY)
    pretend(DAY + timedelta(minutes=1))
    authority.write_lists(at=database_now())
    answer = sign_in(client, bytes(made.der), key)
    assert told(answer) == (403, "certificate_expired")
    assert "过期" in answer.json()["message"]
    assert signed_in(client) is None


def test_a_certificate_that_does_not_hold_yet(client, trusted, holder):
    der, key = issued(trusted(), holder.name, not_before=database_now() + timedelta(hours=1))
    assert told(sign_in(client, der, key)) == (403, "certificate_not_yet")


def without_signing():
    return x509.KeyUsage(**{**NO_USAGE, "key_encipherment": True})


WRONG_USES = {
    "an encryption certificate": [(without_signing(), True)],
    "no usage at all": [],
    "a server's": [(SIGNS, True), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)],
    "with something critical that is unknown": [
        (SIGNS, True),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"), True),
    ],
}


@pytest.mark.parametrize("extensions", WRONG_USES.values(), ids=WRONG_USES)
def test_a_certificate_for_something_else(client, trusted, holder, extensions):
    der, key = issued(trusted(), holder.name, extensions=extensions)
    assert told(sign_in(client, der, key)) == (403, "certificate_usage")


def test_an_authority_does_not_sign_in(client, trusted):
    authority = trusted()
    assert told(sign_in(client, authority.certificate("issuing"), authority.key)) == (403, "certificate_usage")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_authority_with_the_same_name(client, trusted, holder, tmp_path, scheme):
    trusted(scheme)
    der, key = issued(Authority(tmp_path / "other", scheme, at=database_now()), holder.name)
    answer = sign_in(client, der, key)
    assert told(answer) == (403, "certificate_untrusted")
    assert "演示签发CA" in answer.json()["message"]


def test_a_certificate_that_vouches_for_itself(client, trusted, holder):
    trusted()
    key = Key.new("p256")
    now = database_now()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, holder.name)])
    making = x509.CertificateBuilder(name, name, key.private.public_key(), 5, now - DAY, now + DAY).add_extension(SIGNS, True)
    der = making.sign(key.private, SHA256()).public_bytes(Encoding.DER)
    assert told(sign_in(client, der, key)) == (403, "certificate_self_signed")


def test_a_person_s_certificate_issues_no_others(client, trusted, holder):
    """What a person's own key has signed is no certificate, though its path of signatures leads to the root."""
    authority = trusted()
    between, its_key = issued(authority, "无权签发")
    (authority.folder / "roots" / "stray.pem").write_bytes(pem([between]))
    der, key = child_of(between, its_key, holder.name)
    assert told(sign_in(client, der, key)) == (403, "certificate_untrusted")


def child_of(der, issuer_key, name, **more):
    """A certificate by somebody else's key and name."""
    key, now = Key.new("p256"), database_now()
    issuer = (x509.load_der_x509_certificate(der).subject, issuer_key)
    return built(name_of(name), key.spki, issuer=issuer, extensions=[(SIGNS, True)], not_before=now - DAY, not_after=now + DAY, **more), key


def test_a_path_longer_than_its_authority_allows(client, trusted, holder):
    authority = trusted()
    key, now = Key.new("p256"), database_now()
    extensions = [(x509.BasicConstraints(ca=True, path_length=0), True), (CERTIFIES, True)]
    below = built(
        name_of("下级CA"),
        key.spki,
        issuer=(authority.name, authority.key),
        extensions=extensions,
        not_before=now - DAY,
        not_after=now + DAY,
    )
    (authority.folder / "roots" / "below.pem").write_bytes(pem([below]))
    der, person_key = child_of(below, key, holder.name)
    assert told(sign_in(client, der, person_key)) == (403, "certificate_untrusted")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_revoked_certificate(client, trusted, holder, scheme):
    authority = trusted(scheme)
    made, key = enrolled(authority, holder)
    authority.revoke(int(made.serial, 16), at=database_now())
    answer = sign_in(client, bytes(made.der), key)
    assert told(answer) == (403, "certificate_revoked")
    assert "吊销" in answer.json()["message"]


def test_revocation_of_the_authority_itself(client, trusted, holder):
    authority = trusted()
    made, key = enrolled(authority, holder)
    authority.revoke_issuing(at=database_now())
    assert told(sign_in(client, bytes(made.der), key)) == (403, "certificate_revoked")


def test_a_revocation_list_may_be_a_day_old_and_no_older(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    pretend(timedelta(hours=23, minutes=59))
    assert sign_in(client, bytes(made.der), key).status_code == 200
    client.logout()
    pretend(timedelta(hours=24, minutes=1))
    answer = sign_in(client, bytes(made.der), key)
    assert told(answer) == (503, "crl_stale")
    assert signed_in(client) is None


def test_a_list_that_has_ended_by_its_own_word(client, trusted, holder):
    authority = trusted()
    made, key = enrolled(authority, holder)
    authority.write_lists(at=database_now(), until=database_now() + timedelta(hours=1))
    pretend(timedelta(hours=1, minutes=1))
    assert told(sign_in(client, bytes(made.der), key)) == (503, "crl_stale")


@pytest.mark.parametrize("how", ["gone", "broken", "another's"])
def test_without_a_list_nobody_comes_in(client, trusted, holder, tmp_path, how):
    authority = trusted()
    made, key = enrolled(authority, holder)
    path = authority.folder / "crls" / "p256-issuing.crl"
    if how == "gone":
        path.unlink()
    elif how == "broken":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.write_bytes((Authority(tmp_path / "other", at=database_now()).folder / "crls" / "p256-issuing.crl").read_bytes())
    assert told(sign_in(client, bytes(made.der), key)) == (503, "crl_stale")


def test_an_answer_serves_once(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    body = answer_to(ask(client), bytes(made.der), key)
    assert post(client, "accounts:certificate_session", body).status_code == 200
    # The same browser session as before: the session's id moved on with the sign-in, so give it back its old challenge.
    CertificateChallenge.objects.update(session=ask(client)["session"])
    assert told(post(client, "accounts:certificate_session", body)) == (403, "challenge_used")


def test_a_failed_attempt_spends_the_question(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    question = ask(client)
    wrong = answer_to(question, bytes(made.der), Key.new("p256"))
    assert told(post(client, "accounts:certificate_session", wrong)) == (403, "bad_signature")
    right = answer_to(question, bytes(made.der), key)
    assert told(post(client, "accounts:certificate_session", right)) == (403, "challenge_used")
    assert signed_in(client) is None


def test_an_answer_from_another_session(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    stolen = answer_to(ask(client), bytes(made.der), key)
    assert told(post(Client(), "accounts:certificate_session", stolen)) == (403, "challenge_unknown")
    assert post(client, "accounts:certificate_session", stolen).status_code == 200


def test_a_question_lives_two_minutes(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    first, second = ask(client), ask(client)
    pretend(timedelta(seconds=115))
    assert post(client, "accounts:certificate_session", answer_to(first, bytes(made.der), key)).status_code == 200
    client.logout()
    late = ask(client)
    pretend(timedelta(seconds=115 + 121))
    assert told(post(client, "accounts:certificate_session", answer_to(late, bytes(made.der), key))) == (403, "challenge_expired")
    assert second["exp"] < late["exp"]


CHANGES = {
    "another origin": {"origin": "https://evil.example"},
    "a later end": {"exp": "2099-01-01T00:00:00.000Z"},
    "another purpose": {"purpose": "enroll"},
    "another version": {"v": 2},
    "one field more": {"note": "x"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_was_signed_is_what_was_asked(client, trusted, holder, change):
    made, key = enrolled(trusted(), holder)
    changed = ask(client) | change
    assert told(post(client, "accounts:certificate_session", answer_to(changed, bytes(made.der), key))) == (403, "challenge_differs")


def test_the_platform_s_question_is_compared_even_if_the_signature_is_over_another(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    question = ask(client)
    body = answer_to(question, bytes(made.der), key) | {"signature": sign(key, "login", question | {"origin": "https://evil.example"})}
    assert told(post(client, "accounts:certificate_session", body)) == (403, "bad_signature")


@pytest.mark.parametrize("label", ["enroll", "act", "bid-manifest", ""])
def test_a_signature_for_another_purpose(client, trusted, holder, label):
    made, key = enrolled(trusted(), holder)
    body = answer_to(ask(client), bytes(made.der), key, label=label)
    assert told(post(client, "accounts:certificate_session", body)) == (403, "bad_signature")


def test_a_question_for_enrolling_does_not_sign_in(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    client.force_login(holder)
    body = answer_to(ask(client, "enroll"), bytes(made.der), key)
    assert told(post(client, "accounts:certificate_session", body)) == (403, "challenge_unknown")


def test_somebody_else_s_certificate_without_its_key(client, trusted, holder):
    made, _ = enrolled(trusted(), holder)
    assert told(sign_in(client, bytes(made.der), Key.new("p256"))) == (403, "bad_signature")


def test_a_certificate_that_nobody_has_enrolled_is_told_the_way(client, trusted, holder):
    der, key = issued(trusted(), holder.name)
    answer = sign_in(client, der, key)
    assert told(answer) == (403, "certificate_unbound")
    assert "登记这张证书" in answer.json()["next_step"]


def test_a_certificate_that_was_ended_here(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    certificates.revoke_certificate(made, reason="exposed", by=holder, at=database_now())
    assert told(sign_in(client, bytes(made.der), key)) == (403, "certificate_ended")


def test_an_account_that_is_closed(client, trusted, holder):
    made, key = enrolled(trusted(), holder)
    type(holder).objects.filter(pk=holder.pk).update(is_active=False)
    assert told(sign_in(client, bytes(made.der), key)) == (403, "account_closed")


def test_sm2_only_where_it_is_switched_on(client, trusted, holder, settings):
    made, key = enrolled(trusted("sm2"), holder)
    settings.ETP_SM2 = False
    assert told(sign_in(client, bytes(made.der), key)) == (403, "certificate_algorithm")


def test_five_failures_and_the_door_is_shut_for_that_certificate_alone(client, trusted, holder):
    authority = trusted()
    made, key = enrolled(authority, holder)
    colleague = person("孟无名")
    other, other_key = enrolled(authority, colleague)
    codes = [told(sign_in(client, bytes(made.der), Key.new("p256")))[1] for _ in range(5)]
    assert codes == ["bad_signature"] * 5
    assert told(sign_in(client, bytes(made.der), key)) == (429, "locked_out")
    assert sign_in(client, bytes(other.der), other_key).status_code == 200


def test_five_wrong_passwords_and_that_door_is_shut_too(client):
    somebody = person()
    somebody.set_password("right-2026-xx")
    somebody.save()
    given = [*["wrong"] * 5, "right-2026-xx"]
    answers = [client.post(reverse("accounts:sign_in"), {"mobile": somebody.mobile, "password": each}).status_code for each in given]
    assert answers == [200] * 4 + [429, 429]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"certificate": 5}', '{"certificate": "AA", "signature": 5, "challenge": []}'])
def test_nonsense_is_refused(client, trusted, body):
    trusted()
    answer = post(client, "accounts:certificate_session", body)
    assert answer.status_code in (400, 403)
    assert answer.json()["message"]


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30" * 500, b"x" * 20_000])
def test_what_is_no_certificate_is_refused(client, trusted, data):
    trusted()
    answer = sign_in(client, data, Key.new("p256"))
    assert told(answer) == (400, "certificate_unreadable")


def test_one_changed_byte_anywhere_in_a_certificate_is_refused(client, trusted, holder):
    """Whatever the change makes of it, it is not believed."""
    made, _ = enrolled(trusted(), holder)
    der, at = bytes(made.der), database_now()
    for place in range(0, len(der), 3):
        changed = der[:place] + bytes([der[place] ^ 1]) + der[place + 1 :]
        with pytest.raises(Refused):
            certificates.check_trust(certificates.read(changed), at=at)
    certificates.check_trust(certificates.read(der), at=at)


def test_only_who_is_signed_in_is_asked_to_enrol(client):
    assert post(client, "accounts:certificate_challenge", {"purpose": "enroll"}).status_code == 400
    assert post(client, "accounts:certificate_challenge", {"purpose": "other"}).status_code == 400


def test_the_sign_in_page_shows_the_way(client):
    page = client.get(reverse("accounts:sign_in") + "?next=/me/").content.decode()
    assert f'href="{reverse("accounts:certificate_sign_in")}?next=/me/"' in page
    assert "数字证书登录" in client.get(reverse("accounts:certificate_sign_in")).content.decode()


def test_old_questions_go(client):
    ask(client)
    pretend(timedelta(days=2))
    ask(client)
    assert CertificateChallenge.objects.count() == 1
