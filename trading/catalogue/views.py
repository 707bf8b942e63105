from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rulebook.clock import city_day, database_now
from trading.catalogue.models import CatalogueItem, CentralItem
from trading.catalogue.queries import versions
from trading.catalogue.rules import CENTRAL_LIST, OFF_THE_LIST
from web.doors import open_to


@open_to("public")
@require_safe
def catalogue(request):
    """The catalogue in force, or the version that is asked for."""
    today = city_day(database_now())
    rows = CatalogueItem.objects.in_force(today)
    chosen = request.GET.get("version", "")
    if chosen:
        rows = CatalogueItem.objects.filter(version=chosen)
        if not rows:
            raise Http404
    levels = [{"label": level.label, "rows": [row for row in rows if row.level == level]} for level in CatalogueItem.Level]
    return render(
        request,
        "trading/catalogue.html",
        {
            "levels": [level for level in levels if level["rows"]],
            "versions": versions(),
            "shown": chosen or (rows[0].version if rows else ""),
            "today": today,
            "central": CentralItem.objects.in_force(today),
            "form_rules": (CENTRAL_LIST, OFF_THE_LIST),
            "nav": "catalogue",
        },
    )
