from django.utils.functional import SimpleLazyObject

from rulebook.clock import database_now
from web.doors import AUDIENCES
from web.menus import BADGES, menu_for, role_of


def now_of(request):
    """The database's clock, asked once for a request's page."""
    if not hasattr(request, "official_now"):
        request.official_now = database_now()
    return request.official_now


def shell(request):
    """What every page's frame shows: the acting role, its menu, unread messages, the clock, reading aids."""
    if not hasattr(request, "audiences"):
        return {}
    return {
        "shell": {
            "now": now_of(request),
            "role": AUDIENCES.get(role_of(request), ""),
            "menu": SimpleLazyObject(lambda: menu_for(request)) if request.user.is_authenticated else [],
            "unread": BADGES["unread"](request) if request.user.is_authenticated and "unread" in BADGES else 0,
            "organisations": SimpleLazyObject(lambda: list(request.user.organisations())) if request.user.is_authenticated else [],
            "size": request.COOKIES.get("size", "") if request.COOKIES.get("size") in ("large", "elder") else "",
            "contrast": "high" if request.COOKIES.get("contrast") == "high" else "",
        }
    }
