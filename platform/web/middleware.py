from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import redirect, render, resolve_url

from accounts.permissions import needs_second_factor, needs_strong_sign_in
from rulebook.refusals import Refused
from web.doors import wants_data


class UnwantedBodyMiddleware:
    """Reads to its end a chunk of an upload that was refused unread.

    Uploads pass the proxy as they come. A server that answers and closes while the proxy still sends makes the proxy
    tell the bidder 502 in place of why the chunk was refused.
    """

    most = 8 * 1024 * 1024

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "PATCH":
            left = self.most
            try:
                while left > 0 and (piece := request.read(min(left, 65536))):
                    left -= len(piece)
            except OSError:
                # The sender is gone: nobody is left to be told.
                return response
        return response


class SecondFactorMiddleware:
    """Who must sign in with two factors, or with a strong one, can do nothing before that is set up and shown."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        person = request.user
        if person.is_authenticated:
            if settings.ETP_REQUIRE_STRONG and not request.session.get("strong") and needs_strong_sign_in(person):
                # Signing in anew, by passkey or certificate, and enrolling one of them are the ways out.
                ways_out = tuple(resolve_url(f"accounts:{name}") for name in ("sign_in", "passkeys", "certificates"))
                return self.led(request, "accounts:strong", "strong_sign_in", "请用通行密钥或数字证书登录。", *ways_out)
            if settings.ETP_REQUIRE_TOTP and not (person.has_totp or request.session.get("strong")) and needs_second_factor(person):
                return self.led(request, "accounts:totp", "second_factor", "请先启用动态口令。")
        return self.get_response(request)

    def led(self, request, name, code, message, *ways_out):
        """The way to the page of this name, unless the request is on it already."""
        page = resolve_url(name)
        if request.path in (page, resolve_url("accounts:sign_out")) or request.path.startswith(ways_out):
            return self.get_response(request)
        if wants_data(request):
            return JsonResponse({"code": code, "message": message, "next_step": page}, status=403)
        return redirect(page)


class RefusalMiddleware:
    """Turns a refusal into a page that says what, by which rule, and what to do next (or the same as JSON)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return refused(request, exception) if isinstance(exception, Refused) else None


def refused(request, refusal):
    """The answer that says a refusal: a page, a part of one, or data."""
    if wants_data(request):
        said = {"code": refusal.code, "message": refusal.message, "rule": refusal.rule, "next_step": refusal.next_step}
        return JsonResponse(said, status=refusal.status)
    page = "web/_refusal.html" if request.headers.get("ETP-Part") else "web/refused.html"
    return render(request, page, {"refusal": refusal}, status=refusal.status)
