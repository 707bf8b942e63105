"""Passkeys: enrolling, checking and ending them. A challenge serves once, in the session that asked for it."""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json, parse_registration_credential_json
from webauthn.helpers.exceptions import WebAuthnException

from accounts.models import Challenge, Passkey
from ledger.canonical import H, b64u
from rulebook.refusals import Forbidden, Refused

LIFE = timedelta(seconds=120)
MOST = 10
# What malformed answers of a browser raise in the library, beside its own exceptions.
MALFORMED = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


def site():
    """The relying party's id and the one origin from which answers are taken."""
    base = urlsplit(settings.ETP_BASE_URL)
    return base.hostname, f"{base.scheme}://{base.netloc}"


def session_of(request):
    """What a challenge is bound to: a digest of the session's secret key. Begins a session where there is none."""
    if not request.session.session_key:
        request.session.create()
    return b64u(H("session", request.session.session_key.encode()))


def handle_of(person):
    """The user handle an authenticator keeps: tells nothing about the person, not even the pseudonym in the ledger."""
    return H("passkey-user", person.pseudonym.encode())


def new_challenge(purpose, session, *, at):
    """A fresh challenge for this session, good for two minutes."""
    Challenge.objects.filter(expires_at__lt=at).delete()
    value = secrets.token_bytes(32)
    Challenge.objects.create(value=value, purpose=purpose, session=session, expires_at=at + LIFE)
    return value


def use_challenge(value, purpose, session, *, at):
    """Spend the challenge in one statement; Refused unless it is of this session and purpose, in time and unused."""
    rows = Challenge.objects.filter(value=value, purpose=purpose, session=session, used_at=None, expires_at__gt=at)
    if rows.update(used_at=at) != 1:
        raise Refused("stale_challenge", "这次验证已过期或已用过。", next_step="请重新操作。", status=403)


def wrong_passkey():
    return Forbidden("wrong_passkey", "通行密钥没有通过验证。", next_step="请重试，或换用其他登录方式。")


def challenge_in(credential, parse):
    """The challenge that the browser's answer says it signed."""
    try:
        return parse_client_data_json(parse(credential).response.client_data_json).challenge
    except MALFORMED as wrong:
        raise wrong_passkey() from wrong


@transaction.atomic
def enrol(person, credential, name, *, session, at):
    """Keep a new passkey of the person, made with user verification for a challenge of this session; answers it."""
    challenge = challenge_in(credential, parse_registration_credential_json)
    use_challenge(challenge, Challenge.Purpose.ENROL, session, at=at)
    if person.live_passkeys.count() >= MOST:
        raise Refused("too_many_passkeys", f"最多登记 {MOST} 个通行密钥。", next_step="请先停用不再使用的。")
    rp_id, origin = site()
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
        )
    except MALFORMED as wrong:
        raise wrong_passkey() from wrong
    if Passkey.objects.filter(credential_id=made.credential_id).exists():
        raise Refused("passkey_known", "这个通行密钥已经登记过。")
    return Passkey.objects.create(
        person=person, name=name.strip()[:40] or "通行密钥", credential_id=made.credential_id, public_key=made.credential_public_key,
        sign_count=made.sign_count, enrolled_at=at,
    )  # fmt: skip


def sign_in(credential, *, session, at):
    """The passkey that answered a sign-in challenge of this session; spends the challenge whatever comes of it."""
    challenge = challenge_in(credential, parse_authentication_credential_json)
    use_challenge(challenge, Challenge.Purpose.SIGN_IN, session, at=at)
    return check(credential, challenge, at=at)


@transaction.atomic
def check(credential, challenge, *, at, person=None):
    """The passkey whose assertion over `challenge` this is; Forbidden if anything about it is wrong.

    User verification is required, the origin is ours, the counter has grown, the passkey is in force and (if given) the person's.
    """
    try:
        given = parse_authentication_credential_json(credential)
    except MALFORMED as wrong:
        raise wrong_passkey() from wrong
    rows = Passkey.objects.select_for_update(of=["self"]).select_related("person")
    passkey = rows.filter(credential_id=given.raw_id, revoked_at=None, person__is_active=True).first()
    if passkey is None or (person is not None and passkey.person_id != person.pk):
        raise wrong_passkey()
    if given.response.user_handle not in (None, handle_of(passkey.person)):
        raise wrong_passkey()
    rp_id, origin = site()
    try:
        shown = verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=rp_id, expected_origin=origin,
            credential_public_key=bytes(passkey.public_key), credential_current_sign_count=passkey.sign_count, require_user_verification=True,
        )  # fmt: skip
    except MALFORMED as wrong:
        raise wrong_passkey() from wrong
    passkey.sign_count, passkey.last_used_at = shown.new_sign_count, at
    passkey.save(update_fields=["sign_count", "last_used_at"])
    return passkey


def rename(passkey, name):
    passkey.name = name.strip()[:40] or passkey.name
    passkey.save(update_fields=["name"])


def revoke(passkey, *, at):
    """From now on it opens nothing; what was signed with it stays checkable."""
    Passkey.objects.filter(pk=passkey.pk, revoked_at=None).update(revoked_at=at)
