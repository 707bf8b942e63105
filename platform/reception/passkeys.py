"""Doors for passkeys: enrolling and ending one's own, signing in with one."""

from django.contrib import messages
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe
from webauthn import generate_authentication_options, generate_registration_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts import passkeys
from accounts.models import Challenge, Passkey, Person
from ledger.canonical import parse_object
from postbox.actions import tell
from reception.views import enter
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from web.doors import open_to
from web.safe import safe_target

PLATFORM = "清江市公共资源交易平台"


def posted(request):
    """The JSON object that came."""
    try:
        return parse_object(request.body)
    except ValueError as wrong:
        raise Refused("bad_request", "提交的内容不完整。", next_step="请刷新页面后重试。", status=400) from wrong


def described(rows):
    return [PublicKeyCredentialDescriptor(id=bytes(row.credential_id)) for row in rows]


def require_second_factor(request):
    """Whoever has a second factor must have shown it in this session before they change what opens their account."""
    shown = request.session.get("strong") or request.session.get("totp")
    if not shown and (request.user.has_totp or request.user.has_passkey):
        raise Forbidden(
            "second_factor", "更改登录凭据前须验证身份。", next_step="请退出，用已有的通行密钥、证书或动态口令重新登录后再操作。"
        )


@open_to("signed_in")
@require_POST
def enrolment_options(request):
    require_second_factor(request)
    person = request.user
    options = generate_registration_options(
        rp_id=passkeys.site()[0], rp_name=PLATFORM, user_name=person.mobile, user_display_name=person.name, user_id=passkeys.handle_of(person),
        challenge=passkeys.new_challenge(Challenge.Purpose.ENROL, passkeys.session_of(request), at=database_now()),
        timeout=int(passkeys.LIFE.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=described(person.live_passkeys),
    )  # fmt: skip
    return JsonResponse(options_to_json_dict(options))


@open_to("signed_in")
@require_POST
@transaction.atomic
def enrol(request):
    """Keep the passkey that the browser made (JSON), and tell its owner by a message."""
    require_second_factor(request)
    data, at = posted(request), database_now()
    made = passkeys.enrol(request.user, data.get("credential"), str(data.get("name", "")), session=passkeys.session_of(request), at=at)
    text = f"通行密钥“{made.name}”已登记，可用于登录和签署。如果不是你本人操作，请立即停用并联系交易中心。"
    tell(request.user, "账号新增了通行密钥", text, link="/me/", key=f"passkey/{made.pk}")
    messages.success(request, f"通行密钥“{made.name}”已登记。")
    return JsonResponse({"id": made.pk}, status=201)


@open_to("signed_in")
@require_POST
def name(request, pk):
    passkeys.rename(get_object_or_404(Passkey, pk=pk, person=request.user, revoked_at=None), request.POST.get("name", ""))
    messages.success(request, "名称已保存。")
    return redirect("accounts:profile")


@open_to("signed_in")
@require_POST
def revoke(request, pk):
    require_second_factor(request)
    passkeys.revoke(get_object_or_404(Passkey, pk=pk, person=request.user, revoked_at=None), at=database_now())
    messages.success(request, "通行密钥已停用。")
    return redirect("accounts:profile")


def expected(request):
    """Whose passkey is asked for: of the one signed in, of the one whose password was right, or anybody's (None)."""
    if request.user.is_authenticated:
        return request.user
    half = request.session.get("half")
    return Person.objects.filter(pk=half["person"], is_active=True).first() if half else None


@open_to("public")
@require_POST
@never_cache
def sign_in_options(request):
    person = expected(request)
    options = generate_authentication_options(
        rp_id=passkeys.site()[0],
        challenge=passkeys.new_challenge(Challenge.Purpose.SIGN_IN, passkeys.session_of(request), at=database_now()),
        timeout=int(passkeys.LIFE.total_seconds() * 1000),
        allow_credentials=described(person.live_passkeys) if person else [],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return JsonResponse(options_to_json_dict(options))


@open_to("public")
@require_POST
@never_cache
def sign_in(request):
    """Sign in by a passkey (JSON): after the password, or alone where the authenticator knows whose it is."""
    data, person = posted(request), expected(request)
    passkey = passkeys.sign_in(data.get("credential"), session=passkeys.session_of(request), at=database_now())
    if person is not None and passkey.person_id != person.pk:
        raise passkeys.wrong_passkey()
    if request.user.is_authenticated:
        # The same person shows more in a session that is already theirs: it gets a new id all the same.
        request.session.cycle_key()
        request.session["strong"] = "passkey"
        return JsonResponse({"url": safe_target(request, data.get("next")) or resolve_url("web:desk")})
    answer = enter(request, passkey.person, safe_target(request, data.get("next")), strong="passkey")
    return JsonResponse({"url": answer.url})


@open_to("signed_in")
@require_safe
@never_cache
@ensure_csrf_cookie
def strong(request):
    """For whom a code is not enough: the way to a passkey, or to signing in with the one there is."""
    return render(request, "reception/strong.html")
