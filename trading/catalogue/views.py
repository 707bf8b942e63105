from django.shortcuts import render
from django.views.decorators.http import require_safe

from rulebook.clock import city_day, database_now
from trading.catalogue.models import CatalogueItem
from web.doors import open_to


@open_to("public")
@require_safe
def catalogue(request):
    rows = CatalogueItem.objects.in_force(city_day(database_now()))
    return render(request, "trading/catalogue.html", {"rows": rows, "nav": "catalogue"})
