"""The workspace's side menus: rooms register their entries when the app is ready."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

MENUS: dict[str, list["Entry"]] = {}
BADGES: dict = {}

# Whose menu is shown when somebody counts as several kinds of user, first match wins.
PRECEDENCE = ("staff", "supervisor", "host", "agency", "tenderee", "bidder", "expert", "admin")


@dataclass(frozen=True)
class Entry:
    group: str
    label: str
    icon: str
    url_name: str
    order: int
    badge: str
    when: Callable | None


def register(audience, group, label, icon, url_name, *, order=50, badge="", when=None):
    """Add an entry to an audience's menu; `badge` names a counter given to `badge_counter`.

    `when(request)` says for whom of the audience it is, where it is not for all of them.
    """
    MENUS.setdefault(audience, []).append(Entry(group, label, icon, url_name, order, badge, when))


def badge_counter(name, function):
    """`function(request) -> int` counts what waits; shown beside entries that name it."""
    BADGES[name] = function


def role_of(request):
    return next((each for each in PRECEDENCE if each in request.audiences), "signed_in")


def menu_for(request):
    """Groups of (title, entries) for the acting audience; each entry a dict for the template."""
    wanted = [role_of(request), "signed_in"]
    seen: set[str] = set()
    groups: dict[str, list[dict]] = {}
    entries = [entry for audience in wanted for entry in MENUS.get(audience, [])]
    for entry in sorted(entries, key=lambda row: row.order):
        if entry.url_name in seen or (entry.when and not entry.when(request)):
            continue
        seen.add(entry.url_name)
        url = reverse(entry.url_name)
        groups.setdefault(entry.group, []).append(
            {
                "label": entry.label,
                "icon": entry.icon,
                "url": url,
                "current": request.path == url,
                "badge": BADGES[entry.badge](request) if entry.badge else 0,
            }
        )
    return list(groups.items())
