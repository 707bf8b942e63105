"""Who may come in: every view names its audiences; the authorisation matrix checks them all."""

from functools import wraps
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import redirect, resolve_url

from rulebook.refusals import Forbidden

AUDIENCES = {
    "public": "公众",
    "signed_in": "已登录用户",
    "bidder": "投标人",
    "tenderee": "招标人",
    "agency": "代理机构",
    "staff": "交易中心工作人员",
    "supervisor": "监督人员",
    "expert": "评标专家",
    "host": "异地评标副场",
    "admin": "平台管理员",
}
EXPERT = "/expert/"


def open_to(*audiences):
    """Let in only people of these audiences; others are led to sign in, or told who may."""
    strange = set(audiences) - set(AUDIENCES)
    if strange or not audiences:
        raise ValueError(f"unknown audiences {strange}")

    def guard(view):
        @wraps(view)
        def door(request, *args, **kwargs):
            if not request.audiences & set(audiences):
                return turned_away(request, audiences)
            return view(request, *args, **kwargs)

        setattr(door, "audiences", frozenset(audiences))  # noqa: B010 - an attribute that a wrapped function does not declare
        return door

    return guard


def turned_away(request, audiences):
    if request.user.is_authenticated:
        named = "、".join(AUDIENCES[each] for each in audiences)
        raise Forbidden(
            "wrong_audience",
            f"此功能只对{named}开放。",
            next_step="如你同时代表其他单位，请在右上角切换单位后再试。",
        )
    if wants_data(request):
        return JsonResponse({"code": "signed_out", "message": "登录已结束，请重新登录。"}, status=401)
    if request.headers.get("ETP-Part"):
        response = JsonResponse({})
        response["ETP-Redirect"] = sign_in_before(request.headers.get("Referer", "/"))
        return response
    return redirect(sign_in_before(request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "/")))


def sign_in_before(back):
    """The sign-in that leads back. To no expert's desk by its address: failed sign-ins are logged with it, beside the name typed."""
    if urlsplit(back).path.startswith(EXPERT):
        back = EXPERT
    return f"{resolve_url(settings.LOGIN_URL)}?next={quote(back)}"


def wants_data(request):
    """Whether a script asks (JSON, or an upload) rather than a person."""
    kind = request.headers.get("Content-Type", "")
    return (
        "json" in request.headers.get("Accept", "")
        or kind.startswith(("application/json", "application/offset+octet-stream"))
        or "Tus-Resumable" in request.headers
    )


def number_in(posted, name):
    """The key of a row that a form names, or 0 (which no row has) where it names none."""
    text = posted.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() else 0
