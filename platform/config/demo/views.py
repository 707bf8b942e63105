"""The simulated authority's counter. Only where the platform is being tried out."""

import json

from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from config.demo.authority import Authority
from ledger.canonical import b64u, unb64u
from rulebook.clock import database_now
from rulebook.refusals import Refused
from web.doors import open_to


def console_only():
    if not settings.ETP_CONSOLES:
        raise Http404


@open_to("signed_in")
@require_safe
@ensure_csrf_cookie
def authority(request):
    """Where a person gets a certificate for trying the platform out."""
    console_only()
    return render(request, "demo/authority.html")


@open_to("signed_in")
@require_POST
def issue(request):
    """Certify the key of a request made in the browser, in the name of the one signed in (JSON)."""
    console_only()
    try:
        asked = unb64u(json.loads(request.body)["request"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise Refused("bad_request", "证书申请内容不完整。", next_step="请刷新页面后重试。", status=400) from wrong
    at = database_now()
    made = Authority(at=at)
    der = made.issue_on_request(request.user.name, asked, at=at)
    made.write_lists(at=at)
    return JsonResponse({"name": f"演示证书-{request.user.name}", "chain": [b64u(der), b64u(made.certificate("issuing"))]}, status=201)
