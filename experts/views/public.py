"""What the public sees of the pool: calls for applications, how to apply, sanctions on display."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experts import rules
from experts.classification import words_of
from experts.models import ApplicationCall
from experts.worklists import published_sanctions
from rulebook.clock import city_day, database_now
from web.doors import open_to


@open_to("public")
@require_safe
def board(request):
    day = city_day(database_now())
    calls = [(row, [words_of(code) for code in row.specialties]) for row in ApplicationCall.objects.select_related("organisation")[:10]]
    page = Paginator(published_sanctions(day).order_by("-published_at"), 20).get_page(request.GET.get("page"))
    conditions = [rules.WORK_YEARS, rules.SENIOR_TITLE, rules.PROCUREMENT_TITLE, rules.AGE, rules.UNIT_RECOMMENDATION, rules.LIABILITY]
    return render(request, "experts/board.html", {"calls": calls, "page": page, "today": day, "conditions": conditions})
