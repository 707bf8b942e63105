from django.http import JsonResponse
from django.shortcuts import render

from rulebook.refusals import Refused
from web.doors import wants_data


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
