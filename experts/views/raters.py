"""一标一考: what each side has to rate, and the form for one expert."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from experts import rules, worklists
from experts.actions.ratings import rate
from experts.forms import RatingForm
from rulebook.clock import database_now
from rulebook.refusals import Refused
from web.doors import open_to

SIDES = ("staff", "tenderee", "agency", "supervisor")


@open_to(*SIDES)
@require_safe
def ratings(request):
    done = worklists.ratings_for(request.organisation, request.user).exclude(at=None).order_by("-at")[:20]
    rows = worklists.open_ratings(request.organisation, request.user)
    return render(
        request,
        "experts/ratings.html",
        {"rows": rows, "done": done, "now": database_now(), "rule": rules.RATING_DUE, "shares": rules.RATING_SHARES},
    )


@open_to(*SIDES)
def rating(request, pk):
    row = get_object_or_404(worklists.ratings_for(request.organisation, request.user), pk=pk)
    form = RatingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rate(row, form.points(), form.cleaned_data["remark"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "评价已提交。")
            return redirect("experts:ratings")
    items = [(rules.ITEM_NAMES[name], row.points.get(name)) for name in rules.RATING_ITEMS.parts]
    return render(request, "experts/rating.html", {"rating": row, "form": form, "items": items, "now": database_now()})
