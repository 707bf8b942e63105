"""Doors for certificates: signing in with one, and a person's own."""

from datetime import timedelta

from axes.conf import settings as axes
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts import certificates
from accounts.models import Certificate, CertificateChallenge
from accounts.passkeys import session_of
from accounts.signatures import kid_of
from ledger.canonical import unb64u
from postbox.actions import tell
from reception.forms import CertificateRevocationForm
from reception.passkeys import posted, require_second_factor
from reception.views import enter
from rulebook.clock import database_now
from rulebook.refusals import Refused
from web.doors import open_to
from web.safe import safe_target

LOGIN, ENROL = CertificateChallenge.Purpose.LOGIN, CertificateChallenge.Purpose.ENROL
SOON = timedelta(days=30)


def incomplete():
    return Refused("bad_request", "提交的内容不完整。", next_step="请刷新页面后重试。", status=400)


def answer_in(data):
    """(certificate in DER, signature) of what was posted."""
    try:
        return unb64u(data["certificate"]), str(data["signature"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise incomplete() from wrong


@open_to("public")
@require_safe
@never_cache
@ensure_csrf_cookie
def sign_in(request):
    return render(request, "reception/certificate_sign_in.html", {"next": request.GET.get("next", ""), "demo": settings.ETP_CONSOLES})


@open_to("public")
@require_POST
@never_cache
def challenge(request):
    """A question to sign: to sign in, or (for who is signed in) to enrol a certificate."""
    purpose = posted(request).get("purpose")
    if purpose not in (LOGIN, ENROL) or (purpose == ENROL and not request.user.is_authenticated):
        raise incomplete()
    return JsonResponse(certificates.issue_challenge(purpose, session=session_of(request), at=database_now()))


@open_to("public")
@require_POST
@never_cache
def session(request):
    """Sign in (JSON): the answered challenge opens a session with two factors, the key file and its password."""
    data, at = posted(request), database_now()
    der, signature = answer_in(data)
    asked = certificates.use_challenge(data.get("challenge"), LOGIN, session=session_of(request), at=at)
    tried = {axes.AXES_USERNAME_FORM_FIELD: f"certificate/{kid_of(der)}/{get_client_ip_address(request)}"}
    if not AxesProxyHandler.is_allowed(request, tried):
        raise Refused("locked_out", "连续失败次数过多，请 15 分钟后再试。", next_step="或改用手机号和密码登录。", status=429)
    try:
        known = certificates.identify(der, asked, signature, at=at)
    except Refused:
        AxesProxyHandler.user_login_failed("reception", tried, request)
        # The refusal says more than that a limit has been reached; the next attempt will say that.
        request.axes_locked_out = False
        raise
    answer = enter(request, known.person, safe_target(request, data.get("next")), strong="certificate")
    return JsonResponse({"url": answer.url})


@open_to("signed_in")
@require_safe
@never_cache
@ensure_csrf_cookie
def own(request):
    """A person's certificates, how each stands now, and the place to enrol another."""
    at = database_now()
    rows = [{"certificate": each, **standing(each, at)} for each in Certificate.objects.filter(person=request.user)]
    context = {"rows": rows, "form": CertificateRevocationForm(), "demo": settings.ETP_CONSOLES}
    return render(request, "reception/certificates.html", context)


def standing(certificate, at):
    """How a certificate stands at the moment: kind and word of its status, and what to do about it."""
    if certificate.revoked_at is not None:
        return {"kind": "mute", "status": "已停用", "advice": ""}
    try:
        certificates.check_trust(certificates.read(bytes(certificate.der)), at=at)
    except Refused as refusal:
        return {"kind": "bad", "status": "不可用", "advice": refusal.message + refusal.next_step}
    if certificate.not_after - at < SOON:
        days = (certificate.not_after - at).days
        return {"kind": "warn", "status": "即将过期", "advice": f"还有 {days} 天过期，请尽快向 CA 机构申请更新，并登记新证书。"}
    return {"kind": "ok", "status": "有效", "advice": ""}


@open_to("signed_in")
@require_POST
def enrol(request):
    """Bind a certificate to the person signed in (JSON)."""
    require_second_factor(request)
    data, at = posted(request), database_now()
    der, signature = answer_in(data)
    asked = certificates.use_challenge(data.get("challenge"), ENROL, session=session_of(request), at=at)
    with transaction.atomic():
        made = certificates.enroll_certificate(der, asked, signature, by=request.user, at=at)
        text = f"数字证书（序列号 {made.serial}）已登记，可用于登录和签名。如果不是你本人操作，请立即停用并联系交易中心。"
        tell(request.user, "账号新增了数字证书", text, link="/me/certificates/", key=f"certificate/{made.pk}")
    messages.success(request, "证书已登记，可以用于登录和签名。")
    return JsonResponse({"id": made.pk}, status=201)


@open_to("signed_in")
@require_POST
def revoke(request, pk):
    row = get_object_or_404(Certificate, pk=pk, person=request.user)
    certificates.revoke_certificate(row, reason=request.POST.get("reason", ""), by=request.user, at=database_now())
    messages.success(request, "证书已停用，不能再用于登录和签名。")
    return redirect("accounts:certificates")
