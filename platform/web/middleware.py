from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import redirect, render, resolve_url

from accounts.permissions import needs_second_factor
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
    """Who must sign in with two factors and has set up only one can do nothing before the second is set up."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        person = request.user
        # A certificate is two factors by itself: a key file, and the password that opens it.
        shown = person.is_authenticated and (person.has_totp or request.session.get("strong"))
        if not settings.ETP_REQUIRE_TOTP or not person.is_authenticated or shown or not needs_second_factor(person):
            return self.get_response(request)
        page = resolve_url("accounts:totp")
        if request.path in (page, resolve_url("accounts:sign_out")):
            return self.get_response(request)
        if wants_data(request):
            return JsonResponse({"code": "second_factor", "message": "请先启用动态口令。", "next_step": page}, status=403)
        return redirect(page)


class RefusalMiddleware:
    """Turns a refusal into a page that says what, by which rule, and what to do next (or the same as JSON)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refused):
            return None
        if wants_data(request):
            said = {
                "code": exception.code,
                "message": exception.message,
                "rule": exception.rule,
                "next_step": exception.next_step,
            }
            return JsonResponse(said, status=exception.status)
        page = "web/_refusal.html" if request.headers.get("HX-Request") else "web/refused.html"
        return render(request, page, {"refusal": exception}, status=exception.status)
