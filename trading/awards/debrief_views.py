from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from rulebook.clock import database_now
from trading.awards.debriefing import debriefs_of
from trading.projects.models import Lot
from web.doors import open_to


@open_to("bidder")
@require_safe
def debrief(request, number, no):
    """What became of one's own bid: for the bidder's members, and nobody else."""
    lot = get_object_or_404(Lot.objects.select_related("tender__project"), tender__number=number, no=no)
    documents = list(debriefs_of(lot, request.organisation))
    if not documents:
        raise Http404
    newest, now = documents[0], database_now()
    remedies = [{**row, "until": until_of(row), "open": is_open(row, now)} for row in newest.context["remedies"]]
    soonest = next((row for row in remedies if row["until"] and row["open"]), None) if newest.voided_at is None else None
    return render(
        request, "trading/awards/debrief.html",
        {"document": newest, "said": newest.context, "remedies": remedies, "soonest": soonest, "earlier": documents[1:], "lot": lot, "tender": lot.tender, "now": now},
    )  # fmt: skip


def until_of(row):
    return datetime.fromisoformat(row["until"]) if row["until"] else None


def is_open(row, now):
    until = until_of(row)
    return until is None or now <= until
